"""Posting the bank's answers (回单入账): each line once; what fits no order goes to suspense with an owner.

In: a file of answers, or its lines. Out: orders answered, lines in suspense, and how much went where.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.outbox.services import record_facts
from yiyuan.apps.payments.bank_profiles import GENERAL, get_bank_profile
from yiyuan.apps.payments.entries import post_answers
from yiyuan.apps.payments.errors import OutOfScope, ReturnUnreadable, RoleMissing
from yiyuan.apps.payments.hanging import Stray, list_hanging, suspend_lines
from yiyuan.apps.payments.models import Order, ReturnFile
from yiyuan.apps.payments.states import OrderState
from yiyuan.apps.rows import IsAmong, execute_over
from yiyuan.exchange.bank.answers import ReturnLine
from yiyuan.exchange.bank.reading import read_answers
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import yuan

ANSWER_COLUMNS = {
    "id": "bigint", "state": "text", "answered_on": "date", "reason_code": "text", "reason": "text",
}  # fmt: skip
ANSWER_SQL = """UPDATE payments_order o
SET state = given.state, answered_on = given.answered_on, reason_code = given.reason_code,
    reason = given.reason
FROM {given} WHERE o.id = given.id"""
UNKNOWN, BEFORE = "unknown_order", "answered_before"


@exactly_once()
@transaction.atomic
def record_returns(
    *,
    name: str,
    content: bytes,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    bank_profile: str = GENERAL,
) -> ReturnFile:
    """Post a file of answers; return what it came to: paid, returned, known before, unmatched, contradicting.

    The same bytes again return the first result and change nothing. A line that repeats what is posted, or
    what hangs in suspense, is counted as known. A line for no order of ours, or that contradicts an order
    (another amount, a final answer turned round, an order that never went out), goes to suspense; the rest is
    posted.

    :raises ReturnUnreadable: the file cannot be read, or its total differs from its lines.
    :raises ProfileFaulty: there is no such profile, or it has faults.
    :raises RoleMissing: the actor is no payer.
    :raises OutOfScope: the bank answers for the whole city, and the actor works for a part of it.
    """
    require_city_payer(actor)
    digest = sha256(content).hexdigest()
    if earlier := ReturnFile.objects.filter(sha256=digest).first():
        return earlier
    try:
        lines = read_answers(content, get_bank_profile(bank_profile))
    except UnreadableFile as error:
        raise ReturnUnreadable(str(error)) from error
    sorted_out = _sort(lines)
    keep_answers(sorted_out.answered, actor, occurred_at)
    file = _keep_file(digest, name, bank_profile, sorted_out, actor, occurred_at, request_key)
    suspend_lines(file, sorted_out.strays, actor=actor, occurred_at=occurred_at)
    return file


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

    Reasons: `unknown_order`, `amount_differs`, `answered_before`, `answered_otherwise`, `not_sent`. All but
    `answered_before` also hang in suspense. A line never moves money twice: repeating it posts nothing more.

    :raises RoleMissing: the actor is no payer.
    :raises OutOfScope: the bank answers for the whole city, and the actor works for a part of it.
    """
    require_city_payer(actor)
    sorted_out = _sort(lines)
    keep_answers(sorted_out.answered, actor, occurred_at)
    file = ReturnFile.objects.filter(sha256=digest).first()
    if file is None:
        file = _keep_file(digest, name, GENERAL, sorted_out, actor, occurred_at, request_key)
    suspend_lines(file, sorted_out.strays, actor=actor, occurred_at=occurred_at)
    return {
        **{line.row: why for line, why in sorted_out.known},
        **{stray.line.row: (stray.why, stray.detail) for stray in sorted_out.all_strays},
    }


