"""Public procurement (政府采购): the legal days, caps and criteria of a tender, read from `schemes/base`.

In: a YAML file whose every number names its article. Out: frozen terms; due days by a calendar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.money import BASIS_POINTS
from yiyuan.kernel.workdays import WorkingCalendar

BASE_FILE = Path("base") / "procurement.yaml"  # under the directory that holds the schemes
AWARD = "award"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do within so many days after another; `name` is stable."""

    name: str
    name_zh: str
    name_en: str
    after: str
    days: int
    counts_working_days: bool
    law: str

    def due_on(self, from_on: date, calendar: WorkingCalendar) -> date:
        """Return the last day for it, counted from a day that is itself not counted."""
        if self.counts_working_days:
            return calendar.add_working_days(from_on, self.days).on
        return from_on + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class CriterionTerms:
    """What bids are judged by, and its default weight in basis points."""

    name: str
    name_zh: str
    name_en: str
    weight_bp: int


@dataclass(frozen=True, slots=True)
class Procurement:
    """The terms of a tender, from its publication to the end of the time for which its records are kept."""

    bid_period_days: int
    bid_period_law: str
    judges_at_least: int
    judges_at_least_large: int
    large_from_fen: int
    judges_odd: bool
    judges_law: str
    bond_cap_bp: int
    bond_law: str
    bond_kinds: Mapping[str, tuple[str, str]]
    records_years: int
    records_law: str
    steps: tuple[Step, ...]
    criteria: tuple[CriterionTerms, ...]

    def bond_cap_fen(self, contract_fen: int) -> int:
        """Return the most that bonds for a contract may come to, in fen; a part of a fen is left out."""
        return contract_fen * self.bond_cap_bp // BASIS_POINTS

    def are_enough_judges(self, judges: int, budget_fen: int) -> bool:
        """Tell whether so many judges may score a tender of this budget."""
        is_large = budget_fen >= self.large_from_fen
        at_least = self.judges_at_least_large if is_large else self.judges_at_least
        return judges >= at_least and not (self.judges_odd and judges % 2 == 0)

    def records_until(self, ended_on: date) -> date:
        """Return the day until which records are kept."""
        year = ended_on.year + self.records_years
        try:
            return ended_on.replace(year=year)
        except ValueError:  # 29 February of a common year
            return date(year, 3, 1)


@lru_cache(maxsize=4)
def load_procurement(file: Path) -> Procurement:
    """Return the terms.

    :raises SchemeError: the file cannot be read, a key is missing, or the weights are not 100 %.
    """
    try:
        said: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        terms = _terms(said)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SchemeError(f"{file}: 读不成采购期限（{error}）") from error
    if sum(one.weight_bp for one in terms.criteria) != BASIS_POINTS:
        raise SchemeError(f"{file}: criteria 的 weight_bp 合计应是 {BASIS_POINTS}")
    return terms


def _terms(said: dict[str, Any]) -> Procurement:
    bid, judges, bond, records = (
        said[name] for name in ("bid_period", "judges", "performance_bond", "records")
    )
    steps = [
        Step(
            one["name"],
            one["zh"],
            one["en"],
            one["after"],
            one["days"],
            one["counts"] == "working",
            one["law"],
        )
        for one in said["steps"]
    ]
    criteria = [
        CriterionTerms(one["name"], one["zh"], one["en"], one["weight_bp"]) for one in said["criteria"]
    ]
    return Procurement(
        bid_period_days=bid["days"],
        bid_period_law=bid["law"],
        judges_at_least=judges["at_least"],
        judges_at_least_large=judges["large"]["at_least"],
        large_from_fen=judges["large"]["budget_from_fen"],
        judges_odd=judges["odd"],
        judges_law=judges["law"],
        bond_cap_bp=bond["cap_bp"],
        bond_law=bond["law"],
        bond_kinds={code: (one["zh"], one["en"]) for code, one in bond["kinds"].items()},
        records_years=records["years"],
        records_law=records["law"],
        steps=tuple(steps),
        criteria=tuple(criteria),
    )
