"""The pool (资金池) as an exclusion: a county that pays nothing in is paid nothing.

In: a scheme version. Out: its terms of events, with an exclusion by the clause of the area where a county is
outside the pool. `docs/rules/premium.md` §1.
"""

from dataclasses import replace

from yiyuan.rules.events.conditions import Test
from yiyuan.rules.events.terms import EventTerms, Exclusion
from yiyuan.rules.terms import SchemeVersion

COUNTY_CODE = "county_code"
_OUTSIDE_POOL = "outside_pool"


def terms_in_pool(version: SchemeVersion) -> EventTerms:
    """Return the terms under which a case is decided: nothing is due where the county is outside the pool."""
    clause = next((one.clause for one in version.counties if one.code in version.pool_excluded), None)
    if clause is None:
        return version.events
    outside = Exclusion(
        name=_OUTSIDE_POOL,
        name_zh="不在本方案里的县区",
        name_en="a county outside the scheme",
        when=Test(COUNTY_CODE, among=frozenset(version.pool_excluded)),
        liabilities=frozenset(),
        benefits=frozenset(),
        clause=clause,
        assumed=None,
    )
    # Asked after the scheme's own exclusions: whom another clause refuses need not name the county.
    return replace(version.events, exclusions=(*version.events.exclusions, outside))