@dataclass(slots=True)
class _Sorted:
    """The lines of a file by what becomes of them; `strays` are those that do not hang already."""

    answered: Mapping[str, list[Order]]
    known: list[tuple[ReturnLine, tuple[str, str]]] = field(default_factory=list)
    all_strays: list[Stray] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how many lines went where."""
        unmatched = sum(stray.why == UNKNOWN for stray in self.strays)
        return {
            "paid": len(self.answered[OrderState.PAID]),
            "returned": len(self.answered[OrderState.RETURNED]),
            "known": len(self.known) + len(self.all_strays) - len(self.strays),
            "unmatched": unmatched,
            "contradicting": len(self.strays) - unmatched,
        }

    def sums(self) -> dict[str, int]:
        """Return how many fen went where; `file` is all of them."""
        hanging = sum(stray.line.amount_fen for stray in self.strays)
        found = {
            "matched": sum(order.amount_fen for orders in self.answered.values() for order in orders),
            "known": sum(line.amount_fen for line, _ in self.known)
            + sum(stray.line.amount_fen for stray in self.all_strays)
            - hanging,
            "suspended": hanging,
            "refused": 0,
        }
        return {"file": sum(found.values()), **found}


def _sort(lines: Sequence[ReturnLine]) -> _Sorted:
    orders = _lock_orders(lines)
    found = _Sorted({OrderState.PAID: [], OrderState.RETURNED: []})
    alike: Counter[object] = Counter()
    for line in lines:
        order = orders.get(line.order_no)
        why = (UNKNOWN, "") if order is None else contradiction(line, order)
        if order is not None and why is None:
            found.answered[take_answer(line, order)].append(order)
        elif why is not None and why[0] == BEFORE:
            found.known.append((line, why))
        elif why is not None:
            found.all_strays.append(Stray.of(line, *why, alike))
    hanging = list_hanging(stray.fingerprint for stray in found.all_strays)
    seen: set[str] = set(hanging)
    for stray in found.all_strays:
        if stray.fingerprint not in seen:
            found.strays.append(stray)
            seen.add(stray.fingerprint)
    return found


def contradiction(line: ReturnLine, order: Order) -> tuple[str, str] | None:
    """Return why a line cannot be posted to an order, with a detail; None where it can."""
    answer = OrderState.PAID if line.is_paid else OrderState.RETURNED
    if line.amount_fen != order.amount_fen:
        told = f"送出 {yuan(order.amount_fen)} 元，回单 {yuan(line.amount_fen)} 元"
        return "amount_differs", told
    if order.state == answer:
        return BEFORE, f"{order.answered_on}" if order.answered_on else ""
    if order.state in (OrderState.PAID, OrderState.RETURNED):
        told = "已到账" if order.state == OrderState.PAID else "已退回"
        return "answered_otherwise", f"{order.answered_on} {told}"
    return None if order.state == OrderState.SENT else ("not_sent", "")


def require_city_payer(actor: Actor) -> None:
    """Let payers of the whole city pass: the bank answers for all of it.

    :raises RoleMissing, OutOfScope: for everybody else.
    """
    if Role.PAYER not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)


def _lock_orders(lines: Iterable[ReturnLine]) -> dict[str, Order]:
    wanted = Order.objects.filter(IsAmong(F("order_no"), [line.order_no for line in lines]))
    held = wanted.select_related("batch").select_for_update(of=("self",))
    # Whole account numbers stay sealed: answering needs none.
    locked = held.defer("account_no").order_by("pk")
    return {order.order_no: order for order in locked}


def _keep_file(
    digest: str,
    name: str,
    bank_profile: str,
    sorted_out: _Sorted,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> ReturnFile:
    file = ReturnFile.objects.create(
        sha256=digest,
        name=name[:200],
        received_at=occurred_at,
        received_by=actor.id,
        counts=sorted_out.counts(),
        sums=sorted_out.sums(),
        bank_profile=bank_profile,
        problems=[
            {
                "row": stray.line.row,
                "order_no": stray.line.order_no,
                "amount_fen": stray.line.amount_fen,
                "why": stray.why,
            }
            for stray in sorted_out.strays
        ],
    )
    record_entry(
        actor=actor,
        verb="record_returns",
        subject=("return_file", digest[:12]),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={**sorted_out.counts(), "fen": sorted_out.sums()},
    )
    return file


def take_answer(line: ReturnLine, order: Order) -> str:
    """Put a line's answer onto an order it agrees with; return the state it leads to, unsaved."""
    answer = OrderState.PAID if line.is_paid else OrderState.RETURNED
    order.state, order.answered_on = answer, line.on
    order.reason_code, order.reason = line.reason_code, line.reason
    return str(answer)


def keep_answers(answered: Mapping[str, Sequence[Order]], actor: Actor, occurred_at: datetime) -> None:
    """Save orders by the state that their answer led to, tell the claims, and post to the ledger."""
    for answer, orders in answered.items():
        execute_over(
            ANSWER_SQL,
            ANSWER_COLUMNS,
            ((one.pk, one.state, one.answered_on, one.reason_code, one.reason) for one in orders),
        )
        record_facts(topic=f"payment.{answer}", bodies=map(_body, orders), occurred_at=occurred_at)
    post_answers(
        answered.get(OrderState.PAID, ()),
        answered.get(OrderState.RETURNED, ()),
        actor=actor,
        occurred_at=occurred_at,
    )


def _body(order: Order) -> dict[str, object]:
    assert order.answered_on is not None, "the bank says on which day"
    return {
        "claim": order.source,
        "order": order.order_no,
        "reason": order.reason,
        "on": order.answered_on.isoformat(),
    }
