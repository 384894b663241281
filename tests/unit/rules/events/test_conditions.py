"""Conditions: what holds, what does not, and which missing facts the answer turns on."""

import pytest

from tests.unit.rules.events.builders import Scheme, assess, scheme

PAYS = """
    facts:
      sober: {{type: flag, of: person, presumed: true, name_zh: 未饮酒}}
      depth: {{type: number, of: household, name_zh: 水深}}
      rolls: {{type: choices, of: person, options: [orphans, pupils], name_zh: 名册}}
      days_after: {{days_between: [on, died_on]}}
      dead: {{of: event, count: persons, when: {{died: true}}}}
    liabilities: [{{code: accident}}]
    benefits:
      - name: grant
        when: {when}
        amount: {{fixed_fen: 100}}
        clause: G-1
"""


def outcome(when: str, facts: str) -> tuple[str, tuple[str, ...]]:
    result = assess(scheme(PAYS.format(when=when)), f"facts: {facts}")
    return result.outcome, result.undecided


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ("{residence: registered}", "{residence: registered}"),
        ("{residence: [temporary, registered]}", "{residence: registered}"),
        ("{residence: {not: visitor}}", "{residence: registered}"),
        ("{age: {from: 18, below: 60}}", "{birth_on: 2001-07-10}"),
        ("{age: {below: 18}}", "{birth_on: 2001-07-11}"),
        ("{died_on: {through: 2019-12-31}}", "{died: true, died_on: 2019-12-31}"),
        ("{days_after: {through: 180}}", "{died: true, died_on: 2020-01-06}"),
        ("{rolls: orphans}", "{rolls: [pupils, orphans]}"),
        ("{sober: true}", "{person_id: p}"),
        ("{disability_grade: {known: false}}", "{person_id: p}"),
        ("{not: {residence: visitor}}", "{residence: registered}"),
        ("{any: [{residence: visitor}, {is_pupil: true}]}", "{is_pupil: true}"),
        ("[{residence: registered}, {is_pupil: true}]", "{residence: registered, is_pupil: true}"),
        (
            "{other_paid_fen: {below: {fact: medical_expense_fen}}}",
            "{other_paid_fen: 1, medical_expense_fen: 2}",
        ),
        ("{depth: {from: 0.5}}", "{depth: 0.5, person_id: p}"),
        ("{dead: {from: 2}}", "{persons: [{id: a, died: true}, {id: b, died: true}, {id: c}]}"),
        ("{dead: 7}", "{dead: 7, person_id: p}"),
    ],
)
def test_what_holds_is_paid(when: str, facts: str) -> None:
    assert outcome(when, facts) == ("entitled", ())


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ("{residence: registered}", "{residence: visitor}"),
        ("{age: {below: 18}}", "{birth_on: 2001-07-10}"),
        ("{disability_grade: {known: true}}", "{person_id: p}"),
        ("{rolls: orphans}", "{rolls: pupils}"),
        # One part is false already: what is missing beside it is not asked for.
        ("{residence: registered, is_pupil: true}", "{residence: visitor}"),
        ("{not: {any: [{residence: visitor}, {is_pupil: true}]}}", "{residence: visitor}"),
    ],
)
def test_what_fails_is_not_paid_by_its_clause(when: str, facts: str) -> None:
    result = assess(scheme(PAYS.format(when=when)), f"facts: {facts}")

    assert (result.outcome, result.benefit_fen) == ("not_entitled", 0)
    assert [(step.name, step.amount_fen, step.clause) for step in result.trace] == [("grant", 0, "G-1")]


@pytest.mark.parametrize(
    ("when", "facts", "asked"),
    [
        ("{residence: registered}", "{person_id: p}", ["residence"]),
        ("{age: {below: 18}}", "{person_id: p}", ["birth_on"]),
        ("{days_after: {through: 180}}", "{died: true}", ["died_on"]),
        ("{residence: registered, is_pupil: true}", "{residence: registered}", ["is_pupil"]),
        ("{any: [{residence: visitor}, {is_pupil: true}]}", "{person_id: p}", ["residence", "is_pupil"]),
        ("{not: {is_pupil: true}}", "{person_id: p}", ["is_pupil"]),
    ],
)
def test_what_the_answer_turns_on_is_asked_for(when: str, facts: str, asked: list[str]) -> None:
    found, questions = outcome(when, facts)

    assert found == "undetermined"
    assert len(questions) == len(asked)
    for question, name in zip(questions, asked, strict=True):
        assert name in question


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{residense: registered}", "没有申明事实 residense，是不是 residence"),
        ("{residence: registerd}", "没有“registerd”这一项，是不是 registered"),
        ("{residence: {from: registered}}", "不能比大小"),
        ("{age: {over: 18}}", "里不认识“over”"),
        ("{age: eighteen}", "应是整数"),
        ("{died_on: {through: {fact: age}}}", "不是一类"),
        ("{any: {is_pupil: true}}", "any 应是条件的列表"),
        ("{}", "条件是空的"),
        ("{reading: {open: yes}}", "questions 里没有 open"),
    ],
)
def test_a_condition_that_cannot_be_read_is_named(when: str, said: str) -> None:
    faults = Scheme(PAYS.format(when=when)).faults

    assert any(said in fault for fault in faults), faults
