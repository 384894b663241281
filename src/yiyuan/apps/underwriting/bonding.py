"""The performance bond (履约保证金): received, called by two persons, returned; what is left, what expires.

In: the paper that stands for the bond. Out: rows and ledger entries. Never cash, never over the legal cap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.underwriting.errors import (
    AlreadyThere,
    AmountWrong,
    BondWrong,
    DayWrong,
    OverCap,
    ReasonMissing,
    SameHands,
    TooEarly,
)
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import Agreement, Bond, BondCall, BondReturn
from yiyuan.apps.underwriting.numbering import next_number
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import yuan
from yiyuan.kernel.scope import Scope

ALARM = timedelta(days=30)  # an expiry is told so long before


@dataclass(frozen=True, slots=True)
class NewBond:
    """What the paper says."""

    kind: str
    amount_fen: int
    issuer: str
    document_no: str
    received_on: date
    expires_on: date


@exactly_once()
def receive_bond(
    *, agreement_id: int, new: NewBond, actor: Actor, occurred_at: datetime, request_key: str
) -> Bond:
    """Record a bond; return it. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises BondWrong: the kind is not one the law allows, cash among them.
    :raises OverCap: with it, the bonds are over the legal cap.
    :raises AmountWrong: no sum.
    :raises DayWrong: received in the future, or it expires before it begins.
    :raises AlreadyThere: the paper has been recorded.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    if earlier := Bond.objects.filter(request_key=request_key).first():
        return earlier
    _check(agreement, new, localtime(occurred_at).date())
    bond = Bond.objects.create(
        agreement=agreement,
        number=next_number("BZ", "", agreement.programme_from.year),
        kind=new.kind,
        amount_fen=new.amount_fen,
        issuer=new.issuer.strip(),
        document_no=new.document_no.strip(),
        received_on=new.received_on,
        expires_on=new.expires_on,
        recorded_at=occurred_at,
        recorded_by=actor.id,
        request_key=request_key,
    )
    _post(EntryKind.RECEIVE_BOND, bond, bond.amount_fen, f"bond:{bond.number}", actor, occurred_at)
    _audit("receive_bond", bond, actor, occurred_at, request_key, bond.amount_fen)
    return bond


def _check(agreement: Agreement, new: NewBond, today: date) -> None:
    law = procurement()
    if new.kind not in law.bond_kinds:
        raise BondWrong(f"{new.kind} · {law.bond_law}")
    if new.amount_fen <= 0:
        raise AmountWrong(yuan(new.amount_fen))
    cap_fen = law.bond_cap_fen(agreement.contract_fen)
    if left_of_bonds(agreement) + new.amount_fen > cap_fen:
        raise OverCap(f"≤ {yuan(cap_fen)} · {law.bond_law}")
    if new.received_on > today or new.expires_on <= new.received_on:
        raise DayWrong(f"{new.received_on} – {new.expires_on}")
    if Bond.objects.filter(issuer=new.issuer.strip(), document_no=new.document_no.strip()).exists():
        raise AlreadyThere(new.document_no)


