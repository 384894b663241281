"""The only writer of payment batches and orders (赔款支付): reserve, release, and post the bank's answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Count, Max, Q, Sum

from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import NO_DETAIL, record_entry
from yiyuan.apps.outbox.services import record_facts
from yiyuan.apps.payments.bank_profiles import GENERAL, get_bank_profile, keep_profile, make_files
from yiyuan.apps.payments.entries import post_sent
from yiyuan.apps.payments.errors import BatchMoved, FileChanged, NothingToPay, RoleMissing, SameHands
from yiyuan.apps.payments.models import Batch
from yiyuan.apps.payments.queries import batches_within
from yiyuan.apps.payments.states import BatchState, OrderState
from yiyuan.apps.registry.encryption import seal
from yiyuan.apps.registry.queries import AccountForPayment, get_accounts_for_payment
from yiyuan.apps.rows import insert_rows
from yiyuan.exchange.bank.sending import OrderLine
from yiyuan.kernel.actor import Actor, Role

# In the order in which `_row` tells them.
COLUMNS = {
    "order_no": "text", "source": "text", "person_id": "bigint", "county_code": "text",
    "amount_fen": "bigint", "bank_name": "text", "account_no": "bytea", "account_tail": "text",
    "holder_name": "text", "reissues_id": "bigint", "due_on": "date",
}  # fmt: skip
BATCH_LOCK = 0x59594231  # advisory lock: batch numbers are given one at a time


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What shall be paid: `source` is the claim number, the amount in fen, `due_on` the day it is owed by.

    `reissues_id` names the order that the bank has returned and this one takes the place of.
    """

    source: str
    person_id: int
    county_code: str
    amount_fen: int
    account_id: int
    due_on: date | None = None
    reissues_id: int | None = None


@dataclass(frozen=True, slots=True)
class BankFiles:
    """A batch as the bank takes it: its files by the ending of their names, such as csv or xml."""

    contents: Mapping[str, bytes]

    @property
    def sha256s(self) -> dict[str, str]:
        """Return the checksum of each file, as the batch keeps them and the receipt prints them."""
        return {ending: sha256(content).hexdigest() for ending, content in self.contents.items()}


@transaction.atomic
def build_batch(
    *,
    requests: Sequence[OrderRequest],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    contract_from: date | None = None,
    bank_profile: str = GENERAL,
) -> int:
    """Reserve one order a request in a new batch; return the batch number.

    `contract_from` names the scheme version whose insurer pays it all, `bank_profile` the form of the files.
    The same `request_key` returns the first batch and reserves nothing more. A claim that has a living order
    already violates a constraint, and nothing is kept.

    :raises NothingToPay: no request was given.
    :raises ProfileFaulty: there is no such form, or its file has faults.
    :raises RoleMissing: the actor is no payer.
    """
    _require_payer(actor)
    _lock_batches()
    # The first click has taken all there was: the second must find its batch, not that nothing is left.
    taken = Batch.objects.aggregate(
        last=Max("number"), earlier=Max("number", filter=Q(request_key=request_key))
    )
    if taken["earlier"]:
        return int(taken["earlier"])
    if not requests:
        raise NothingToPay
    get_bank_profile(bank_profile)
    number = (taken["last"] or 0) + 1
    batch = Batch.objects.create(
        number=number,
        state=BatchState.RESERVED,
        built_by=actor.id,
        built_by_name=actor.name,
        built_at=occurred_at,
        order_count=len(requests),
        total_fen=sum(request.amount_fen for request in requests),
        request_key=request_key,
        contract_from=contract_from,
        bank_profile=bank_profile,
    )
    _reserve(batch, requests)
    _audit(actor, "build_batch", batch, occurred_at, request_key)
    return number


def _reserve(batch: Batch, requests: Sequence[OrderRequest]) -> None:
    accounts = get_accounts_for_payment(request.account_id for request in requests)
    prefix = f"Y{batch.built_at:%Y%m%d}-{batch.number:04d}"
    insert_rows(
        "payments_order",
        COLUMNS,
        (
            _row(f"{prefix}-{place:05d}", request, accounts[request.account_id])
            for place, request in enumerate(requests, start=1)
        ),
        constants={
            "batch_id": batch.pk,
            "state": str(OrderState.RESERVED),
            "reason_code": "",
            "reason": "",
        },
    )


def _row(order_no: str, request: OrderRequest, account: AccountForPayment) -> tuple[object, ...]:
    return (
        order_no,
        request.source,
        request.person_id,
        request.county_code,
        request.amount_fen,
        account.bank_name,
        seal(account.account_no),
        account.account_tail,
        account.holder_name,
        request.reissues_id,
        request.due_on,
    )


