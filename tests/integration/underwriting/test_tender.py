"""The tender (招标): legal days, sealed scores, the award by two persons and never before the close."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.builders import AT, DESK, key, make_staff
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.test_row_security import check_constraints, seen_as
from tests.integration.underwriting.cases import CIVIL, CIVIL_2, make_two_counties
from tests.integration.underwriting.contract_cases import (
    CLOSES,
    JUDGES,
    OPENED,
    WEIGHTS,
    appoint,
    award,
    bid,
    new_tender,
    publish,
    score,
)
from yiyuan.apps.underwriting import errors
from yiyuan.apps.underwriting.judging import list_scores, rank_bids
from yiyuan.apps.underwriting.models import Award, Bid, Score, Tender
from yiyuan.apps.underwriting.tendering import agree_award, list_steps, propose_award, record_step
from yiyuan.apps.underwriting.tenders import records_until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def city() -> None:
    make_two_counties()
    make_staff(DESK)


def propose(one: Bid, *, reason: str = "") -> Award:
    return propose_award(bid_id=one.pk, reason=reason, actor=CIVIL, occurred_at=OPENED, request_key=key())


def test_bidders_have_the_twenty_days_of_the_law() -> None:
    with pytest.raises(errors.PeriodTooShort, match=r"2018-11-21 · 政府采购法第 35 条"):
        publish(new_tender(closes_at=CLOSES - timedelta(days=1)))

    assert not Tender.objects.exists()


@pytest.mark.parametrize("weights", [{**WEIGHTS, "capacity": 2499}, {"capacity": 9999, "price": 1}])
def test_weights_that_are_not_a_hundred_percent_are_refused(weights: dict[str, int]) -> None:
    with pytest.raises(errors.SharesWrong):
        publish(new_tender(weights=weights))


def test_a_late_bid_is_refused() -> None:
    tender = publish()

    with pytest.raises(errors.BidTooLate):
        bid(tender, "人保财险", at=CLOSES + timedelta(seconds=1))

    assert not Bid.objects.exists()


def test_nobody_sees_anothers_points_before_all_are_in() -> None:
    tender = publish()
    bid(tender, "人保财险")
    judges = appoint(tender)
    for judge in judges[:4]:
        score(tender, judge, {"人保财险": 90})

    assert {one.judge.username for one in list_scores(tender, judges[0])} == {"judge0"}
    assert list_scores(tender, CIVIL) == []
    score(tender, judges[4], {"人保财险": 70})
    assert {one.judge.username for one in list_scores(tender, CIVIL)} == {one.id for one in JUDGES}
    assert rank_bids(tender)[0].centipoints == 8600


def test_points_are_given_once_and_whole_by_judges_only() -> None:
    tender = publish()
    bid(tender, "人保财险")
    judge = appoint(tender)[0]
    with pytest.raises(errors.BidsNotClosed):
        score(tender, judge, {"人保财险": 90}, at=CLOSES)
    with pytest.raises(errors.ScoresMissing):
        score(tender, judge, {"人保财险": 101})
    with pytest.raises(errors.NotAJudge):
        score(tender, DESK, {"人保财险": 90})
    assert not Score.objects.exists()

    score(tender, judge, {"人保财险": 90})
    score(tender, judge, {"人保财险": 10})

    assert set(Score.objects.values_list("points", flat=True)) == {90}


def test_no_award_before_bids_close_whatever_calls() -> None:
    tender = publish()
    one = bid(tender, "人保财险", at=CLOSES - timedelta(days=1))

    with pytest.raises(errors.BidsNotClosed):
        propose_award(bid_id=one.pk, reason="急", actor=CIVIL, occurred_at=CLOSES, request_key=key())
    with pytest.raises(DatabaseError), transaction.atomic():
        Award.objects.create(tender=tender, bid=one, reason="急", proposed_at=CLOSES, proposed_by="civil")

    assert not Award.objects.exists()


def test_no_award_by_one_person_or_before_all_scores_or_with_too_few_judges() -> None:
    tender = publish()
    one = bid(tender, "人保财险")
    judges = appoint(tender, 4)
    for judge in judges:
        score(tender, judge, {"人保财险": 90})
    with pytest.raises(errors.ScoresMissing, match="4 · "):
        propose(one)

    made = award(publish())

    assert (made.proposed_by, made.agreed_by) == (CIVIL.id, CIVIL_2.id)
    with pytest.raises(DatabaseError), transaction.atomic():
        Award.objects.update(agreed_by=CIVIL.id)


def test_the_proposer_does_not_agree() -> None:
    tender = publish()
    one = bid(tender, "人保财险")
    for judge in appoint(tender):
        score(tender, judge, {"人保财险": 90})
    made = propose(one)

    with pytest.raises(errors.SameHands):
        agree_award(award_id=made.pk, actor=CIVIL, occurred_at=OPENED, request_key=key())

    assert not Award.objects.get().agreed_by


def test_who_is_not_first_wins_only_with_a_reason() -> None:
    tender = publish()
    bid(tender, "人保财险")
    second = bid(tender, "别家财险")
    for judge in appoint(tender):
        score(tender, judge, {"人保财险": 90, "别家财险": 80})

    with pytest.raises(errors.ReasonMissing):
        propose(second)

    assert propose(second, reason="第一名放弃").bid == second


def test_the_legal_steps_have_their_days_and_what_is_late_shows() -> None:
    tender = award(publish()).tender
    today = date(2018, 12, 10)
    first = {one.step.name: one for one in list_steps(tender, today)}
    assert first["award_notice"].due_on == date(2018, 11, 26)  # Thursday the 22nd and two working days
    assert first["award_notice"].is_late(today)
    assert first["contract_signed"].due_on is None

    with pytest.raises(errors.TooEarly):
        step(tender, "copy_filed", date(2018, 12, 10))
    step(tender, "award_notice", date(2018, 11, 26))
    step(tender, "contract_signed", date(2018, 12, 27))

    found = {one.step.name: one for one in list_steps(tender, date(2018, 12, 28))}
    assert not found["award_notice"].is_late(today)
    assert (found["contract_signed"].due_on, found["contract_signed"].is_late(today)) == (
        date(2018, 12, 26),
        True,
    )
    assert found["contract_published"].due_on == date(2018, 12, 31)
    assert found["copy_filed"].due_on == date(2019, 1, 7)
    assert records_until(tender) == date(2033, 12, 27)


def step(tender: Tender, name: str, on: date) -> None:
    words = {"tender_id": tender.pk, "name": name, "done_on": on, "note": ""}
    record_step(**words, actor=CIVIL, occurred_at=AT, request_key=key())  # type: ignore[arg-type]


def test_a_county_sees_nothing_of_it() -> None:
    award(publish())
    check_constraints()

    with seen_as(OF_ZHENGYANG):
        assert not Tender.objects.exists()
        assert not Score.objects.exists()
