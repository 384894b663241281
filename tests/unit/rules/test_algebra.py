"""The desk's operations: what they give and what they leave in the trace."""

import pytest

from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.rules.algebra import DeskAlgebra, Step


def test_less_never_goes_below_zero() -> None:
    on = DeskAlgebra({})

    assert on.less("left", 100, [60, 70], "C") == 0
    assert on.less("left", 100, [60, -70], "C") == 110
    assert on.trace == [Step("left", 0, "C"), Step("left", 110, "C")]


def test_choose_takes_the_first_arm_that_holds() -> None:
    on = DeskAlgebra({})

    assert on.choose("pay", [(False, 1, "A"), (True, 2, "B"), (None, 3, "C")]) == 2
    assert on.choose("pay", [(False, 1, "A"), (None, 3, "C")]) == 3
    assert on.trace == [Step("pay", 2, "B"), Step("pay", 3, "C")]


def test_a_silent_scheme_pays_nothing_and_says_so() -> None:
    on = DeskAlgebra({})

    assert on.choose("pay", [(False, 1, "A")]) == 0
    assert on.trace == [Step("pay", 0, "NO-BRANCH")]


def test_a_silent_case_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError, match="absent_fen"):
        DeskAlgebra({}).fact("absent_fen")


@pytest.mark.parametrize("amount_fen", [AMOUNT_FEN_MAX + 1, -AMOUNT_FEN_MAX - 1])
def test_an_amount_beyond_the_bound_stops_the_rule(amount_fen: int) -> None:
    with pytest.raises(AssertionError, match="beyond the bound"):
        DeskAlgebra({"x": amount_fen}).fact("x")


def test_of_equal_amounts_the_first_names_the_clause() -> None:
    on = DeskAlgebra({})

    assert on.least("pay", [(5, "A"), (5, "B"), (9, "C")]) == 5
    assert on.trace == [Step("pay", 5, "A")]


@pytest.mark.parametrize(
    ("amount", "from_fen", "below_fen", "part"),
    [(50, 0, 100, 50), (150, 0, 100, 100), (150, 100, None, 50), (50, 100, None, 0), (250, 100, 200, 100)],
)
def test_within_is_the_part_in_the_band(amount: int, from_fen: int, below_fen: int | None, part: int) -> None:
    assert DeskAlgebra({}).within(amount, from_fen, below_fen) == part


def test_plus_traces_its_parts_before_the_sum() -> None:
    on = DeskAlgebra({})

    assert on.plus("sum", [("a", 1, "A"), ("b", 2, "B")], "C") == 3
    assert on.trace == [Step("a", 1, "A"), Step("b", 2, "B"), Step("sum", 3, "C")]
