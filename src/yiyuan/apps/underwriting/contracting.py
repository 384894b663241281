"""Making the cooperation agreement (合作协议): drafted, signed by both sides, put in force; monthly reports.

In: parties with shares, promises and the bond asked for. Out: rows that never change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.underwriting.bonding import left_of_bonds
from yiyuan.apps.underwriting.errors import (
    AlreadyThere,
    AmountWrong,
    DayWrong,
    NotInForceYet,
    OverCap,
    SharesWrong,
    TooEarly,
)
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import (
    Agreement,
    AgreementInsurer,
    Award,
    InForce,
    MonthlyReport,
    Promise,
    Signature,
)
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import BASIS_POINTS, yuan


@dataclass(frozen=True, slots=True)
class Party:
    """An insurer and its share in basis points."""

    name: str
    share_bp: int
    is_lead: bool


@dataclass(frozen=True, slots=True)
class NewPromise:
    """What is promised: the kind, the clause of the agreement, and the number promised."""

    kind: str
    clause: str
    target: int


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What the draft says; `award_id` names the award it follows from, where there was a tender here."""

    number: str
    title: str
    programme_from: date
    until_on: date
    contract_fen: int
    bond_fen: int
    parties: Sequence[Party]
    promises: Sequence[NewPromise]
    award_id: int | None = None


@exactly_once()
def draft_agreement(*, new: NewAgreement, actor: Actor, occurred_at: datetime, request_key: str) -> Agreement:
    """Keep the agreement of a scheme year; return it. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises SharesWrong: the shares are not 100 %, or not exactly one insurer leads.
    :raises AmountWrong: no contract sum.
    :raises OverCap: the bond asked for is over the legal cap.
    :raises AlreadyThere: the year has its agreement, or the number is taken.
    :raises TooEarly: the award is not agreed by a second person.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    if earlier := Agreement.objects.filter(request_key=request_key).first():
        return earlier
    _check(new)
    agreement = Agreement.objects.create(
        number=new.number,
        title=new.title,
        programme_from=new.programme_from,
        until_on=new.until_on,
        contract_fen=new.contract_fen,
        bond_fen=new.bond_fen,
        award_id=new.award_id,
        drafted_at=occurred_at,
        drafted_by=actor.id,
        request_key=request_key,
    )
    AgreementInsurer.objects.bulk_create(
        AgreementInsurer(agreement=agreement, name=one.name, share_bp=one.share_bp, is_lead=one.is_lead)
        for one in new.parties
    )
    Promise.objects.bulk_create(
        Promise(agreement=agreement, kind=one.kind, clause=one.clause, target=one.target)
        for one in new.promises
    )
    subject = ("agreement", agreement.number)
    audit("draft_agreement", subject, actor, occurred_at, request_key, contract_fen=new.contract_fen)
    return agreement


def _check(new: NewAgreement) -> None:
    whole_bp, leads = sum(one.share_bp for one in new.parties), sum(one.is_lead for one in new.parties)
    names = {one.name for one in new.parties}
    if whole_bp != BASIS_POINTS or leads != 1 or len(names) != len(new.parties):
        raise SharesWrong(f"{whole_bp / 100:g}% · {leads} / {len(names)}")
    if new.contract_fen <= 0 or new.bond_fen < 0:
        raise AmountWrong(yuan(min(new.contract_fen, new.bond_fen)))
    if new.until_on <= new.programme_from:
        raise DayWrong(str(new.until_on))
    law = procurement()
    if new.bond_fen > law.bond_cap_fen(new.contract_fen):
        raise OverCap(f"≤ {yuan(law.bond_cap_fen(new.contract_fen))} · {law.bond_law}")
    taken = Agreement.objects.filter(programme_from=new.programme_from)
    if taken.exists() or Agreement.objects.filter(number=new.number).exists():
        raise AlreadyThere(new.number)
    if new.award_id and not Award.objects.exclude(agreed_by="").filter(pk=new.award_id).exists():
        raise TooEarly("award")


@exactly_once()
def record_signature(
    *,
    agreement_id: int,
    party: str,
    signer: str,
    signed_on: date,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Signature:
    """Record that a side has signed; return the row, the first one where it had.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises DayWrong: the day lies in the future.
    """
    agreement = _lock(agreement_id, actor)
    if earlier := agreement.signatures.filter(party=party).first():
        return earlier
    _require_past(signed_on, occurred_at)
    signature = Signature.objects.create(
        agreement=agreement,
        party=party,
        signer=signer.strip()[:80],
        signed_on=signed_on,
        recorded_at=occurred_at,
        recorded_by=actor.id,
    )
    subject = ("agreement", agreement.number)
    audit("sign_agreement", subject, actor, occurred_at, request_key, party=party)
    return signature


@exactly_once()
def put_in_force(
    *, agreement_id: int, from_on: date, actor: Actor, occurred_at: datetime, request_key: str
) -> InForce:
    """Put an agreement in force; return the row. Repeating it returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises NotInForceYet: a side has not signed, or the bond it demands is not there.
    :raises DayWrong: the day lies before the last signature.
    """
    agreement = _lock(agreement_id, actor)
    if earlier := InForce.objects.filter(agreement=agreement).first():
        return earlier
    signed = {one.party: one.signed_on for one in agreement.signatures.all()}
    if missing := [party for party, _word in Signature.PARTIES if party not in signed]:
        raise NotInForceYet(missing[0])
    held_fen = left_of_bonds(agreement)
    if held_fen < agreement.bond_fen:
        raise NotInForceYet(f"{yuan(held_fen)} < {yuan(agreement.bond_fen)}")
    if from_on < max(signed.values()):
        raise DayWrong(f"{from_on} < {max(signed.values())}")
    row = InForce.objects.create(
        agreement=agreement, from_on=from_on, recorded_at=occurred_at, recorded_by=actor.id
    )
    subject = ("agreement", agreement.number)
    audit("put_agreement_in_force", subject, actor, occurred_at, request_key, from_on=str(from_on))
    return row


@exactly_once()
def record_report(
    *,
    agreement_id: int,
    month: date,
    delivered_on: date,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> MonthlyReport:
    """Record that the insurer has delivered a month's report; return it, the first one where it had.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises DayWrong: the day lies in the future, or before the month.
    """
    agreement = _lock(agreement_id, actor)
    month = month.replace(day=1)
    if earlier := agreement.reports.filter(month=month).first():
        return earlier
    _require_past(delivered_on, occurred_at)
    if delivered_on < month:
        raise DayWrong(str(delivered_on))
    report = MonthlyReport.objects.create(
        agreement=agreement,
        month=month,
        delivered_on=delivered_on,
        recorded_at=occurred_at,
        recorded_by=actor.id,
    )
    subject = ("agreement", agreement.number)
    audit("record_report", subject, actor, occurred_at, request_key, month=str(month))
    return report


def _lock(agreement_id: int, actor: Actor) -> Agreement:
    require(actor, Role.CIVIL_AFFAIRS)
    return Agreement.objects.select_for_update().get(pk=agreement_id)


def _require_past(on: date, occurred_at: datetime) -> None:
    if on > localtime(occurred_at).date():
        raise DayWrong(str(on))
