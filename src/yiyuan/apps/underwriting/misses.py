"""Missed promises of a month (没做到的承诺): what was missed, for how many days, and what that costs.

In: the agreement, what is agreed on money, and a month. Out: misses with their days, and penalties.
A report is missed on the days of the month between its due day and its delivery. Payments in time are missed
where less of them than promised came in time in the month; each late one counts its days once, in the month
it arrived. Since when a service point is missing is not on record: those days are not made up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.apps.deadlines.queries import count_late_clocks, list_late_clocks
from yiyuan.apps.underwriting.lights import Light, list_lights, list_report_days
from yiyuan.apps.underwriting.models import Agreement, Promise
from yiyuan.apps.underwriting.money_terms import NewPenalty
from yiyuan.kernel.money import BASIS_POINTS

SHOWN = 500  # misses that a page shows


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that was late: of whom, between which days, how many of them count."""

    kind: str
    about: str
    due_on: date
    done_on: date | None
    days: int


@dataclass(frozen=True, slots=True)
class PromiseMisses:
    """A promise in a month: days missed and their penalty in fen, None where not on record or not agreed."""

    kind: str
    clause: str
    days: int | None
    penalty_fen: int | None
    is_agreed: bool


def sum_misses(
    agreement: Agreement, penalties: Mapping[str, NewPenalty], from_on: date, until_on: date
) -> Sequence[PromiseMisses]:
    """Return each promise with its days missed in [from, until) and what they cost by what is agreed."""
    lights = {one.kind: one for one in list_lights(agreement, until_on)}
    found = []
    for promise in agreement.promises.order_by("pk"):
        days = _days(promise, lights[promise.kind], from_on, until_on)
        penalty = penalties.get(promise.kind)
        found.append(
            PromiseMisses(promise.kind, promise.clause, days, _cost(penalty, days), penalty is not None)
        )
    return found


def _days(promise: Promise, light: Light, from_on: date, until_on: date) -> int | None:
    if promise.kind == Promise.REPORTS:
        return sum(one.days for one in _reports(promise, from_on, until_on))
    if promise.kind == Promise.ON_TIME:
        late = count_late_clocks(_year(promise), _span(promise, from_on, until_on))
        return 0 if late.in_time * BASIS_POINTS >= promise.target * late.ended else late.late_days
    return None if light.missing else 0


def _cost(penalty: NewPenalty | None, days: int | None) -> int | None:
    if penalty is None or days is None:
        return None
    whole_fen = penalty.fen_per_day * days
    limit_fen = penalty.limit_fen_per_month
    return whole_fen if limit_fen is None else min(whole_fen, limit_fen)


def list_misses(agreement: Agreement, from_on: date, until_on: date) -> Sequence[Miss]:
    """Return what was missed in [from, until), the reports first; of payments at most `SHOWN`."""
    found: list[Miss] = []
    for promise in agreement.promises.order_by("-kind"):
        if promise.kind == Promise.REPORTS:
            found.extend(_reports(promise, from_on, until_on))
        elif promise.kind == Promise.ON_TIME:
            spans = _year(promise), _span(promise, from_on, until_on)
            counted = count_late_clocks(*spans)
            if counted.in_time * BASIS_POINTS < promise.target * counted.ended:
                found.extend(
                    Miss(promise.kind, one.subject, one.due_on, one.ended_on, one.days)
                    for one in list_late_clocks(*spans, limit=SHOWN)
                )
    return found


def _reports(promise: Promise, from_on: date, until_on: date) -> Sequence[Miss]:
    first_on, end_on = _span(promise, from_on, until_on)
    found = []
    for month, due_on, delivered_on in list_report_days(promise):
        late_from = max(due_on + timedelta(days=1), first_on)
        late_until = end_on if delivered_on is None else min(delivered_on + timedelta(days=1), end_on)
        if late_until > late_from:
            days = (late_until - late_from).days
            found.append(Miss(promise.kind, f"{month:%Y-%m}", due_on, delivered_on, days))
    return found


def _span(promise: Promise, from_on: date, until_on: date) -> tuple[date, date]:
    # Before the agreement is in force nothing is owed under it; late papers are owed beyond its end.
    in_force = getattr(promise.agreement, "in_force", None)
    return (max(from_on, in_force.from_on) if in_force else until_on), until_on


def _year(promise: Promise) -> tuple[date, date]:
    return promise.agreement.programme_from, promise.agreement.until_on
