"""Whoever pays, carries or keeps: the parts always sum to the whole, to the fen, and nobody's is negative."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.rules.plain import read
from yiyuan.kernel.money import split_fen
from yiyuan.rules.events.facts import Value
from yiyuan.rules.premium import premium_bill
from yiyuan.rules.risk_sharing import share_risk

SCHEME = """\
premium:
  clause: C-1
  parts:
    - {name: people, amount: {unit_fen: 137, times: persons}, clause: C-1}
    - {name: houses, amount: {unit_fen: 201, times: households}, clause: C-1}
  payers:
    - {payer: province, share_bp: 3_333, of: people, at_most_fen: 1_000_000, clause: C-1}
    - {payer: city, share_bp: 6_667, of: rest, when: {county_class: poor}, clause: C-1}
    - {payer: fund, amount: {unit_fen: 7, times: persons}, clause: C-1}
    - {payer: county, rest: true, clause: C-1}
risk_sharing:
  clause: C-1
  bands:
    - {from_bp: 0, below_bp: 9_001, insurer_bp: 3_333, city_bp: 6_667}
    - {from_bp: 9_001, below_bp: 11_999, insurer_bp: 10_000, city_bp: 0}
    - {from_bp: 11_999, insurer_bp: 1, city_bp: 9_999}
"""
with TemporaryDirectory() as folder:
    VERSION = read(Path(folder), SCHEME)
COUNTS = st.integers(0, 10_000_000)
AMOUNTS = st.integers(0, 10**11)


@given(persons=COUNTS, households=COUNTS, county_class=st.sampled_from(["poor", "rich"]))
@settings(max_examples=300, deadline=None)
def test_payers_sum_to_the_premium(persons: int, households: int, county_class: str) -> None:
    facts: dict[str, Value] = {"persons": persons, "households": households, "county_class": county_class}

    bill = premium_bill(VERSION, {"c": facts})

    assert sum(line.amount_fen for line in bill.payers) == bill.total_fen == 137 * persons + 201 * households
    assert all(line.amount_fen >= 0 for line in bill.payers)
    assert ("city" in {line.name for line in bill.payers}) == (county_class == "poor")


@given(premium_fen=AMOUNTS, losses_fen=AMOUNTS)
@settings(max_examples=300, deadline=None)
def test_a_year_is_shared_to_the_fen(premium_fen: int, losses_fen: int) -> None:
    result = share_risk(VERSION, premium_fen, losses_fen)

    assert sum(result.by_bearer.values()) == abs(premium_fen - losses_fen)
    assert all(fen >= 0 for fen in result.by_bearer.values())
    assert not (result.surplus_fen and result.deficit_fen)


@given(amount_fen=AMOUNTS, weights=st.lists(st.integers(0, 10_000), min_size=1).filter(any))
@settings(max_examples=300, deadline=None)
def test_a_split_is_never_a_fen_off_its_share(amount_fen: int, weights: list[int]) -> None:
    parts = split_fen(amount_fen, weights)

    assert sum(parts) == amount_fen
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - amount_fen * weight) < sum(weights)