@transaction.atomic
def release_batch(*, number: int, actor: Actor, occurred_at: datetime, request_key: str) -> BankFiles:
    """Release a batch to the bank as a second person; return its files. Repeating it returns the same bytes.

    :raises SameHands: the actor built the batch.
    :raises BatchMoved: the batch was voided.
    :raises ProfileFaulty: the bank's profile has faults, or an order does not fit it.
    :raises RoleMissing: the actor is no payer.
    """
    _require_payer(actor)
    batch = batches_within(actor.scope).select_for_update().get(number=number)
    if batch.state == BatchState.SENT:
        return rebuild_files(number)
    if batch.built_by == actor.id:
        raise SameHands
    if batch.state != BatchState.RESERVED:
        raise BatchMoved(batch.state)
    batch.state = BatchState.SENT
    batch.released_by, batch.released_by_name, batch.released_at = actor.id, actor.name, occurred_at
    keep_profile(batch)
    files = _files_of(batch, occurred_at)
    batch.files = files.sha256s
    batch.save()
    orders = list(batch.orders.filter(state=OrderState.RESERVED).defer("account_no"))
    batch.orders.filter(state=OrderState.RESERVED).update(state=OrderState.SENT)
    post_sent(orders, actor=actor, occurred_at=occurred_at)
    record_facts(
        topic="payment.sent",
        bodies=({"claim": order.source, "batch": number} for order in orders),
        occurred_at=occurred_at,
    )
    _audit(actor, "release_batch", batch, occurred_at, request_key)
    return files


@exactly_once(again=nothing)
@transaction.atomic
def void_batch(*, number: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Take back a batch that was not released; its claims may be put into another one. Repeatable.

    :raises BatchMoved: the batch has gone to the bank.
    :raises RoleMissing: the actor is no payer.
    """
    _require_payer(actor)
    batch = batches_within(actor.scope).select_for_update().get(number=number)
    if batch.state == BatchState.VOIDED:
        return
    if batch.state != BatchState.RESERVED:
        raise BatchMoved(batch.state)
    _void(batch, reason, actor, occurred_at, request_key)


def _void(
    batch: Batch,
    reason: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    detail: Mapping[str, object] = NO_DETAIL,
) -> None:
    batch.state = BatchState.VOIDED
    batch.save(update_fields=["state"])
    batch.orders.filter(state=OrderState.RESERVED).update(state=OrderState.VOIDED, reason=reason[:200])
    _audit(actor, "void_batch", batch, occurred_at, request_key, detail)


@transaction.atomic
def take_out_orders(
    *,
    number: int,
    sources: Collection[str],
    reason: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> None:
    """Take the orders of these claims out of a batch that was not released, so that the rest can go.

    The batch counts what is left in it; where nothing would be, it is voided whole for the reason given.
    Repeating it takes nothing.

    :raises BatchMoved: the batch has gone to the bank, or was voided.
    :raises RoleMissing: the actor is no payer.
    """
    _require_payer(actor)
    batch = batches_within(actor.scope).select_for_update().get(number=number)
    if batch.state != BatchState.RESERVED:
        raise BatchMoved(batch.state)
    reserved = batch.orders.filter(state=OrderState.RESERVED)
    taken = reserved.filter(source__in=sources)
    found = taken.aggregate(count=Count("pk"), fen=Sum("amount_fen", default=0))
    if not found["count"]:
        return
    detail = {"taken_out": sorted(taken.values_list("source", flat=True))}
    if found["count"] == batch.order_count:
        _void(batch, reason, actor, occurred_at, request_key, detail)
        return
    batch.order_count -= found["count"]
    batch.total_fen -= found["fen"]
    batch.save(update_fields=["order_count", "total_fen"])
    taken.update(state=OrderState.TAKEN_OUT)
    _audit(actor, "take_out_orders", batch, occurred_at, request_key, detail)


@transaction.atomic
def hand_out_file(*, number: int, form: str, actor: Actor, occurred_at: datetime, request_key: str) -> bytes:
    """Return a released batch's bank file by the ending of its name, and leave the row that says who took it.

    The bytes are those that were released. Each taking leaves its own row: the file carries whole accounts.

    :raises BatchMoved: the batch is not released, was taken back, or has no such file.
    :raises FileChanged: the file built anew differs from the one released.
    :raises RoleMissing: the actor is no payer.
    """
    _require_payer(actor)
    batch = batches_within(actor.scope).get(number=number)
    if batch.state != BatchState.SENT or form not in batch.files:
        raise BatchMoved(batch.state)
    assert batch.released_at is not None, "what was sent was released"
    files = _files_of(batch, batch.released_at, only=form)
    if files.sha256s.get(form) != batch.files[form]:
        raise FileChanged(f"{number}.{form}")
    _audit(actor, "hand_out_file", batch, occurred_at, request_key)
    return files.contents[form]


def rebuild_files(number: int) -> BankFiles:
    """Return the files of a released batch, built anew from its frozen orders; always the same bytes."""
    batch = Batch.objects.get(number=number)
    assert batch.released_at is not None, "what was not released has no files"
    return _files_of(batch, batch.released_at)


def _files_of(batch: Batch, released_at: datetime, only: str = "") -> BankFiles:
    orders = batch.orders.exclude(state=OrderState.TAKEN_OUT).order_by("order_no")
    told = orders.values_list("order_no", "holder_name", "account_no", "bank_name", "amount_fen")
    lines = [OrderLine(no, holder, str(account), bank, fen) for no, holder, account, bank, fen in told]
    return BankFiles(make_files(batch, lines, released_at, only))


def _lock_batches() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BATCH_LOCK])


def _require_payer(actor: Actor) -> None:
    if Role.PAYER not in actor.roles:
        raise RoleMissing(actor.id)


def _audit(
    actor: Actor,
    verb: str,
    batch: Batch,
    occurred_at: datetime,
    request_key: str,
    detail: Mapping[str, object] = NO_DETAIL,
) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("batch", str(batch.number)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"orders": batch.order_count, "total_fen": batch.total_fen, **detail},
    )
