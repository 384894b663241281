"""What moves a claim's promise from outside its own moves (时限变动): new holidays, the fast track.

In: the moment and a reason. Out: due days moved, the old day kept beside the new one (`deadlines`).
"""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.queries import OPEN_STATES
from yiyuan.apps.claims.terms import terms_of
from yiyuan.apps.deadlines.services import change_term, recount_clocks
from yiyuan.kernel.actor import Actor, Role


@transaction.atomic
def follow_calendar(*, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    """Count the open promises anew by the notices known now; return how many due days moved.

    Repeating it moves nothing more, so that it may run every night: a notice counts from the day it is known.
    """
    moved = recount_clocks(reason=reason, occurred_at=occurred_at)
    claims = list(Claim.objects.select_for_update().filter(number__in=moved, due_on__isnull=False))
    for claim in claims:
        claim.due_on = moved[claim.number]
    Claim.objects.bulk_update(claims, ["due_on"], batch_size=1000)
    if moved:
        record_entry(
            actor=actor,
            verb="follow_calendar",
            subject=("calendar", "cn"),
            occurred_at=occurred_at,
            request_key=request_key,
            detail={"moved": len(moved), "reason": reason[:200]},
        )
    return len(moved)


def _claim_again(*, number: str, **_words: object) -> Claim:
    return Claim.objects.get(number=number)


@exactly_once(again=_claim_again)
@transaction.atomic
def set_emergency(
    *, number: str, is_emergency: bool, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Claim:
    """Put an open claim on the fast track (急难), or take it off, with the reason; return the claim.

    It stands first in every queue; its promise is counted by the scheme's own clock for emergencies, where it
    has one. Repeating it changes nothing.

    :raises RoleMissing: the actor is no desk agent.
    :raises ReasonMissing: the reason is empty.
    :raises IllegalMove: the claim is no longer open.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(number)
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if claim.state not in OPEN_STATES:
        raise IllegalMove(f"{number}: is no longer open")
    if claim.is_emergency == is_emergency:
        return claim
    claim.is_emergency, claim.emergency_reason = is_emergency, reason.strip()
    due_on = change_term(
        subject=number,
        terms=terms_of(number),
        liability=claim.cause,
        amount_fen=claim.benefit_fen,
        is_emergency=is_emergency,
        reason=f"急难：{reason.strip()}" if is_emergency else f"不再是急难：{reason.strip()}",
        occurred_at=occurred_at,
    )
    claim.due_on = due_on or claim.due_on
    claim.save(update_fields=["is_emergency", "emergency_reason", "due_on"])
    record_entry(
        actor=actor,
        verb="set_emergency" if is_emergency else "clear_emergency",
        subject=("claim", number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"reason": reason.strip()[:200]},
    )
    return claim
