"""The ladder: the first reason that applies decides; what holds for the row is said in any case."""

from dataclasses import replace
from datetime import date

import pytest

from yiyuan.kernel.period import Period
from yiyuan.rules.algebra import Step
from yiyuan.rules.eligibility import Decision, Settlement, Spell, decide
from yiyuan.rules.terms import SchemeVersion

POOR = Spell("registered_poor", Period(date(2015, 1, 1)))
ALLOWANCE = Spell("subsistence_allowance", Period(date(2019, 1, 1), date(2019, 7, 1)))
STAY = Settlement(
    setl_id="S-1",
    county_code="411724",
    diagnosis_code="N18.5",
    birth_on=date(1950, 3, 1),
    sex="1",
    on=date(2019, 6, 1),
    amounts_fen={"inscp_scp_amt_fen": 1_000_000, "hifp_pay_fen": 850_020},
)


def seen(decision: Decision) -> tuple[str, str, str, str | None]:
    return decision.outcome, decision.reason, decision.clause, decision.missing


def test_entitled_explains_itself(zhumadian: SchemeVersion) -> None:
    decision = decide(zhumadian, STAY, [POOR])

    assert decision == Decision(
        outcome="entitled",
        reason="entitled",
        group="registered_poor",
        disease="D07",
        residual_fen=149_980,
        benefit_fen=80_000,
        clause="MED-1B",
        missing=None,
        trace=(Step("residual_fen", 149_980, "MED-1"), Step("benefit_fen", 80_000, "MED-1B")),
    )


def test_every_reason_comes_before_the_later_ones(zhumadian: SchemeVersion) -> None:
    # Everything is wrong with the row; mending one fault at a time shows the next reason.
    excluded = replace(zhumadian, pool_excluded=frozenset({"411724"}))
    row = replace(
        STAY, is_reversed=True, on=date(2020, 1, 1), diagnosis_code="J18", is_claimed=True, amounts_fen={}
    )
    reasons = [decide(excluded, row, [ALLOWANCE]).reason]
    row = replace(row, is_reversed=False)
    reasons.append(decide(excluded, row, [ALLOWANCE]).reason)
    row = replace(row, on=date(2019, 8, 1))
    reasons.append(decide(excluded, row, [ALLOWANCE]).reason)
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, on=date(2019, 6, 30))
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, diagnosis_code="A15.0")
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, diagnosis_code="N18.5")
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, amounts_fen={"inscp_scp_amt_fen": 0})
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, amounts_fen={"inscp_scp_amt_fen": 10})
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)
    row = replace(row, is_claimed=False)
    reasons.append(decide(zhumadian, row, [ALLOWANCE]).reason)

    assert reasons == [
        "reversed",
        "outside_period",
        "outside_pool",
        "no_group_on_date",
        "disease_not_listed",
        "needs_proof",
        "missing_fact",
        "nothing_left_to_pay",
        "already_claimed",
        "entitled",
    ]


@pytest.mark.parametrize(
    ("missing", "clause", "row"),
    [
        ("admitted_on", "PERIOD-1", replace(STAY, on=None)),
        ("settled_on", "PERIOD-1", replace(STAY, on=None, on_name="settled_on")),
        ("diagnosis_code", "MED-2", replace(STAY, diagnosis_code=None)),
        ("birth_on", "MED-2", replace(STAY, diagnosis_code="C91.0", birth_on=None)),
        ("sex", "MED-2", replace(STAY, diagnosis_code="C53", sex=None)),
        ("inscp_scp_amt_fen", "MED-1", replace(STAY, amounts_fen={"hifp_pay_fen": 1})),
    ],
)
def test_a_missing_fact_is_named_where_it_is_first_needed(
    zhumadian: SchemeVersion, missing: str, clause: str, row: Settlement
) -> None:
    decision = decide(zhumadian, row, [POOR])

    assert seen(decision) == ("undetermined", "missing_fact", clause, missing)
    assert decision.benefit_fen == 0
    assert decision.trace == ()


def test_a_person_nobody_looked_up_is_a_missing_group(zhumadian: SchemeVersion) -> None:
    assert seen(decide(zhumadian, STAY, None)) == ("undetermined", "missing_fact", "GROUP-1", "group")
    assert decide(zhumadian, STAY, []).reason == "no_group_on_date"


def test_a_county_is_asked_for_only_when_some_county_is_outside(zhumadian: SchemeVersion) -> None:
    excluded = replace(zhumadian, pool_excluded=frozenset({"411729"}))
    nowhere = replace(STAY, county_code=None)

    assert decide(zhumadian, nowhere, [POOR]).outcome == "entitled"
    assert seen(decide(excluded, nowhere, [POOR]))[1:] == ("missing_fact", "POOL-1", "county_code")


def test_the_amount_is_not_asked_for_before_the_disease_is_listed(zhumadian: SchemeVersion) -> None:
    unlisted = replace(STAY, diagnosis_code="J18", amounts_fen={})
    unproven = replace(STAY, diagnosis_code="A15", amounts_fen={})

    assert decide(zhumadian, unlisted, [POOR]).reason == "disease_not_listed"
    assert decide(zhumadian, unproven, [POOR]).reason == "needs_proof"


def test_group_disease_and_residual_hold_whatever_the_reason(zhumadian: SchemeVersion) -> None:
    decision = decide(zhumadian, replace(STAY, is_reversed=True), [ALLOWANCE])

    assert (decision.group, decision.disease, decision.residual_fen) == (
        "subsistence_allowance",
        "D07",
        149_980,
    )
    assert decision.benefit_fen == 0
    assert decision.trace == (Step("benefit_fen", 0, "REVERSE-1"),)


def test_the_first_group_in_the_schemes_order_that_holds_names_the_case(zhumadian: SchemeVersion) -> None:
    orphan = Spell("orphan", Period(date(2010, 1, 1)))

    assert decide(zhumadian, STAY, [orphan, ALLOWANCE, POOR]).group == "registered_poor"
    assert decide(zhumadian, STAY, [orphan, ALLOWANCE]).group == "subsistence_allowance"
    assert decide(zhumadian, replace(STAY, on=date(2019, 7, 1)), [orphan, ALLOWANCE]).group == "orphan"


def test_the_date_moves_the_age_too(zhumadian: SchemeVersion) -> None:
    child = replace(STAY, diagnosis_code="C91.0", birth_on=date(2004, 6, 2))

    assert decide(zhumadian, child, [POOR]).outcome == "entitled"
    assert decide(zhumadian, replace(child, on=date(2019, 6, 2)), [POOR]).reason == "disease_not_listed"
