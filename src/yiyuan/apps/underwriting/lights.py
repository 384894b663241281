"""Is a promise kept (承诺灯): each promise of the agreement held against what is on record.

In: the agreement and a day. Out: a light per promise: kept, broken or not yet known, each with its figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.apps.accounts.queries import OfficeView, list_offices
from yiyuan.apps.deadlines.queries import count_promises_kept
from yiyuan.apps.registry.queries import list_townships
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.models import Agreement, Promise
from yiyuan.kernel.money import BASIS_POINTS
from yiyuan.kernel.scope import EVERYWHERE

KEPT, BROKEN, UNKNOWN = "kept", "broken", "unknown"
POINTS = ("service_point", "insurer")


@dataclass(frozen=True, slots=True)
class Light:
    """One promise: `reached` of `whole` (counties, townships, claims, reports), and what is missing."""

    kind: str
    clause: str
    target: int
    state: str
    reached: int
    whole: int
    missing: tuple[str, ...] = ()


def list_lights(agreement: Agreement, today: date) -> Sequence[Light]:
    """Return the light of every promise, in the order of the agreement."""
    offices = [one for one in list_offices(EVERYWHERE, open_only=True) if one.kind in POINTS]
    return [_light(promise, agreement, offices, today) for promise in agreement.promises.order_by("pk")]


def _light(promise: Promise, agreement: Agreement, offices: Sequence[OfficeView], today: date) -> Light:
    if promise.kind == Promise.COUNTY_POINTS:
        return _county_points(promise, offices)
    if promise.kind == Promise.TOWNSHIP_POINTS:
        return _township_points(promise, offices)
    if promise.kind == Promise.ON_TIME:
        return _on_time(promise, agreement)
    return _reports(promise, today)


def _county_points(promise: Promise, offices: Sequence[OfficeView]) -> Light:
    terms = get_terms(promise.agreement.programme_from)
    counties = [one for one in terms.counties if one.code not in terms.pool_excluded]
    missing = [
        county.name_zh
        for county in counties
        if sum(office.county_code == county.code for office in offices) < promise.target
    ]
    return _counted(promise, len(counties), missing)


def _township_points(promise: Promise, offices: Sequence[OfficeView]) -> Light:
    # An office knows its county; the township is known by its name in the office's name or address.
    townships = list_townships()
    said = [(office.county_code, office.name + office.address) for office in offices]
    missing = [
        town.name
        for town in townships
        if sum(county == town.parent_id and town.name in text for county, text in said) < promise.target
    ]
    return _counted(promise, len(townships), missing)


def _counted(promise: Promise, whole: int, missing: Sequence[str]) -> Light:
    state = UNKNOWN if not whole else BROKEN if missing else KEPT
    reached = whole - len(missing)
    return Light(promise.kind, promise.clause, promise.target, state, reached, whole, tuple(missing[:10]))


def _on_time(promise: Promise, agreement: Agreement) -> Light:
    kept = count_promises_kept(agreement.programme_from, agreement.until_on)
    state = UNKNOWN
    if kept.ended:
        state = KEPT if kept.in_time * BASIS_POINTS >= promise.target * kept.ended else BROKEN
    return Light(promise.kind, promise.clause, promise.target, state, kept.in_time, kept.ended)


def _reports(promise: Promise, today: date) -> Light:
    wanted, missing = 0, []
    for month, due_on, delivered_on in list_report_days(promise):
        if due_on < today or delivered_on is not None:
            wanted += 1
            if (delivered_on or date.max) > due_on:
                missing.append(f"{month:%Y-%m}")
    return _counted(promise, wanted, missing)


def list_report_days(promise: Promise) -> Sequence[tuple[date, date, date | None]]:
    """Return for each month of the agreement the day its report is due and the day it came, if it has."""
    agreement = promise.agreement
    delivered = {report.month: report.delivered_on for report in agreement.reports.all()}
    found = []
    month = agreement.programme_from.replace(day=1)
    while month < agreement.until_on:
        following = (month + timedelta(days=32)).replace(day=1)
        found.append((month, following + timedelta(days=promise.target - 1), delivered.get(month)))
        month = following
    return found
