"""A premium in parts, shared among payers to the fen."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, faults, read
from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.rules.premium import PremiumBill, instalments_of, premium_bill, premium_shares
from yiyuan.rules.remarks import remarks
from yiyuan.rules.terms import SchemeVersion

PARTS = """\
premium:
  clause: C-1
  parts:
    - {name: people, name_zh: 人口, amount: {unit_fen: 300, times: persons}, clause: C-1}
    - {name: houses, name_zh: 农房, amount: {unit_fen: 200, times: households}, clause: C-1}
"""
PAYERS = """\
  payers:
    - {payer: province, share_bp: 2_000, clause: C-1}
    - {payer: city, share_bp: 5_000, of: rest, when: {county_class: poor}, clause: C-1}
    - {payer: county, rest: true, clause: C-1}
"""
CEILING = """\
  ceilings: [{payer: cty, limit_fen: 5, clause: C-1}]
  payers: [{payer: city, rest: true, clause: C-1}]
"""
YICHENG, XIPING = "411702", "411721"


def lines(bill: PremiumBill) -> list[tuple[str | None, str, int]]:
    return [(line.county_code, line.name, line.amount_fen) for line in bill.payers]


def test_parts_are_worked_out_for_each_county(tmp_path: Path) -> None:
    version = read(tmp_path, AREA + PARTS)

    bill = premium_bill(
        version, {XIPING: {"persons": 10, "households": 3}, YICHENG: {"persons": 1, "households": 0}}
    )

    assert [(line.county_code, line.name, line.amount_fen) for line in bill.parts] == [
        (YICHENG, "people", 300),
        (YICHENG, "houses", 0),
        (XIPING, "people", 3_000),
        (XIPING, "houses", 600),
    ]
    assert lines(bill) == [(YICHENG, "county", 300), (XIPING, "county", 3_600)]
    assert [line.name_zh for line in bill.payers] == ["驿城区人民政府", "西平县人民政府"]
    assert bill.total_fen == 3_900


def test_a_province_pays_first_then_the_city_by_class_then_the_county(tmp_path: Path) -> None:
    version = read(tmp_path, AREA + PARTS + PAYERS)
    facts = {"persons": 1, "households": 1}

    bill = premium_bill(
        version, {YICHENG: {**facts, "county_class": "rich"}, XIPING: {**facts, "county_class": "poor"}}
    )

    assert lines(bill) == [
        (YICHENG, "province", 100),
        (YICHENG, "county", 400),
        (XIPING, "province", 100),
        (XIPING, "city", 200),
        (XIPING, "county", 200),
    ]


@pytest.mark.parametrize("persons", [0, 1, 7, 99, 1_000_003])
def test_payers_always_sum_to_the_premium(tmp_path: Path, persons: int) -> None:
    version = read(
        tmp_path,
        """\
premium:
  clause: C-1
  parts: [{name: people, amount: {unit_fen: 1, times: persons}, clause: C-1}]
  payers:
    - {payer: province, share_bp: 3_333, clause: C-1}
    - {payer: city, share_bp: 3_333, clause: C-1}
    - {payer: county, share_bp: 3_334, clause: C-1}
""",
    )

    bill = premium_bill(version, {"x": {"persons": persons}})

    assert sum(line.amount_fen for line in bill.payers) == bill.total_fen == persons
    assert all(line.amount_fen >= 0 for line in bill.payers)


def test_households_townships_and_the_whole_scheme_have_parts_of_their_own(tmp_path: Path) -> None:
    version = read(
        tmp_path,
        """\
premium:
  clause: C-1
  parts:
    - {name: people, amount: {unit_fen: 100, times: persons}, clause: C-1}
    - name: extra
      paid_by: household
      voluntary: true
      amount: {unit_fen: 2_000, times: voluntary_households}
      clause: C-1
    - {name: township, per: township, amount: {fixed_fen: 50_000}, clause: C-1}
    - name: fixed
      per: scheme
      amount: {sum: [{fixed_fen: 1_000_000}, {unit_fen: 1, times: persons}]}
      clause: C-1
  payers: [{payer: city, rest: true, clause: C-1}]
""",
    )

    bill = premium_bill(
        version,
        {
            "a": {"persons": 10, "voluntary_households": 2, "townships": 3},
            "b": {"persons": 5, "voluntary_households": 0, "townships": 1},
        },
    )

    assert [(line.county_code, line.name, line.amount_fen) for line in bill.parts] == [
        ("a", "people", 1_000),
        ("a", "extra", 4_000),
        ("a", "township", 150_000),
        ("b", "people", 500),
        ("b", "extra", 0),
        ("b", "township", 50_000),
        (None, "fixed", 1_000_015),
    ]
    assert lines(bill) == [
        ("a", "household", 4_000),
        ("a", "city", 151_000),
        ("b", "household", 0),
        ("b", "city", 50_500),
        (None, "city", 1_000_015),
    ]


def test_a_subsidy_may_rest_on_another_amount_than_the_tariff(tmp_path: Path) -> None:
    version = read(
        tmp_path,
        """\
