"""Moving a claim (赔案流转): the one place where its state changes, one event a move."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.claims.comparing import close_unpaid, compare_again
from yiyuan.apps.claims.errors import (
    ClaimRefusal,
    IllegalMove,
    KeyReused,
    MoneyUnderWay,
    ReasonMissing,
    RoleMissing,
    SameHands,
    SuspendedOnce,
)
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.states import MOVES, ClockEffect, Move, State, Verb
from yiyuan.apps.claims.writing import NewMove, write_moves
from yiyuan.apps.deadlines.services import ClockRequest, pause_clock, resume_clock, start_clock, stop_clock
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Actor

BEFORE_PAYMENT = {State.REPORTED, State.LODGED, State.AWAITING_DOCUMENTS, State.ASSESSED, State.APPROVED}


def move_claim(
    *, number: str, verb: Verb, actor: Actor, occurred_at: datetime, request_key: str, reason: str = ""
) -> ClaimEvent:
    """Say `verb` to a claim; return the event that records it.

    Saying it again with the same `request_key` returns the first event and changes nothing, so a caller
    that saw a time-out may simply repeat itself.

    :raises IllegalMove: the claim's state does not know this verb.
    :raises RoleMissing: the actor lacks the role of the move.
    :raises SameHands: the move asks for a second person and this is the first one.
    :raises ReasonMissing: a refusal, return or suspension without its reason.
    :raises SuspendedOnce: documents have been asked for once before.
    :raises KeyReused: the key belongs to another claim or verb.
    """
    (event,) = move_claims(
        keys={number: request_key}, verb=verb, actor=actor, occurred_at=occurred_at, reason=reason
    )
    return event


def move_claims(
    *, keys: Mapping[str, str], verb: Verb, actor: Actor, occurred_at: datetime, reason: str = ""
) -> Sequence[ClaimEvent]:
    """Say `verb` to claims, each with its request key, all or none; return their events in the same order.

    Checks, evidence and repeats are those of `move_claim`, which says it to one.
    """
    assert occurred_at.tzinfo is not None, "a naive time cannot carry a legal deadline"
    try:
        return _move(keys, verb, actor, occurred_at, reason)
    except (ClaimRefusal, IntegrityError) as error:
        # Two clicks with one key queue at the claim's row; the second finds it moved, and the event here.
        if earlier := _earlier(keys, verb):
            return earlier
        if "four eyes" in str(error):
            raise SameHands(str(error)) from error
        raise


@transaction.atomic
def _move(
    keys: Mapping[str, str], verb: Verb, actor: Actor, occurred_at: datetime, reason: str
) -> Sequence[ClaimEvent]:
    locked = Claim.objects.select_for_update().filter(within(actor.scope), number__in=keys)
    claims = {claim.number: claim for claim in locked.annotate(**_last_actors()).order_by("pk")}
    moves = []
    for number, request_key in keys.items():
        claim = claims.get(number)
        if claim is None:
            raise Claim.DoesNotExist(number)
        move = _permitted(claim, verb, actor, reason)
        _turn_clock(move, claim, occurred_at, reason)
        moves.append(NewMove(claim, verb, move.to, request_key, reason))
    taken_up = [
        move.claim for move in moves if move.claim.state == State.APPEALED and move.to == State.LODGED
    ]
    events = write_moves(moves=moves, actor=actor, occurred_at=occurred_at)
    if taken_up:
        compare_again(taken_up, occurred_at)
    if verb in (Verb.DECLINE, Verb.WITHDRAW):
        close_unpaid([move.claim for move in moves], occurred_at)
    return events


def _last_actors() -> dict[str, Subquery]:
    # Read with the row, so that a second pair of eyes costs no second query; the trigger holds behind it.
    return {
        f"last_{verb}": Subquery(
            ClaimEvent.objects.filter(claim=OuterRef("pk"), verb=verb).order_by("-pk").values("actor_id")[:1]
        )
        for verb in sorted({verb for move in MOVES.values() for verb in move.other_than})
    }


def _earlier(keys: Mapping[str, str], verb: Verb) -> Sequence[ClaimEvent]:
    found = ClaimEvent.objects.filter(request_key__in=keys.values()).select_related("claim")
    events = {event.request_key: event for event in found}
    for number, request_key in keys.items():
        event = events.get(request_key)
        if event is not None and (event.claim.number, event.verb) != (number, verb):
            raise KeyReused(request_key)
    return [events[key] for key in keys.values()] if len(events) == len(keys) else []


def _permitted(claim: Claim, verb: Verb, actor: Actor, reason: str) -> Move:
    state = State(claim.state)
    move = MOVES.get((state, verb))
    if move is None:
        raise IllegalMove(f"{claim.number}: {verb} does not apply to a claim that is {state}")
    _require_permission(move, claim, actor, reason)
    if move.only_once and claim.events.filter(verb=verb, from_state=state).exists():
        raise SuspendedOnce(f"{claim.number}: what was missing has been asked for once")
    return move


def _require_permission(move: Move, claim: Claim, actor: Actor, reason: str) -> None:
    if move.role not in actor.roles:
        raise RoleMissing(f"{claim.number}: needs {move.role}")
    if move.needs_reason and not reason.strip():
        raise ReasonMissing(f"{claim.number}: a reason is owed to the claimant")
    for verb in move.other_than:
        if getattr(claim, f"last_{verb}") == actor.id:
            raise SameHands(f"{claim.number}: {actor.id} has already said {verb}")


def withdraw_questioned(
    claim: Claim, *, actor: Actor, occurred_at: datetime, request_key: str, reason: str
) -> None:
    """Withdraw a claim because a question about it was answered so, from any state before payment.

    The caller holds the claim's row.

    :raises MoneyUnderWay: its money is reserved, sent or paid.
    """
    if claim.state not in BEFORE_PAYMENT or has_living_order(claim.number):
        raise MoneyUnderWay(claim.number)
    stop_clock(subject=claim.number, stopped_at=occurred_at)
    move = NewMove(claim, Verb.WITHDRAW, State.WITHDRAWN, request_key, reason)
    write_moves(moves=[move], actor=actor, occurred_at=occurred_at)


def _turn_clock(move: Move, claim: Claim, occurred_at: datetime, reason: str) -> None:
    if move.clock is ClockEffect.START:
        resumed_due_on = resume_clock(subject=claim.number, occurred_at=occurred_at)
        if resumed_due_on is None:
            _start_clock(claim, occurred_at)
        else:
            claim.due_on = resumed_due_on
    elif move.clock is ClockEffect.PAUSE:
        pause_clock(subject=claim.number, reason=reason, occurred_at=occurred_at)
        claim.due_on = None
    elif move.clock is ClockEffect.STOP:
        stop_clock(subject=claim.number, stopped_at=occurred_at)


def _start_clock(claim: Claim, occurred_at: datetime) -> None:
    """Note that the papers are complete and set the due date by the scheme; the caller saves the claim."""
    request = ClockRequest(claim.number, claim.cause, claim.benefit_fen, claim.is_emergency)
    deadline = start_clock(request=request, terms=get_terms(), started_at=occurred_at)
    claim.papers_complete_at = occurred_at
    claim.due_on = deadline.due_on
