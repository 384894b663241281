"""Insurers (承保人): who carries the risk in a county, who leads, and how a sum is shared among them.

In: a scheme version and a county. Out: insurers with shares that sum to the whole, and fen that sum to the
sum.
"""

from collections.abc import Sequence

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.money import BASIS_POINTS, split_fen
from yiyuan.rules.contract_terms import Insurer, Insurers
from yiyuan.rules.terms import SchemeVersion


def insurers_of(version: SchemeVersion, county_code: str | None = None) -> tuple[Insurer, ...]:
    """Return the insurers of the county, or of the scheme where they do not differ; the lead comes first.

    :raises SchemeError: when the scheme does not say who carries it.
    """
    if version.insurers is None:
        raise SchemeError(f"方案 {version.title} 没有写承保人（insurers）")
    carrying = carriers(version.insurers, county_code)
    return tuple(sorted(carrying, key=lambda one: not one.lead))


def carriers(insurers: Insurers, county_code: str | None) -> tuple[Insurer, ...]:
    """Return those that carry the county, in the order of the file.

    Those that name the county carry it alone where they carry all of it, otherwise together with those that
    name none.
    """
    general = tuple(one for one in insurers.rows if not one.counties)
    named = tuple(one for one in insurers.rows if county_code in one.counties)
    if sum(one.share_bp for one in named) == BASIS_POINTS:
        return named
    return tuple(one for one in insurers.rows if one in general or one in named)


def shares_fen(insurers: Sequence[Insurer], amount_fen: int) -> dict[str, int]:
    """Return each insurer's share of a sum in fen; the shares sum to it."""
    parts = split_fen(amount_fen, [one.share_bp for one in insurers])
    return {one.name: part for one, part in zip(insurers, parts, strict=True)}