premium:
  clause: C-1
  parts: [{name: people, amount: {unit_fen: 300, times: persons}, clause: C-1}]
  payers:
    - {payer: province, share_bp: 4_000, of: {unit_fen: 250, times: persons}, at_most_fen: 900, clause: C-1}
    - {payer: city, amount: {fixed_fen: 500}, clause: C-1}
    - {payer: county, rest: true, clause: C-1}
  ceilings: [{payer: city, limit_fen: 800, clause: C-1}]
""",
    )

    bill = premium_bill(version, {"a": {"persons": 10}, "b": {"persons": 4}})

    assert lines(bill) == [
        ("a", "province", 900),
        ("a", "city", 500),
        ("a", "county", 1_600),
        ("b", "province", 400),
        ("b", "city", 500),
        ("b", "county", 300),
    ]
    assert [(over.payer, over.amount_fen, over.limit_fen) for over in bill.over_ceilings] == [
        ("city", 1_000, 800)
    ]


def test_a_county_outside_the_pool_has_no_line(tmp_path: Path) -> None:
    version = read(tmp_path, AREA.replace("counties:", f"pool_excluded: ['{XIPING}']\n  counties:") + PARTS)

    bill = premium_bill(
        version, {XIPING: {"persons": 10, "households": 3}, YICHENG: {"persons": 1, "households": 0}}
    )

    assert {line.county_code for line in (*bill.parts, *bill.payers)} == {YICHENG}


def test_a_missing_fact_an_unknown_county_and_a_scheme_without_premium_are_refused(
    tmp_path: Path, zhumadian: SchemeVersion
) -> None:
    version = read(tmp_path, AREA + PARTS)

    with pytest.raises(CaseError, match=r"县区 411702 缺少 households（户数）"):
        premium_bill(version, {YICHENG: {"persons": 1}})
    with pytest.raises(CaseError, match="没有县区 410000"):
        premium_bill(version, {"410000": {"persons": 1}})
    with pytest.raises(SchemeError, match="没有写保费"):
        premium_bill(read(tmp_path / "none", ""), {})
    with pytest.raises(SchemeError, match="不是每人一个数"):
        premium_shares(version, {YICHENG: 1})
    assert premium_bill(zhumadian, {YICHENG: {"persons": 3}}).total_fen == 300


def test_what_a_condition_leaves_unassigned_is_refused_with_the_bill(tmp_path: Path) -> None:
    payers = """\
  payers:
    - {payer: city, share_bp: 9_500, clause: C-1}
    - {payer: county, share_bp: 500, when: {county_class: poor}, clause: C-1}
"""
    version = read(tmp_path, AREA + PARTS + payers)
    facts = {"persons": 1, "households": 1}

    assert premium_bill(version, {YICHENG: {**facts, "county_class": "poor"}}).total_fen == 500
    with pytest.raises(CaseError, match=r"C-1：驿城区的保费还有 5 %（0.25 元）没有人付"):
        premium_bill(version, {YICHENG: {**facts, "county_class": "rich"}})


@pytest.mark.parametrize(
    ("payers", "said"),
    [
        ("[{payer: city, share_bp: 9_500, clause: C-1}]", "C-1 的付款方合计 95 %，还有 5 % 没有人付"),
        (
            "[{payer: city, share_bp: 9_500, clause: C-1}, {payer: x, share_bp: 600, clause: C-1}]",
            "C-1 的付款方合计 101 %，多出 1 %",
        ),
        (
            "[{payer: a, share_bp: 2_000, clause: C-1}, {payer: b, share_bp: 5_000, of: rest, clause: C-1}]",
            "C-1 的付款方合计 60 %，还有 40 % 没有人付",
        ),
        (
            "[{payer: city, rest: true, clause: C-1}, {payer: county, share_bp: 600, clause: C-1}]",
            "付款方 city 已付余下的全部，之后的 county 永远不用付",
        ),
        ("[{payer: city, share_bp: 9_500, of: peple, clause: C-1}]", "of 里不认识“peple”，是不是 people？"),
        ("[{payer: city, amount: {fixed_fen: 5}, clause: C-1}]", "最后一个付款方请写 rest: true"),
        ("[{payer: city, clause: C-1}]", "付款方 city 应写 share_bp（比例）"),
        ("[{payer: city, share_bp: 1, rest: true, clause: C-1}]", "写了 share_bp、rest"),
    ],
)
def test_shares_that_leave_something_or_give_too_much_are_faults(
    tmp_path: Path, payers: str, said: str
) -> None:
    found = faults(tmp_path, f"{PARTS}  payers: {payers}\n")

    assert any(said in message for message in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  instalments: [{share_bp: 6_000, due: 03-31}]\n", "分期合计 60 %，还有 40 % 没有期限"),
        ("  instalments: [{share_bp: 10_000, due: 02-30}]\n", "due 应是月-日"),
        ("  rate_fen_per_person_year: 100\n", "其中一个"),
        (
            CEILING,
            "是不是 city",
        ),
    ],
)
def test_other_faults_of_a_premium(tmp_path: Path, text: str, said: str) -> None:
    found = faults(tmp_path, PARTS + text)

    assert any(said in message for message in found), found


def test_instalments_fall_due_in_the_period_and_sum_to_the_amount(tmp_path: Path) -> None:
    version = read(
        tmp_path, PARTS + "  instalments: [{share_bp: 3_333, due: 03-31}, {share_bp: 6_667, due: 02-29}]\n"
    )

    assert instalments_of(version, 1_001) == [(date(2019, 3, 31), 334), (date(2019, 2, 28), 667)]
    assert instalments_of(read(tmp_path / "one", PARTS), 5) == [(None, 5)]


def test_the_worked_example_of_the_rules_page(tmp_path: Path) -> None:
    payers = """\
  payers:
    - {payer: province, share_bp: 7_000, clause: C-1}
    - {payer: city, share_bp: 6_000, of: rest, clause: C-1}
    - {payer: county, rest: true, clause: C-1}
