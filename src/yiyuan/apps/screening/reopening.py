"""Deciding a decided proposal anew (重新考虑): a confirmation taken back or ended, a decline appealed.

In: a decided proposal and the reason. Out: the proposal open, with a note why it is looked at again; or
declined until a fact changes, where its claim ended without money.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.screening.errors import ProposalDecided, ReasonMissing, RoleMissing, SameHands
from yiyuan.apps.screening.models import Proposal
from yiyuan.kernel.actor import Actor, Role


@transaction.atomic
def reopen_confirmed(
    *, proposal_id: int, note: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Proposal:
    """Open a proposal whose confirmation was taken back; return it. The caller has ended its claim."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(within(actor.scope), pk=proposal_id)
    _open(proposal, note, actor, occurred_at, request_key, "reopen_confirmed")
    return proposal


@exactly_once()
@transaction.atomic
def reopen_declined(
    *, proposal_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Proposal:
    """Open a declined proposal on appeal, as somebody else than who declined it; return it. Repeatable.

    :raises RoleMissing: the actor is no approver.
    :raises ReasonMissing: the reason is empty.
    :raises SameHands: the actor has declined it.
    :raises ProposalDecided: it is not declined.
    """
    if Role.APPROVER not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(str(proposal_id))
    proposal = Proposal.objects.select_for_update(of=("self",)).get(within(actor.scope), pk=proposal_id)
    if proposal.state == Proposal.OPEN and reason.strip() in proposal.reopened_note:
        return proposal
    if proposal.state != Proposal.DECLINED:
        raise ProposalDecided(str(proposal_id))
    if proposal.decided_by == actor.id:
        raise SameHands(actor.id)
    _open(proposal, reason.strip(), actor, occurred_at, request_key, "reopen_declined")
    return proposal


@transaction.atomic
def decline_confirmed(
    *, proposal_id: int, facts_key: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Turn a confirmation into a decline, with its reason: its claim was withdrawn, or its money came back.

    The next screening proposes the settlement again once its facts are others than those of `facts_key`. The
    caller has asked for the actor's role. Repeating it changes nothing.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(within(actor.scope), pk=proposal_id)
    if proposal.state != Proposal.CONFIRMED:
        return
    proposal.state, proposal.facts_key = Proposal.DECLINED, facts_key
    proposal.decided_by, proposal.decided_at = actor.id, occurred_at
    proposal.decided_reason = reason.strip()
    proposal.save(update_fields=["state", "facts_key", "decided_by", "decided_at", "decided_reason"])
    record_entry(
        actor=actor,
        verb="decline_confirmed",
        subject=("proposal", str(proposal_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"reason": reason.strip()[:200]},
    )


def _open(
    proposal: Proposal, note: str, actor: Actor, occurred_at: datetime, request_key: str, verb: str
) -> None:
    said = f"{localtime(occurred_at):%Y-%m-%d} {note}"
    proposal.state, proposal.reopened_note = Proposal.OPEN, said
    proposal.decided_by, proposal.decided_at, proposal.decided_reason = "", None, ""
    proposal.facts_key = ""
    proposal.save()
    record_entry(
        actor=actor,
        verb=verb,
        subject=("proposal", str(proposal.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"reason": note[:200]},
    )
