"""Premium: one yuan a head, county by county."""

from dataclasses import replace

import pytest

from yiyuan.rules.premium import premium_shares, total_premium_fen
from yiyuan.rules.terms import SchemeVersion


def test_each_county_pays_for_its_people(zhumadian: SchemeVersion) -> None:
    shares = premium_shares(zhumadian, {"411702": 856_900, "411723": 1_026_300})

    assert [(share.county.code, share.premium_fen) for share in shares] == [
        ("411702", 85_690_000),
        ("411723", 102_630_000),
    ]
    assert {share.clause for share in shares} == {"PREMIUM-1"}
    assert total_premium_fen(shares) == 188_320_000


def test_the_published_total_is_one_yuan_for_8_017_100_people(zhumadian: SchemeVersion) -> None:
    assert total_premium_fen(premium_shares(zhumadian, {"411702": 8_017_100})) == 801_710_000


def test_a_county_outside_the_pool_pays_nothing(zhumadian: SchemeVersion) -> None:
    without = replace(zhumadian, pool_excluded=frozenset({"411729"}))

    shares = premium_shares(without, {"411729": 1_107_500, "411702": 10})

    assert [share.county.code for share in shares] == ["411702"]


def test_an_unknown_county_and_a_negative_count_are_refused(zhumadian: SchemeVersion) -> None:
    with pytest.raises(KeyError, match="410000"):
        premium_shares(zhumadian, {"410000": 1})
    with pytest.raises(ValueError, match="应不小于 0"):
        premium_shares(zhumadian, {"411702": -1})
