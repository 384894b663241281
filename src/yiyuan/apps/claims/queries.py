"""Reading claims (赔案查询): queues for the workbench, and everything one claim's page shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import get_current_timezone

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.adjudication.queries import DecisionView, get_decision
from yiyuan.apps.audit.queries import count_acts
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.states import MOVES, OF_THE_BANK, Move, State, Verb, verbs_of
from yiyuan.apps.deadlines.queries import (
    ClockView,
    count_days_left,
    get_calendar,
    get_clock,
    get_clocks,
    next_working_day,
)
from yiyuan.apps.payments.queries import OrderView, list_orders_of
from yiyuan.apps.registry.queries import (
    AccountView,
    PersonView,
    get_division_names,
    get_people,
    list_accounts,
)
from yiyuan.apps.rows import IsAmong
from yiyuan.apps.sums.queries import CLAIM, fen, parts_of, rows
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import Scope

PAGE = 50
# What a queue may be sorted by, emergencies first; the last word keeps the order the same on every page.
ORDERS = {
    "due": ("-is_emergency", "due_on", "pk"),
    "-due": ("-is_emergency", "-due_on", "-pk"),
    "sum": ("-is_emergency", "benefit_fen", "pk"),
    "-sum": ("-is_emergency", "-benefit_fen", "-pk"),
}
PAID_STATES = (State.PAID, State.CLOSED)
OPEN_STATES = (
    State.REPORTED,
    State.LODGED,
    State.AWAITING_DOCUMENTS,
    State.ASSESSED,
    State.APPROVED,
    State.APPEALED,
)

Counted = TypeVar("Counted", bound=Model)


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What a queue of claims shows; empty means all. `due` is a bucket of the deadline ruler."""

    states: tuple[str, ...] = ()
    county_code: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One line of a queue. `days_left` counts the promise's own days; negative is overdue, None is paused.

    Who assessed is told while the claim waits for approval, the gap while it waits for documents.
    """

    number: str
    person: PersonView
    place: str
    benefit_fen: int
    state: State
    due_on: date | None
    days_left: int | None
    limit_days: int
    payment_note: str
    verbs: tuple[Verb, ...]
    assessor_id: str
    assessor_name: str
    gap: str
    is_emergency: bool = False


@dataclass(frozen=True, slots=True)
class ReturnedClaim:
    """A claim that the second person sent back to the first, and why."""

    number: str
    person_name: str
    reason: str
    actor_name: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class MoveOffer:
    """A verb that applies to a claim, and why this person may not say it (empty: they may)."""

    verb: Verb
    move: Move
    refusal: str


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Everything the page of one claim shows."""

    number: str
    setl_id: str
    proposal_id: int | None
    opened_at: datetime
    state: State
    benefit_fen: int
    person: PersonView
    place: str
    decision: DecisionView
    clock: ClockView | None
    days_left: int | None
    events: tuple[ClaimEvent, ...]
    offers: tuple[MoveOffer, ...]
    account: AccountView | None
    accounts: tuple[AccountView, ...]
    orders: tuple[OrderView, ...]
    payment_note: str
    county_code: str
    is_emergency: bool = False
    emergency_reason: str = ""


def list_claims(
    chosen: ClaimFilter,
    today: date,
    *,
    scope: Scope,
    order: str = "due",
    limit: int = PAGE,
    offset: int = 0,
) -> Sequence[ClaimRow]:
    """Return a page of a queue, by default the promise that ends first on top, paused claims last.

    :raises KeyError: the order is none of `ORDERS`.
    """
    claims = _claims(chosen, today, scope)
    return _rows(_page(claims, ORDERS[order], offset, limit), today)


def list_queue(
    chosen: ClaimFilter, today: date, *, scope: Scope, order: str = "due"
) -> tuple[Sequence[ClaimRow], ClaimRow | None]:
    """Return a page of a queue, and whatever its order of `ORDERS` the claim to do first."""
    claims = _claims(chosen, today, scope)
    page = _page(claims, ORDERS[order], 0, PAGE)
    first = page[:1] if order == "due" else list(claims.order_by(*ORDERS["due"])[:1])
    rows = _rows([*page, *first], today)
    return rows[: len(page)], rows[-1] if first else None


def find_next_claim(chosen: ClaimFilter, today: date, *, number: str, scope: Scope) -> str | None:
    """Return the number of the claim to do after this one in a queue, or None where it is the only one."""
    others = _claims(chosen, today, scope).exclude(number=number).order_by(*ORDERS["due"])
    return others.values_list("number", flat=True).first()


