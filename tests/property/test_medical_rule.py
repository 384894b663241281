"""The medical rule against an oracle in yuan, written from the sentences; laws every reading obeys."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.rules.algebra import NO_BRANCH, DeskAlgebra
from yiyuan.rules.medical_benefit import benefit_on_residual, medical_benefit
from yiyuan.rules.scheme_file.loading import load_scheme

SCHEME = load_scheme(Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan")
TERMS = SCHEME.top_up
READINGS = sorted(TERMS.readings)
NEAR = st.integers(0, 300_000)  # where the readings differ
RESIDUALS = st.one_of(NEAR, st.sampled_from([99_999, 100_000, 100_001, 130_000, 160_000]))
AMOUNTS = st.one_of(NEAR, st.integers(0, AMOUNT_FEN_MAX))


def in_yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def oracle(reading: str, residual: Decimal) -> Decimal:
    half, ceiling, line = residual / 2, Decimal(800), Decimal(1000)
    if reading == "flat":
        return cent(half) if residual < line else ceiling
    if reading == "capped":
        return min(cent(half), ceiling)
    return min(cent(half) if residual <= line else line / 2 + (residual - line), ceiling)


def benefit_fen(reading: str, residual_fen: int) -> int:
    return benefit_on_residual(TERMS.reading(reading), residual_fen, DeskAlgebra({}))


@pytest.mark.parametrize("reading", READINGS)
@given(residual_fen=st.one_of(RESIDUALS, AMOUNTS))
def test_the_benefit_is_what_the_sentence_says(reading: str, residual_fen: int) -> None:
    assert in_yuan(benefit_fen(reading, residual_fen)) == oracle(reading, in_yuan(residual_fen))


@pytest.mark.parametrize("reading", READINGS)
@given(one=AMOUNTS, other=AMOUNTS)
def test_more_expense_never_pays_less(reading: str, one: int, other: int) -> None:
    less, more = sorted((one, other))

    assert benefit_fen(reading, less) <= benefit_fen(reading, more)


@pytest.mark.parametrize("reading", READINGS)
@given(residual_fen=AMOUNTS)
def test_the_benefit_is_bounded_and_something_is_always_paid_on_something(
    reading: str, residual_fen: int
) -> None:
    benefit = benefit_fen(reading, residual_fen)

    assert 0 <= benefit <= min(residual_fen, 80_000)
    assert (benefit > 0) == (residual_fen > 0)


@given(residual_fen=AMOUNTS)
def test_the_reading_in_force_never_pays_less_than_capped(residual_fen: int) -> None:
    assert benefit_fen("flat", residual_fen) >= benefit_fen("capped", residual_fen)


@pytest.mark.parametrize("reading", READINGS)
@given(eligible=AMOUNTS, payers=st.lists(AMOUNTS, min_size=7, max_size=7))
def test_every_payer_is_taken_off_and_every_step_rests_on_a_clause(
    reading: str, eligible: int, payers: list[int]
) -> None:
    facts = dict(zip(TERMS.payers, payers, strict=True)) | {TERMS.eligible: eligible}
    on = DeskAlgebra(facts)

    benefit = medical_benefit(TERMS, TERMS.reading(reading), on)

    left = max(in_yuan(eligible) - sum(map(in_yuan, payers)), Decimal(0))
    assert in_yuan(benefit) == oracle(reading, left)
    assert (on.trace[0].name, in_yuan(on.trace[0].amount_fen)) == ("residual_fen", left)
    assert (on.trace[-1].name, on.trace[-1].amount_fen) == ("benefit_fen", benefit)
    assert all(step.clause in SCHEME.clauses and step.clause != NO_BRANCH for step in on.trace)