@exactly_once()
def propose_call(
    *,
    bond_id: int,
    amount_fen: int,
    reason: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> BondCall:
    """Propose, as the first of two, to call on a bond; return the call. Repeatable by `request_key`.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises ReasonMissing: the reason is empty.
    :raises AmountWrong: the sum is not above 0, or above what is left of the bond.
    :raises BondWrong: another call is open.
    """
    bond = _lock(bond_id, actor)
    if not reason.strip():
        raise ReasonMissing(bond.number)
    if earlier := BondCall.objects.filter(request_key=request_key).first():
        return earlier
    if bond.calls.filter(arrived_on=None).exists():
        raise BondWrong(bond.number)
    if not 0 < amount_fen <= left_of(bond):
        raise AmountWrong(f"{yuan(amount_fen)} > {yuan(left_of(bond))}")
    call = BondCall.objects.create(
        bond=bond,
        amount_fen=amount_fen,
        reason=reason.strip()[:300],
        proposed_at=occurred_at,
        proposed_by=actor.id,
        proposed_by_name=actor.name,
        request_key=request_key,
    )
    _audit("propose_bond_call", bond, actor, occurred_at, request_key, amount_fen)
    return call


@exactly_once()
def agree_call(*, call_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> BondCall:
    """Agree, as the second person, to a call; return it. Repeatable.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises SameHands: the actor has proposed it.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    call = BondCall.objects.select_for_update().select_related("bond").get(pk=call_id)
    if call.agreed_by:
        return call
    if call.proposed_by == actor.id:
        raise SameHands(actor.id)
    call.agreed_at, call.agreed_by, call.agreed_by_name = occurred_at, actor.id, actor.name
    call.save(update_fields=["agreed_at", "agreed_by", "agreed_by_name"])
    _audit("agree_bond_call", call.bond, actor, occurred_at, request_key, call.amount_fen)
    return call


@exactly_once()
def record_called_money(
    *, call_id: int, arrived_on: date, actor: Actor, occurred_at: datetime, request_key: str
) -> BondCall:
    """Record that the called money has come; return the call. Repeatable.

    :raises RoleMissing: the actor is no finance officer of the city.
    :raises TooEarly: nobody has agreed to the call.
    :raises DayWrong: the day lies in the future.
    """
    require(actor, Role.FINANCE)
    call = BondCall.objects.select_for_update().select_related("bond__agreement").get(pk=call_id)
    if call.arrived_on:
        return call
    if not call.agreed_by:
        raise TooEarly("agree_bond_call")
    if arrived_on > localtime(occurred_at).date():
        raise DayWrong(str(arrived_on))
    call.arrived_on = arrived_on
    call.save(update_fields=["arrived_on"])
    _post(EntryKind.CALL_BOND, call.bond, call.amount_fen, f"bond-call:{call.pk}", actor, occurred_at)
    _audit("record_called_money", call.bond, actor, occurred_at, request_key, call.amount_fen)
    return call


@exactly_once()
def return_bond(
    *, bond_id: int, returned_on: date, actor: Actor, occurred_at: datetime, request_key: str
) -> BondReturn:
    """Give back what is left of a bond; return the row. Repeatable.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises BondWrong: a call on it is open, or nothing is left.
    :raises DayWrong: the day lies in the future.
    """
    bond = _lock(bond_id, actor)
    if earlier := BondReturn.objects.filter(bond=bond).first():
        return earlier
    left_fen = left_of(bond)
    if not left_fen or bond.calls.filter(arrived_on=None).exists():
        raise BondWrong(bond.number)
    if returned_on > localtime(occurred_at).date():
        raise DayWrong(str(returned_on))
    returned = BondReturn.objects.create(
        bond=bond,
        amount_fen=left_fen,
        returned_on=returned_on,
        recorded_at=occurred_at,
        recorded_by=actor.id,
    )
    _post(EntryKind.RETURN_BOND, bond, left_fen, f"bond-return:{bond.number}", actor, occurred_at)
    _audit("return_bond", bond, actor, occurred_at, request_key, left_fen)
    return returned


def left_of(bond: Bond) -> int:
    """Return what is left of a bond in fen: nothing once it is returned, less what was called."""
    if BondReturn.objects.filter(bond=bond).exists():
        return 0
    called = bond.calls.exclude(arrived_on=None).aggregate(fen=Sum("amount_fen", default=0))
    return int(bond.amount_fen - called["fen"])


def left_of_bonds(agreement: Agreement) -> int:
    """Return what is left of an agreement's bonds in fen."""
    return sum(left_of(bond) for bond in agreement.bonds.all())


def list_expiring(today: date, *, scope: Scope) -> Sequence[Bond]:
    """Return the bonds with something left that expire soon or have expired, the soonest first."""
    if not scope.is_city:
        return []
    found = Bond.objects.filter(expires_on__lte=today + ALARM, returned=None).select_related("agreement")
    return [bond for bond in found.order_by("expires_on")[:50] if left_of(bond)]


def _lock(bond_id: int, actor: Actor) -> Bond:
    require(actor, Role.CIVIL_AFFAIRS)
    return Bond.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=bond_id)


def _post(
    kind: EntryKind, bond: Bond, amount_fen: int, key: str, actor: Actor, occurred_at: datetime
) -> None:
    lead = bond.agreement.insurers.get(is_lead=True).name
    entry = NewEntry(
        kind,
        bond.number,
        amount_fen,
        key,
        programme_from=bond.agreement.programme_from,
        giver_insurer=lead,
        taker_insurer=lead,
    )
    post_entries(entries=[entry], actor=actor, occurred_at=occurred_at)


def _audit(
    verb: str, bond: Bond, actor: Actor, occurred_at: datetime, request_key: str, amount_fen: int
) -> None:
    audit(verb, ("bond", bond.number), actor, occurred_at, request_key, amount_fen=amount_fen)