def list_returned(*, scope: Scope, limit: int = PAGE) -> Sequence[ReturnedClaim]:
    """Return the claims that came back to the first person and wait there, the newest return first."""
    last = ClaimEvent.objects.filter(claim=OuterRef("claim")).order_by("-pk")
    events = list(
        ClaimEvent.objects.filter(verb=Verb.RETURN_FOR_ASSESSMENT, claim__state=State.LODGED)
        .filter(within(scope, "claim__county_code"))
        .filter(pk=Subquery(last.values("pk")[:1]))
        .select_related("claim")
        .order_by("-pk")[:limit]
    )
    people = get_people(event.claim.person_id for event in events)
    return [
        ReturnedClaim(
            number=event.claim.number,
            person_name=people[event.claim.person_id].name,
            reason=event.reason,
            actor_name=event.actor_name,
            occurred_at=event.occurred_at,
        )
        for event in events
    ]


def count_moves(actor_id: str, verb: Verb, on: date) -> int:
    """Return how often a person said a verb on a day of the city."""
    since = datetime.combine(on, time.min, tzinfo=get_current_timezone())
    return count_acts(actor_id=actor_id, verb=verb, subject_kind="claim", since=since, days=1)


def count_claims(chosen: ClaimFilter, today: date, *, scope: Scope) -> tuple[int, int]:
    """Return how many claims match, and their sum in fen."""
    found = _matching(chosen, today, parts_of(CLAIM, scope=scope)).aggregate(n=rows(), sum_fen=fen())
    return found["n"], found["sum_fen"]


def count_by_due(chosen: ClaimFilter, today: date, *, scope: Scope) -> Mapping[str, int]:
    """Return how many matching claims are overdue, due today, next working day, later, or paused."""
    base = _matching(ClaimFilter(chosen.states, chosen.county_code), today, parts_of(CLAIM, scope=scope))
    return dict(base.aggregate(**{bucket: rows(condition) for bucket, condition in _due(today).items()}))


def count_list(
    chosen: ClaimFilter, today: date, *, scope: Scope
) -> tuple[tuple[int, int], Mapping[str, int]]:
    """Return `count_claims`, and `count_by_due` of the same states; of the open ones where none is chosen."""
    if not chosen.states:
        of_open = ClaimFilter(OPEN_STATES, chosen.county_code)
        return count_claims(chosen, today, scope=scope), count_by_due(of_open, today, scope=scope)
    # The same claims twice: they are read in one pass.
    conditions = _due(today)
    wanted = conditions[chosen.due] if chosen.due else None
    base = _matching(ClaimFilter(chosen.states, chosen.county_code), today, parts_of(CLAIM, scope=scope))
    found = base.aggregate(
        n=rows(wanted),
        sum_fen=fen(wanted),
        **{bucket: rows(condition) for bucket, condition in conditions.items()},
    )
    return (found.pop("n"), found.pop("sum_fen")), found


def count_by_state(*, scope: Scope, states: Collection[State] = ()) -> Mapping[str, tuple[int, int]]:
    """Return (count, fen) by state, of these states where some are named."""
    parts = _matching(ClaimFilter(tuple(states)), None, parts_of(CLAIM, scope=scope))
    found = parts.values_list("state").annotate(n=rows(), sum_fen=fen()).filter(n__gt=0)
    return {state: (n, sum_fen) for state, n, sum_fen in found}


def get_claim_page(number: str, *, actor: Actor, today: date) -> ClaimPage:
    """Return one claim with its reasons, clock, events, money, and what this person may do next.

    :raises Claim.DoesNotExist: there is none of this number, or it lies outside what this person sees.
    """
    claim = Claim.objects.get(within(actor.scope), number=number)
    person = get_people([claim.person_id])[claim.person_id]
    events = tuple(claim.events.order_by("-pk"))
    accounts = tuple(list_accounts(claim.person_id))
    clock = get_clock(claim.number)
    return ClaimPage(
        number=claim.number,
        setl_id=claim.setl_id,
        proposal_id=claim.proposal_id,
        opened_at=claim.opened_at,
        state=State(claim.state),
        benefit_fen=claim.benefit_fen,
        person=person,
        place=_places([person])[person.id],
        decision=get_decision(claim.decision_id),
        clock=clock,
        days_left=None
        if clock is None or clock.paused_on is not None
        else count_days_left(get_calendar(today), today, clock.due_on),
        events=events,
        offers=tuple(_offers(claim, events, actor)),
        account=next((a for a in accounts if a.id == claim.account_id), None),
        accounts=accounts,
        orders=tuple(list_orders_of(claim.number)),
        payment_note=claim.payment_note,
        county_code=claim.county_code,
        is_emergency=claim.is_emergency,
        emergency_reason=claim.emergency_reason,
    )


def list_claims_of(person_id: int, *, scope: Scope) -> Sequence[Claim]:
    """Return a person's claims, newest first."""
    return list(Claim.objects.filter(within(scope), person_id=person_id).order_by("-pk")[:PAGE])


def get_number_of_proposal(proposal_id: int) -> str | None:
    """Return the number of the claim a proposal became at last, if it did."""
    claims = Claim.objects.filter(proposal_id=proposal_id).order_by("-pk")
    return claims.values_list("number", flat=True).first()


def find_claim(words: str, *, scope: Scope) -> str | None:
    """Return the claim number that these words are, if they are one."""
    return Claim.objects.filter(within(scope), number=words.strip()).values_list("number", flat=True).first()


