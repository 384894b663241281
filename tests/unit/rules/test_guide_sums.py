"""What a guide says of a few lines of a scheme: sums by hand, and the words that stand above them."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, read
from yiyuan.rules.guide.building import build_guide
from yiyuan.rules.guide.model import Heading, Line, Sums
from yiyuan.rules.guide.tongue import EN, ZH

PREMIUM = "premium: {clause: C-1, rate_fen_per_person_year: 100}\n"
HEADS = AREA.replace("驿城区}", "驿城区, registered_persons: 1_000}").replace(
    "西平县}", "西平县, registered_persons: 2_000}"
)
UNDER_PREMIUM = """\
benefits:
  - {name: death, name_zh: 死亡, name_en: Death, kind: death, claimed_with: died,
     amount: {fixed_fen: 5_000_000}, limits: [scheme_year], clause: C-1}
limits:
  - {name: scheme_year, per: scheme, over: year, limit: {share_bp: 30_000, of: premium_fen},
     when_exceeded: in_order, clause: C-1}
"""


def paid(folder: Path, text: str, language: str = ZH) -> tuple[list[str], dict[str, int | None]]:
    """The lines of the chapter of what is paid, and its examples."""
    guide = build_guide(read(folder, text), [], language)
    blocks = next(one.blocks for one in guide.chapters if one.name == "paid")
    lines = [block.text for block in blocks if isinstance(block, Line | Heading)]
    return lines, {row.words: row.paid_fen for one in blocks if isinstance(one, Sums) for row in one.rows}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (ZH, "全市合计每年最多 方案一年的保费总额的 300%（按方案写的人数是 9,000 元）；超过的，先办的先赔。"),
        (EN, ("At most 300% of: Premium of the scheme for the year (9,000 yuan on the head counts of the "
             "scheme) for the whole scheme a year; what exceeds it is not paid to those who come last.")),
    ],
)  # fmt: skip
def test_a_multiple_of_the_premium_is_that_of_the_files_own(tmp_path: Path, language: str, line: str) -> None:
    # By hand: (1,000 + 2,000) × 1.00 = 3,000.00 yuan, three times that is 9,000.00.
    lines, sums = paid(tmp_path, HEADS + PREMIUM + UNDER_PREMIUM, language)

    assert line in lines
    assert list(sums.values()) == [900_000]


@pytest.mark.parametrize("told", [AREA + PREMIUM, ""], ids=["no head counts", "no premium"])
def test_a_premium_nobody_can_reckon_cuts_no_example(tmp_path: Path, told: str) -> None:
    lines, sums = paid(tmp_path, told + UNDER_PREMIUM)

    assert "全市合计每年最多 方案一年的保费总额的 300%；超过的，先办的先赔。" in lines
    assert list(sums.values()) == [5_000_000]
