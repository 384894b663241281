"""Money (金额): integer fen, and how yuan are read and shown without a float in between.

In: fen as `int`, or yuan as decimal text with two places at most. Out: the same. 1 yuan = 100 fen.
"""

import re
from collections.abc import Sequence

FEN_PER_YUAN = 100
BASIS_POINTS = 10_000
AMOUNT_FEN_MAX = 10**11  # one billion yuan: an amount times a rate stays exact in every engine

_YUAN = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?")


def share_fen(amount_fen: int, rate_bp: int) -> int:
    """Return the share of a non-negative amount in fen at a rate in basis points, half a fen up."""
    return (amount_fen * rate_bp + BASIS_POINTS // 2) // BASIS_POINTS


def split_fen(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Return a non-negative amount in fen split by weights; the parts always sum to it.

    What whole fen leave over goes to the largest remainders, among equal ones to the first. Weights must not
    all be 0.
    """
    total = sum(weights)
    parts = [amount_fen * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: -(amount_fen * weights[at] % total))
    for at in by_remainder[: amount_fen - sum(parts)]:
        parts[at] += 1
    return parts


def read_yuan(text: str) -> int:
    """Return the fen of yuan such as `1,249.80`, two places at most.

    :raises ValueError: when the text is no such number.
    """
    found = _YUAN.fullmatch(text.strip())
    if found is None:
        raise ValueError("金额应为元，最多两位小数，如 1249.80")
    sign, whole, places = found.groups()
    fen = int(whole.replace(",", "")) * FEN_PER_YUAN + int((places or "").ljust(2, "0"))
    return -fen if sign else fen


def yuan(amount_fen: int) -> str:
    """Return fen as yuan with thousands commas and two places, such as `8,017,100.00`."""
    sign = "-" if amount_fen < 0 else ""
    whole, places = divmod(abs(amount_fen), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{places:02d}"
