"""The books on the site: who sees them, what they say, as a page and as a file, closed and opened months."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.builders import AT, PAYER, key
from tests.integration.desk.counties import OF_PINGYU, PINGYU, ZHENGYANG
from tests.integration.desk.money_cases import AUDITOR, signed_in, signed_in_as
from tests.integration.desk.test_english_pages import chinese_on, in_english
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.models import PeriodMove
from yiyuan.apps.ledger.sealing import anchor_chain, seal_entries
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.registry.models import Division
from yiyuan.interfaces.jobs.tasks import seal_ledger
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

FINANCE = Actor("finance", "Li Sun", frozenset({Role.FINANCE}), EVERYWHERE)
FINANCE_2 = Actor("finance2", "周平", frozenset({Role.FINANCE}), EVERYWHERE)
OF_A_COUNTY = Actor("finance3", "吴敏", frozenset({Role.FINANCE}), OF_PINGYU)
VIEWERS = {Role.PAYER, Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR}
PAGES = (
    "/ledger/",
    "/ledger/accounts/payable/",
    "/ledger/statement/",
    "/ledger/statement/?by=insurer&account=insurer",
    "/ledger/chain/",
)


def post(kind: EntryKind, fen: int, county: str = ZHENGYANG, *, giver: str = "", taker: str = "") -> None:
    entry = NewEntry(kind, "正阳-医-2019-00001", fen, key(), county, date(2019, 1, 1), giver, taker)
    post_entries(entries=[entry], actor=PAYER, occurred_at=AT)


def fill() -> None:
    Division.objects.get_or_create(code=PINGYU, defaults={"name": "平舆县", "level": 1})
    post(EntryKind.RESERVE, 123_456)
    post(EntryKind.RESERVE, 500, PINGYU)
    post(EntryKind.SEND, 23_456)
    seal_entries(sealed_at=AT)
    post(EntryKind.SHARE_OUT, 700, "", giver="PICC", taker="CPIC")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_read_them_and_who_is_offered_them(role: Role) -> None:
    client = signed_in_as(role)

    assert client.get("/ledger/").status_code == (200 if role in VIEWERS else 403)
    assert ('href="/ledger/"' in client.get("/scheme/").text) is (role in VIEWERS)


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_entry_every_page_says_so(path: str) -> None:
    page = signed_in(AUDITOR).get(path)

    assert page.status_code == 200
    assert 'class="empty"' in page.text


def test_the_trial_balance_comes_to_zero_and_leads_to_the_cards() -> None:
    fill()
    client = signed_in(AUDITOR)

    page = client.get("/ledger/")

    told = {row["code"]: row["sums"].closing_fen for row in page.context["rows"]}
    assert told == {"fund": -123_956, "payable": 100_500, "in_flight": 23_456, "insurer": 0}
    assert page.context["total"].closing_fen == 0
    assert "合计不是零" not in page.text
    assert "1,005.00" in page.text
    card = client.get("/ledger/accounts/payable/?month=2019-11")
    assert [line.balance_fen for line, *_ in card.context["lines"]] == [123_456, 123_956, 100_500]
    assert card.context["sums"].closing_fen == 100_500


def test_a_county_sees_its_own_money_only() -> None:
    fill()
    client = signed_in(OF_A_COUNTY)

    assert {row["code"]: row["sums"].closing_fen for row in client.get("/ledger/").context["rows"]} == {
        "fund": -500,
        "payable": 500,
    }
    assert len(client.get("/ledger/accounts/payable/").context["lines"]) == 1
    elsewhere = client.get(f"/ledger/accounts/payable/?county={ZHENGYANG}")
    assert [line.amount_fen for line, *_ in elsewhere.context["lines"]] == [500]
    assert "正阳县" not in client.get("/ledger/statement/?account=payable").text


def test_a_statement_by_county_and_by_insurer() -> None:
    fill()
    client = signed_in(AUDITOR)

    by_county = client.get("/ledger/statement/?account=payable").context["rows"]
    by_insurer = client.get("/ledger/statement/?account=insurer&by=insurer").context["rows"]

    assert {name: one.closing_fen for name, one in by_county} == {"平舆县": 500, "正阳县": 100_000}
    assert {name: one.closing_fen for name, one in by_insurer} == {"PICC": -700, "CPIC": 700}


def test_as_it_was_known_before_anything_was_recorded() -> None:
    fill()
    yesterday = (timezone.localtime() - timedelta(days=1)).date()

    page = signed_in(AUDITOR).get(f"/ledger/?known={yesterday}")

    assert page.context["rows"] == []


@pytest.mark.parametrize(
    "address",
    ["?month=2019-13", "?month=x", "?known=2019-02-30", "?known=9999-12-31", "?after=1~2", "?county=0"],
)
def test_an_address_written_by_hand_does_no_harm(address: str) -> None:
    fill()
    client = signed_in(AUDITOR)

    assert client.get(f"/ledger/{address}").status_code == 200
    assert client.get(f"/ledger/accounts/payable/{address}").status_code == 200
    assert client.get("/ledger/accounts/nothing/").status_code == 404


def test_the_same_rows_as_a_file() -> None:
    fill()
    client = signed_in(AUDITOR)

    balances = client.get("/ledger/balances.csv?month=2019-11").content.decode("utf-8-sig").splitlines()
    card = client.get("/ledger/accounts/payable/card.csv?month=2019-11").getvalue().decode("utf-8-sig")
    statement = client.get("/ledger/statement/statement.csv?account=payable").content.decode("utf-8-sig")

    assert "应付赔款,0.00,1239.56,234.56,1005.00" in balances
    assert card.splitlines()[3].endswith("放行送银行,正阳-医-2019-00001,正阳县,,0.00,234.56,1005.00")
    assert "平舆县,0.00,5.00,0.00,5.00" in statement


def test_a_long_card_is_read_on_by_key() -> None:
    entries = [
        NewEntry(EntryKind.RESERVE, f"正阳-医-2019-{place:05d}", 1 + place, key(), ZHENGYANG)
        for place in range(120)
    ]
    with transaction.atomic():
        post_entries(entries=entries, actor=PAYER, occurred_at=AT)
    client, url, seen = signed_in(AUDITOR), "/ledger/accounts/payable/?month=2019-11", list[int]()

    while url:
        page = client.get(url)
        seen += [line.amount_fen for line, *_ in page.context["lines"]]
        last = page.context["lines"][-1][0].balance_fen
        url = page.context["next_url"]

    assert seen == list(range(1, 121))
    assert last == page.context["sums"].closing_fen == 120 * 121 // 2


def test_a_month_is_closed_and_opened_again_by_two_officers() -> None:
    client = signed_in(FINANCE)
    page = client.get("/ledger/chain/")
    assert page.context["closable"][0] == "2019-10"

    client.post("/ledger/chain/close/", {"month": "2019-10", "request_key": key()})
    told = client.get("/ledger/chain/")
    assert "2019-10 和以前的月份已结账" in told.text
    assert not told.context["may_reopen"]
    client.post("/ledger/chain/reopen/", {"month": "2019-10", "reason": "补记", "request_key": key()})
    assert "要由另一人来办" in client.get("/ledger/chain/").text

    other = signed_in(FINANCE_2)
    assert other.get("/ledger/chain/").context["may_reopen"]
    other.post("/ledger/chain/reopen/", {"month": "2019-10", "reason": "补记", "request_key": key()})
    assert "打开 2019-10" in other.get("/ledger/chain/").text
    assert list(PeriodMove.objects.order_by("pk").values_list("is_closing", flat=True)) == [True, False]


@pytest.mark.parametrize("month", ["2019-11", "2019-99", ""])
def test_a_month_that_cannot_be_closed_is_refused_in_words(month: str) -> None:
    client = signed_in(FINANCE)

    page = client.post("/ledger/chain/close/", {"month": month, "request_key": key()}, follow=True)

    assert ("还没有过完" if month == "2019-11" else "请选择月份") in page.text
    assert not PeriodMove.objects.exists()


def test_a_countys_officer_closes_nothing() -> None:
    client = signed_in(OF_A_COUNTY)

    assert not client.get("/ledger/chain/").context["may_close"]
    page = client.post("/ledger/chain/close/", {"month": "2019-10", "request_key": key()}, follow=True)
    assert "不归您的岗位办" in page.text
    assert not PeriodMove.objects.exists()


def test_the_worker_seals_what_is_new() -> None:
    fill()

    assert seal_ledger(0) == 1
    assert seal_ledger(0) == 0
    assert signed_in(AUDITOR).get("/ledger/chain/").context["stand"].waiting == 0


@pytest.mark.parametrize("path", PAGES)
def test_in_english_they_are_english(path: str) -> None:
    entry = NewEntry(EntryKind.SHARE_OUT, "1", 700, key(), "", None, "PICC", "CPIC")
    post_entries(entries=[entry], actor=PAYER, occurred_at=AT)
    anchor_chain(actor=PAYER, anchored_at=datetime(2019, 11, 20, tzinfo=AT.tzinfo), request_key=key())

    assert chinese_on(in_english(FINANCE), path) == []
