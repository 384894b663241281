"""Holding a tender (招标): published, bids taken until the close, the award by two persons, the legal steps.

In: what the procurement's papers say. Out: append-only rows; nothing is awarded before bids close.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.apps.underwriting.errors import (
    AlreadyThere,
    AmountWrong,
    BidsNotClosed,
    BidTooLate,
    DayWrong,
    PeriodTooShort,
    ReasonMissing,
    SameHands,
    SharesWrong,
    TooEarly,
)
from yiyuan.apps.underwriting.judging import rank_bids, require_all_scores
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import Award, Bid, Criterion, StepDone, Tender
from yiyuan.apps.underwriting.numbering import next_number
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import BASIS_POINTS, yuan
from yiyuan.rules.procurement import AWARD, Step


@dataclass(frozen=True, slots=True)
class NewTender:
    """What the tender's paper says; `weights_bp` are its criteria by name."""

    title: str
    programme_from: date
    budget_fen: int
    published_on: date
    closes_at: datetime
    weights_bp: Mapping[str, int]


@exactly_once()
def open_tender(*, new: NewTender, actor: Actor, occurred_at: datetime, request_key: str) -> Tender:
    """Keep a tender that has been published; return it. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises PeriodTooShort: bidders have less time than the law gives them.
    :raises SharesWrong: the weights are not 100 %, or a criterion is unknown.
    :raises AmountWrong: no budget.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    if earlier := Tender.objects.filter(request_key=request_key).first():
        return earlier
    _check(new)
    known = {one.name: one for one in procurement().criteria}
    tender = Tender.objects.create(
        number=next_number("ZB", "", new.programme_from.year),
        title=new.title.strip(),
        programme_from=new.programme_from,
        budget_fen=new.budget_fen,
        published_on=new.published_on,
        closes_at=new.closes_at,
        created_at=occurred_at,
        created_by=actor.id,
        request_key=request_key,
    )
    Criterion.objects.bulk_create(
        Criterion(
            tender=tender,
            name=name,
            name_zh=known[name].name_zh,
            name_en=known[name].name_en,
            weight_bp=weight_bp,
        )
        for name, weight_bp in new.weights_bp.items()
        if weight_bp
    )
    audit("open_tender", ("tender", tender.number), actor, occurred_at, request_key)
    return tender


def _check(new: NewTender) -> None:
    law = procurement()
    names = {one.name for one in law.criteria}
    whole_bp = sum(new.weights_bp.values())
    if whole_bp != BASIS_POINTS or min(new.weights_bp.values()) < 0 or not set(new.weights_bp) <= names:
        raise SharesWrong(f"{whole_bp / 100:g}%")
    if new.budget_fen <= 0:
        raise AmountWrong(yuan(new.budget_fen))
    first_on = new.published_on + timedelta(days=law.bid_period_days)
    if localtime(new.closes_at).date() < first_on:
        raise PeriodTooShort(f"≥ {first_on} · {law.bid_period_law}")


@exactly_once()
def record_bid(
    *,
    tender_id: int,
    bidder: str,
    price_fen: int,
    received_at: datetime,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Bid:
    """Record a bid that came in time; return it. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises BidTooLate: it came after the close, or before the tender was published.
    :raises AmountWrong: no price.
    :raises AlreadyThere: the bidder has bid.
    :raises DayWrong: it came in the future.
    """
    tender = _lock(tender_id, actor)
    if earlier := Bid.objects.filter(request_key=request_key).first():
        return earlier
    if received_at > tender.closes_at or localtime(received_at).date() < tender.published_on:
        raise BidTooLate(f"{localtime(tender.closes_at):%Y-%m-%d %H:%M}")
    if received_at > occurred_at:
        raise DayWrong(f"{localtime(received_at):%Y-%m-%d %H:%M}")
    if price_fen <= 0:
        raise AmountWrong(yuan(price_fen))
    if tender.bids.filter(bidder=bidder.strip()).exists():
        raise AlreadyThere(bidder)
    bid = Bid.objects.create(
        tender=tender,
        bidder=bidder.strip()[:60],
        price_fen=price_fen,
        received_at=received_at,
        recorded_by=actor.id,
        request_key=request_key,
    )
    audit("record_bid", ("tender", tender.number), actor, occurred_at, request_key, bid=bid.pk)
    return bid


@exactly_once()
def propose_award(
    *, bid_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Award:
    """Propose, as the first of two, who wins; return the award, the first one where there is one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises BidsNotClosed: bids may still come.
    :raises ScoresMissing: a judge has not scored, or there are too few.
    :raises ReasonMissing: the bid is not the first in rank and no reason says why it wins.
    """
    bid = Bid.objects.select_related("tender").get(pk=bid_id)
    tender = _lock(bid.tender_id, actor)
    if earlier := Award.objects.filter(tender=tender).first():
        return earlier
    if occurred_at <= tender.closes_at:
        raise BidsNotClosed(f"{localtime(tender.closes_at):%Y-%m-%d %H:%M}")
    require_all_scores(tender)
    first = rank_bids(tender)[0]
    if first.bid_id != bid.pk and not reason.strip():
        raise ReasonMissing(first.bidder)
    award = Award.objects.create(
        tender=tender,
        bid=bid,
        reason=reason.strip()[:300],
        proposed_at=occurred_at,
        proposed_by=actor.id,
        proposed_by_name=actor.name,
    )
    audit("propose_award", ("tender", tender.number), actor, occurred_at, request_key, bid=bid.pk)
    return award


@exactly_once()
def agree_award(*, award_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> Award:
    """Agree, as the second person, to an award; return it. Repeatable.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises SameHands: the actor has proposed it.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    award = Award.objects.select_for_update(of=("self",)).select_related("tender").get(pk=award_id)
    if award.agreed_by:
        return award
    if award.proposed_by == actor.id:
        raise SameHands(actor.id)
    award.agreed_at, award.agreed_by, award.agreed_by_name = occurred_at, actor.id, actor.name
    award.save(update_fields=["agreed_at", "agreed_by", "agreed_by_name"])
    audit("agree_award", ("tender", award.tender.number), actor, occurred_at, request_key)
    return award


