"""Getting the premium in (保费收缴): orders to pay, receipts, refunds by two persons, reminders.

In: what a finance officer sees on the bank's paper. Out: numbered append-only papers, ledger entries.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.underwriting.balances import Balance, find_balance
from yiyuan.apps.underwriting.errors import (
    AlreadyThere,
    AmountWrong,
    DayWrong,
    NothingLate,
    ReasonMissing,
    SameHands,
)
from yiyuan.apps.underwriting.models import Appropriation, Due, Receipt, Refund, Reminder
from yiyuan.apps.underwriting.numbering import next_number, take_turn
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import yuan


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: a county's payer in a year; no county stands for the whole scheme."""

    county_code: str
    programme_from: date
    payer: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What the bank's paper says: the sum in fen, the day, and the reference."""

    amount_fen: int
    moved_on: date
    bank_reference: str


@exactly_once()
def issue_appropriation(
    *, due_id: int, actor: Actor, occurred_at: datetime, request_key: str
) -> Appropriation:
    """Issue the order to pay a due; return it, the first one where there is one already.

    :raises RoleMissing: the actor is no finance officer.
    :raises AmountWrong: the due takes away instead of asking for money.
    :raises Due.DoesNotExist: there is none in the actor's scope.
    """
    due = Due.objects.select_related("bill").get(within(actor.scope), pk=due_id)
    require(actor, Role.FINANCE, due.county_code)
    take_turn(due.county_code, due.payer)
    if earlier := Appropriation.objects.filter(due=due).first():
        return earlier
    if due.amount_fen <= 0:
        raise AmountWrong(yuan(due.amount_fen))
    order = Appropriation.objects.create(
        number=next_number("BK", due.county_code, due.bill.programme_from.year),
        due=due,
        county_code=due.county_code,
        amount_fen=due.amount_fen,
        issued_on=localtime(occurred_at).date(),
        issued_at=occurred_at,
        issued_by=actor.id,
        issued_by_name=actor.name,
        request_key=request_key,
    )
    said = {"amount_fen": order.amount_fen, "bill": due.bill.number}
    audit("issue_appropriation", ("appropriation", order.number), actor, occurred_at, request_key, **said)
    return order


@exactly_once()
def record_receipt(
    *, payer: Payer, moved: Movement, actor: Actor, occurred_at: datetime, request_key: str
) -> Receipt:
    """Record premium that has come; return the receipt. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no finance officer.
    :raises AmountWrong: the sum is not above 0, or above what this payer still owes.
    :raises DayWrong: the day lies in the future.
    :raises AlreadyThere: the bank's reference has been taken.
    """
    require(actor, Role.FINANCE, payer.county_code)
    take_turn(payer.county_code, payer.payer)
    if earlier := Receipt.objects.filter(request_key=request_key).first():
        return earlier
    balance = _balance(payer, occurred_at)
    _check(moved, occurred_at)
    if moved.amount_fen > balance.open_fen:
        raise AmountWrong(f"{yuan(moved.amount_fen)} > {yuan(balance.open_fen)}")
    return _record(payer, balance, moved, None, actor, occurred_at, request_key)


