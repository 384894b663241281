"""Limits: what earlier claims left, in which order, and how an excess is shared out to the fen."""

import pytest

from tests.unit.rules.events.builders import Scheme, assess, scheme
from yiyuan.kernel.errors import CaseError
from yiyuan.rules.events.limits import in_order, pro_rata

SCHEME = """
    questions:
      - {name: medical_inside, asks: 含在总额内吗, options: {inside: 含, added: 另加}, undecided: true,
         clause: Q-1}
      - {name: how, asks: 怎么分, options: [pro_rata, in_order], undecided: true, clause: Q-2}
    liabilities: [{code: accident}]
    benefits:
      - {name: death, claimed_with: died, amount: {fixed_fen: 1_000}, limits: [total, event], clause: DEATH-1}
      - {name: medical, claimed_with: medical_expense_fen, amount: medical_expense_fen,
         limits: [medical, event], clause: MED-1}
    limits:
      - {name: medical, per: person, over: year, limit_fen: 500,
         inside: {limit: total, if: {medical_inside: inside}}, clause: LIMIT-1}
      - {name: total, per: person, over: year, limit_fen: 1_200, clause: LIMIT-2}
      - {name: event, per: event, over: event, limit_fen: 2_000, when_exceeded: WHEN, clause: LIMIT-3}
"""
PRO_RATA = scheme(SCHEME.replace("WHEN", "pro_rata"))


def test_a_limit_leaves_what_earlier_claims_have_not_used() -> None:
    result = assess(PRO_RATA, "{facts: {medical_expense_fen: 900}, used_fen: {medical: 450}}")

    assert result.benefit_fen == 50


def test_a_limit_that_is_used_up_pays_nothing_by_its_clause() -> None:
    result = assess(PRO_RATA, "{facts: {medical_expense_fen: 900}, used_fen: {medical: 500}}")

    assert (result.outcome, result.trace[-1].clause) == ("not_entitled", "LIMIT-1")


def test_an_open_relation_decides_nothing_where_it_does_not_matter() -> None:
    result = assess(PRO_RATA, "facts: {died: true, medical_expense_fen: 200}")

    assert (result.outcome, result.benefit_fen) == ("entitled", 1_200)


def test_an_open_relation_is_asked_where_it_matters_and_may_be_tried() -> None:
    case = "facts: {died: true, medical_expense_fen: 300}"

    result = assess(PRO_RATA, case)

    assert (result.outcome, result.benefit_fen) == ("undetermined", 0)
    assert "medical_inside" in result.undecided[0]
    assert assess(PRO_RATA, case, medical_inside="inside").benefit_fen == 1_200
    assert assess(PRO_RATA, case, medical_inside="added").benefit_fen == 1_300


def test_an_event_limit_reached_exactly_takes_nothing() -> None:
    result = assess(PRO_RATA, "facts: {persons: [{id: a, died: true}, {id: b, died: true}]}")

    assert result.by_person == {"a": 1_000, "b": 1_000}


def test_an_excess_is_shared_pro_rata_whatever_the_order() -> None:
    persons = ["{id: a, died: true}", "{id: b, died: true}", "{id: c, died: true}"]

    one = assess(PRO_RATA, f"facts: {{persons: [{', '.join(persons)}]}}")
    other = assess(PRO_RATA, f"facts: {{persons: [{', '.join(reversed(persons))}]}}")

    assert one.by_person == other.by_person == {"a": 667, "b": 667, "c": 666}


def test_an_excess_in_order_goes_to_who_comes_first() -> None:
    in_order_of_case = scheme(SCHEME.replace("WHEN", "in_order"))

    result = assess(
        in_order_of_case, "facts: {persons: [{id: a, died: true}, {id: b, died: true}, {id: c, died: true}]}"
    )

    assert result.by_person == {"a": 1_000, "b": 1_000, "c": 0}


