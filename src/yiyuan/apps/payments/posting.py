"""Posting the bank's answers (回单入账): each line once, the file whole or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.outbox.services import record_facts
from yiyuan.apps.payments.entries import post_answers
from yiyuan.apps.payments.errors import OutOfScope, ReturnContradicts, RoleMissing
from yiyuan.apps.payments.models import Order, ReturnFile
from yiyuan.apps.payments.returns import ReturnLine, read_returns
from yiyuan.apps.payments.states import OrderState
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import yuan

BLOCK = 1_000


@exactly_once()
@transaction.atomic
def record_returns(
    *, name: str, content: bytes, actor: Actor, occurred_at: datetime, request_key: str
) -> ReturnFile:
    """Post a file of answers; return what it came to: paid, returned, known before, unmatched.

    The same bytes again return the first result and change nothing. A line that repeats what is posted is
    counted as known. A line for no order of ours is a problem. A line that contradicts an order (another
    amount, a final answer turned round, an order that never went out) refuses the whole file.

    :raises ReturnUnreadable: the file cannot be read.
    :raises ReturnContradicts: a line contradicts what is known; nothing was posted.
    :raises RoleMissing: the actor is no payer.
    :raises OutOfScope: the bank answers for the whole city, and the actor works for a part of it.
    """
    _require_payer(actor)
    digest = sha256(content).hexdigest()
    if earlier := ReturnFile.objects.filter(sha256=digest).first():
        return earlier
    lines = read_returns(content)
    orders = _lock_orders(lines)
    counts = {"paid": 0, "returned": 0, "known": 0, "unmatched": 0}
    problems: list[dict[str, object]] = []
    answered: dict[str, list[Order]] = {OrderState.PAID: [], OrderState.RETURNED: []}
    for line in lines:
        order = orders.get(line.order_no)
        if order is None:
            counts["unmatched"] += 1
            problems.append({"row": line.row, "order_no": line.order_no, "amount_fen": line.amount_fen})
            continue
        said = _take_answer(line, order)
        counts[said] += 1
        if said in answered:
            answered[said].append(order)
    _keep_answers(answered, actor, occurred_at)
    return _keep_file(digest, name, counts, problems, actor, occurred_at, request_key)


@transaction.atomic
def record_answers(
    *,
    name: str,
    digest: str,
    lines: Sequence[ReturnLine],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Mapping[int, tuple[str, str]]:
    """Post the lines that agree with what is known; return by row why another was not posted, and a detail.

    Reasons: `unknown_order`, `amount_differs`, `answered_before`, `answered_otherwise`, `not_sent`. A line
    never moves money twice, so repeating it posts nothing more.

    :raises RoleMissing: the actor is no payer.
    :raises OutOfScope: the bank answers for the whole city, and the actor works for a part of it.
    """
    _require_payer(actor)
    orders = _lock_orders(lines)
    counts = dict.fromkeys(("paid", "returned", "known", "unmatched", "contradicting"), 0)
    refused: dict[int, tuple[str, str]] = {}
    answered: dict[str, list[Order]] = {OrderState.PAID: [], OrderState.RETURNED: []}
    problems: list[dict[str, object]] = []
    for line in lines:
        order = orders.get(line.order_no)
        if order is None:
            refused[line.row] = ("unknown_order", "")
            counts["unmatched"] += 1
            problems.append({"row": line.row, "order_no": line.order_no, "amount_fen": line.amount_fen})
            continue
        if (why := _contradiction(line, order)) is not None:
            refused[line.row] = why
            counts["known" if why[0] == "answered_before" else "contradicting"] += 1
            continue
        said = _take_answer(line, order)
        counts[said] += 1
        answered[said].append(order)
    _keep_answers(answered, actor, occurred_at)
    if not ReturnFile.objects.filter(sha256=digest).exists():
        _keep_file(digest, name, counts, problems, actor, occurred_at, request_key)
    return refused


def _contradiction(line: ReturnLine, order: Order) -> tuple[str, str] | None:
    """Return why a line cannot be posted to its order, with a detail; None where it can."""
    answer = OrderState.PAID if line.is_paid else OrderState.RETURNED
    if line.amount_fen != order.amount_fen:
        told = f"送出 {yuan(order.amount_fen)} 元，回单 {yuan(line.amount_fen)} 元"
        return "amount_differs", told
    if order.state == answer:
        return "answered_before", f"{order.answered_on}" if order.answered_on else ""
    if order.state in (OrderState.PAID, OrderState.RETURNED):
        told = "已到账" if order.state == OrderState.PAID else "已退回"
        return "answered_otherwise", f"{order.answered_on} {told}"
    return None if order.state == OrderState.SENT else ("not_sent", "")


def _require_payer(actor: Actor) -> None:
    if Role.PAYER not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)


def _lock_orders(lines: Sequence[ReturnLine]) -> dict[str, Order]:
    held = Order.objects.select_for_update(of=("self",)).select_related("batch")
    wanted = held.filter(order_no__in=[line.order_no for line in lines])
    return {order.order_no: order for order in wanted}


def _keep_file(
    digest: str,
    name: str,
    counts: Mapping[str, int],
    problems: Sequence[Mapping[str, object]],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> ReturnFile:
    file = ReturnFile.objects.create(
        sha256=digest,
        name=name[:200],
        received_at=occurred_at,
        received_by=actor.id,
        counts=counts,
        problems=problems,
    )
    record_entry(
        actor=actor,
        verb="record_returns",
        subject=("return_file", digest[:12]),
        occurred_at=occurred_at,
        request_key=request_key,
        detail=counts,
    )
    return file


def _take_answer(line: ReturnLine, order: Order) -> str:
    answer = OrderState.PAID if line.is_paid else OrderState.RETURNED
    _require_agreement(line, order, answer)
    if order.state == answer:
        return "known"
    order.state, order.answered_on = answer, line.on
    order.reason_code, order.reason = line.reason_code, line.reason
    return str(answer)


def _keep_answers(answered: Mapping[str, Sequence[Order]], actor: Actor, occurred_at: datetime) -> None:
    for answer, orders in answered.items():
        Order.objects.bulk_update(orders, ["state", "answered_on", "reason_code", "reason"], batch_size=BLOCK)
        record_facts(topic=f"payment.{answer}", bodies=map(_body, orders), occurred_at=occurred_at)
    post_answers(
        answered[OrderState.PAID], answered[OrderState.RETURNED], actor=actor, occurred_at=occurred_at
    )


def _body(order: Order) -> dict[str, object]:
    assert order.answered_on is not None, "the bank says on which day"
    return {
        "claim": order.source,
        "order": order.order_no,
        "reason": order.reason,
        "on": order.answered_on.isoformat(),
    }


def _require_agreement(line: ReturnLine, order: Order, answer: OrderState) -> None:
    if line.amount_fen != order.amount_fen:
        raise ReturnContradicts(
            f"第 {line.row} 行 {line.order_no}：金额应为 {yuan(order.amount_fen)}，"
            f"回单写的是 {yuan(line.amount_fen)}；整份文件没有入账"
        )
    if order.state not in (OrderState.SENT, answer):
        raise ReturnContradicts(f"第 {line.row} 行 {line.order_no}：这笔款没有在途，不能改；整份文件没有入账")
