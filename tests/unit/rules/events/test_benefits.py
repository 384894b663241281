"""Benefits of an event: who is covered, what is claimed, what excludes, and how benefits and causes meet."""

import pytest

from tests.unit.rules.events.builders import assess, scheme
from yiyuan.kernel.errors import CaseError

SCHEME = """
    facts:
      drunk: {type: flag, of: person, presumed: false, name_zh: 酒驾}
    cover:
      - {name: registered, when: {residence: registered}, clause: COVER-1}
      - {name: present, when: {residence: [temporary, visitor], inside_area: true}, clause: COVER-2}
      - {name: houses, for: household, when: {house_inside_area: true}, clause: COVER-3}
    liabilities:
      - {code: disaster}
      - {code: traffic, when: {liable_party: [none_found, fled, unable_to_pay]}, cover: [registered]}
    exclusions:
      - {name: drunk, when: {drunk: true}, liabilities: [traffic], clause: EXCL-1}
    benefits:
      - {name: death, claimed_with: died, when: {died: true}, amount: {first: [
           {when: {cause: traffic}, fixed_fen: 5_000}, {fixed_fen: 10_000}]},
         limits: [person], clause: DEATH-1}
      - {name: disability, claimed_with: disability_grade, amount: {by: disability_grade, rows: [
           {is: 1, fixed_fen: 10_000}, {is: 10, fixed_fen: 1_000}]}, limits: [person], clause: DIS-1}
      - {name: house, for: household, liabilities: [disaster], claimed_with: loss_fen,
         amount: {fact: loss_fen, at_most_fen: 3_000}, clause: HOUSE-1}
    limits:
      - {name: person, per: person, over: event, limit_fen: 10_500, clause: LIMIT-1}
    combine:
      - {benefits: [death, disability], rule: highest, clause: COMB-1}
    several_causes: {rule: highest, clause: COMB-2}
"""


def test_each_victim_is_paid_and_every_step_names_its_clause() -> None:
    result = assess(
        scheme(SCHEME),
        """facts: {cause: disaster, inside_area: true, persons: [
             {id: a, residence: registered, died: true},
             {id: b, residence: visitor, disability_grade: 10},
             {id: c, residence: registered}]}""",
    )

    assert (result.outcome, result.benefit_fen) == ("entitled", 11_000)
    assert result.by_person == {"a": 10_000, "b": 1_000, "c": 0}
    assert result.by_benefit == {"death": 10_000, "disability": 1_000}
    assert [tuple(step) for step in result.trace] == [
        ("a/death", 10_000, "DEATH-1"),
        ("b/disability", 1_000, "DIS-1"),
        ("a/person", 10_000, "LIMIT-1"),
        ("b/person", 1_000, "LIMIT-1"),
    ]


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ("{cause: traffic, liable_party: fled, residence: visitor, died: true}", "COVER-1"),
        ("{cause: traffic, liable_party: able, residence: registered, died: true}", "C-traffic"),
        ("{cause: traffic, liable_party: fled, residence: registered, died: true, drunk: true}", "EXCL-1"),
        ("{cause: disaster, residence: registered, died: false}", "DEATH-1"),
    ],
)
def test_what_refuses_is_named(facts: str, clause: str) -> None:
    result = assess(scheme(SCHEME), f"facts: {facts}")

    assert (result.outcome, result.benefit_fen) == ("not_entitled", 0)
    assert result.trace[-1].clause == clause


def test_a_household_is_paid_for_its_house_by_presence_of_the_house_not_of_people() -> None:
    result = assess(
        scheme(SCHEME), "facts: {cause: disaster, household_id: h, house_inside_area: true, loss_fen: 5_000}"
    )

    assert (result.by_person, result.by_benefit) == ({"h": 3_000}, {"house": 3_000})


def test_of_death_and_disability_the_larger_is_paid() -> None:
    result = assess(
        scheme(SCHEME), "facts: {cause: disaster, residence: registered, died: true, disability_grade: 1}"
    )

    assert result.by_benefit == {"death": 10_000}
    assert ("disability", 0, "COMB-1") in [tuple(step) for step in result.trace]


def test_of_two_causes_the_one_that_pays_more_is_paid_once() -> None:
    facts = "{causes: [traffic, disaster], liable_party: fled, residence: registered, died: true}"

    result = assess(scheme(SCHEME), f"facts: {facts}")

    assert result.benefit_fen == 10_000


def test_of_two_causes_without_a_rule_nothing_is_guessed() -> None:
    without = SCHEME.replace("    several_causes: {rule: highest, clause: COMB-2}\n", "")
    facts = "{causes: [traffic, disaster], liable_party: fled, residence: registered, died: true}"

    result = assess(scheme(without), f"facts: {facts}")

    assert result.outcome == "undetermined"
    assert "several_causes" in result.undecided[0]


def test_a_case_that_claims_nothing_is_asked_what_it_claims() -> None:
    result = assess(scheme(SCHEME), "facts: {cause: disaster, residence: registered}")

    assert result.outcome == "undetermined"
    assert "died" in result.undecided[0]
    assert "disability_grade" in result.undecided[0]


def test_everybody_who_lacks_a_fact_is_named() -> None:
    result = assess(
        scheme(SCHEME), "facts: {cause: disaster, persons: [{id: a, died: true}, {id: b, died: true}]}"
    )

    asked = [question for question in result.undecided if "residence" in question]
    assert [question.split("：")[0] for question in asked] == ["a", "b"]
    # What is asked of the event is asked once.
    assert sum("inside_area" in question for question in result.undecided) == 1


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("{died: true, died_on: 2019-07-09}", "died_on = 2019-07-09，应不小于 on"),
        ("{disability_grade: 0}", "disability_grade = 0"),
        ("{disability_grade: 11}", "disability_grade = 11"),
        ("{loss_fen: -1}", "loss_fen = -1"),
        ("{diedd: true}", "是不是 died"),
        ("{died: yes}", "true 或 false"),
        ("{persons: [{id: a}, {id: a}]}", "编号 a 用了不止一次"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_name(facts: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        assess(scheme(SCHEME), f"facts: {facts}")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("{age: 17, birth_on: 1990-01-01}", "按 birth_on 到 on 算是 29"),
        ("{deaths: 1, persons: [{id: a, died: true}, {id: b, died: true}]}", "案例里已有 2"),
        ("{died: false, died_on: 2019-07-11}", "died_on = 2019-07-11，与案例写的别的事实矛盾"),
        ("{loss_fen: 100_000_000_001}", "超出范围"),
        ("{cause: [disaster, traffic], died: true}", "请写在 causes 里"),
    ],
)
def test_facts_that_contradict_each_other_are_refused_by_name(facts: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        assess(scheme(SCHEME), f"facts: {facts}")


def test_an_event_may_have_more_victims_than_the_case_lists() -> None:
    result = assess(scheme(SCHEME), "facts: {cause: disaster, residence: registered, died: true, deaths: 3}")

    assert result.benefit_fen == 10_000
