"""Risk sharing (风险共担) and reserve (风险准备金): who bears a bad year, who keeps what a good one leaves.

In: the scheme's bands by loss ratio, the premium and the losses of a year in fen. Out: fen by bearer, which
always sum to what is over or short. A loss ratio of 100 % is where losses reach the premium: what lies
between the losses and there was not spent and is kept by the bearers of its bands, what lies beyond is
borne by those of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.money import share_fen, split_fen
from yiyuan.rules.contract_terms import PREMIUM, Reserve, RiskSharing
from yiyuan.rules.terms import SchemeVersion


@dataclass(frozen=True, slots=True)
class RiskLine:
    """What of one band was kept or is borne, by bearer, in fen."""

    clause: str
    amount_fen: int
    by_bearer: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RiskResult:
    """The year's surplus or deficit in fen, one of them 0, and who keeps or bears it."""

    surplus_fen: int
    deficit_fen: int
    by_bearer: Mapping[str, int]
    lines: tuple[RiskLine, ...]


def share_risk(version: SchemeVersion, premium_fen: int, losses_fen: int) -> RiskResult:
    """Return who keeps or bears what of a year with these losses.

    :raises SchemeError: when the scheme shares no risk.
    """
    if version.risk_sharing is None:
        raise SchemeError(f"方案 {version.title} 没有写风险共担（risk_sharing）")
    return share_by_bands(version.risk_sharing, premium_fen, losses_fen)


def share_by_bands(terms: RiskSharing, premium_fen: int, losses_fen: int) -> RiskResult:
    """Return who keeps or bears what of a year with these losses, by bands that cover every loss ratio."""
    lines = _lines(terms, premium_fen, losses_fen)
    by_bearer: dict[str, int] = {}
    for line in lines:
        for bearer, fen in line.by_bearer.items():
            by_bearer[bearer] = by_bearer.get(bearer, 0) + fen
    return RiskResult(
        max(premium_fen - losses_fen, 0), max(losses_fen - premium_fen, 0), by_bearer, tuple(lines)
    )


def _lines(terms: RiskSharing, premium_fen: int, losses_fen: int) -> list[RiskLine]:
    low_fen, high_fen = sorted((premium_fen, losses_fen))
    lines: list[RiskLine] = []
    for band in terms.bands:
        from_fen = max(share_fen(premium_fen, band.from_bp), low_fen)
        to_fen = high_fen if band.below_bp is None else min(share_fen(premium_fen, band.below_bp), high_fen)
        if to_fen > from_fen:
            bearers = [bearer for bearer, _ in band.shares]
            parts = split_fen(to_fen - from_fen, [share_bp for _, share_bp in band.shares])
            lines.append(RiskLine(band.clause, to_fen - from_fen, dict(zip(bearers, parts, strict=True))))
    return lines


def reserve_fen(version: SchemeVersion, premium_fen: int, losses_fen: int) -> int:
    """Return what is set aside of a year's premium or surplus, in fen; 0 where the scheme has no reserve."""
    terms = version.reserve
    return 0 if terms is None else set_aside_fen(terms, premium_fen, losses_fen)


def set_aside_fen(terms: Reserve, premium_fen: int, losses_fen: int) -> int:
    """Return what is set aside of a year's premium or surplus, in fen."""
    base_fen = premium_fen if terms.of == PREMIUM else max(premium_fen - losses_fen, 0)
    whole_fen = share_fen(base_fen, terms.share_bp)
    return whole_fen if terms.limit_fen is None else min(whole_fen, terms.limit_fen)
