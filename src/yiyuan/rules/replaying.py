"""Replaying cases (逐案重算): past event cases under a draft, beside the version in force.

In: two versions and the cases. Out: for each case what it came to and what it would, or why one of the two
cannot read it. Nothing is left out: a case that could not be compared is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yiyuan.kernel.errors import YiyuanError
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import assess
from yiyuan.rules.cases import Case
from yiyuan.rules.terms import SchemeVersion


@dataclass(frozen=True, slots=True)
class Replayed:
    """One case: (outcome, benefit in fen) before and after, None where that version cannot read the case."""

    case: str
    before: tuple[str, int] | None
    after: tuple[str, int] | None
    refused: str = ""

    @property
    def change_fen(self) -> int | None:
        """What the draft adds (or takes, below 0); None where the two cannot be compared."""
        if self.before is None or self.after is None:
            return None
        return self.after[1] - self.before[1]


def replay_cases(
    old: SchemeVersion, new: SchemeVersion, cases: Sequence[Case], holidays: Sequence[HolidayRow]
) -> list[Replayed]:
    """Return every case under both versions, in order, whatever days either is written for."""
    return [_replayed(old, new, case, holidays) for case in cases]


def _replayed(old: SchemeVersion, new: SchemeVersion, case: Case, holidays: Sequence[HolidayRow]) -> Replayed:
    found: list[tuple[str, int] | None] = []
    refused = []
    for version in (old, new):
        try:
            result = assess(version, case, holidays)
        except YiyuanError as error:
            found.append(None)
            refused.append(f"{version.version}：{error}")
        else:
            found.append((result.outcome, result.benefit_fen))
    return Replayed(case.name, found[0], found[1], "；".join(refused))
