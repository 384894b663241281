"""Proposing what the desk has typed in (窗口提名): by the same rule, without waiting for the next screening.

In: the number of a settlement. Out: an open proposal that belongs to no run until one sees it too.
"""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.adjudication.services import preview_settlement
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.screening.errors import NotProposable, RoleMissing
from yiyuan.apps.screening.models import Proposal
from yiyuan.kernel.actor import Actor, Role
from yiyuan.rules.eligibility import NOT_ENTITLED


@exactly_once()
@transaction.atomic
def propose_at_desk(*, setl_id: str, actor: Actor, occurred_at: datetime, request_key: str) -> Proposal:
    """Propose one settlement for a person to decide; return its proposal. Repeating it makes one.

    :raises RoleMissing: the actor is no desk agent.
    :raises NotProposable: the scheme does not come to a benefit; the text is the reason.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if earlier := Proposal.objects.filter(setl_id=setl_id).first():
        return earlier
    _terms, facts, decision = preview_settlement(setl_id)
    if decision.outcome == NOT_ENTITLED:
        raise NotProposable(decision.reason)
    proposal = Proposal.objects.create(
        setl_id=setl_id,
        person_id=facts.person_id,
        county_code=facts.county_code,
        outcome=decision.outcome,
        reason=decision.reason,
        group=decision.group or "",
        disease=decision.disease or "",
        residual_fen=decision.residual_fen,
        benefit_fen=decision.benefit_fen,
        clause=decision.clause,
        missing=decision.missing or "",
    )
    record_entry(
        actor=actor,
        verb="propose_at_desk",
        subject=("settlement", setl_id),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"proposal": proposal.pk, "outcome": decision.outcome},
    )
    return proposal
