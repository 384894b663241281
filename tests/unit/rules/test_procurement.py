"""Terms of a tender (采购期限): how many judges a budget asks for."""

from pathlib import Path

import pytest

from yiyuan.rules.procurement import BASE_FILE, load_procurement

LAW = load_procurement(Path("schemes") / BASE_FILE)
LARGE_FEN = 1_000_000_000


@pytest.mark.parametrize(
    ("judges", "budget_fen", "are_enough"),
    [
        (5, 801_710_000, True),
        (3, 801_710_000, False),
        (6, 801_710_000, False),
        (7, 801_710_000, True),
        (5, LARGE_FEN - 1, True),
        (5, LARGE_FEN, False),
        (7, LARGE_FEN, True),
        (8, LARGE_FEN, False),
    ],
)
def test_judges_are_an_odd_number_and_more_for_a_large_budget(
    judges: int, budget_fen: int, are_enough: bool
) -> None:
    assert LAW.are_enough_judges(judges, budget_fen) is are_enough
