"""Money: fen stay exact and yuan are read strictly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.money import AMOUNT_FEN_MAX, read_yuan, share_fen, split_fen, yuan


@given(st.integers(0, AMOUNT_FEN_MAX), st.integers(1, 10_000))
def test_a_share_is_the_exact_share_rounded_half_up(amount_fen: int, rate_bp: int) -> None:
    exact = Fraction(amount_fen * rate_bp, 10_000)

    rounded = share_fen(amount_fen, rate_bp)

    assert Fraction(-1, 2) < rounded - exact <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("1249.8", 124_980), ("1,249.80", 124_980), ("-3.07", -307), (" 12 ", 1200), ("0.05", 5)],
)
def test_yuan_are_read_as_fen(text: str, fen: int) -> None:
    assert read_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "1.234", "1,24.00", "1e3", "十元", "12.", "+5", "1,2345"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="最多两位小数"):
        read_yuan(text)


@given(st.integers(-AMOUNT_FEN_MAX, AMOUNT_FEN_MAX))
def test_yuan_shown_are_read_back(amount_fen: int) -> None:
    assert read_yuan(yuan(amount_fen)) == amount_fen


def test_yuan_are_shown_with_commas() -> None:
    assert yuan(801_710_000) == "8,017,100.00"
    assert yuan(-5) == "-0.05"


@pytest.mark.parametrize(
    ("amount_fen", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [6_000, 4_000], [61, 40]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [3, 7], [0, 0]),
        (5, [0, 1], [0, 5]),
    ],
)
def test_a_split_gives_the_last_fen_to_the_largest_remainder(
    amount_fen: int, weights: list[int], parts: list[int]
) -> None:
    assert split_fen(amount_fen, weights) == parts