def sum_by_county(*, scope: Scope) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    """Return by county and state how many claims there are and their sum in fen, read in one pass."""
    parts = parts_of(CLAIM, scope=scope).values_list("county_code", "state")
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for county_code, state, n, sum_fen in (
        parts.annotate(n=rows(), sum_fen=fen()).filter(n__gt=0).order_by("county_code", "state")
    ):
        found.setdefault(county_code, {})[state] = (n, sum_fen)
    return found


def _claims(chosen: ClaimFilter, today: date, scope: Scope) -> QuerySet[Claim]:
    return _matching(chosen, today, Claim.objects.filter(within(scope)))


def _page(claims: QuerySet[Claim], order: tuple[str, ...], offset: int, limit: int) -> list[Claim]:
    """Return a page of claims, asked for emergencies and others apart where the largest come first.

    Emergencies come first in every order; an index is read backwards only within one of the two.
    """
    if not order[1].startswith("-"):
        return list(claims.order_by(*order)[offset : offset + limit])
    claims = claims.order_by(*order[1:])
    urgent = claims.filter(is_emergency=True)
    page = list(urgent[offset : offset + limit])
    if len(page) == limit:
        return page
    before = offset + len(page) if page or not offset else urgent.count()
    others = claims.filter(is_emergency=False)
    return page + list(others[max(offset - before, 0) : offset + limit - before])


def _matching(chosen: ClaimFilter, today: date | None, found: QuerySet[Counted]) -> QuerySet[Counted]:
    """Return those that match, of claims or of the parts of their sums: both have the same columns."""
    if chosen.states:
        found = found.filter(state__in=chosen.states)
    if chosen.county_code:
        found = found.filter(county_code=chosen.county_code)
    if chosen.due and today is not None:
        found = found.filter(_due(today)[chosen.due])
    return found


def _due(today: date) -> Mapping[str, Q]:
    tomorrow = next_working_day(today)
    paused = Q(due_on__isnull=True)
    return {
        "late": Q(due_on__lt=today),
        "today": Q(due_on=today),
        "tomorrow": Q(due_on__gt=today, due_on__lte=tomorrow),
        "later": Q(due_on__gt=tomorrow),
        "paused": paused,
    }


def _rows(claims: Sequence[Claim], today: date) -> Sequence[ClaimRow]:
    people = get_people(claim.person_id for claim in claims)
    places = _places(people.values())
    clocks = get_clocks(claim.number for claim in claims)
    calendar = get_calendar(today)
    assessed = _last_events(claims, State.ASSESSED, Verb.ASSESS)
    gaps = _last_events(claims, State.AWAITING_DOCUMENTS, Verb.REQUEST_DOCUMENTS)
    return [
        ClaimRow(
            number=claim.number,
            person=people[claim.person_id],
            place=places[claim.person_id],
            benefit_fen=claim.benefit_fen,
            state=State(claim.state),
            due_on=claim.due_on,
            days_left=None if claim.due_on is None else count_days_left(calendar, today, claim.due_on),
            limit_days=clocks[claim.number].limit_days if claim.number in clocks else 0,
            payment_note=claim.payment_note,
            verbs=verbs_of(State(claim.state)),
            assessor_id=assessed[claim.pk].actor_id if claim.pk in assessed else "",
            assessor_name=assessed[claim.pk].actor_name if claim.pk in assessed else "",
            gap=gaps[claim.pk].reason if claim.pk in gaps else "",
            is_emergency=claim.is_emergency,
        )
        for claim in claims
    ]


def _last_events(claims: Sequence[Claim], state: State, verb: Verb) -> Mapping[int, ClaimEvent]:
    wanted = [claim.pk for claim in claims if claim.state == state]
    events = ClaimEvent.objects.filter(IsAmong(F("claim_id"), wanted), verb=verb) if wanted else []
    # In the order they happened, so that the last of each claim stays: four eyes ask for that one.
    return {event.claim_id: event for event in sorted(events, key=lambda event: event.pk)}


def _places(people: Iterable[PersonView]) -> Mapping[int, str]:
    people = list(people)
    names = get_division_names(code for p in people for code in (p.county_code, p.township_code))
    return {p.id: names.get(p.county_code, "") + names.get(p.township_code, "") for p in people}


def _offers(claim: Claim, events: Sequence[ClaimEvent], actor: Actor) -> Iterable[MoveOffer]:
    for verb in verbs_of(State(claim.state)):
        move = MOVES[State(claim.state), verb]
        if verb in OF_THE_BANK:
            continue
        yield MoveOffer(verb, move, _refusal(move, events, actor))


def _refusal(move: Move, events: Sequence[ClaimEvent], actor: Actor) -> str:
    if move.role not in actor.roles:
        return "role_missing"
    for verb in move.other_than:
        first = next((event for event in events if event.verb == verb), None)
        if first is not None and first.actor_id == actor.id:
            return "same_hands"
    return ""