def test_how_an_excess_is_shared_is_asked_only_when_there_is_one() -> None:
    asked = scheme(SCHEME.replace("WHEN", "{question: how}"))

    two = assess(asked, "facts: {persons: [{id: a, died: true}, {id: b, died: true}]}")
    three = assess(asked, "facts: {persons: [{id: a, died: true}, {id: b, died: true}, {id: c, died: true}]}")

    assert two.benefit_fen == 2_000
    assert (three.outcome, "怎么分" in three.undecided[0]) == ("undetermined", True)


def test_used_amounts_of_several_victims_are_their_own() -> None:
    persons = (
        "[{id: a, medical_expense_fen: 500, used_fen: {medical: 400}}, {id: b, medical_expense_fen: 500}]"
    )

    own = assess(PRO_RATA, f"facts: {{persons: {persons}}}")
    mapped = assess(
        PRO_RATA,
        "{facts: {persons: [{id: a, medical_expense_fen: 500}, {id: b, medical_expense_fen: 500}]},"
        " used_fen: {medical: {a: 400}}}",
    )

    assert own.by_person == mapped.by_person == {"a": 100, "b": 500}
    with pytest.raises(CaseError, match="每人的限额"):
        assess(PRO_RATA, f"{{facts: {{persons: {persons}}}, used_fen: {{medical: 1}}}}")


def test_a_limit_the_scheme_does_not_know_is_refused() -> None:
    with pytest.raises(CaseError, match="是不是 medical"):
        assess(PRO_RATA, "{facts: {died: true}, used_fen: {medicel: 1}}")


@pytest.mark.parametrize(
    ("amounts", "left", "paid"),
    [([1_000, 1_000, 1_000], 1_000, [334, 333, 333]), ([3, 1], 2, [2, 0]), ([5, 0, 5], 1, [1, 0, 0])],
)
def test_pro_rata_gives_the_largest_remainders_first(amounts: list[int], left: int, paid: list[int]) -> None:
    shares = pro_rata(amounts, left, range(len(amounts)))

    assert (shares, sum(shares)) == (paid, left)


def test_in_order_ends_where_nothing_is_left() -> None:
    assert in_order([700, 700, 700], 1_000) == [700, 300, 0]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("{name: x, per: event, over: event, limit_fen: 1, clause: L}", "超出时怎么分没有写"),
        ("{name: x, per: person, over: year, clause: L}", "limit_fen（分）或 limit"),
        ("{name: x, per: person, over: week, limit_fen: 1, clause: L}", "over 不能是“week”"),
        ("{name: x, per: person, over: year, limit_fen: 1, inside: medical, clause: L}", "应写在它前面"),
        ("{name: medical, per: person, over: year, limit_fen: 1, clause: L}", "medical 写了两次"),
    ],
)
def test_a_limit_that_cannot_be_read_is_named(limit: str, said: str) -> None:
    faults = Scheme(SCHEME.replace("WHEN", "pro_rata") + f"      - {limit}\n").faults

    assert any(said in fault for fault in faults), faults


def test_whom_a_limit_binds_is_asked_only_where_it_takes_something() -> None:
    bound = scheme(
        SCHEME.replace("WHEN", "pro_rata").replace(
            "limit_fen: 500,", "limit_fen: 500, when: {is_pupil: true},"
        )
    )

    below = assess(bound, "facts: {medical_expense_fen: 500}")
    above = assess(bound, "facts: {medical_expense_fen: 501}")

    assert (below.outcome, below.benefit_fen) == ("entitled", 500)
    assert (above.outcome, "is_pupil" in above.undecided[0]) == ("undetermined", True)


def counted(case: str) -> dict[str, tuple[int, int]]:
    return {one.limit.name: (one.amount_fen, one.limit_fen) for one in assess(PRO_RATA, case).counted}


def test_what_is_paid_in_the_end_counts_against_every_limit_it_passed() -> None:
    assert counted("{facts: {died: true}, used_fen: {event: 1_500}}") == {
        "total": (500, 1_200),
        "event": (500, 2_000),
    }


def test_as_long_as_it_is_open_whether_it_counts_it_uses_nothing_up() -> None:
    assert counted("{facts: {medical_expense_fen: 300}}") == {
        "medical": (300, 500),
        "total": (0, 1_200),
        "event": (300, 2_000),
    }
