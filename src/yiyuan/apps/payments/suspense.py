"""Working off what hangs (待查款处理): matched to an order by two persons, or given back to the bank.

In: a line in suspense. Out: the order answered as the line says, or the line closed; each act leaves its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, Sum

from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.chart import AccountCode, EntryKind
from yiyuan.apps.ledger.queries import get_fen_on
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.payments.entries import post_came_back
from yiyuan.apps.payments.errors import NoMatch, NoteMissing, SameHands, SuspenseClosed
from yiyuan.apps.payments.hanging import subject_of
from yiyuan.apps.payments.models import Order, Suspense
from yiyuan.apps.payments.posting import keep_answers, require_city_payer, take_answer
from yiyuan.apps.payments.states import OrderState
from yiyuan.exchange.bank.answers import ReturnLine
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import Scope

PAGE = 100
LOOKED_AT = 500  # orders among which the nearest are looked for
UNDECIDED = (Suspense.OPEN, Suspense.PROPOSED)
NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class SuspenseView:
    """One line in suspense as pages show it; the amount in fen."""

    id: int
    file_name: str
    row: int
    order_no: str
    is_paid: bool
    answered_on: date
    amount_fen: int
    reason: str
    why: str
    detail: str
    holds_money: bool
    state: str
    owner: str
    owner_name: str
    opened_at: datetime
    matched_to: str
    note: str
    proposed_by: str
    proposed_by_name: str
    closed_by_name: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuspenseSums:
    """How many lines hang, over how much, and how much of it is money on our account; in fen."""

    count: int
    fen: int
    held_fen: int


def list_suspense(*, scope: Scope, is_open: bool = True, limit: int = PAGE) -> Sequence[SuspenseView]:
    """Return lines in suspense, the oldest first, or those worked off, the newest first."""
    if not scope.is_city:
        return []
    found = Suspense.objects.select_related("file", "matched_to")
    if is_open:
        found = found.filter(state__in=UNDECIDED).order_by("pk")
    else:
        found = found.exclude(state__in=UNDECIDED).order_by("-closed_at", "-pk")
    return [_view(one) for one in found[:limit]]


def sum_suspense(*, scope: Scope) -> SuspenseSums:
    """Return what hangs now."""
    if not scope.is_city:
        return SuspenseSums(0, 0, 0)
    undecided = Suspense.objects.filter(state__in=UNDECIDED)
    sums = undecided.aggregate(
        count=Count("*"),
        fen=Sum("amount_fen", default=0),
        held_fen=Sum("amount_fen", filter=Q(holds_money=True), default=0),
    )
    return SuspenseSums(**sums)


def list_candidates(suspense_id: int, limit: int = 5) -> Sequence[str]:
    """Return the orders a line could be about: on their way, over its amount, the nearest number first.

    Money can also come back on the very order that was reported paid.
    """
    hanging = Suspense.objects.get(pk=suspense_id)
    fitting = Q(state=OrderState.SENT)
    if not hanging.is_paid:
        fitting |= Q(state=OrderState.PAID, order_no=hanging.order_no)
    near = (
        Order.objects.filter(fitting, amount_fen=hanging.amount_fen)
        .order_by("order_no")
        .values_list("order_no", flat=True)[:LOOKED_AT]
    )
    return sorted(near, key=lambda order_no: -_shared(order_no, hanging.order_no))[:limit]


@exactly_once(again=nothing)
@transaction.atomic
def take_over(*, suspense_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Become the owner of a line in suspense. Repeating it changes nothing.

    :raises SuspenseClosed: it was worked off.
    :raises RoleMissing, OutOfScope: the actor is no payer of the whole city.
    """
    hanging = _lock(suspense_id, actor, UNDECIDED)
    if hanging.owner == actor.id:
        return
    hanging.owner, hanging.owner_name = actor.id, actor.name
    hanging.save(update_fields=["owner", "owner_name"])
    _audit("take_suspense", hanging, actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def propose_match(
    *, suspense_id: int, order_no: str, note: str, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Say, as the first of two, which order a line is about and what that rests on.

    A line that says returned may be about an order that was reported paid: its money came back later.

    :raises NoteMissing: nothing says what it rests on.
    :raises NoMatch: no order of this number is on its way, or came back, over the same amount.
    :raises SuspenseClosed: it was worked off.
    :raises RoleMissing, OutOfScope: the actor is no payer of the whole city.
    """
    if not note.strip():
        raise NoteMissing(str(suspense_id))
    hanging = _lock(suspense_id, actor, UNDECIDED)
    hanging.matched_to = _fitting(hanging, order_no.strip())
    hanging.state, hanging.note = Suspense.PROPOSED, note.strip()[:NOTE_MAX]
    hanging.proposed_by, hanging.proposed_by_name = actor.id, actor.name
    hanging.save()
    _audit("propose_match", hanging, actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def agree_match(*, suspense_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Agree, as the second person: the order is answered as the line says, and the line hangs no more.

    :raises SuspenseClosed: nobody has proposed it, or it was worked off.
    :raises SameHands: the actor has proposed it.
    :raises NoMatch: the order has been answered meanwhile.
    :raises RoleMissing, OutOfScope: the actor is no payer of the whole city.
    """
    hanging = _lock(suspense_id, actor, (Suspense.PROPOSED,))
    if hanging.proposed_by == actor.id:
        raise SameHands(actor.id)
    assert hanging.matched_to is not None, "who proposes names an order"
    order = _fitting(hanging, hanging.matched_to.order_no)
    if order.state == OrderState.PAID:
        post_came_back(order, actor=actor, occurred_at=occurred_at)
    answer = take_answer(_line(hanging), order)
    keep_answers({answer: [order]}, actor, occurred_at)
    _close(hanging, Suspense.MATCHED, actor, occurred_at)
    _audit("agree_match", hanging, actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def send_back(*, suspense_id: int, note: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Give a line back to the bank, with the note that says how; it hangs no more, and no order is touched.

    :raises NoteMissing: nothing says how.
    :raises SuspenseClosed: it was worked off.
    :raises RoleMissing, OutOfScope: the actor is no payer of the whole city.
    """
    if not note.strip():
        raise NoteMissing(str(suspense_id))
    hanging = _lock(suspense_id, actor, UNDECIDED)
    hanging.note, hanging.matched_to = note.strip()[:NOTE_MAX], None
    _close(hanging, Suspense.SENT_BACK, actor, occurred_at)
    _audit("send_back_suspense", hanging, actor, occurred_at, request_key)


def _lock(suspense_id: int, actor: Actor, states: Sequence[str]) -> Suspense:
    require_city_payer(actor)
    hanging = Suspense.objects.select_for_update().get(pk=suspense_id)
    if hanging.state not in states:
        raise SuspenseClosed(str(suspense_id))
    return hanging


def _fitting(hanging: Suspense, order_no: str) -> Order:
    found = Order.objects.select_related("batch").select_for_update(of=("self",)).filter(order_no=order_no)
    order = found.first()
    if order is None or order.amount_fen != hanging.amount_fen or not _can_be(hanging, order):
        raise NoMatch(order_no)
    return order


def _can_be(hanging: Suspense, order: Order) -> bool:
    if order.state == OrderState.SENT:
        return True
    # What is being got back from the claimant, or has been, cannot also come back from the bank.
    is_still_paid = get_fen_on(AccountCode.PAID, order.source) >= order.amount_fen
    return order.state == OrderState.PAID and not hanging.is_paid and is_still_paid


def _line(hanging: Suspense) -> ReturnLine:
    return ReturnLine(
        hanging.row,
        hanging.order_no,
        hanging.is_paid,
        hanging.answered_on,
        hanging.amount_fen,
        hanging.reason_code,
        hanging.reason,
    )


def _close(hanging: Suspense, state: str, actor: Actor, occurred_at: datetime) -> None:
    hanging.state, hanging.closed_at = state, occurred_at
    hanging.closed_by, hanging.closed_by_name = actor.id, actor.name
    hanging.save()
    if hanging.holds_money:
        subject, key = subject_of(hanging.pk), f"clear_suspense:{hanging.pk}"
        entry = NewEntry(EntryKind.CLEAR_SUSPENSE, subject, hanging.amount_fen, key)
        post_entries(entries=[entry], actor=actor, occurred_at=occurred_at)


def _audit(verb: str, hanging: Suspense, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("suspense", str(hanging.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={
            "amount_fen": hanging.amount_fen,
            "order": hanging.matched_to.order_no if hanging.matched_to else "",
            "note": hanging.note[:200],
        },
    )


def _shared(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one[::-1], other[::-1], strict=False))


def _view(hanging: Suspense) -> SuspenseView:
    return SuspenseView(
        id=hanging.pk,
        file_name=hanging.file.name,
        row=hanging.row,
        order_no=hanging.order_no,
        is_paid=hanging.is_paid,
        answered_on=hanging.answered_on,
        amount_fen=hanging.amount_fen,
        reason=hanging.reason,
        why=hanging.why,
        detail=hanging.detail,
        holds_money=hanging.holds_money,
        state=hanging.state,
        owner=hanging.owner,
        owner_name=hanging.owner_name,
        opened_at=hanging.opened_at,
        matched_to=hanging.matched_to.order_no if hanging.matched_to else "",
        note=hanging.note,
        proposed_by=hanging.proposed_by,
        proposed_by_name=hanging.proposed_by_name,
        closed_by_name=hanging.closed_by_name,
        closed_at=hanging.closed_at,
    )
