"""Amounts: every way to write one, worked by hand, with the clause of what was chosen."""

import pytest

from tests.unit.rules.events.builders import Scheme, assess, scheme

PAYS = """
    facts:
      rooms: {{type: number, of: person, name_zh: 间数}}
      ground: {{type: number, of: person, name_zh: 面积}}
      stock_fen: {{type: money, of: person, name_zh: 存货损失}}
    tables:
      grades: {{by: disability_grade, clause: T-1,
                rows: [{{is: 1, share_bp: 10_000}}, {{is: [9, 10], share_bp: 1_000}}]}}
    liabilities: [{{code: accident}}]
    benefits:
      - name: grant
        amount: {amount}
        clause: G-1
"""


TIERS = """{of: stock_fen, tiers: [
    {from_fen: 0, below_fen: 100, rate_bp: 5_000, clause: A}, {from_fen: 100, fixed_fen: 80, clause: B}]}"""
BANDS = """{of: stock_fen, bands: [
    {from_fen: 0, below_fen: 100, rate_bp: 5_000, clause: A}, {from_fen: 100, rate_bp: 8_000, clause: B}]}"""


def paid(amount: str, facts: str) -> int:
    return assess(scheme(PAYS.format(amount=amount)), f"facts: {facts}").benefit_fen


@pytest.mark.parametrize(
    ("amount", "facts", "fen"),
    [
        ("{fixed_fen: 5_000_000}", "{person_id: p}", 5_000_000),
        ("medical_expense_fen", "{medical_expense_fen: 123}", 123),
        ("{share_bp: 9_000, of: medical_expense_fen}", "{medical_expense_fen: 123_456}", 111_110),
        ("{share_bp: 5_000, of: medical_expense_fen}", "{medical_expense_fen: 1}", 1),
        ("{share_bp: 15_000, of: {fixed_fen: 100}}", "{person_id: p}", 150),
        ("{unit_fen: 2_000, times: days_resettled}", "{days_resettled: 7}", 14_000),
        ("{unit_fen: 20, times: {fact: days_resettled, beyond: 3, at_most: 9}}", "{days_resettled: 20}", 180),
        ("{unit_fen: 2_000, times: {fact: days_resettled, beyond: 3}}", "{days_resettled: 2}", 0),
        ("{unit_fen: 333, times: ground}", "{ground: 33.5}", 11_156),  # 11,155.5 goes up
        ("{unit_fen: 100, times: {product: [rooms, 2]}}", "{rooms: 3}", 600),
        ("{unit_fen: 100, times: {least: [rooms, 2]}}", "{rooms: 3}", 200),
        ("{first: [{when: {is_pupil: true}, fixed_fen: 7}, {fixed_fen: 5}]}", "{is_pupil: false}", 5),
        ("{first: [{when: {is_pupil: true}, fixed_fen: 7}]}", "{is_pupil: false}", 0),
        ("{table: grades, of: {fixed_fen: 5_000_000}}", "{disability_grade: 10}", 500_000),
        ("{table: grades, of: {fixed_fen: 5_000_000}}", "{disability_grade: 1}", 5_000_000),
        ("{table: grades, of: {fixed_fen: 5_000_000}}", "{disability_grade: 5}", 0),
        ("{by: rooms, rows: [{below: 2, fixed_fen: 1}, {from: 2, through: 3, fixed_fen: 2}]}",
         "{rooms: 3}", 2),
        (TIERS, "{stock_fen: 99}", 50),
        (TIERS, "{stock_fen: 100}", 80),
        (BANDS, "{stock_fen: 200}", 130),
        ("{sum: [{fixed_fen: 1}, stock_fen]}", "{stock_fen: 2}", 3),
        ("{least: [{fixed_fen: 1}, stock_fen]}", "{stock_fen: 2}", 1),
        ("{greatest: [{fixed_fen: 1}, stock_fen]}", "{stock_fen: 2}", 2),
        ("{less: [basic_paid_fen, other_paid_fen], of: medical_expense_fen}",
         "{medical_expense_fen: 100, basic_paid_fen: 60, other_paid_fen: 50}", 0),
        ("{deductible_fen: 10, of: medical_expense_fen}", "{medical_expense_fen: 100}", 90),
        ("{franchise_fen: 100, of: medical_expense_fen}", "{medical_expense_fen: 100}", 100),
        ("{franchise_fen: 100, of: medical_expense_fen}", "{medical_expense_fen: 99}", 0),
        ("{in_proportion: {part: {fixed_fen: 1}, whole: {fixed_fen: 3}}, of: medical_expense_fen}",
         "{medical_expense_fen: 100}", 33),
        ("{in_proportion: {part: {fixed_fen: 5}, whole: {fixed_fen: 3}}, of: medical_expense_fen}",
         "{medical_expense_fen: 100}", 100),
        ("{fact: medical_expense_fen, at_most_fen: 50}", "{medical_expense_fen: 100}", 50),
        ("{fact: medical_expense_fen, at_least_fen: {fact: stock_fen}}",
         "{medical_expense_fen: 1, stock_fen: 2}", 2),
        ("{fact: stock_fen, rounded: {to_fen: 100, how: half_up}}", "{stock_fen: 150}", 200),
        ("{fact: medical_expense_fen, rounded: {to_fen: 100, how: down}}", "{medical_expense_fen: 199}", 100),
        ("{fact: medical_expense_fen, rounded: {to_fen: 100, how: up}}", "{medical_expense_fen: 101}", 200),
    ],
)  # fmt: skip
def test_an_amount_comes_to_what_was_worked_by_hand(amount: str, facts: str, fen: int) -> None:
    assert paid(amount, facts) == fen


