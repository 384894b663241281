"""What orders do to the ledger (支付分录): sent, arrived, came back; one entry an order, under its number."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.apps.payments.models import Order
from yiyuan.kernel.actor import Actor


def post_sent(orders: Iterable[Order], *, actor: Actor, occurred_at: datetime) -> None:
    """Post that orders went to the bank: out of what is payable, or of what had come back."""
    _post(
        [(EntryKind.SEND_AGAIN if order.reissues_id else EntryKind.SEND, order) for order in orders],
        actor,
        occurred_at,
    )


def post_answers(
    paid: Iterable[Order], returned: Iterable[Order], *, actor: Actor, occurred_at: datetime
) -> None:
    """Post what the bank answered."""
    moves = [(EntryKind.PAY, order) for order in paid] + [(EntryKind.RETURN, order) for order in returned]
    _post(moves, actor, occurred_at)


def post_came_back(order: Order, *, actor: Actor, occurred_at: datetime) -> None:
    """Reverse that an order's money arrived: it is under way again, until it is posted as returned."""
    reverse_entry(
        subject=order.source,
        posted=EntryKind.PAY,
        kind=EntryKind.COME_BACK,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{EntryKind.COME_BACK}:{order.order_no}",
    )


def _post(moves: Sequence[tuple[EntryKind, Order]], actor: Actor, occurred_at: datetime) -> None:
    if moves:
        post_entries(
            entries=[
                NewEntry(
                    kind,
                    order.source,
                    order.amount_fen,
                    f"{kind}:{order.order_no}",
                    order.county_code,
                    order.batch.contract_from,
                )
                for kind, order in moves
            ],
            actor=actor,
            occurred_at=occurred_at,
        )
