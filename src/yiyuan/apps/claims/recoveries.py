"""Getting money back (追回): a paid claim whose ground has gone, from a person's answer to repaid or waived.

In: the claim and the reason; later the day the money came, or two people's waiver. Out: one recovery a claim
while it is open, each step in the ledger and in the audit. What was paid stays paid until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.adjudication.queries import get_version_of
from yiyuan.apps.adjudication.running import move_limits
from yiyuan.apps.adjudication.states import LimitMove
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.comparing import close_unpaid
from yiyuan.apps.claims.errors import (
    NothingPaid,
    ReasonMissing,
    RecoveryClosed,
    RoleMissing,
    SameHands,
    WaiverMissing,
)
from yiyuan.apps.claims.models import Claim, Recovery
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.apps.payments.queries import hold_paid_order
from yiyuan.apps.screening.reopening import decline_confirmed
from yiyuan.apps.screening.services import key_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

PAGE = 50


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """One recovery as pages show it; the amount in fen."""

    id: int
    number: str
    person_id: int
    amount_fen: int
    state: str
    reason: str
    opened_at: datetime
    opened_by_name: str
    waiver_reason: str
    waiver_by: str
    waiver_by_name: str
    received_on: date | None
    closed_at: datetime | None
    closed_by_name: str


def _opened_again(*, number: str, **_words: object) -> Recovery:
    return Recovery.objects.filter(claim__number=number).order_by("-pk")[0]


@exactly_once(again=_opened_again)
@transaction.atomic
def open_recovery(
    *, number: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Recovery:
    """Ask back what was paid on a claim; return the recovery, the open one where there is one already.

    :raises RoleMissing: the actor is no approver.
    :raises ReasonMissing: the reason is empty.
    :raises NothingPaid: the bank has not confirmed any payment on the claim.
    """
    if Role.APPROVER not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(number)
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if earlier := claim.recoveries.filter(state=Recovery.OPEN).first():
        return earlier
    if not hold_paid_order(number) or claim.recoveries.filter(state=Recovery.REPAID).exists():
        raise NothingPaid(number)
    recovery = Recovery.objects.create(
        claim=claim,
        amount_fen=claim.benefit_fen,
        reason=reason.strip(),
        facts_key=key_facts(claim.setl_id) if claim.proposal_id is not None else "",
        opened_at=occurred_at,
        opened_by=actor.id,
        opened_by_name=actor.name,
    )
    _post(EntryKind.RECOVER, recovery, actor, occurred_at, f"{request_key}:recover")
    _audit("open_recovery", recovery, actor, occurred_at, request_key)
    return recovery


@exactly_once()
@transaction.atomic
def record_repayment(
    *, recovery_id: int, received_on: date, actor: Actor, occurred_at: datetime, request_key: str
) -> Recovery:
    """Note that the money has come back whole, on which day; return the recovery. Repeatable.

    Its settlement is proposed again once a fact has changed on which the recovery rested.

    :raises RoleMissing: the actor is no payer.
    :raises RecoveryClosed: it has been waived.
    """
    if Role.PAYER not in actor.roles:
        raise RoleMissing(actor.id)
    recovery = _lock(recovery_id, actor)
    if recovery.state == Recovery.REPAID:
        return recovery
    _require_open(recovery)
    recovery.received_on = received_on
    _close(recovery, Recovery.REPAID, actor, occurred_at)
    _post(EntryKind.REPAY, recovery, actor, occurred_at, f"repay:{recovery.pk}")
    keys = {recovery.claim.decision_id: f"repay:{recovery.pk}:limit"}
    move_limits(move=LimitMove.REPAY, keys=keys, actor=actor, occurred_at=occurred_at)
    _audit("record_repayment", recovery, actor, occurred_at, request_key)
    _free_settlement(recovery, actor, occurred_at)
    return recovery


def _free_settlement(recovery: Recovery, actor: Actor, occurred_at: datetime) -> None:
    claim = recovery.claim
    Claim.objects.filter(pk=claim.pk).update(is_recovered=True)
    close_unpaid([claim.pk], occurred_at)
    if claim.proposal_id is None:
        return
    decline_confirmed(
        proposal_id=claim.proposal_id,
        facts_key=recovery.facts_key,
        reason=recovery.reason,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"repay:{recovery.pk}:decline",
    )


def _proposed_again(*, recovery_id: int, **_words: object) -> Recovery:
    return Recovery.objects.select_related("claim").get(pk=recovery_id)


@exactly_once(again=_proposed_again)
@transaction.atomic
def propose_waiver(
    *, recovery_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Recovery:
    """Propose, as the first of two people, not to ask the money back; return the recovery.

    :raises RoleMissing: the actor is no approver.
    :raises ReasonMissing: the reason is empty.
    :raises RecoveryClosed: it has been repaid or waived.
    """
    if Role.APPROVER not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(str(recovery_id))
    recovery = _lock(recovery_id, actor)
    _require_open(recovery)
    recovery.waiver_reason = reason.strip()
    recovery.waiver_by, recovery.waiver_by_name = actor.id, actor.name
    recovery.save(update_fields=["waiver_reason", "waiver_by", "waiver_by_name"])
    _audit("propose_waiver", recovery, actor, occurred_at, request_key)
    return recovery


@exactly_once()
@transaction.atomic
def agree_waiver(*, recovery_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> Recovery:
    """Agree, as the second person, that the money is not asked back; return the recovery. Repeatable.

    :raises RoleMissing: the actor is no approver.
    :raises SameHands: the actor has proposed it.
    :raises WaiverMissing: nobody has proposed it.
    :raises RecoveryClosed: the money has come back.
    """
    if Role.APPROVER not in actor.roles:
        raise RoleMissing(actor.id)
    recovery = _lock(recovery_id, actor)
    if recovery.state == Recovery.WAIVED:
        return recovery
    _require_open(recovery)
    if not recovery.waiver_by:
        raise WaiverMissing(str(recovery_id))
    if recovery.waiver_by == actor.id:
        raise SameHands(actor.id)
    _close(recovery, Recovery.WAIVED, actor, occurred_at)
    reverse_entry(
        subject=recovery.claim.number,
        posted=EntryKind.RECOVER,
        kind=EntryKind.WAIVE,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"waive:{recovery.pk}",
    )
    _audit("agree_waiver", recovery, actor, occurred_at, request_key)
    return recovery


def list_recoveries(
    *, scope: Scope, state: str = Recovery.OPEN, number: str = "", limit: int = PAGE
) -> Sequence[RecoveryView]:
    """Return recoveries, the oldest first; an empty state means all, a number those of one claim."""
    found = Recovery.objects.filter(within(scope, "claim__county_code")).select_related("claim")
    if state:
        found = found.filter(state=state)
    if number:
        found = found.filter(claim__number=number)
    return [_view(recovery) for recovery in found.order_by("pk")[:limit]]


def _post(kind: EntryKind, recovery: Recovery, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    claim = recovery.claim
    entry = NewEntry(
        kind,
        claim.number,
        recovery.amount_fen,
        request_key,
        claim.county_code,
        get_version_of(claim.decision_id),
    )
    post_entries(entries=[entry], actor=actor, occurred_at=occurred_at)


def _lock(recovery_id: int, actor: Actor) -> Recovery:
    recoveries = Recovery.objects.select_for_update(of=("self",)).select_related("claim")
    return recoveries.get(within(actor.scope, "claim__county_code"), pk=recovery_id)


def _require_open(recovery: Recovery) -> None:
    if recovery.state != Recovery.OPEN:
        raise RecoveryClosed(str(recovery.pk))


def _close(recovery: Recovery, state: str, actor: Actor, occurred_at: datetime) -> None:
    recovery.state, recovery.closed_at = state, occurred_at
    recovery.closed_by, recovery.closed_by_name = actor.id, actor.name
    recovery.save()


def _audit(verb: str, recovery: Recovery, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("claim", recovery.claim.number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"recovery": recovery.pk, "amount_fen": recovery.amount_fen},
    )


def _view(recovery: Recovery) -> RecoveryView:
    return RecoveryView(
        id=recovery.pk,
        number=recovery.claim.number,
        person_id=recovery.claim.person_id,
        amount_fen=recovery.amount_fen,
        state=recovery.state,
        reason=recovery.reason,
        opened_at=recovery.opened_at,
        opened_by_name=recovery.opened_by_name,
        waiver_reason=recovery.waiver_reason,
        waiver_by=recovery.waiver_by,
        waiver_by_name=recovery.waiver_by_name,
        received_on=recovery.received_on,
        closed_at=recovery.closed_at,
        closed_by_name=recovery.closed_by_name,
    )