def test_the_trace_cites_the_arm_that_was_chosen() -> None:
    amount = """{first: [{when: {basic_insured: true}, share_bp: 9_000, of: out_of_pocket_fen,
        clause: INSURED}, {share_bp: 8_000, of: in_catalogue_fen, clause: NOT-INSURED}]}"""

    result = assess(
        scheme(PAYS.format(amount=amount)), "facts: {basic_insured: false, in_catalogue_fen: 1_000}"
    )

    assert [tuple(step) for step in result.trace] == [("grant", 800, "NOT-INSURED")]


def test_an_amount_the_text_does_not_give_is_never_guessed() -> None:
    rows = "[{is: 1, fixed_fen: 7}, {is: 2, undecided: grade_2}]"
    text = PAYS.format(amount=f"{{by: disability_grade, rows: {rows}}}")
    known = scheme("    questions: [{name: grade_2, asks: 二级赔多少, undecided: true, clause: Q}]" + text)

    assert assess(known, "facts: {disability_grade: 1}").benefit_fen == 7
    open_case = assess(known, "facts: {disability_grade: 2}")
    assert (open_case.outcome, open_case.benefit_fen) == ("undetermined", 0)
    assert "二级赔多少" in open_case.undecided[0]


def test_what_the_scheme_is_silent_on_pays_nothing_and_says_so() -> None:
    result = assess(
        scheme(PAYS.format(amount="{table: grades, of: {fixed_fen: 9}}")), "facts: {disability_grade: 5}"
    )

    assert [tuple(step) for step in result.trace] == [("grant.grades", 0, "NO-BRANCH"), ("grant", 0, "G-1")]


def test_a_missing_amount_is_asked_for_and_nothing_is_paid() -> None:
    result = assess(
        scheme(PAYS.format(amount="{share_bp: 9_000, of: medical_expense_fen}")), "facts: {person_id: p}"
    )

    assert (result.outcome, result.benefit_fen, result.by_person) == ("undetermined", 0, {})
    assert "medical_expense_fen" in result.undecided[0]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("{fixed_fen: 1, share_bp: 2}", "有且只有一种写法"),
        ("{at_most_fen: 2}", "一个也没写"),
        ("{share_bp: 5_000}", "没有写 of"),
        ("{share_bp: 5_000, of: rooms}", "不是金额"),
        ("{unit_fen: 5, times: stock_fen}", "不是数量"),
        ("{unit_fen: 5}", "没有写 times"),
        ("{table: grade, of: {fixed_fen: 1}}", "是不是 grades"),
        ("{fixed_fen: 1, of: rooms}", "里不认识“of”"),
        ("{first: [{fixed_fen: 1}, {fixed_fen: 2}]}", "永远用不到"),
        ("{by: rooms, rows: [{below: 2, fixed_fen: 1}, {from: 1, fixed_fen: 2}]}", "有同样的值"),
        ("{by: residence, rows: [{is: visitor, fixed_fen: 1}, {is: [visitor], fixed_fen: 2}]}", "有同样的值"),
        ("{fixed_fen: 1, rounded: {to_fen: 100, how: even}}", "how 不能是“even”"),
        ("{tiers: [{from_fen: 1, rate_bp: 5_000, clause: A}], of: stock_fen}", "应从 0 元起"),
    ],
)
def test_an_amount_that_cannot_be_read_is_named(amount: str, said: str) -> None:
    faults = Scheme(PAYS.format(amount=amount)).faults

    assert any(said in fault for fault in faults), faults
