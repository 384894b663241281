"""Whatever an event brings: no limit is passed, nobody's place in the list matters, and the fen add up."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.rules.events.builders import assess, scheme

EVENT_FEN, PERSON_FEN, MEDICAL_FEN = 2_500, 900, 300
TERMS = scheme(
    f"""
    liabilities: [{{code: accident}}]
    benefits:
      - {{name: disability, claimed_with: disability_grade,
         amount: {{unit_fen: 100, times: disability_grade}}, limits: [person], clause: DIS-1}}
      - {{name: medical, claimed_with: medical_expense_fen,
         amount: {{share_bp: 9_000, of: medical_expense_fen}}, limits: [medical], clause: MED-1}}
    limits:
      - {{name: medical, per: person, over: year, limit_fen: {MEDICAL_FEN}, inside: person, clause: LIMIT-1}}
      - {{name: person, per: person, over: year, limit_fen: {PERSON_FEN}, inside: event, clause: LIMIT-2}}
      - {{name: event, per: event, over: event, limit_fen: {EVENT_FEN}, when_exceeded: pro_rata,
         clause: LIMIT-3}}
    """
)
person = st.fixed_dictionaries(
    {},
    optional={
        "disability_grade": st.integers(1, 10),
        "medical_expense_fen": st.integers(0, 1_000),
        "used_fen": st.fixed_dictionaries({"person": st.integers(0, PERSON_FEN)}),
    },
).filter(lambda one: "disability_grade" in one or "medical_expense_fen" in one)
victims = st.lists(person, min_size=1, max_size=8)


def paid(persons: list[dict[str, Any]]) -> dict[str, int]:
    return assess(TERMS, f"facts: {{persons: {persons!r}}}").by_person


def named(persons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"p{number}", **one} for number, one in enumerate(persons)]


@given(victims)
@settings(max_examples=150, deadline=None)
def test_no_limit_is_ever_passed(persons: list[dict[str, Any]]) -> None:
    found = paid(named(persons))

    assert sum(found.values()) <= EVENT_FEN
    for number, one in enumerate(persons):
        left_fen = PERSON_FEN - one.get("used_fen", {}).get("person", 0)
        assert 0 <= found[f"p{number}"] <= left_fen
        if "disability_grade" not in one:
            assert found[f"p{number}"] <= MEDICAL_FEN


@given(victims, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_the_victims_never_matters(persons: list[dict[str, Any]], chance: Any) -> None:
    listed = named(persons)
    shuffled = chance.sample(listed, len(listed))

    assert paid(listed) == paid(shuffled)


@given(victims)
@settings(max_examples=150, deadline=None)
def test_an_event_pays_the_least_of_its_limit_and_what_is_due(persons: list[dict[str, Any]]) -> None:
    due = [paid([{"id": "alone", **one}])["alone"] for one in persons]

    assert sum(paid(named(persons)).values()) == min(EVENT_FEN, sum(due))


@given(victims, st.integers(1, 500))
@settings(max_examples=150, deadline=None)
def test_more_expense_never_pays_a_lone_victim_less(persons: list[dict[str, Any]], more_fen: int) -> None:
    one = persons[0]
    worse = one | {"medical_expense_fen": one.get("medical_expense_fen", 0) + more_fen}

    assert paid([{"id": "p", **worse}])["p"] >= paid([{"id": "p", **one}])["p"]