"""
    version = read(tmp_path, AREA + PARTS + payers)

    bill = premium_bill(version, {YICHENG: {"persons": 100_001, "households": 30_000}})

    assert lines(bill) == [
        (YICHENG, "province", 25_200_210),
        (YICHENG, "city", 6_480_054),
        (YICHENG, "county", 4_320_036),
    ]
    assert bill.total_fen == 36_000_300


def test_one_sum_for_the_scheme_is_not_split_by_what_tells_counties_apart(tmp_path: Path) -> None:
    whole = PARTS.replace("households}, ", "households}, per: scheme, ")

    found = faults(tmp_path, AREA + whole + PAYERS)

    assert any("county_class" in text and "houses" in text and "per: county" in text for text in found)
    assert read(tmp_path, AREA + PARTS + PAYERS).premium is not None


def test_the_class_of_a_county_may_stand_in_the_file_and_a_report_goes_before_it(tmp_path: Path) -> None:
    classed = AREA.replace("'411702', ", "'411702', facts: {county_class: poor}, ", 1)
    assert classed != AREA
    version = read(tmp_path, classed + PARTS + PAYERS)

    by_the_file = premium_bill(version, {YICHENG: {"persons": 100, "households": 0}})
    reported = premium_bill(version, {YICHENG: {"persons": 100, "households": 0, "county_class": "other"}})

    assert [line.name for line in by_the_file.payers if line.amount_fen] == ["province", "city", "county"]
    assert [line.name for line in reported.payers if line.amount_fen] == ["province", "county"]


def test_a_fact_of_a_person_is_none_of_a_county(tmp_path: Path) -> None:
    classed = AREA.replace("'411702', ", "'411702', facts: {died: true}, ", 1)

    assert any("不是县区的事实" in text for text in faults(tmp_path, classed + PARTS))


QUESTION = """\
questions: [{name: city_share, asks: 市里出几成？, undecided: true, clause: C-1}]
"""
OPEN = """\
  payers:
    - {payer: province, share_bp: 2_000, clause: C-1}
    - {payer: city, undecided: city_share, when: {county_class: poor}, clause: C-1}
    - {payer: county, rest: true, clause: C-1}
"""


def test_a_share_the_text_does_not_give_refuses_the_bill_with_its_question(tmp_path: Path) -> None:
    version = read(tmp_path, AREA + QUESTION + PARTS + OPEN)
    facts = {"persons": 10, "households": 0}

    settled = premium_bill(version, {YICHENG: {**facts, "county_class": "rich"}})
    with pytest.raises(CaseError, match=r"C-1：市里出几成？（city_share）方案没有写定"):
        premium_bill(version, {XIPING: {**facts, "county_class": "poor"}})

    assert lines(settled) == [(YICHENG, "province", 600), (YICHENG, "county", 2_400)]
    assert not [one.message for one in remarks(version) if "city_share" in one.message]


def test_an_answer_in_force_tells_who_pays(tmp_path: Path) -> None:
    decided = "options: {half: 一半, none_: 不出}, decided: half, reading: 会议纪要"
    share = "share_bp: 5_000, when: {reading: {city_share: half}}"
    payers = OPEN.replace("undecided: city_share, when: {county_class: poor}", share)
    version = read(tmp_path, AREA + QUESTION.replace("undecided: true", decided) + PARTS + payers)

    bill = premium_bill(version, {YICHENG: {"persons": 10, "households": 0}})

    assert lines(bill) == [(YICHENG, "province", 600), (YICHENG, "city", 1_500), (YICHENG, "county", 900)]


def test_an_undecided_share_names_a_question_of_the_file(tmp_path: Path) -> None:
    assert any("questions 里没有 city_share" in text for text in faults(tmp_path, AREA + PARTS + OPEN))
