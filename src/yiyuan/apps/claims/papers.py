"""When a file brings a stay that the desk had typed in from paper (纸质票据对上): one stay, paid once.

In: an import, or a person's choice. Out: the two linked and one of them closed. Where the paper has a
claim the file's row is closed and its figures are compared with what was decided; else the file's row counts.
"""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import PaperAlive, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State
from yiyuan.apps.payments.queries import has_paid_order
from yiyuan.apps.registry.paper import close_paper, get_paper_bill, link_paper, list_matches
from yiyuan.apps.registry.queries import get_person
from yiyuan.apps.screening.services import lapse_proposals
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor, Role


@transaction.atomic
def settle_matches(*, job_id: int, occurred_at: datetime) -> int:
    """Link the stays of an import that were typed in from paper; return how many. Repeating it links none.

    The comparison of the figures follows with that of the import's other facts.
    """
    matches = list_matches(job_id)
    for match in matches:
        closed = match.feed_setl_id if is_alive(match.paper_setl_id) else match.paper_setl_id
        link_paper(match, closed_setl_id=closed, job_id=job_id, occurred_at=occurred_at)
        lapse_proposals([closed])
        record_entry(
            actor=SYSTEM_ACTOR,
            verb="link_paper_bill",
            subject=("settlement", match.paper_setl_id),
            occurred_at=occurred_at,
            request_key=f"paper:{match.bill_id}:{job_id}",
            detail={"feed": match.feed_setl_id, "closed": closed},
        )
    return len(matches)


def _feed_again(*, bill_id: int, **_words: object) -> str:
    return get_paper_bill(bill_id).feed_setl_id


@exactly_once(again=_feed_again)
@transaction.atomic
def use_feed(*, bill_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> str:
    """Let the file's row count instead of the paper's; return its number, to be screened as any other.

    :raises RoleMissing: the actor is no desk agent.
    :raises ReasonMissing: the reason is empty.
    :raises PaperAlive: the claim on the paper has not ended, or has been paid.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(str(bill_id))
    bill = get_paper_bill(bill_id)
    get_person(bill.settlement.person_id, scope=actor.scope)
    paper = bill.settlement.setl_id
    if not bill.feed_setl_id or is_alive(paper):
        raise PaperAlive(paper)
    close_paper(bill, occurred_at=occurred_at)
    lapse_proposals([paper])
    record_entry(
        actor=actor,
        verb="use_feed",
        subject=("settlement", paper),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"feed": bill.feed_setl_id, "reason": reason.strip()[:200]},
    )
    return bill.feed_setl_id


def is_alive(setl_id: str) -> bool:
    """Tell whether a claim on this settlement may still be paid, or has been."""
    claims = Claim.objects.filter(setl_id=setl_id).exclude(state=State.WITHDRAWN)
    return any(claim.state != State.CLOSED or has_paid_order(claim.number) for claim in claims)