@exactly_once()
def propose_refund(
    *, payer: Payer, amount_fen: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Refund:
    """Propose, as the first of two, to pay back what has come too much; return the proposal. Repeatable.

    :raises RoleMissing: the actor is no finance officer.
    :raises ReasonMissing: the reason is empty.
    :raises AmountWrong: the sum is not above 0, or above what has come too much.
    """
    require(actor, Role.FINANCE, payer.county_code)
    if not reason.strip():
        raise ReasonMissing(payer.payer)
    take_turn(payer.county_code, payer.payer)
    if earlier := Refund.objects.filter(request_key=request_key).first():
        return earlier
    balance = _balance(payer, occurred_at)
    if not 0 < amount_fen <= balance.over_fen:
        raise AmountWrong(f"{yuan(amount_fen)} > {yuan(balance.over_fen)}")
    refund = Refund.objects.create(
        county_code=payer.county_code,
        programme_from=payer.programme_from,
        payer=payer.payer,
        payer_name=balance.payer_name,
        amount_fen=amount_fen,
        reason=reason.strip()[:300],
        proposed_at=occurred_at,
        proposed_by=actor.id,
        proposed_by_name=actor.name,
        request_key=request_key,
    )
    subject = ("premium", payer.county_code)
    audit("propose_refund", subject, actor, occurred_at, request_key, amount_fen=amount_fen)
    return refund


@exactly_once()
def record_refund(
    *,
    refund_id: int,
    moved_on: date,
    bank_reference: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Receipt:
    """Record, as the second person, that a proposed refund has been paid; return its paper. Repeatable.

    :raises RoleMissing: the actor is no finance officer.
    :raises SameHands: the actor has proposed it.
    :raises AmountWrong: the payer has no longer paid so much too much.
    :raises DayWrong: the day lies in the future.
    :raises AlreadyThere: the bank's reference has been taken.
    """
    refund = Refund.objects.get(within(actor.scope), pk=refund_id)
    require(actor, Role.FINANCE, refund.county_code)
    take_turn(refund.county_code, refund.payer)
    if earlier := Receipt.objects.filter(refund=refund).first():
        return earlier
    if refund.proposed_by == actor.id:
        raise SameHands(actor.id)
    payer = Payer(refund.county_code, refund.programme_from, refund.payer)
    moved = Movement(refund.amount_fen, moved_on, bank_reference)
    balance = _balance(payer, occurred_at)
    _check(moved, occurred_at)
    if moved.amount_fen > balance.over_fen:
        raise AmountWrong(f"{yuan(moved.amount_fen)} > {yuan(balance.over_fen)}")
    return _record(payer, balance, moved, refund, actor, occurred_at, request_key)


@exactly_once()
def record_reminder(
    *,
    payer: Payer,
    channel: str,
    answer_by_on: date,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Reminder:
    """Record that a payer was reminded of what is late; return the record. Repeatable by `request_key`.

    :raises RoleMissing: the actor is no finance officer.
    :raises NothingLate: nothing of this payer is late.
    :raises DayWrong: the day for the answer lies before today.
    """
    require(actor, Role.FINANCE, payer.county_code)
    if earlier := Reminder.objects.filter(request_key=request_key).first():
        return earlier
    balance = _balance(payer, occurred_at)
    if not balance.late_fen:
        raise NothingLate(balance.payer_name)
    if answer_by_on < localtime(occurred_at).date():
        raise DayWrong(str(answer_by_on))
    reminder = Reminder.objects.create(
        county_code=payer.county_code,
        programme_from=payer.programme_from,
        payer=payer.payer,
        late_fen=balance.late_fen,
        late_working_days=balance.late_working_days,
        channel=channel.strip()[:100],
        answer_by_on=answer_by_on,
        reminded_at=occurred_at,
        reminded_by=actor.id,
        reminded_by_name=actor.name,
        request_key=request_key,
    )
    subject = ("premium", payer.county_code)
    audit("record_reminder", subject, actor, occurred_at, request_key, late_fen=balance.late_fen)
    return reminder


def _balance(payer: Payer, occurred_at: datetime) -> Balance:
    today = localtime(occurred_at).date()
    balance = find_balance(payer.programme_from, today, payer.county_code, payer.payer)
    if balance is None:
        raise AmountWrong("nothing_owed")
    return balance


def _check(moved: Movement, occurred_at: datetime) -> None:
    if moved.amount_fen <= 0:
        raise AmountWrong(yuan(moved.amount_fen))
    if moved.moved_on > localtime(occurred_at).date():
        raise DayWrong(str(moved.moved_on))
    if Receipt.objects.filter(bank_reference=moved.bank_reference.strip()).exists():
        raise AlreadyThere(moved.bank_reference)


def _record(
    payer: Payer,
    balance: Balance,
    moved: Movement,
    refund: Refund | None,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Receipt:
    receipt = Receipt.objects.create(
        number=next_number("TK" if refund else "SJ", payer.county_code, payer.programme_from.year),
        county_code=payer.county_code,
        programme_from=payer.programme_from,
        payer=payer.payer,
        payer_name=balance.payer_name,
        kind=Receipt.REFUNDED if refund else Receipt.RECEIVED,
        amount_fen=moved.amount_fen,
        moved_on=moved.moved_on,
        bank_reference=moved.bank_reference.strip(),
        refund=refund,
        recorded_at=occurred_at,
        recorded_by=actor.id,
        recorded_by_name=actor.name,
        request_key=request_key,
    )
    entry = NewEntry(
        EntryKind.REFUND_PREMIUM if refund else EntryKind.RECEIVE_PREMIUM,
        receipt.number,
        receipt.amount_fen,
        f"receipt:{receipt.number}",
        county_code=receipt.county_code,
        programme_from=receipt.programme_from,
    )
    post_entries(entries=[entry], actor=actor, occurred_at=occurred_at)
    verb = "record_refund" if refund else "record_receipt"
    subject = ("receipt", receipt.number)
    audit(verb, subject, actor, occurred_at, request_key, amount_fen=receipt.amount_fen)
    return receipt
