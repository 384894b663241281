"""What a guide says of a few lines of a scheme: sums by hand, and the words that stand above them."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, DEATH, read
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


PROPORTION = """\
benefits:
  - name: house
    name_zh: 房屋
    kind: property
    for: household
    claimed_with: {claimed_with}
    amount:
      in_proportion: {{part: sum_insured_fen, whole: value_fen}}
      of:
        by: damage
        rows: [{{is: collapsed, fixed_fen: 3_000_000}}, {{is: severe, fixed_fen: 1_000_000}}]
    clause: C-1
"""


@pytest.mark.parametrize("claimed_with", ["damage", "value_fen", "sum_insured_fen", "rooms_collapsed"])
def test_a_proportion_of_a_table_is_worked_row_by_row(tmp_path: Path, claimed_with: str) -> None:
    # By hand: 5,000 of 10,000 insured is half of 30,000.00 and of 10,000.00; twice insured pays once.
    lines, sums = paid(tmp_path, PROPORTION.format(claimed_with=claimed_with))

    assert "赔：例子里的全额，按 保险金额 ÷ 财产价值 的比例，最多赔足。" in lines
    assert sums == {
        "房屋损坏程度：倒塌，保险金额 5,000 元，财产价值 10,000 元": 1_500_000,
        "房屋损坏程度：倒塌，保险金额 10,000 元，财产价值 10,000 元": 3_000_000,
        "房屋损坏程度：倒塌，保险金额 20,000 元，财产价值 10,000 元": 3_000_000,
        "房屋损坏程度：严重损坏，保险金额 5,000 元，财产价值 10,000 元": 500_000,
        "房屋损坏程度：严重损坏，保险金额 10,000 元，财产价值 10,000 元": 1_000_000,
        "房屋损坏程度：严重损坏，保险金额 20,000 元，财产价值 10,000 元": 1_000_000,
    }


def one(amount: str, claimed_with: str = "loss_fen") -> str:
    return (
        "benefits:\n  - {name: house, name_zh: 房屋, kind: property, for: household,"
        f" claimed_with: {claimed_with}, amount: {amount}, clause: C-1}}\n"
    )


def test_a_deductible_in_words_and_at_its_boundary(tmp_path: Path) -> None:
    lines, sums = paid(tmp_path, one("{deductible_fen: 50_000, of: loss_fen}"))

    assert "赔：核定损失减去 500 元。" in lines
    assert (sums["核定损失 500 元"], sums["核定损失 501 元"]) == (0, 100)


def test_a_deductible_before_a_share_of_tiers(tmp_path: Path) -> None:
    tiers = "tiers: [{from_fen: 0, rate_bp: 5_000, clause: C-1}]"
    lines, _ = paid(tmp_path, one(f"{{{tiers}, of: {{deductible_fen: 50_000, of: loss_fen}}}}"))

    assert "先扣掉 500 元 免赔额。" in lines


def test_a_franchise_in_words(tmp_path: Path) -> None:
    lines, sums = paid(tmp_path, one("{franchise_fen: 50_000, of: loss_fen}"))

    assert "赔：核定损失，不到 500 元 的不赔。" in lines
    assert (sums["核定损失 499.99 元"], sums["核定损失 500 元"]) == (0, 50_000)


def test_to_whom_an_uplift_applies_and_how_much(tmp_path: Path) -> None:
    table = "{by: damage, rows: [{is: collapsed, fixed_fen: 100}]}"
    lines, _ = paid(
        tmp_path,
        one(f"{{first: [{{when: {{is_home: true}}, share_bp: 12_000, of: {table}}},"
            f" {{share_bp: 10_000, of: {table}}}]}}", "damage"),
    )  # fmt: skip

    assert "是长期居住的自有住房的，多赔 20%。" in lines


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("highest", "死亡、房屋不一起赔，只赔其中最多的一项。"),
        ("first", "死亡、房屋不一起赔，只赔排在最前面能赔的一项。"),
        ("add", None),
    ],
)
def test_benefits_that_do_not_add_are_said_so(tmp_path: Path, rule: str, line: str | None) -> None:
    death = DEATH.removeprefix("benefits:\n")
    combined = f"combine: [{{benefits: [death, house], rule: {rule}, clause: C-1}}]\n"
    lines, _ = paid(
        tmp_path, one("loss_fen").replace("amount: loss_fen", "amount: {fact: loss_fen}") + death + combined
    )

    assert [text for text in lines if "不一起赔" in text] == ([line] if line else [])


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("name: own, amount: {unit_fen: 200, times: households}", "保费，自己要交：每户 2 元。"),
        ("name: more, name_zh: 加保, amount: {unit_fen: 500, times: voluntary_households}, voluntary: true",
         "加保，自愿交：每户 5 元。"),
        ("name: heads, amount: {unit_fen: 100, times: persons}", "保费，自己要交：每人 1 元。"),
    ],
)  # fmt: skip
def test_what_people_pay_themselves(tmp_path: Path, part: str, line: str) -> None:
    premium = f"premium: {{clause: C-1, parts: [{{{part}, paid_by: household}}]}}\n"
    guide = build_guide(read(tmp_path, AREA + premium), [])

    cost = next(one.blocks for one in guide.chapters if one.name == "cost")
    assert [block.text for block in cost if isinstance(block, Line)] == [line]
