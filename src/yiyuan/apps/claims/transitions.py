"""Moving a claim (赔案流转): the one place where its state changes, one event a move."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from yiyuan.apps.audit.once import AskedKey, digest_of, is_repeat
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
from yiyuan.apps.claims.terms import terms_of
from yiyuan.apps.claims.writing import ClockTurn, LockedClaim, Moved, NewMove, lock_claims, write_moves
from yiyuan.apps.deadlines.services import ClockRequest, pause_clock, resume_clock, start_clock, stop_clock
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import EVERYWHERE

BEFORE_PAYMENT = {State.REPORTED, State.LODGED, State.AWAITING_DOCUMENTS, State.ASSESSED, State.APPROVED}


def move_claim(
    *, number: str, verb: Verb, actor: Actor, occurred_at: datetime, request_key: str, reason: str = ""
) -> Moved:
    """Say `verb` to a claim; return the move that is on record.

    Saying it again with the same `request_key` returns the first move and changes nothing, so a caller
    that saw a time-out may simply repeat itself.

    :raises IllegalMove: the claim's state does not know this verb.
    :raises RoleMissing: the actor lacks the role of the move.
    :raises SameHands: the move asks for a second person and this is the first one.
    :raises ReasonMissing: a refusal, return or suspension without its reason.
    :raises SuspendedOnce: documents have been asked for once before.
    :raises BudgetSpent: a budget has less left than an approval would reserve.
    :raises LimitSpent: a declined claim is taken up again, and a limit has less left than it takes.
    :raises KeyReused: the key belongs to another claim, verb or reason, or to somebody else.
    """
    (moved,) = move_claims(
        keys={number: request_key}, verb=verb, actor=actor, occurred_at=occurred_at, reason=reason
    )
    return moved


def move_claims(
    *, keys: Mapping[str, str], verb: Verb, actor: Actor, occurred_at: datetime, reason: str = ""
) -> Sequence[Moved]:
    """Say `verb` to claims, each with its request key, all or none; return their moves in the same order.

    Checks, evidence and repeats are those of `move_claim`, which says it to one.
    """
    assert occurred_at.tzinfo is not None, "a naive time cannot carry a legal deadline"
    asked = {number: _asked(number, verb, key, actor, reason) for number, key in keys.items()}
    try:
        return _move(asked, verb, actor, occurred_at, reason)
    except (ClaimRefusal, IntegrityError) as error:
        # Two clicks with one key queue at the claim's row; the second finds it moved, and the event here.
        if earlier := _earlier(keys, verb, actor, reason):
            return earlier
        for key in asked.values():
            is_repeat(key)
        if "four eyes" in str(error):
            raise SameHands(str(error)) from error
        raise


@transaction.atomic
def _move(
    keys: Mapping[str, str], verb: Verb, actor: Actor, occurred_at: datetime, reason: str
) -> Sequence[Moved]:
    claims = lock_claims(keys, scope=actor.scope, said=_asked_of_others(verb))
    moves = []
    for number, request_key in keys.items():
        claim = claims.get(number)
        if claim is None:
            raise Claim.DoesNotExist(number)
        move = _permitted(claim, verb, actor, reason)
        moves.append(NewMove(claim, move.to, request_key, _turn_clock(move, claim, occurred_at, reason)))
    moved = write_moves(moves=moves, verb=verb, reason=reason, actor=actor, occurred_at=occurred_at)
    taken_up = [one.claim.id for one in moves if one.claim.state == State.APPEALED and one.to == State.LODGED]
    compare_again(taken_up, occurred_at)
    if verb in (Verb.DECLINE, Verb.WITHDRAW):
        close_unpaid([one.claim.id for one in moves], occurred_at)
    return moved


def _asked_of_others(verb: Verb) -> Sequence[Verb]:
    """Return the verbs that whoever says this one must not have said last."""
    return sorted({other for (_, said), move in MOVES.items() if said is verb for other in move.other_than})


def _asked(number: str, verb: Verb, key: str, actor: Actor, reason: str) -> AskedKey:
    words = {"number": number, "verb": str(verb), "actor": actor, "reason": reason.strip()}
    return AskedKey.of(key, digest_of("move_claim", words))


def _earlier(keys: Mapping[str, str], verb: Verb, actor: Actor, reason: str) -> Sequence[Moved]:
    found = ClaimEvent.objects.filter(request_key__in=keys.values()).select_related("claim")
    events = {event.request_key: event for event in found}
    for number, request_key in keys.items():
        event = events.get(request_key)
        if event is None:
            continue
        said = (event.claim.number, event.verb, event.actor_id, event.reason)
        if said != (number, verb, actor.id, reason.strip()):
            raise KeyReused(request_key)
    if len(events) < len(keys):
        return []
    return [
        Moved(event.pk, number, verb, State(event.from_state), State(event.to_state))
        for number, event in ((number, events[request_key]) for number, request_key in keys.items())
    ]


def _permitted(claim: LockedClaim, verb: Verb, actor: Actor, reason: str) -> Move:
    move = MOVES.get((claim.state, verb))
    if move is None:
        raise IllegalMove(f"{claim.number}: {verb} does not apply to a claim that is {claim.state}")
    _require_permission(move, claim, actor, reason)
    if move.only_once and _has_been_said(claim, verb):
        raise SuspendedOnce(f"{claim.number}: what was missing has been asked for once")
    return move


def _has_been_said(claim: LockedClaim, verb: Verb) -> bool:
    return ClaimEvent.objects.filter(claim_id=claim.id, verb=verb, from_state=claim.state).exists()


def _require_permission(move: Move, claim: LockedClaim, actor: Actor, reason: str) -> None:
    if move.role not in actor.roles:
        raise RoleMissing(f"{claim.number}: needs {move.role}")
    if move.needs_reason and not reason.strip():
        raise ReasonMissing(f"{claim.number}: a reason is owed to the claimant")
    for verb in move.other_than:
        if claim.last_actors[verb] == actor.id:
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
    held = lock_claims([claim.number], scope=EVERYWHERE)[claim.number]
    move = NewMove(held, State.WITHDRAWN, request_key)
    write_moves(moves=[move], verb=Verb.WITHDRAW, reason=reason, actor=actor, occurred_at=occurred_at)


def _turn_clock(move: Move, claim: LockedClaim, occurred_at: datetime, reason: str) -> ClockTurn | None:
    if move.clock is ClockEffect.START:
        resumed_due_on = resume_clock(subject=claim.number, occurred_at=occurred_at)
        return _start_clock(claim, occurred_at) if resumed_due_on is None else ClockTurn(resumed_due_on)
    if move.clock is ClockEffect.PAUSE:
        pause_clock(subject=claim.number, reason=reason, occurred_at=occurred_at)
        return ClockTurn(None)
    if move.clock is ClockEffect.STOP:
        stop_clock(subject=claim.number, stopped_at=occurred_at)
    return None


def _start_clock(claim: LockedClaim, occurred_at: datetime) -> ClockTurn:
    """Set the due day by the scheme, now that the papers are complete."""
    request = ClockRequest(claim.number, claim.cause, claim.benefit_fen, claim.is_emergency)
    deadline = start_clock(request=request, terms=terms_of(claim.number), started_at=occurred_at)
    return ClockTurn(deadline.due_on, occurred_at)
