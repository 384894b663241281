"""The dashboard: every figure leads to a list as long as it says; a county sees its own; few stay hidden."""

import csv
import io
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook

from tests.builders import AT, TODAY
from tests.integration.desk.counties import OF_ZHENGYANG, browser_of, make_counties, officer
from tests.integration.desk.money_cases import ADMINISTRATOR, propose, signed_in, signed_in_as
from tests.integration.test_path import a_city_at_work
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.envelope import sum_records
from yiyuan.apps.reporting.services import refresh_path
from yiyuan.apps.screening.models import Finding
from yiyuan.interfaces.desk.board import hide_small
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan

pytestmark = pytest.mark.django_db

CUTS = [
    "",
    "?county=411724",
    "?from=2019-10&to=2019-10",
    "?from=2019-01&county=411724&to=2019-12",
    "?to=2019-09",
]
LINK = re.compile(r'<a [^>]*?href="([^"]+)"[^>]*? data-count="(\d+)"')


def page_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def figures_on(page: str) -> list[tuple[str, int]]:
    return [(unescape(url), int(count)) for url, count in LINK.findall(page)]


def length_of(page: str) -> int:
    found = re.search(r'data-total="(\d+)"', page)
    assert found
    return int(found[1])


def listed_on(browser: Client, address: str) -> int:
    """Return how many rows a list has, walked page by page."""
    rows = 0
    while address:
        page = page_of(browser, address)
        rows += page.count("data-row")
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(following[1]) if following else ""
    return rows


def many_findings() -> None:
    """Write what a run made of settlements that are not proposed: more than a page of them."""
    reasons = ["disease_not_listed"] * 60 + ["no_group_on_date"] * 3 + ["already_claimed"] * 2
    person = propose().person_id
    for place, reason in enumerate(reasons):
        Finding.objects.create(
            setl_id=f"N{place:05d}", person_id=person, county_code="411724", admitted_on="2019-10-02",
            outcome="not_entitled", reason=reason, group="orphan" if place % 2 else "subsistence_allowance",
        )  # fmt: skip


@pytest.fixture
def browser() -> Client:
    a_city_at_work()
    many_findings()
    refresh_path(today=TODAY, refreshed_at=AT)
    return signed_in_as(Role.APPROVER)


@pytest.mark.parametrize("show", ["paid", "kept", "unpaid"])
@pytest.mark.parametrize("cut", CUTS)
def test_every_figure_leads_to_a_list_as_long_as_it_says(browser: Client, cut: str, show: str) -> None:
    page = page_of(browser, f"/dashboard/{cut}{'&' if cut else '?'}show={show}")
    links = figures_on(page)

    for address, count in dict.fromkeys(links):
        rows = page_of(browser, address)
        assert length_of(rows) == count > 0, address
        assert listed_on(browser, address) == count, address
    assert cut == "?to=2019-09" or len(links) > 40


def test_every_number_of_a_table_is_a_link_or_nothing(browser: Client) -> None:
    page = page_of(browser, "/dashboard/")
    tables = re.findall(r'<table class="(?:figures|funnel)[^"]*">(.*?)</table>', page, re.DOTALL)
    cells = [
        cell.strip() for table in tables for cell in re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)
    ]

    bare = [cell for cell in cells if re.fullmatch(r"[\d,.]+", cell)]

    assert len(tables) == 6
    assert set(bare) <= {"0", "0.00"}


def test_money_on_the_page_is_the_envelope(browser: Client) -> None:
    page, records = page_of(browser, "/dashboard/"), sum_records()
    table = page[page.index('id="money"') :]
    table = re.sub(r"<[^>]+>", " ", table[: table.index("</table>")])

    for word, fen in (
        ("还没送出", records.held_fen), ("已送银行", records.sent_fen), ("其中 已到账", records.paid_fen),
        ("其中 已退回", records.returned_fen), ("其中 在途", records.in_flight_fen),
        ("已复核", records.approved_fen),
    ):  # fmt: skip
        assert re.search(rf"{word}\s+\d+\s+{re.escape(yuan(fen))}", table), word


