"""The figures of a month's statements (月度报表的数): all from the ledger and the agreement; sums in fen.

In: a scheme year and a month. Out: lines of a code, a unit and a number, and the sum that the paper writes in
capital numerals. Where neither agreement nor scheme says anything, the line says so: a silence is no zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

from yiyuan.apps.ledger.books import Cut, Sums, sum_by_account, sum_by_county
from yiyuan.apps.ledger.chart import AccountCode, EntryKind
from yiyuan.apps.ledger.queries import count_moves
from yiyuan.apps.reporting.errors import NoAgreement
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.agreements import find_agreement, list_calls
from yiyuan.apps.underwriting.lights import BROKEN, KEPT, list_lights
from yiyuan.apps.underwriting.misses import PromiseMisses, sum_misses
from yiyuan.apps.underwriting.money_terms import INSURER, RECEIVED, AgreedMoney, Share, find_agreed_money
from yiyuan.kernel.money import BASIS_POINTS, share_fen, split_fen
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.risk_sharing import set_aside_fen, share_by_bands

FEN, COUNT, BP = "fen", "count", "bp"
# No number: nothing is agreed, or what would be counted is not on record; the value is 0.
NOT_AGREED, NOT_ON_RECORD = "not_agreed", "not_on_record"
HUNDRED_YUAN_FEN = 10_000


class Line(NamedTuple):
    """One line: what it says, of whom (a county, an insurer, a bearer; blank is all), unit and number."""

    code: str
    whose: str
    unit: str
    value: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The lines of a statement and its main sum."""

    lines: tuple[Line, ...]
    main_fen: int


@dataclass(frozen=True, slots=True)
class _Books:
    """What the ledger says of the month, and of the year up to its end."""

    programme_from: date
    month: date
    in_month: Mapping[str, Sums]
    in_year: Mapping[str, Sums]

    @property
    def ends_on(self) -> date:
        return next_month(self.month)

    @property
    def premium_fen(self) -> int:
        return -self.in_year[AccountCode.PREMIUM].closing_fen

    @property
    def received_fen(self) -> int:
        return _received(self.in_year[AccountCode.PREMIUM_RECEIVABLE], self.premium_fen)

    @property
    def paid_fen(self) -> int:
        return self.in_year[AccountCode.PAID].closing_fen

    @property
    def waiting_fen(self) -> int:
        waiting = (AccountCode.PAYABLE, AccountCode.IN_FLIGHT, AccountCode.RETURNED)
        return sum(self.in_year[code].closing_fen for code in waiting)


def _received(receivable: Sums, billed_fen: int) -> int:
    return billed_fen - receivable.closing_fen


def _books(programme_from: date, month: date) -> _Books:
    cut, to_on = Cut(EVERYWHERE, programme_from=programme_from), next_month(month)
    return _Books(
        programme_from,
        month,
        sum_by_account(cut=cut, from_on=month, to_on=to_on),
        sum_by_account(cut=cut, from_on=programme_from.replace(day=1), to_on=to_on),
    )


def insurer_figures(programme_from: date, month: date) -> Figures:
    """Return the settlement with the insurers: claims, loss ratio, bond, promises, shares, risk, reserve.

    :raises NoAgreement: the year has no agreement.
    """
    agreement = find_agreement(programme_from, scope=EVERYWHERE)
    if agreement is None:
        raise NoAgreement(f"{programme_from:%Y}")
    books = _books(programme_from, month)
    paid_now = books.in_month[AccountCode.PAID]
    bond = books.in_month[AccountCode.BOND_HELD]
    in_month_fen = paid_now.gained_fen - paid_now.given_fen
    called_fen = sum(
        one.amount_fen
        for one in list_calls(agreement)
        if one.arrived_on is not None and month <= one.arrived_on < books.ends_on
    )
    lights = list_lights(agreement, books.ends_on)
    agreed = find_agreed_money(agreement)
    lines = [
        Line("premium_billed", "", FEN, books.premium_fen),
        Line("premium_received", "", FEN, books.received_fen),
        Line("claims_in_month", "", COUNT, _paid_count(programme_from, month, books.ends_on)),
        Line("paid_in_month", "", FEN, in_month_fen),
        Line("claims_in_year", "", COUNT, _paid_count(programme_from, programme_from, books.ends_on)),
        Line("paid_in_year", "", FEN, books.paid_fen),
        Line("waiting", "", FEN, books.waiting_fen),
        *_ratio("loss_ratio", books.paid_fen, books.premium_fen),
        Line("bond_held", "", FEN, bond.closing_fen),
        Line("bond_called", "", FEN, called_fen),
        Line("promises_kept", "", COUNT, sum(one.state == KEPT for one in lights)),
        Line("promises_broken", "", COUNT, sum(one.state == BROKEN for one in lights)),
    ]
    lines += _penalties(sum_misses(agreement, agreed.penalties if agreed else {}, month, books.ends_on))
    shares = {one.name: one.share_bp for one in agreement.insurers.order_by("-is_lead", "pk")}
    for name, part_fen in _parts(in_month_fen, shares).items():
        lines += [Line("share", name, BP, shares[name]), Line("share_paid", name, FEN, part_fen)]
    lines.append(_expense(books, agreed.expense if agreed else None))
    return Figures((*lines, *_risk(books, agreed, shares)), in_month_fen)