@dataclass(frozen=True, slots=True)
class StepView:
    """A legal step: until when, and since when it is done; `due_on` is None until what it counts from is."""

    step: Step
    due_on: date | None
    done_on: date | None
    note: str

    def is_late(self, today: date) -> bool:
        """Tell whether it was done after its day, or is not done though its day has passed."""
        return self.due_on is not None and (self.done_on or today) > self.due_on


def list_steps(tender: Tender, today: date) -> list[StepView]:
    """Return the legal steps after the award, with due days as far as they can be told."""
    done = {row.name: row for row in tender.steps.all()}
    award = Award.objects.filter(tender=tender).exclude(agreed_by="").first()
    days = {name: row.done_on for name, row in done.items()}
    if award and award.agreed_at:
        days[AWARD] = localtime(award.agreed_at).date()
    calendar = get_calendar(today)
    return [
        StepView(
            step,
            done[step.name].due_on
            if step.name in done
            else step.due_on(days[step.after], calendar)
            if step.after in days
            else None,
            done[step.name].done_on if step.name in done else None,
            done[step.name].note if step.name in done else "",
        )
        for step in procurement().steps
    ]


@exactly_once()
def record_step(
    *,
    tender_id: int,
    name: str,
    done_on: date,
    note: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> StepDone:
    """Record that a legal step was done; return it, the first one where it was. A late one is kept as late.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises TooEarly: the step it counts from is not done.
    :raises DayWrong: the day lies in the future.
    """
    tender = _lock(tender_id, actor)
    if earlier := tender.steps.filter(name=name).first():
        return earlier
    today = localtime(occurred_at).date()
    found = next((one for one in list_steps(tender, today) if one.step.name == name), None)
    if found is None or found.due_on is None:
        raise TooEarly(found.step.after if found else name)
    if done_on > today:
        raise DayWrong(str(done_on))
    step = StepDone.objects.create(
        tender=tender,
        name=name,
        done_on=done_on,
        due_on=found.due_on,
        note=note.strip()[:200],
        recorded_at=occurred_at,
        recorded_by=actor.id,
    )
    audit("record_step", ("tender", tender.number), actor, occurred_at, request_key, step=name)
    return step


def _lock(tender_id: int, actor: Actor) -> Tender:
    require(actor, Role.CIVIL_AFFAIRS)
    return Tender.objects.select_for_update().get(pk=tender_id)
