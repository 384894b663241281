"""Reading batches, orders and the bank's answers (支付查询); amounts in fen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.payments.models import Batch, Order, ReturnFile
from yiyuan.apps.payments.states import OrderState
from yiyuan.apps.rows import IsAmong
from yiyuan.apps.sums.queries import ORDER, fen, parts_of, rows
from yiyuan.kernel.scope import Scope

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


def list_batches(*, scope: Scope, limit: int = PAGE) -> Sequence[Batch]:
    """Return the newest batches of which the whole lies in the scope."""
    return list(batches_within(scope).order_by("-number")[:limit])


def get_batch(number: int, *, scope: Scope) -> Batch:
    """Return one batch.

    :raises Batch.DoesNotExist: there is none of this number, or a part of it lies outside the scope.
    """
    return batches_within(scope).get(number=number)


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


def list_return_files(*, scope: Scope, limit: int = PAGE) -> Sequence[ReturnFile]:
    """Return the newest return files; the bank answers for the whole city, so nobody else sees them."""
    if not scope.is_city:
        return []
    return list(ReturnFile.objects.order_by("-received_at", "-pk")[:limit])


def sum_orders(*, scope: Scope) -> Mapping[str, tuple[int, int]]:
    """Return (count, fen) by order state; the envelope is sent = paid + returned + in flight."""
    parts = parts_of(ORDER, scope=scope).values_list("state").annotate(n=rows(), sum_fen=fen())
    found = {state: (n, sum_fen) for state, n, sum_fen in parts}
    return {state: found.get(state, (0, 0)) for state in OrderState}


def sum_batch_states(number: int) -> Mapping[str, int]:
    """Return how many orders of a batch stand in each state."""
    counts = Order.objects.filter(batch__number=number).aggregate(
        **{str(state): Count("county_code", filter=Q(state=state)) for state in OrderState}
    )
    return dict(counts)


def list_reserved_sources(number: int) -> QuerySet[Order, str]:
    """Return the claim numbers of a batch's orders that wait for release, for use within another query."""
    waiting = Order.objects.filter(batch__number=number, state=OrderState.RESERVED)
    return waiting.values_list("source", flat=True)


def list_living_sources(sources: Iterable[str]) -> set[str]:
    """Return those of these claim numbers whose money is reserved, on its way or paid.

    A claim hears of its payment a moment after the bank's answer is posted; until then its order says so.
    """
    return set(
        Order.objects.filter(IsAmong(F("source"), sources), state__in=ALIVE).values_list("source", flat=True)
    )


def living_orders(*, of: OuterRef) -> QuerySet[Order]:
    """Return the orders of one claim whose money is reserved, on its way or paid, for use in a condition."""
    return Order.objects.filter(source=of, state__in=ALIVE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the earlier orders of some claims say.

    `living` are the claims whose money is reserved, on its way or paid; `returned` says by claim which order
    the bank has sent back last, where none lives.
    """

    living: frozenset[str]
    returned: Mapping[str, int]


def list_standing(sources: Iterable[str]) -> Standing:
    """Return how the money of these claims stands, in one query."""
    orders = (
        Order.objects.filter(IsAmong(F("source"), sources), state__in=(*ALIVE, OrderState.RETURNED))
        .order_by("pk")
        .values_list("source", "state", "pk")
    )
    rows = list(orders)
    living = frozenset(source for source, state, _ in rows if state in ALIVE)
    returned = {source: pk for source, state, pk in rows if source not in living}
    return Standing(living, returned)


def has_paid_order(source: str) -> bool:
    """Tell whether the bank has confirmed a payment on a claim."""
    return Order.objects.filter(source=source, state=OrderState.PAID).exists()


def hold_paid_order(source: str) -> bool:
    """Tell whether the bank has confirmed a payment, and hold the order until the transaction ends.

    Whoever asks paid money back, and whoever posts that it came back by itself, come one after the other.
    """
    paid = Order.objects.select_for_update().filter(source=source, state=OrderState.PAID)
    return bool(paid.values_list("pk", flat=True))


def sum_sent() -> Mapping[str, int]:
    """Return the fen of the orders that are in flight and of those that have arrived."""
    return Order.objects.aggregate(
        in_flight_fen=Sum("amount_fen", filter=Q(state=OrderState.SENT), default=0),
        paid_fen=Sum("amount_fen", filter=Q(state=OrderState.PAID), default=0),
    )


def list_came_back() -> Mapping[str, int]:
    """Return by claim the fen that the bank has returned and no later order has sent again.

    As many as wait for another account: the bank returns some in a hundred.
    """
    sent_again = Order.objects.filter(
        reissues=OuterRef("pk"), state__in=[OrderState.SENT, OrderState.PAID, OrderState.RETURNED]
    )
    waiting = Order.objects.filter(~Exists(sent_again), state=OrderState.RETURNED)
    return dict(waiting.values_list("source", "amount_fen"))


def has_living_order(source: str) -> bool:
    """Tell whether a claim's money is reserved, on its way or paid."""
    return Order.objects.filter(source=source, state__in=ALIVE).exists()


def batches_within(scope: Scope) -> QuerySet[Batch]:
    """Return the batches of a scope: a file that goes to the bank is seen whole or not at all."""
    if scope.is_city:
        return Batch.objects.all()
    # Row-level security hides the other counties' orders: those that are seen must be all there are.
    left = Order.objects.filter(~Q(state=OrderState.TAKEN_OUT), within(scope))
    seen = left.order_by().values("batch").annotate(n=Count("*"))
    whole = Batch.objects.filter(pk=OuterRef("batch")).values("order_count")
    return Batch.objects.filter(pk__in=seen.filter(n=Subquery(whole)).values("batch"))
