"""Premium (保费): head counts, bills and corrections, receipts in the ledger, what is late; refusals."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.builders import AT, DESK, TODAY, key
from tests.integration.desk.counties import OF_PINGYU, OF_ZHENGYANG
from tests.integration.test_row_security import check_constraints, seen_as
from tests.integration.underwriting.cases import (
    CIVIL,
    DUE_ON,
    FINANCE,
    FINANCE_2,
    PINGYU,
    SPRING,
    YEAR,
    ZHENGYANG,
    draw,
    freeze,
    head_count,
    make_two_counties,
)
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.ledger.queries import sum_accounts
from yiyuan.apps.underwriting import errors
from yiyuan.apps.underwriting.balances import Balance, find_balance, list_balances
from yiyuan.apps.underwriting.billing import draw_bills
from yiyuan.apps.underwriting.collecting import (
    Movement,
    Payer,
    issue_appropriation,
    propose_refund,
    record_receipt,
    record_refund,
    record_reminder,
)
from yiyuan.apps.underwriting.head_counts import freeze_head_count
from yiyuan.apps.underwriting.models import (
    Appropriation,
    Bill,
    Due,
    FrozenHeadCount,
    Receipt,
    Refund,
    Reminder,
)
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

OF_COUNTY = Payer(ZHENGYANG, YEAR, "county")


@pytest.fixture(autouse=True)
def counties() -> None:
    make_two_counties()


def receive(fen: int, reference: str, *, on: date = date(2019, 7, 3), actor: Actor = FINANCE) -> Receipt:
    moved = Movement(fen, on, reference)
    return record_receipt(payer=OF_COUNTY, moved=moved, actor=actor, occurred_at=AT, request_key=key())


def balance() -> Balance:
    found = find_balance(YEAR, TODAY, ZHENGYANG, "county")
    assert found is not None
    return found


def test_a_year_is_billed_received_and_stands_in_the_ledger_to_the_fen() -> None:
    freeze()
    freeze(PINGYU, 1_026_300)

    numbers = draw()
    receive(81_120_000, "B-1")

    assert numbers == ["BF-2019-411723-001", "BF-2019-411724-001"]
    assert {bill.county_code: bill.total_fen for bill in Bill.objects.all()} == {
        PINGYU: 102_630_000,
        ZHENGYANG: 81_120_000,
    }
    sums = sum_accounts()
    assert (sums["premium"], sums["premium_receivable"], sums["fund"]) == (
        -183_750_000,
        102_630_000,
        81_120_000,
    )
    assert balance().open_fen == 0
    assert Entry.objects.filter(verb="draw_bill").count() == 2


def test_drawing_again_draws_nothing() -> None:
    freeze()
    draw()

    assert draw() == []
    assert Bill.objects.count() == 1


def test_a_correction_is_a_further_paper_and_the_old_one_stands_as_it_was() -> None:
    freeze()
    draw()
    freeze(persons=811_000, reason="公安局更正")

    (number,) = draw()

    first, second = Bill.objects.order_by("pk")
    assert (first.total_fen, second.total_fen, second.change_fen) == (81_120_000, 81_100_000, -20_000)
    assert (second.number, second.corrects) == (number, first)
    assert sum_accounts()["premium_receivable"] == 81_100_000
    assert balance().owed_fen == 81_100_000
    assert FrozenHeadCount.objects.count() == 2


@pytest.mark.parametrize(
    ("county", "persons", "refusal"),
    [
        (ZHENGYANG, -1, errors.HeadCountWrong),
        ("110101", 5, errors.HeadCountWrong),
        (ZHENGYANG, 5, errors.HeadCountTwice),
    ],
)
def test_a_wrong_head_count_is_refused_and_nothing_is_kept(
    county: str, persons: int, refusal: type[Exception]
) -> None:
    freeze()

    with pytest.raises(refusal):
        freeze(county, persons)

    assert FrozenHeadCount.objects.count() == 1


def test_the_same_click_freezes_once() -> None:
    again = key()
    for _click in range(2):
        freeze_head_count(new=head_count(), actor=CIVIL, occurred_at=SPRING, request_key=again)

    assert FrozenHeadCount.objects.count() == 1


def test_a_head_count_needs_its_paper_and_a_day_that_has_been() -> None:
    paper = replace(head_count().paper, sha256="")
    for new, refusal in (
        (replace(head_count(), paper=paper), errors.AmountWrong),
        (replace(head_count(), counted_on=date(2020, 1, 1)), errors.DayWrong),
    ):
        with pytest.raises(refusal):
            freeze_head_count(new=new, actor=CIVIL, occurred_at=SPRING, request_key=key())


def test_without_a_head_count_or_a_due_day_nothing_is_drawn() -> None:
    with pytest.raises(errors.BillRefused, match="no_head_count"):
        draw()
    freeze()

    with pytest.raises(errors.BillRefused, match="no_due_day"), transaction.atomic():
        draw_bills(programme_from=YEAR, due_on=None, actor=CIVIL, occurred_at=SPRING, request_key=key())

    assert not Bill.objects.exists()
    assert sum_accounts()["premium_receivable"] == 0


def test_other_roles_and_other_counties_write_nothing() -> None:
    freeze()
    draw()
    elsewhere = Actor("pingyu", "平舆财政", frozenset({Role.FINANCE}), OF_PINGYU)

    with pytest.raises(errors.RoleMissing):
        receive(100, "B-1", actor=DESK)
    with pytest.raises(errors.OutOfScope):
        receive(100, "B-1", actor=elsewhere)

    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("fen", "on", "refusal"),
    [
        (0, TODAY, errors.AmountWrong),
        (-5, TODAY, errors.AmountWrong),
        (81_120_001, TODAY, errors.AmountWrong),
        (100, date(2019, 11, 21), errors.DayWrong),
    ],
)
def test_a_wrong_receipt_is_refused_and_nothing_half_posted(
    fen: int, on: date, refusal: type[Exception]
) -> None:
    freeze()
    draw()

    with pytest.raises(refusal):
        receive(fen, "B-1", on=on)

    assert not Receipt.objects.exists()
    assert sum_accounts()["fund"] == 0


def test_a_bank_reference_is_taken_once() -> None:
    freeze()
    draw()
    receive(100, "B-1")

    with pytest.raises(errors.AlreadyThere):
        receive(100, "B-1")

    assert Receipt.objects.count() == 1


def test_what_is_late_is_told_in_working_days_and_reminded_of() -> None:
    freeze()
    draw()
    receive(1_120_000, "B-1")

    found = balance()
    record_reminder(
        payer=OF_COUNTY,
        channel="电话",
        answer_by_on=date(2019, 11, 27),
        actor=FINANCE,
        occurred_at=AT,
        request_key=key(),
    )

    assert (found.late_fen, found.late_since) == (80_000_000, DUE_ON)
    assert found.late_working_days == 103
    assert Reminder.objects.get().late_fen == 80_000_000


def test_nobody_is_reminded_before_the_day() -> None:
    freeze()
    draw()

    with pytest.raises(errors.NothingLate):
        record_reminder(
            payer=OF_COUNTY,
            channel="电话",
            answer_by_on=date(2019, 3, 9),
            actor=FINANCE,
            occurred_at=SPRING,
            request_key=key(),
        )


def test_an_order_to_pay_is_issued_once_for_a_due() -> None:
    freeze()
    draw()
    due = Due.objects.get()

    first, second = (
        issue_appropriation(due_id=due.pk, actor=FINANCE, occurred_at=SPRING, request_key=key())
        for _click in range(2)
    )

    assert first == second
    assert (first.number, Appropriation.objects.count()) == ("BK-2019-411724-001", 1)


def test_too_much_goes_back_by_two_persons() -> None:
    freeze()
    draw()
    receive(81_120_000, "B-1")
    freeze(persons=811_000, reason="公安局更正")
    draw()
    said = {"payer": OF_COUNTY, "reason": "人数更正", "occurred_at": AT}
    with pytest.raises(errors.AmountWrong):
        propose_refund(**said, amount_fen=20_001, actor=FINANCE, request_key=key())  # type: ignore[arg-type]
    refund = propose_refund(**said, amount_fen=20_000, actor=FINANCE, request_key=key())  # type: ignore[arg-type]
    carry = {"refund_id": refund.pk, "moved_on": TODAY, "bank_reference": "B-2", "occurred_at": AT}

    with pytest.raises(errors.SameHands):
        record_refund(**carry, actor=FINANCE, request_key=key())  # type: ignore[arg-type]
    assert sum_accounts()["fund"] == 81_120_000
    record_refund(**carry, actor=FINANCE_2, request_key=key())  # type: ignore[arg-type]

    assert sum_accounts()["fund"] == 81_100_000
    assert balance().over_fen == 0
    assert Refund.objects.count() == 1


def test_a_countys_officer_sees_and_writes_that_county_only() -> None:
    freeze()
    freeze(PINGYU, 100)
    draw()
    check_constraints()
    here = Actor("zy", "正阳财政", frozenset({Role.FINANCE}), OF_ZHENGYANG)

    with seen_as(OF_ZHENGYANG):
        receive(100, "B-1", actor=here)
        check_constraints()
        seen = set(Bill.objects.values_list("county_code", flat=True))
    with seen_as(OF_PINGYU):
        assert not Receipt.objects.exists()

    assert seen == {ZHENGYANG}
    assert [one.county_code for one in list_balances(YEAR, TODAY, scope=EVERYWHERE)] == [PINGYU, ZHENGYANG]


@pytest.mark.parametrize("model", [FrozenHeadCount, Bill, Due])
def test_papers_never_change(model: type) -> None:
    freeze()
    draw()

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(county_code=PINGYU)  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()  # type: ignore[attr-defined]
