"""What a claim does when it hears of its money (到账通知); each repeat finds its work done."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.returned import open_returned
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.deadlines.services import note_sent
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.kernel.actor import SYSTEM_ACTOR


def on_payment_sent(body: Mapping[str, object], occurred_at: datetime) -> None:
    """Keep beside the clock the day on which the order went to the bank."""
    note_sent(subject=str(body["claim"]), sent_on=_local_day(occurred_at))


def on_payment_paid(body: Mapping[str, object], occurred_at: datetime) -> None:
    """The bank has confirmed: the claim is paid and its clock stops."""
    move_claim(
        number=str(body["claim"]),
        verb=Verb.CONFIRM_PAYMENT,
        actor=SYSTEM_ACTOR,
        occurred_at=occurred_at,
        request_key=f"paid:{body['order']}",
    )
    Claim.objects.filter(number=str(body["claim"])).update(payment_note="")


def on_payment_returned(body: Mapping[str, object], occurred_at: datetime) -> None:
    """The bank sent the money back: the claim is approved and says why, somebody has to see to it.

    A claim that was paid is paid no more, where no later order has taken the returned one's place.
    """
    number, order_no = str(body["claim"]), str(body["order"])
    claim = Claim.objects.get(number=number)
    if claim.state in (State.PAID, State.CLOSED) and not has_living_order(number):
        move_claim(
            number=number,
            verb=Verb.RETURN_PAYMENT,
            actor=SYSTEM_ACTOR,
            occurred_at=occurred_at,
            request_key=f"returned:{order_no}",
        )
    reason = str(body["reason"] or "没有写原因")
    Claim.objects.filter(number=number, state=State.APPROVED).update(payment_note=f"银行退回：{reason}"[:200])
    open_returned(
        number=number,
        order_no=order_no,
        returned_on=date.fromisoformat(str(body["on"])),
        reason=reason,
        occurred_at=occurred_at,
    )


def _local_day(at: datetime) -> date:
    return localtime(at).date()
