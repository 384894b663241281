"""Promises that are overdue so long that somebody above has to know (超期上报); a query, nothing is sent.

In: a day and a scope. Out: open claims overdue by so many working days, the longest overdue first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.queries import OPEN_STATES
from yiyuan.apps.deadlines.queries import count_days_left, get_calendar
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.apps.sums.queries import CLAIM, parts_of, rows
from yiyuan.kernel.scope import Scope

# After so many working days a promise is told one step higher: the desk, the county, the city. Our own habit.
LEVELS = (1, 3, 7)
LINES = 8


@dataclass(frozen=True, slots=True)
class Escalated:
    """One overdue claim; `level` is the highest of `LEVELS` it has reached, `days` are working days."""

    number: str
    person_name: str
    county: str
    state: str
    due_on: date
    days: int
    level: int
    is_emergency: bool


def list_escalated(today: date, *, scope: Scope, limit: int = LINES) -> Sequence[Escalated]:
    """Return the claims of a scope that are overdue by a working day or more, the longest overdue first."""
    calendar = get_calendar(today)
    claims = list(
        Claim.objects.filter(
            within(scope), state__in=OPEN_STATES, due_on__lte=calendar.working_days_before(today, LEVELS[0])
        ).order_by("due_on", "pk")[:limit]
    )
    people = get_people(claim.person_id for claim in claims)
    names = get_division_names(claim.county_code for claim in claims)
    found = []
    for claim in claims:
        assert claim.due_on is not None, "only claims with a due day were asked for"
        days = -count_days_left(calendar, today, claim.due_on)
        found.append(
            Escalated(
                number=claim.number,
                person_name=people[claim.person_id].name,
                county=names.get(claim.county_code, ""),
                state=claim.state,
                due_on=claim.due_on,
                days=days,
                level=max(level for level in LEVELS if level <= days),
                is_emergency=claim.is_emergency,
            )
        )
    return found


def count_escalated(today: date, *, scope: Scope) -> Mapping[int, int]:
    """Return by level how many claims of a scope are overdue by that many working days or more."""
    calendar = get_calendar(today)
    counts = {
        f"level_{level}": rows(Q(due_on__lte=calendar.working_days_before(today, level))) for level in LEVELS
    }
    found = parts_of(CLAIM, scope=scope).filter(state__in=OPEN_STATES).aggregate(**counts)
    return {level: found[f"level_{level}"] for level in LEVELS}
