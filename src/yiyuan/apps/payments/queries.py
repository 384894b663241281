"""Reading batches, orders and the bank's answers (支付查询); amounts in fen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from yiyuan.apps.payments.models import Batch, Order, ReturnFile
from yiyuan.apps.payments.states import OrderState

PAGE = 50
ALIVE = (OrderState.RESERVED, OrderState.SENT, OrderState.PAID)


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order of a claim as pages show it; the account is masked to its last four digits."""

    order_no: str
    batch_number: int
    amount_fen: int
    bank_name: str
    account_tail: str
    holder_name: str
    state: str
    released_at: datetime | None
    answered_on: date | None
    reason: str


def list_batches(limit: int = PAGE) -> Sequence[Batch]:
    """Return the newest batches."""
    return list(Batch.objects.order_by("-number")[:limit])


def get_batch(number: int) -> Batch:
    """Return one batch.

    :raises Batch.DoesNotExist: there is none of this number.
    """
    return Batch.objects.get(number=number)


def list_orders(number: int, *, after: str = "", limit: int = 200) -> Sequence[Order]:
    """Return a batch's orders by number, those behind `after`."""
    return list(Order.objects.filter(batch__number=number, order_no__gt=after).order_by("order_no")[:limit])


def list_orders_of(source: str) -> Sequence[OrderView]:
    """Return every order made for a claim, oldest first."""
    orders = Order.objects.filter(source=source).select_related("batch").order_by("pk")[:PAGE]
    return [
        OrderView(
            order_no=order.order_no,
            batch_number=order.batch.number,
            amount_fen=order.amount_fen,
            bank_name=order.bank_name,
            account_tail=order.account_tail,
            holder_name=order.holder_name,
            state=order.state,
            released_at=order.batch.released_at,
            answered_on=order.answered_on,
            reason=order.reason,
        )
        for order in orders
    ]


def list_return_files(limit: int = PAGE) -> Sequence[ReturnFile]:
    """Return the newest return files."""
    return list(ReturnFile.objects.order_by("-received_at", "-pk")[:limit])


def sum_orders(county_codes: Iterable[str] | None = None) -> Mapping[str, tuple[int, int]]:
    """Return (count, fen) by order state; the envelope is sent = paid + returned + in flight."""
    orders = Order.objects.all()
    if county_codes is not None:
        orders = orders.filter(county_code__in=list(county_codes))
    rows = orders.values("state").annotate(n=Count("pk"), fen=Sum("amount_fen"))
    found = {row["state"]: (row["n"], row["fen"]) for row in rows}
    return {state: found.get(state, (0, 0)) for state in OrderState}


def sum_batch_states(number: int) -> Mapping[str, int]:
    """Return how many orders of a batch stand in each state."""
    counts = Order.objects.filter(batch__number=number).aggregate(
        **{str(state): Count("pk", filter=Q(state=state)) for state in OrderState}
    )
    return dict(counts)


def list_living_sources(sources: Iterable[str]) -> set[str]:
    """Return those of these claim numbers whose money is reserved, on its way or paid.

    A claim hears of its payment a moment after the bank's answer is posted; until then its order says so.
    """
    return set(
        Order.objects.filter(source__in=list(sources), state__in=ALIVE).values_list("source", flat=True)
    )


def has_living_order(source: str) -> bool:
    """Tell whether a claim's money is reserved, on its way or paid."""
    return Order.objects.filter(source=source, state__in=ALIVE).exists()
