"""Writing what the agreement says of money (登记费用约定): expense, reserve, risk sharing, penalties.

In: what the paper says, clause by clause; what it does not say is left out. Out: a set that never changes;
a supplement is a new set with a reason, in the place of the one before. No share has a default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.underwriting.errors import (
    AlreadyThere,
    BandsGap,
    BandsOverlap,
    PromiseNotMade,
    ReasonMissing,
    TermsWrong,
)
from yiyuan.apps.underwriting.models import Agreement, MoneyTerms, Penalty, RiskBand
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import BASIS_POINTS, yuan
from yiyuan.rules import contract_terms as rules

POLICYHOLDER, INSURER = "policyholder", "insurer"
RECEIVED = MoneyTerms.RECEIVED


@dataclass(frozen=True, slots=True)
class Share:
    """A share in basis points, what it is of, its clause, and the most it may come to."""

    share_bp: int
    of: str
    clause: str
    limit_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Who keeps or bears the losses in [from, below) of the premium, in basis points; no `below` is open."""

    from_bp: int
    below_bp: int | None
    policyholder_bp: int
    insurer_bp: int


@dataclass(frozen=True, slots=True)
class NewPenalty:
    """What a missed promise of a kind costs a day, and at most in a month, in fen."""

    kind: str
    clause: str
    fen_per_day: int
    limit_fen_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class NewMoneyTerms:
    """What the paper says of money; None or nothing is what it does not say."""

    paper: str
    expense: Share | None = None
    reserve: Share | None = None
    bands: Sequence[Band] = ()
    risk_clause: str = ""
    penalties: Sequence[NewPenalty] = ()


