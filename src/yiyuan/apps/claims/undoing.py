"""Taking a confirmation back (撤销确认) until its payment batch is cut: the proposal stands open again.

In: a claim whose money no batch holds, and the reason. Out: the claim withdrawn and kept as history; its
proposal open, with a note why. Confirming once more opens another claim under another number.
"""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.claims.errors import BatchCut, IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, ClaimEvent, Question
from yiyuan.apps.claims.states import State
from yiyuan.apps.claims.transitions import BEFORE_PAYMENT, withdraw_questioned
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.apps.screening.reopening import reopen_confirmed
from yiyuan.kernel.actor import Actor, Role

# Before a second person has looked, the desk takes back what the desk confirmed; afterwards an approver does.
OF_THE_DESK = (State.REPORTED, State.LODGED, State.AWAITING_DOCUMENTS)


def role_to_undo(state: str) -> Role | None:
    """Return whose step it is to take a confirmation back in this state, None where it is too late."""
    if state not in BEFORE_PAYMENT:
        return None
    return Role.DESK_AGENT if state in OF_THE_DESK else Role.APPROVER


def _undone_again(*, number: str, **_words: object) -> Claim:
    return Claim.objects.get(number=number)


@exactly_once(again=_undone_again)
@transaction.atomic
def undo_confirmation(
    *, number: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Claim:
    """Withdraw a claim and open its proposal again; return the claim. The same `request_key` does it once.

    Money reserved for it goes back; an open question about it lapses.

    :raises ReasonMissing: the reason is empty.
    :raises BatchCut: a payment batch holds the claim's money, or has sent it.
    :raises IllegalMove: the claim has ended.
    :raises RoleMissing: the step belongs to another post.
    """
    if not reason.strip():
        raise ReasonMissing(number)
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if ClaimEvent.objects.filter(claim=claim, request_key=request_key).exists():
        return claim
    role = role_to_undo(claim.state)
    if role is None or claim.proposal_id is None:
        raise IllegalMove(f"{number}: is {claim.state}")
    if role not in actor.roles:
        raise RoleMissing(actor.id)
    if has_living_order(number):
        raise BatchCut(number)
    withdraw_questioned(claim, actor=actor, occurred_at=occurred_at, request_key=request_key, reason=reason)
    Question.objects.filter(claim=claim, state=Question.OPEN).update(
        state=Question.LAPSED, answered_at=occurred_at
    )
    reopen_confirmed(
        proposal_id=claim.proposal_id,
        note=reason.strip(),
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:reopen",
    )
    return claim