def _penalties(promises: Sequence[PromiseMisses]) -> list[Line]:
    lines, total_fen = [], 0
    for one in promises:
        if one.days is None:
            lines.append(Line("penalty_days", one.kind, NOT_ON_RECORD, 0))
        else:
            lines.append(Line("penalty_days", one.kind, COUNT, one.days))
        if not one.is_agreed:
            lines.append(Line("penalty", one.kind, NOT_AGREED, 0))
        elif one.penalty_fen is None:
            lines.append(Line("penalty", one.kind, NOT_ON_RECORD, 0))
        else:
            lines.append(Line("penalty", one.kind, FEN, one.penalty_fen))
            total_fen += one.penalty_fen
    if any(one.is_agreed for one in promises):
        lines.append(Line("penalties", "", FEN, total_fen))
    return lines


def _parts(amount_fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    sign = 1 if amount_fen >= 0 else -1
    parts = split_fen(abs(amount_fen), list(shares.values()))
    return {name: sign * part for name, part in zip(shares, parts, strict=True)}


def _expense(books: _Books, agreed: Share | None) -> Line:
    if agreed is None:
        return Line("expense", "", NOT_AGREED, 0)
    base_fen = books.received_fen if agreed.of == RECEIVED else books.premium_fen
    return Line("expense", "", FEN, share_fen(max(base_fen, 0), agreed.share_bp))


def _risk(books: _Books, agreed: AgreedMoney | None, shares: Mapping[str, int]) -> list[Line]:
    """Return what is kept or borne and set aside: by the agreement, where it is silent by the scheme."""
    scheme = get_terms(books.programme_from)
    sharing = (agreed and agreed.sharing) or scheme.risk_sharing
    reserve = (agreed and agreed.reserve) or scheme.reserve
    losses_fen = books.paid_fen + books.waiting_fen
    lines = [Line("risk_sharing", "", NOT_AGREED, 0)] if sharing is None else []
    if sharing is not None and books.premium_fen:
        result = share_by_bands(sharing, books.premium_fen, losses_fen)
        code = "kept" if result.surplus_fen else "borne"
        for bearer, fen in result.by_bearer.items():
            parts = _parts(fen, shares) if bearer == INSURER else {bearer: fen}
            lines += [Line(code, name, FEN, part) for name, part in parts.items()]
    if reserve is None:
        lines.append(Line("reserve", "", NOT_AGREED, 0))
    else:
        lines.append(Line("reserve", "", FEN, set_aside_fen(reserve, books.premium_fen, losses_fen)))
    return lines


def public_money_figures(programme_from: date, month: date) -> Figures:
    """Return what public money came in, what people were paid, and what others than the public gave.

    Levered is what insurers pay beyond the premium they received, and the bond they stand for.
    """
    books = _books(programme_from, month)
    losses_fen = books.paid_fen + books.waiting_fen
    levered_fen = max(losses_fen - books.received_fen, 0)
    lines = [
        Line("public_money", "", FEN, books.received_fen),
        Line("paid_in_year", "", FEN, books.paid_fen),
        Line("claims_in_year", "", COUNT, _paid_count(programme_from, programme_from, books.ends_on)),
        Line("waiting", "", FEN, books.waiting_fen),
        Line("left_of_fund", "", FEN, books.in_year[AccountCode.FUND].closing_fen),
        Line("levered", "", FEN, levered_fen),
        Line("bond_held", "", FEN, books.in_year[AccountCode.BOND_HELD].closing_fen),
    ]
    if books.received_fen:
        per_hundred = books.paid_fen * HUNDRED_YUAN_FEN // books.received_fen
        lines.append(Line("paid_per_hundred", "", FEN, per_hundred))
    return Figures(tuple(lines), books.received_fen)


def appropriation_figures(programme_from: date, month: date) -> Figures:
    """Return by county what was billed, came in the month, came in the year, and is still to come."""
    cut, to_on = Cut(EVERYWHERE, programme_from=programme_from), next_month(month)
    from_on = programme_from.replace(day=1)
    billed = sum_by_county(account=AccountCode.PREMIUM, cut=cut, from_on=from_on, to_on=to_on)
    year = sum_by_county(account=AccountCode.PREMIUM_RECEIVABLE, cut=cut, from_on=from_on, to_on=to_on)
    before = sum_by_county(account=AccountCode.PREMIUM_RECEIVABLE, cut=cut, from_on=from_on, to_on=month)
    billed_before = sum_by_county(account=AccountCode.PREMIUM, cut=cut, from_on=from_on, to_on=month)
    lines, total_fen = [], 0
    for code in sorted({*billed, *year}):
        owed_fen = -billed.get(code, Sums()).closing_fen
        received_fen = _received(year.get(code, Sums()), owed_fen)
        earlier_fen = _received(before.get(code, Sums()), -billed_before.get(code, Sums()).closing_fen)
        total_fen += received_fen
        lines += [
            Line("premium_billed", code, FEN, owed_fen),
            Line("received_in_month", code, FEN, received_fen - earlier_fen),
            Line("premium_received", code, FEN, received_fen),
            Line("premium_open", code, FEN, owed_fen - received_fen),
        ]
    return Figures(tuple(lines), total_fen)


def _ratio(code: str, part_fen: int, whole_fen: int) -> list[Line]:
    return [Line(code, "", BP, (part_fen * BASIS_POINTS + whole_fen // 2) // whole_fen)] if whole_fen else []


def _paid_count(programme_from: date, from_on: date, to_on: date) -> int:
    # A recovery does not unmake a payment.
    return count_moves(EntryKind.PAY, programme_from, _midnight(from_on), _midnight(to_on))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
