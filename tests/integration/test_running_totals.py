"""Limits: decided up to what is left, consumed by the payment, given back to the fen, never gone beyond."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, key, make_account, make_city, make_person
from tests.integration.test_accident_claims import DIED, opened
from tests.integration.test_budgets import CIVIL, FINANCE, OF_A_COUNTY
from tests.integration.test_races import at_once
from yiyuan.apps.adjudication.accidents import Accident
from yiyuan.apps.adjudication.models import Consumption, Decision, LimitChange, RunningTotal
from yiyuan.apps.adjudication.overriding import (
    agree_beyond,
    list_limit_changes,
    list_limits,
    list_limits_of,
    propose_beyond,
    refuse_beyond,
)
from yiyuan.apps.adjudication.running import account_of, get_used, move_limits
from yiyuan.apps.adjudication.states import FOLLOWS, LimitMove
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.accidents import NewAccident
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.claims.errors import LimitSpent
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.ledger.errors import ChangeDecided, ReasonMissing, RoleMissing, SameHands
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.events.facts import Value
from yiyuan.rules.scheme_file.loading import load_scheme

pytestmark = pytest.mark.django_db

TUTORIAL = Path(__file__).parents[1] / "schemes-of-others" / "qingshi-tutorial"
SUM_FEN, TENTH_FEN = 20_000_000, 2_000_000  # of a brave person: for death, and for the lowest grade
HURT: dict[str, Value] = {
    "residence": "registered", "recognised_by": "county", "disability_grade": 10,
    "certified_by": "hospital_3",
}  # fmt: skip


def victim() -> NewAccident:
    make_city()
    person = make_person()
    accident = Accident("SG-1", "L1", date(2019, 11, 1), HURT, event="洪水")
    return NewAccident(accident, person.pk, "411724", make_account(person).pk)


def report(new: NewAccident, number: str, **facts: Value) -> Claim:
    told = facts or HURT
    return opened(replace(new, accident=replace(new.accident, number=number, facts=told)))


def say(claim: Claim, *verbs: Verb) -> None:
    by = {Verb.ASSESS: ASSESSOR, Verb.APPEAL: DESK, Verb.WITHDRAW: DESK}
    for verb in verbs:
        words = {"actor": by.get(verb, APPROVER), "occurred_at": AT, "request_key": key()}
        move_claim(number=claim.number, verb=verb, reason="理由", **words)  # type: ignore[arg-type]


def second_approver_returns(claim: Claim) -> None:
    other = replace(APPROVER, id="approver2")
    move_claim(
        number=claim.number, verb=Verb.RETURN_FOR_ASSESSMENT, actor=other, occurred_at=AT, reason="新材料",
        request_key=key(),
    )  # fmt: skip


def sums(limit: str = "death_disability") -> tuple[int, int, int]:
    """Return what of a limit is reserved, paid and left."""
    for found in list_limits(scope=EVERYWHERE, limit=limit):
        return found.reserved_fen, found.used_fen, found.left_fen
    return 0, 0, 0


def test_a_claim_gets_what_earlier_ones_of_the_event_left_with_the_clause() -> None:
    new = victim()
    report(new, "SG-1")

    second = report(new, "SG-2", **DIED)

    assert second.benefit_fen == SUM_FEN - TENTH_FEN
    decision = Decision.objects.get(pk=second.decision_id)
    steps = {step["name"]: (step["amount_fen"], step["clause"]) for step in decision.trace}
    assert steps["death_disability"] == (SUM_FEN - TENTH_FEN, "SUM-1")
    told = {one["limit"]: (one["limit_fen"], one["used_fen"]) for one in decision.facts["limits"]}
    assert told["death_disability"] == (SUM_FEN, TENTH_FEN)
    assert sums() == (SUM_FEN, 0, 0)


def test_another_event_and_another_person_have_limits_of_their_own() -> None:
    new = victim()
    report(new, "SG-1")
    other = make_person("李四")

    elsewhere = opened(replace(new, accident=replace(new.accident, number="SG-2", facts=DIED, event="火灾")))
    another = replace(new, person_id=other.pk, account_id=make_account(other).pk)

    assert elsewhere.benefit_fen == SUM_FEN
    assert report(another, "SG-3", **DIED).benefit_fen == SUM_FEN


def test_nothing_is_opened_when_nothing_is_left() -> None:
    new = victim()
    report(new, "SG-1", **DIED)

    with pytest.raises(LimitSpent) as refused:
        report(new, "SG-2")

    assert (refused.value.limit, refused.value.left_fen) == ("death_disability", 0)
    assert Claim.objects.count() == Decision.objects.count() == 1


def test_a_payment_consumes_and_what_is_repaid_is_given_back() -> None:
    claim = report(victim(), "SG-1")
    say(claim, Verb.ASSESS, Verb.APPROVE)
    assert sums()[:2] == (TENTH_FEN, 0)

    for step, after in (
        (LimitMove.PAY, (0, TENTH_FEN)),
        (LimitMove.COME_BACK, (TENTH_FEN, 0)),
        (LimitMove.PAY, (0, TENTH_FEN)),
        (LimitMove.REPAY, (0, 0)),
    ):
        for _ in range(2):
            move_limits(move=step, keys={claim.decision_id: key()}, actor=PAYER, occurred_at=AT)
        assert sums()[:2] == after


@pytest.mark.parametrize("verbs", [(Verb.WITHDRAW,), (Verb.ASSESS, Verb.DECLINE)])
def test_what_ends_unpaid_gives_back_what_it_reserved(verbs: tuple[Verb, ...]) -> None:
    new = victim()
    claim = report(new, "SG-1")

    say(claim, *verbs)

    assert sums() == (0, 0, 0)
    assert report(new, "SG-2", **DIED).benefit_fen == SUM_FEN


def test_a_claim_taken_up_again_finds_its_part_gone_until_two_persons_let_it_go_beyond() -> None:
    new = victim()
    claim = report(new, "SG-1")
    say(claim, Verb.ASSESS, Verb.DECLINE, Verb.APPEAL)
    report(new, "SG-2", **DIED)
    with pytest.raises(LimitSpent):
        second_approver_returns(claim)
    assert Claim.objects.get(pk=claim.pk).state == State.APPEALED

    for total in list_limits(scope=EVERYWHERE):
        beyond(total.id, TENTH_FEN)
    second_approver_returns(claim)

    assert Claim.objects.get(pk=claim.pk).state == State.LODGED
    assert sums() == (SUM_FEN + TENTH_FEN, 0, 0)
    assert {move for _, _, move in list_limits_of(claim.decision_id)} == {LimitMove.RESERVE}


def beyond(total_id: int, amount_fen: int) -> None:
    number = propose_beyond(
        total_id=total_id, amount_fen=amount_fen, reason="市政府纪要", actor=FINANCE, occurred_at=AT,
        request_key=key(),
    )  # fmt: skip
    with pytest.raises(SameHands):
        agree_beyond(change_id=number, actor=FINANCE, occurred_at=AT, request_key=key())
    request_key = key()
    for _ in range(2):
        agree_beyond(change_id=number, actor=CIVIL, occurred_at=AT, request_key=request_key)


def test_an_import_asks_nothing_about_an_accident() -> None:
    new = victim()
    report(new, "SG-1")

    assert compare_decisions(person_ids=[new.person_id], import_job_id=None, occurred_at=AT) == 0


def test_going_beyond_is_decided_once_by_two_of_the_city_with_a_reason() -> None:
    report(victim(), "SG-1")
    total = list_limits(scope=EVERYWHERE)[0]
    words = {"total_id": total.id, "amount_fen": 5, "occurred_at": AT, "request_key": key()}
    for actor in (OF_A_COUNTY, DESK):
        with pytest.raises(RoleMissing):
            propose_beyond(reason="纪要", actor=actor, **words)  # type: ignore[arg-type]
    with pytest.raises(ReasonMissing):
        propose_beyond(reason=" ", actor=FINANCE, **words)  # type: ignore[arg-type]

    number = propose_beyond(reason="纪要", actor=FINANCE, **words)  # type: ignore[arg-type]
    refuse_beyond(change_id=number, actor=FINANCE, occurred_at=AT, request_key=key())

    with pytest.raises(ChangeDecided):
        agree_beyond(change_id=number, actor=CIVIL, occurred_at=AT, request_key=key())
    assert list_limits(scope=EVERYWHERE)[0].extra_fen == 0
    assert [one.state for one in list_limit_changes(is_open=False)] == ["refused"]
    assert Entry.objects.filter(verb__in=["propose_limit", "refuse_limit"]).count() == 2
    for sentence in (
        "UPDATE adjudication_limitchange SET amount_fen = 1",
        "DELETE FROM adjudication_limitchange",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sentence)
    assert LimitChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_on_the_last_of_a_limit_never_pass_it() -> None:
    new = victim()
    report(new, "SG-0", **{**HURT, "disability_grade": 1})
    say(Claim.objects.get(), Verb.ASSESS, Verb.DECLINE)
    report(new, "SG-00", **{**HURT, "disability_grade": 2})
    left_fen = sums()[2]

    results = at_once(lambda n: report(new, f"SG-{n + 1}", **{**HURT, "disability_grade": 9}), threads=6)

    assert all(isinstance(result, Claim | LimitSpent) for result in results), results
    got_fen = sum(result.benefit_fen for result in results if isinstance(result, Claim))
    assert got_fen == left_fen
    assert sums() == (SUM_FEN, 0, 0)


def test_the_database_stops_what_goes_beyond_whoever_writes_it() -> None:
    claim = report(victim(), "SG-1", **DIED)
    one = Consumption.objects.filter(total__limit="death_disability").get()

    with (
        pytest.raises(IntegrityError, match="the limit 'death_disability' has 0 fen left"),
        transaction.atomic(),
    ):
        Consumption.objects.create(
            total=one.total, decision_id=claim.decision_id, kind=LimitMove.RESERVE, amount_fen=1,
            limit_fen=SUM_FEN, occurred_at=AT, recorded_by="x", request_key=key(),
        )  # fmt: skip
    for statement in (
        "UPDATE adjudication_consumption SET amount_fen = 1",
        "DELETE FROM adjudication_consumption",
        "DELETE FROM adjudication_runningtotal",
        "UPDATE adjudication_runningtotal SET used_fen = 5",
        "UPDATE adjudication_runningtotal SET reserved_fen = 0",
        "UPDATE adjudication_runningtotal SET limit_fen = 1",
        "UPDATE adjudication_runningtotal SET extra_fen = -1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert RunningTotal.objects.get(pk=one.total_id).reserved_fen == SUM_FEN


def test_a_move_follows_only_what_it_may() -> None:
    assert set(FOLLOWS) == set(LimitMove)
    decision = report(victim(), "SG-1").decision_id
    for step in (LimitMove.REPAY, LimitMove.COME_BACK, LimitMove.RESERVE):
        assert move_limits(move=step, keys={decision: key()}, actor=PAYER, occurred_at=AT) == []


def test_each_limit_runs_on_its_own_account() -> None:
    terms = load_scheme(TUTORIAL)
    limits = {limit.name: limit for limit in terms.events.limits}

    def named(limit: str, on: date) -> tuple[str, str]:
        account = account_of(terms, limits[limit], holder_id="7", on=on, event="flood")
        assert get_used([account]) == {account: 0}
        return account.holder, account.span

    assert named("person_year", date(2027, 7, 20)) == ("person:7", "year:0")
    assert named("event_total", date(2027, 7, 20)) == ("event:flood", "event:flood")
    assert named("medical_year", date(2027, 12, 31)) == ("person:7", "year:0")
