"""What a claim does when it hears of its money (到账通知); each repeat finds its work done."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.deadlines.services import note_sent
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
    """The bank sent the money back: the claim stays approved and says why, so that it can be paid again."""
    Claim.objects.filter(number=str(body["claim"]), state=State.APPROVED).update(
        payment_note=f"银行退回：{body['reason'] or '没有写原因'}"[:200]
    )


def _local_day(at: datetime) -> date:
    return localtime(at).date()
