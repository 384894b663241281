"""Freezing head counts (核定人数): the figure by which a county pays for a year, with its paper.

In: the figure, its day and source, and the kept paper. Out: a row that never changes; corrections are new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.errors import (
    AmountWrong,
    DayWrong,
    HeadCountTwice,
    HeadCountWrong,
    ReasonMissing,
)
from yiyuan.apps.underwriting.models import FrozenHeadCount
from yiyuan.apps.underwriting.numbering import take_turn
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Paper:
    """A kept file: its name, where it lies, and the checksum of its bytes."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NewHeadCount:
    """What the public security's paper says of a county."""

    county_code: str
    programme_from: date
    counted_on: date
    persons: int
    households: int | None
    source: str
    paper: Paper


@exactly_once()
def freeze_head_count(
    *, new: NewHeadCount, actor: Actor, occurred_at: datetime, request_key: str, reason: str = ""
) -> FrozenHeadCount:
    """Freeze a county's head count for a year, or with a reason put a correction in its place; return it.

    The same `request_key` returns the first row.

    :raises RoleMissing: the actor is no civil-affairs officer.
    :raises HeadCountWrong: a number below 0, a county the scheme does not know, or one outside the pool.
    :raises HeadCountTwice: the county's figure stands already and no reason for a correction is given.
    :raises ReasonMissing: there is nothing to correct yet, or nothing differs.
    """
    require(actor, Role.CIVIL_AFFAIRS, new.county_code)
    take_turn(new.county_code, "head_count")
    if earlier := FrozenHeadCount.objects.filter(request_key=request_key).first():
        return earlier
    _check(new, localtime(occurred_at).date())
    standing = FrozenHeadCount.objects.filter(
        county_code=new.county_code, programme_from=new.programme_from, corrected_by=None
    ).first()
    if standing and not reason.strip():
        raise HeadCountTwice(f"{new.county_code} {new.programme_from:%Y} · {standing.persons}")
    if reason.strip() and not standing:
        raise ReasonMissing(new.county_code)
    row = FrozenHeadCount.objects.create(
        county_code=new.county_code,
        programme_from=new.programme_from,
        counted_on=new.counted_on,
        persons=new.persons,
        households=new.households,
        source=new.source.strip()[:200],
        paper_name=new.paper.name[:100],
        paper_path=new.paper.path,
        paper_sha256=new.paper.sha256,
        reason=reason.strip()[:300],
        corrects=standing,
        frozen_at=occurred_at,
        frozen_by=actor.id,
        frozen_by_name=actor.name,
        request_key=request_key,
    )
    verb = "correct_head_count" if standing else "freeze_head_count"
    said = {"persons": new.persons, "sha256": new.paper.sha256}
    audit(verb, ("premium", new.county_code), actor, occurred_at, request_key, **said)
    return row


def _check(new: NewHeadCount, today: date) -> None:
    if new.persons < 0 or (new.households or 0) < 0:
        raise HeadCountWrong(f"{min(new.persons, new.households or 0)} < 0")
    terms = get_terms(new.programme_from)
    known = {county.code for county in terms.counties}
    if new.county_code not in known or new.county_code in terms.pool_excluded:
        raise HeadCountWrong(new.county_code)
    if new.counted_on > today:
        raise DayWrong(f"{new.counted_on} > {today}")
    if not new.paper.sha256 or not new.source.strip():
        raise AmountWrong("no_paper")


def standing_head_counts(programme_from: date) -> Mapping[str, FrozenHeadCount]:
    """Return the head counts that stand for a year, by county; some tens at most."""
    rows = FrozenHeadCount.objects.filter(programme_from=programme_from, corrected_by=None)
    return {row.county_code: row for row in rows}
