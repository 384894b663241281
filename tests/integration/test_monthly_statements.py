"""Statements of a month (月度报表): from the ledger, frozen, issued by two, replaced by new papers."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.builders import DESK, key, make_staff
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.test_row_security import seen_as
from tests.integration.underwriting.cases import CIVIL, FINANCE, YEAR, ZHENGYANG, freeze, make_two_counties
from tests.integration.underwriting.cases import draw as draw_bills
from tests.integration.underwriting.contract_cases import draft
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.reporting import errors
from yiyuan.apps.reporting.models import Statement
from yiyuan.apps.reporting.statement_figures import insurer_figures
from yiyuan.apps.reporting.statements import draw_statement, find_standing, issue_statement
from yiyuan.apps.underwriting.collecting import Movement, Payer, record_receipt
from yiyuan.apps.underwriting.queries import list_dues
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

MARCH = date(2019, 3, 1)
IN_MARCH = datetime(2019, 3, 20, 2, tzinfo=UTC)
LATER = datetime(2019, 5, 9, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def billed() -> None:
    make_two_counties()
    draft()
    freeze(persons=1_000)
    draw_bills(IN_MARCH)


def post(kind: EntryKind, fen: int, at: datetime = IN_MARCH) -> None:
    entry = NewEntry(kind, "正阳-医-2019-00001", fen, key(), ZHENGYANG, YEAR)
    post_entries(entries=[entry], actor=CIVIL, occurred_at=at)


def pay(fen: int, at: datetime = IN_MARCH) -> None:
    for kind in (EntryKind.RESERVE, EntryKind.SEND, EntryKind.PAY):
        post(kind, fen, at)


def drawn(kind: str = Statement.INSURER, reason: str = "") -> Statement:
    return draw_statement(
        kind=kind, month=MARCH, reason=reason, actor=CIVIL, occurred_at=LATER, request_key=key()
    )


def said(statement: Statement) -> dict[tuple[str, str], int]:
    return {(code, whose): value for code, whose, _unit, value in statement.lines}


def test_the_settlement_has_the_ledgers_figures_and_the_shares_come_to_them() -> None:
    pay(80_001)
    post(EntryKind.RESERVE, 5_000)

    lines = said(drawn())

    assert lines["premium_billed", ""] == 100_000
    assert (lines["premium_received", ""], lines["paid_in_month", ""], lines["waiting", ""]) == (
        0,
        80_001,
        5_000,
    )
    assert (lines["claims_in_month", ""], lines["loss_ratio", ""]) == (1, 8_000)
    shares = [fen for (code, _), fen in lines.items() if code == "share_paid"]
    assert sum(shares) == 80_001


def test_public_money_and_what_it_levers_and_what_each_county_gave() -> None:
    due = list_dues(ZHENGYANG, YEAR, scope=EVERYWHERE)[0]
    record_receipt(
        payer=Payer(ZHENGYANG, YEAR, due.payer),
        moved=Movement(40_000, date(2019, 3, 20), "流水-1"),
        actor=FINANCE,
        occurred_at=IN_MARCH,
        request_key=key(),
    )
    pay(50_000)

    money, county = said(drawn(Statement.PUBLIC_MONEY)), said(drawn(Statement.APPROPRIATION))

    assert (money["public_money", ""], money["levered", ""]) == (40_000, 10_000)
    assert money["paid_per_hundred", ""] == 12_500
    assert (county["received_in_month", ZHENGYANG], county["premium_open", ZHENGYANG]) == (40_000, 60_000)


def test_it_is_issued_by_a_second_person_and_stays_as_it_was() -> None:
    pay(1_000)
    statement = drawn()

    with pytest.raises(errors.SameHands):
        issue_statement(number=statement.number, actor=CIVIL, occurred_at=LATER, request_key=key())
    issue_statement(number=statement.number, actor=FINANCE, occurred_at=LATER, request_key=key())

    statement.refresh_from_db()
    assert statement.issued_by == FINANCE.id
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(main_fen=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        statement.delete()


def test_a_later_change_comes_as_a_new_statement_that_names_the_old() -> None:
    pay(1_000)
    first = drawn()
    issue_statement(number=first.number, actor=FINANCE, occurred_at=LATER, request_key=key())
    pay(2_000)

    with pytest.raises(errors.ReasonMissing):
        drawn()
    second = drawn(reason="三月补记一笔")

    assert second.replaces == first
    assert (first.main_fen, second.main_fen) == (1_000, 3_000)
    assert find_standing(Statement.INSURER, MARCH) == second


def test_what_the_ledger_no_longer_says_is_not_issued() -> None:
    pay(1_000)
    statement = drawn()
    pay(2_000)

    with pytest.raises(errors.FiguresChanged):
        issue_statement(number=statement.number, actor=FINANCE, occurred_at=LATER, request_key=key())

    assert Statement.objects.get().issued_by == ""


def test_who_may_not_and_months_that_may_not() -> None:
    with pytest.raises(errors.RoleMissing):
        draw_statement(
            kind="insurer", month=MARCH, reason="", actor=DESK, occurred_at=LATER, request_key=key()
        )
    for month in (date(2019, 5, 1), date(2017, 1, 1)):
        with pytest.raises(errors.MonthNotOver):
            draw_statement(
                kind="insurer", month=month, reason="", actor=CIVIL, occurred_at=LATER, request_key=key()
            )
    with pytest.raises(errors.NoAgreement):
        insurer_figures(date(2016, 1, 1), date(2016, 3, 1))

    assert not Statement.objects.exists()


def test_a_county_sees_none() -> None:
    drawn()

    with seen_as(OF_ZHENGYANG), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reporting_statement")
        assert cursor.fetchone() == (0,)


def test_the_same_key_draws_once() -> None:
    words = {"kind": "insurer", "month": MARCH, "reason": "", "actor": CIVIL, "request_key": key()}

    found = {draw_statement(**words, occurred_at=LATER).number for _ in range(2)}  # type: ignore[arg-type]

    assert found == {"JS-2019-001"}


def test_its_page_carries_capital_numerals_and_its_files_the_same_rows() -> None:
    pay(80_000)
    number = drawn().number
    client = Client()
    client.force_login(make_staff(CIVIL))

    page = client.get(reverse("desk:statement", args=[number]))
    file = client.get(reverse("desk:statement_file", args=[number, "csv"]))
    book = client.get(reverse("desk:statement_file", args=[number, "xlsx"]))

    assert "人民币捌佰元整" in page.content.decode()
    assert "人民币捌佰元整" in file.content.decode("utf-8-sig")
    assert book.content.startswith(b"PK")
