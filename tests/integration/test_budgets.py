"""Budgets: an approval reserves, a payment consumes, what ends unpaid gives back; nothing is overdrawn."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.builders import APPROVER, AT, DESK, PAYER, key
from yiyuan.apps.audit.models import Entry as AuditEntry
from yiyuan.apps.ledger.budgets import (
    EXTRA,
    GIVEN,
    agree_change,
    list_budgets,
    list_budgets_of,
    list_changes,
    list_differing,
    propose_change,
    refuse_change,
)
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.errors import (
    BudgetSpent,
    BudgetTaken,
    ChangeDecided,
    ReasonMissing,
    RoleMissing,
    SameHands,
)
from yiyuan.apps.ledger.models import Entry
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

YEAR = date(2019, 1, 1)
FINANCE = Actor("finance", "财政甲", frozenset({Role.FINANCE}), EVERYWHERE)
CIVIL = Actor("civil", "民政乙", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE)
OF_A_COUNTY = Actor("finance3", "县财政", frozenset({Role.FINANCE}), Scope(frozenset({"411724"})))
ZHENGYANG, PINGYU = "411724", "411723"


def propose(amount_fen: int, county: str = "", kind: str = GIVEN, actor: Actor = FINANCE) -> int:
    return propose_change(
        programme_from=YEAR,
        county_code=county,
        kind=kind,
        amount_fen=amount_fen,
        reason="财社〔2019〕12号",
        actor=actor,
        occurred_at=AT,
        request_key=key(),
    )


def give(amount_fen: int, county: str = "", kind: str = GIVEN) -> None:
    number = propose(amount_fen, county, kind)
    agree_change(change_id=number, actor=CIVIL, occurred_at=AT, request_key=key())


def post(kind: EntryKind, amount_fen: int, subject: str = "案1", county: str = ZHENGYANG) -> None:
    entry = NewEntry(kind, subject, amount_fen, key(), county, YEAR)
    with transaction.atomic():
        post_entries(entries=[entry], actor=PAYER, occurred_at=AT)


def sums(county: str = "") -> tuple[int, int, int]:
    """Return what of a budget is reserved, paid and left."""
    (budget,) = [one for one in list_budgets() if one.county_code == county]
    return budget.reserved_fen, budget.paid_fen, budget.left_fen


def test_an_approval_reserves_a_payment_consumes_and_the_end_gives_back() -> None:
    give(1_000)

    post(EntryKind.RESERVE, 600)
    assert sums() == (600, 0, 400)
    post(EntryKind.SEND, 600)
    post(EntryKind.RETURN, 600)
    post(EntryKind.SEND_AGAIN, 600)
    assert sums() == (600, 0, 400)
    post(EntryKind.PAY, 600)
    assert sums() == (0, 600, 400)
    post(EntryKind.RECOVER, 600)
    assert sums() == (0, 600, 400)
    post(EntryKind.REPAY, 600)
    assert sums() == (0, 0, 1_000)
    assert list_differing() == []


def test_a_withdrawn_approval_gives_back_what_it_reserved() -> None:
    give(1_000)
    post(EntryKind.RESERVE, 600)

    with transaction.atomic():
        reverse_entry(
            subject="案1",
            posted=EntryKind.RESERVE,
            kind=EntryKind.UNRESERVE,
            actor=APPROVER,
            occurred_at=AT,
            request_key=key(),
        )

    assert sums() == (0, 0, 1_000)


def test_what_does_not_fit_is_stopped_and_nothing_of_it_is_posted() -> None:
    give(1_000)
    post(EntryKind.RESERVE, 600)

    with pytest.raises(BudgetSpent) as refused:
        post(EntryKind.RESERVE, 401, "案2")

    assert (refused.value.county_code, refused.value.left_fen, refused.value.asked_fen) == ("", 400, 401)
    assert Entry.objects.filter(subject="案2").count() == 0
    post(EntryKind.RESERVE, 400, "案3")
    assert sums() == (1_000, 0, 0)


def test_a_countys_budget_holds_beside_the_citys() -> None:
    give(1_000)
    give(300, ZHENGYANG)

    with pytest.raises(BudgetSpent) as refused:
        post(EntryKind.RESERVE, 301)

    assert refused.value.county_code == ZHENGYANG
    post(EntryKind.RESERVE, 301, county=PINGYU)
    post(EntryKind.RESERVE, 300)
    assert sums() == (601, 0, 399)
    assert sums(ZHENGYANG) == (300, 0, 0)
    assert [one.county_code for one in list_budgets_of(YEAR, PINGYU)] == [""]


def test_another_year_has_a_budget_of_its_own() -> None:
    give(100)

    with transaction.atomic():
        entry = NewEntry(EntryKind.RESERVE, "案9", 5_000, key(), ZHENGYANG, date(2020, 1, 1))
        post_entries(entries=[entry], actor=PAYER, occurred_at=AT)

    assert sums() == (0, 0, 100)


def test_a_budget_given_late_counts_what_was_promised_before() -> None:
    post(EntryKind.RESERVE, 600)
    post(EntryKind.SEND, 600)
    post(EntryKind.PAY, 600)
    post(EntryKind.RESERVE, 200, "案2")

    give(1_000)

    assert sums() == (200, 600, 200)
    with pytest.raises(BudgetTaken):
        give(-201)
    assert sums() == (200, 600, 200)
    give(-200)
    assert sums() == (200, 600, 0)


def test_two_persons_go_beyond_it_lawfully_and_it_is_written_down() -> None:
    give(500)
    number = propose(100, kind=EXTRA)
    with pytest.raises(SameHands):
        agree_change(change_id=number, actor=FINANCE, occurred_at=AT, request_key=key())
    with pytest.raises(BudgetSpent):
        post(EntryKind.RESERVE, 600)

    agree_change(change_id=number, actor=CIVIL, occurred_at=AT, request_key=key())

    post(EntryKind.RESERVE, 600)
    assert sums() == (600, 0, 0)
    change = list_changes(is_open=False)[0]
    assert (change.kind, change.amount_fen, change.reason) == (EXTRA, 100, "财社〔2019〕12号")
    assert (change.proposed_by_name, change.decided_by_name) == ("财政甲", "民政乙")
    assert AuditEntry.objects.filter(verb="agree_budget").count() == 2


def test_a_change_is_decided_once_and_by_the_city_alone() -> None:
    number, request_key = propose(500), key()
    for _ in range(2):
        refuse_change(change_id=number, actor=FINANCE, occurred_at=AT, request_key=request_key)
    with pytest.raises(ChangeDecided):
        agree_change(change_id=number, actor=CIVIL, occurred_at=AT, request_key=key())
    for actor in (OF_A_COUNTY, DESK):
        with pytest.raises(RoleMissing):
            propose(500, ZHENGYANG, actor=actor)
    with pytest.raises(ReasonMissing):
        propose_change(
            programme_from=YEAR, county_code="", kind=GIVEN, amount_fen=1, reason=" ", actor=FINANCE,
            occurred_at=AT, request_key=key(),
        )  # fmt: skip
    assert list_budgets() == []
    assert list_changes(is_open=True) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "UPDATE ledger_budget SET reserved_fen = reserved_fen - 1",
        "UPDATE ledger_budget SET paid_fen = 0, reserved_fen = 0",
        "DELETE FROM ledger_budget",
        "UPDATE ledger_budgetchange SET amount_fen = 1",
        "DELETE FROM ledger_budgetchange",
    ],
)
def test_nobody_moves_a_budget_past_the_ledger(sentence: str) -> None:
    give(1_000)
    post(EntryKind.RESERVE, 600)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sentence)

    assert sums() == (600, 0, 400)


def test_a_countys_officer_moves_the_citys_budget_by_posting_and_not_otherwise() -> None:
    give(1_000)
    give(700, PINGYU)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL yiyuan.counties = '411724'")

        post(EntryKind.RESERVE, 600)
        with pytest.raises(BudgetSpent):
            post(EntryKind.RESERVE, 401, "案2")
        with pytest.raises(Exception, match="row-level security"), transaction.atomic():
            cursor.execute("UPDATE ledger_budget SET given_fen = given_fen + 1")

        assert [one.county_code for one in list_budgets()] == [""]
        cursor.execute("SET LOCAL yiyuan.counties = '*'")
    assert sums() == (600, 0, 400)