@exactly_once()
def write_money_terms(
    *,
    agreement_id: int,
    new: NewMoneyTerms,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    reason: str = "",
) -> MoneyTerms:
    """Keep what is agreed on money, or with a reason put a supplement in its place; return the set.

    The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises TermsWrong: a share, a band or a penalty cannot be; the text names the clause.
    :raises BandsGap: a loss ratio that no band holds for.
    :raises BandsOverlap: a loss ratio that two bands hold for.
    :raises PromiseNotMade: a penalty for what is not promised, or two for one promise.
    :raises AlreadyThere: there is a set, and no reason for a supplement is given.
    :raises ReasonMissing: a reason is given, and there is nothing yet to take the place of.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    agreement = Agreement.objects.select_for_update().get(pk=agreement_id)
    if earlier := MoneyTerms.objects.filter(request_key=request_key).first():
        return earlier
    promises = {one.kind: one.pk for one in agreement.promises.all()}
    _check(new, promises)
    standing = _standing(agreement)
    if standing and not reason.strip():
        raise AlreadyThere(standing.paper)
    if reason.strip() and not standing:
        raise ReasonMissing(agreement.number)
    kept = _keep(agreement, new, standing, (actor, occurred_at, request_key, reason.strip()[:300]))
    RiskBand.objects.bulk_create(
        RiskBand(
            terms=kept,
            from_bp=one.from_bp,
            below_bp=one.below_bp,
            policyholder_bp=one.policyholder_bp,
            insurer_bp=one.insurer_bp,
        )
        for one in new.bands
    )
    Penalty.objects.bulk_create(
        Penalty(
            terms=kept,
            promise_id=promises[one.kind],
            clause=one.clause,
            fen_per_day=one.fen_per_day,
            limit_fen_per_month=one.limit_fen_per_month,
        )
        for one in new.penalties
    )
    said = {"paper": kept.paper, "bands": len(new.bands), "penalties": len(new.penalties)}
    audit("write_money_terms", ("agreement", agreement.number), actor, occurred_at, request_key, **said)
    return kept


def _keep(
    agreement: Agreement,
    new: NewMoneyTerms,
    standing: MoneyTerms | None,
    signed: tuple[Actor, datetime, str, str],
) -> MoneyTerms:
    actor, occurred_at, request_key, reason = signed
    expense, reserve = new.expense, new.reserve
    return MoneyTerms.objects.create(
        agreement=agreement,
        paper=new.paper.strip(),
        expense_bp=expense.share_bp if expense else None,
        expense_of=expense.of if expense else "",
        expense_clause=expense.clause if expense else "",
        reserve_bp=reserve.share_bp if reserve else None,
        reserve_of=reserve.of if reserve else "",
        reserve_limit_fen=reserve.limit_fen if reserve else None,
        reserve_clause=reserve.clause if reserve else "",
        risk_clause=new.risk_clause if new.bands else "",
        reason=reason,
        corrects=standing,
        written_at=occurred_at,
        written_by=actor.id,
        written_by_name=actor.name,
        request_key=request_key,
    )


def _check(new: NewMoneyTerms, promises: Mapping[str, int]) -> None:
    if not new.paper.strip():
        raise TermsWrong("no_paper")
    for share, of in ((new.expense, MoneyTerms.EXPENSE_OF), (new.reserve, MoneyTerms.RESERVE_OF)):
        if share is not None:
            _check_share(share, dict(of))
    if new.bands:
        _check_bands(new.bands, new.risk_clause.strip())
    kinds = [one.kind for one in new.penalties]
    for one in new.penalties:
        _require_clause(one.clause)
        if one.fen_per_day <= 0 or (one.limit_fen_per_month or one.fen_per_day) < one.fen_per_day:
            raise TermsWrong(f"{one.clause}：{yuan(one.fen_per_day)}")
        if one.kind not in promises or kinds.count(one.kind) > 1:
            raise PromiseNotMade(one.clause)


def _require_clause(clause: str) -> None:
    if not clause.strip():
        raise TermsWrong("no_clause")


def _check_share(share: Share, bases: Mapping[str, str]) -> None:
    _require_clause(share.clause)
    if not 0 < share.share_bp <= BASIS_POINTS or share.of not in bases:
        raise TermsWrong(f"{share.clause}：{share.share_bp / 100:g}%")
    if share.limit_fen is not None and share.limit_fen <= 0:
        raise TermsWrong(f"{share.clause}：{yuan(share.limit_fen)}")


def _check_bands(bands: Sequence[Band], clause: str) -> None:
    _require_clause(clause)
    reached_bp: int | None = 0
    for one in bands:
        whole_bp = one.policyholder_bp + one.insurer_bp
        if whole_bp != BASIS_POINTS or min(one.policyholder_bp, one.insurer_bp) < 0:
            raise TermsWrong(f"{clause}：{one.from_bp / 100:g}% · {whole_bp / 100:g}% ≠ 100%")
        if reached_bp is None or one.from_bp < reached_bp or _ends_before_it_begins(one):
            raise BandsOverlap(f"{clause}：{one.from_bp / 100:g}%")
        if one.from_bp > reached_bp:
            raise BandsGap(f"{clause}：{reached_bp / 100:g}% – {one.from_bp / 100:g}%")
        reached_bp = one.below_bp
    if reached_bp is not None:
        raise BandsGap(f"{clause}：≥ {reached_bp / 100:g}%")


def _ends_before_it_begins(band: Band) -> bool:
    return band.below_bp is not None and band.below_bp <= band.from_bp


def _rules(bands: Sequence[RiskBand], clause: str) -> tuple[rules.RiskBand, ...]:
    return tuple(
        rules.RiskBand(
            one.from_bp,
            one.below_bp,
            ((POLICYHOLDER, one.policyholder_bp), (INSURER, one.insurer_bp)),
            clause,
        )
        for one in bands
    )


def _standing(agreement: Agreement) -> MoneyTerms | None:
    return agreement.money_terms.filter(corrected_by=None).first()


@dataclass(frozen=True, slots=True)
class AgreedMoney:
    """What stands for an agreement: the paper, who wrote it down and when, and each clause or None."""

    paper: str
    written_by_name: str
    written_at: datetime
    expense: Share | None
    reserve: rules.Reserve | None
    sharing: rules.RiskSharing | None
    penalties: Mapping[str, NewPenalty]


def find_agreed_money(agreement: Agreement) -> AgreedMoney | None:
    """Return what is agreed on money, penalties by kind of promise; None where nothing is on record."""
    found = _standing(agreement)
    if found is None:
        return None
    expense = reserve = sharing = None
    if found.expense_bp is not None:
        expense = Share(found.expense_bp, found.expense_of, found.expense_clause)
    if found.reserve_bp is not None:
        limit_fen = found.reserve_limit_fen
        reserve = rules.Reserve(found.reserve_bp, found.reserve_of, limit_fen, found.reserve_clause)
    if bands := list(found.bands.order_by("from_bp")):
        sharing = rules.RiskSharing(_rules(bands, found.risk_clause), found.risk_clause)
    penalties = {
        one.promise.kind: NewPenalty(one.promise.kind, one.clause, one.fen_per_day, one.limit_fen_per_month)
        for one in found.penalties.select_related("promise").order_by("pk")
    }
    who = found.written_by_name
    return AgreedMoney(found.paper, who, found.written_at, expense, reserve, sharing, penalties)
