"""Moving a claim (赔案流转): the one place where its state changes, one event a move."""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import (
    IllegalMove,
    KeyReused,
    MoneyUnderWay,
    ReasonMissing,
    RoleMissing,
    SameHands,
    SuspendedOnce,
)
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.money import post_move
from yiyuan.apps.claims.states import MOVES, ClockEffect, Move, State, Verb
from yiyuan.apps.deadlines.services import pause_clock, resume_clock, start_clock, stop_clock
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Actor

BEFORE_PAYMENT = {State.REPORTED, State.LODGED, State.AWAITING_DOCUMENTS, State.ASSESSED, State.APPROVED}


@transaction.atomic
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
    assert occurred_at.tzinfo is not None, "a naive time cannot carry a legal deadline"

    # Lock first, look second: two clicks with one key queue here, and the second finds the first's event.
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if earlier := ClaimEvent.objects.filter(request_key=request_key).first():
        if (earlier.claim_id, earlier.verb) != (claim.pk, verb):
            raise KeyReused(request_key)
        return earlier

    state = State(claim.state)
    move = MOVES.get((state, verb))
    if move is None:
        raise IllegalMove(f"{number}: {verb} does not apply to a claim that is {state}")
    _require_permission(move, claim, actor, reason)
    if move.only_once and claim.events.filter(verb=verb, from_state=state).exists():
        raise SuspendedOnce(f"{number}: what was missing has been asked for once")
    _turn_clock(move, claim, occurred_at, reason)
    event = record_move(claim, verb, move.to, actor, occurred_at, request_key, reason)
    claim.save(update_fields=["state", "papers_complete_at", "due_on"])
    return event


def record_move(
    claim: Claim,
    verb: Verb,
    to: State,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    reason: str = "",
) -> ClaimEvent:
    """Write the event and the audit row of a move and set the claim's state; the caller saves the claim."""
    event = ClaimEvent.objects.create(
        claim=claim,
        verb=verb,
        from_state=claim.state,
        to_state=to,
        actor_id=actor.id,
        actor_name=actor.name,
        reason=reason.strip(),
        occurred_at=occurred_at,
        request_key=request_key,
    )
    post_move(claim, to, actor=actor, occurred_at=occurred_at, request_key=request_key)
    claim.state = to
    record_entry(
        actor=actor,
        verb=verb,
        subject=("claim", claim.number),
        occurred_at=occurred_at,
        request_key=request_key,
    )
    return event


def _require_permission(move: Move, claim: Claim, actor: Actor, reason: str) -> None:
    if move.role not in actor.roles:
        raise RoleMissing(f"{claim.number}: needs {move.role}")
    if move.needs_reason and not reason.strip():
        raise ReasonMissing(f"{claim.number}: a reason is owed to the claimant")
    for verb in move.other_than:
        first = claim.events.filter(verb=verb).order_by("-pk").first()
        if first is not None and first.actor_id == actor.id:
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
    record_move(claim, Verb.WITHDRAW, State.WITHDRAWN, actor, occurred_at, request_key, reason)
    claim.save(update_fields=["state"])


def _turn_clock(move: Move, claim: Claim, occurred_at: datetime, reason: str) -> None:
    if move.clock is ClockEffect.START:
        resumed_due_on = resume_clock(subject=claim.number, occurred_at=occurred_at)
        if resumed_due_on is None:
            start_claim_clock(claim, occurred_at)
        else:
            claim.due_on = resumed_due_on
    elif move.clock is ClockEffect.PAUSE:
        pause_clock(subject=claim.number, reason=reason, occurred_at=occurred_at)
        claim.due_on = None
    elif move.clock is ClockEffect.STOP:
        stop_clock(subject=claim.number, stopped_at=occurred_at)


def start_claim_clock(claim: Claim, occurred_at: datetime) -> None:
    """Note that the papers are complete and set the due date by the scheme; the caller saves the claim."""
    deadline = start_clock(
        subject=claim.number,
        terms=get_terms(),
        liability=claim.cause,
        amount_fen=claim.benefit_fen,
        started_at=occurred_at,
        is_emergency=claim.is_emergency,
    )
    claim.papers_complete_at = occurred_at
    claim.due_on = deadline.due_on
