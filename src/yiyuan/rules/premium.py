"""Premium (保费): what each county pays for its registered people.

In: head counts by county code and the scheme's rate in fen for each person and year. Out: fen by county, and
the sum. Counties outside the pool pay nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yiyuan.rules.terms import County, SchemeVersion


@dataclass(frozen=True, slots=True)
class PremiumShare:
    """One county's premium: its payer, its head count and the amount."""

    county: County
    persons: int
    premium_fen: int
    clause: str


def premium_shares(version: SchemeVersion, persons: Mapping[str, int]) -> tuple[PremiumShare, ...]:
    """Return the premium of every county that has a head count and is not outside the pool, in scheme order.

    :raises KeyError: when a head count names a county the scheme does not know.
    :raises ValueError: when a head count is negative.
    """
    known = {county.code for county in version.counties}
    for code, count in persons.items():
        if code not in known:
            raise KeyError(code)
        if count < 0:
            raise ValueError(f"县区 {code} 的人数是 {count}，应不小于 0")
    terms = version.premium
    return tuple(
        PremiumShare(
            county, persons[county.code], persons[county.code] * terms.rate_fen_per_person_year, terms.clause
        )
        for county in version.counties
        if county.code in persons and county.code not in version.pool_excluded
    )


def total_premium_fen(shares: tuple[PremiumShare, ...]) -> int:
    """Return the sum of the shares in fen."""
    return sum(share.premium_fen for share in shares)