def test_a_county_sees_its_own_figures_and_rows() -> None:
    here, there = make_counties()
    refresh_path(today=TODAY, refreshed_at=AT)
    browser = browser_of(officer(OF_ZHENGYANG))

    page = page_of(browser, "/dashboard/")

    assert "本县区总览" in page
    assert length_of(page_of(browser, "/dashboard/rows/?reached=0")) == 2
    assert length_of(page_of(browser, "/dashboard/rows/?county=411723")) == 0
    assert here.people[0].name in page_of(browser, "/dashboard/rows/?reached=0")
    for address in (
        "/dashboard/",
        "/dashboard/?county=411723",
        "/dashboard/rows/?reached=0",
        "/dashboard/rows/?county=411723",
    ):
        for canary in there.canaries:
            assert canary not in page_of(browser, address), address
    assert "平舆县" not in page_of(browser, "/dashboard/figures.csv")


def test_who_handles_no_claims_is_told_of_no_few_people(browser: Client) -> None:
    clerk = signed_in_as(Role.CLERK)

    seen = page_of(browser, "/dashboard/")
    hidden = page_of(clerk, "/dashboard/")
    groups = re.sub(r"<[^>]+>", " ", hidden[hidden.index('id="groups"') :])[:600]

    assert "group=orphan" in seen
    assert "不到 5" in groups
    assert "group=" not in hidden[: hidden.index('id="groups"')]
    assert clerk.get("/dashboard/rows/?group=orphan&reached=1").status_code == 404
    for address, count in figures_on(hidden):
        assert length_of(page_of(clerk, address)) == count


def test_a_single_small_cell_takes_another_with_it() -> None:
    assert hide_small({"a": 3, "b": 20, "c": 9}) == {"a", "c"}
    assert hide_small({"a": 3, "b": 2, "c": 9}) == {"a", "b"}
    assert hide_small({"a": 0, "b": 20, "c": 5}) == set()
    assert hide_small({"a": 4}) == {"a"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_files_carry_the_same_figures_and_no_few_people(browser: Client, form: str) -> None:
    answer = browser.get(f"/dashboard/figures.{form}?county=411724")
    content = answer.getvalue()
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        book = load_workbook(io.BytesIO(content))
        rows = [
            [str(cell or "") for cell in row] for sheet in book for row in sheet.iter_rows(values_only=True)
        ]
    by_name = {row[0]: row[1:] for row in rows if len(row) > 1}

    assert by_name["已筛查"][0] == str(length_of(page_of(browser, "/dashboard/rows/?reached=0")))
    assert by_name["已复核"][:2] == ["4", "3,200.00"]
    assert by_name["孤儿"][0] == "不到 5"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert Entry.objects.filter(verb="export_dashboard", detail__county="411724").count() == 1


def test_an_empty_city_says_what_to_do() -> None:
    page = page_of(signed_in(ADMINISTRATOR), "/dashboard/")

    assert "还没有数" in page
    assert "/screening/" in page


@pytest.mark.parametrize(
    "words", ["county=%27", "from=2019-13&to=x", "show=nothing", "from=2019-12&to=2019-01"]
)
def test_odd_addresses_are_answered(browser: Client, words: str) -> None:
    assert browser.get(f"/dashboard/?{words}").status_code == 200
    assert browser.get(f"/dashboard/rows/?{words}&at=99&money=x&timing=x&after=%00").status_code in (200, 404)


def test_the_page_asks_a_fixed_number_of_questions(browser: Client) -> None:
    browser.get("/dashboard/")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/dashboard/")

    assert len(queries) <= 24


def test_english(browser: Client) -> None:
    # The language stays with the thread after the request.
    with translation.override("zh-hans"):
        page = browser.get("/dashboard/", headers={"accept-language": "en"}).content.decode()

    assert "Where the money is" in page
    names = "西平|遂平|上蔡|泌阳|驿城|汝南|平舆|确山|正阳县?|新蔡"
    prose = re.sub(rf"<[^>]+>|{names}", "", page[page.index("<main") :])
    assert re.findall(r"[\u4e00-\u9fff]+", prose) == []
