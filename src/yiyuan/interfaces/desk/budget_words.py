"""Budgets in words (预算的说法): whose a budget is, what is left of it, and what to tell whom it stops.

In: a budget, or the refusal of one. Out: labels and sentences in the language of the page.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from yiyuan.apps.ledger.budgets import BudgetView, list_budgets, list_budgets_of
from yiyuan.apps.registry.queries import list_counties
from yiyuan.kernel.money import yuan
from yiyuan.kernel.scope import EVERYWHERE


class BudgetLine(NamedTuple):
    """A budget with its name, as a page shows it."""

    name: str
    budget: BudgetView


def owner_names() -> dict[str, str]:
    """Return the names of those a budget can be given to: the whole city, and each county."""
    return {"": _("全市"), **{county.code: county.name for county in list_counties(scope=EVERYWHERE)}}


def lines_of_claim(programme_from: date | None, county_code: str) -> Sequence[BudgetLine]:
    """Return the budgets a claim is paid from, the city's first; none where nobody gave one."""
    found = list_budgets_of(programme_from, county_code)
    names = owner_names() if found else {}
    return [BudgetLine(names.get(one.county_code, one.county_code), one) for one in found]


def city_lines() -> Sequence[BudgetLine]:
    """Return the city's own budgets, the newest year first."""
    return [BudgetLine(_("全市"), one) for one in list_budgets() if not one.county_code]


def spent_text(county_code: str, left_fen: int) -> str:
    """Return what to tell whoever is stopped by a budget."""
    return _("%(whose)s的预算不够，只剩 %(left)s 元；要超出，先由市里两个人在“预算”里追加") % {
        "whose": owner_names().get(county_code, county_code),
        "left": yuan(left_fen),
    }
