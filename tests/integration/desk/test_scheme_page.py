"""The scheme page: every term of the scheme stands on it, with its clause, and marked where assumed."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tests.builders import DESK
from tests.integration.desk.money_cases import signed_in, signed_in_as
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan
from yiyuan.rules.scheme_file.loading import load_scheme

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_may_read_it(role: Role) -> None:
    assert signed_in_as(role).get("/scheme/").status_code == 200


def test_nobody_reads_it_without_signing_in() -> None:
    client = signed_in(DESK)
    client.logout()

    assert client.get("/scheme/").status_code == 302


def test_every_term_stands_on_the_page() -> None:
    page = signed_in(DESK).get("/scheme/").text
    terms = get_terms()

    assert terms.sha256[:12] in page
    assert "2019年1月1日 到 2019年12月31日 有效" in page
    for clause in terms.clauses.values():
        assert escape(clause.text) in page, clause.id
    for name in (*(group.name_zh for group in terms.groups), *(d.name_zh for d in terms.diseases)):
        assert escape(name) in page, name
    for liability in terms.liabilities:
        assert f"{liability.code} {liability.name_zh}" in page
        assert all(f"{yuan(limit.limit_fen)} 元" in page for limit in liability.limits)
    for reading in terms.top_up.readings.values():
        assert escape(reading.name_zh) in page
    assert "约定病种 33 种" in page


def test_what_is_assumed_is_marked_with_its_origin() -> None:
    page = signed_in(DESK).get("/scheme/").text
    terms = get_terms()
    origins = {
        *(clause.assumed for clause in terms.clauses.values()),
        *(county.assumed for county in terms.counties),
        *(disease.assumed for disease in terms.diseases),
        *(limit.assumed for liability in terms.liabilities for limit in liability.limits),
        *(liability.assumed for liability in terms.liabilities),
    } - {None}

    assert len(origins) > 20
    for origin in origins:
        assert f"暂定，{escape(str(origin))}" in page, origin


def test_the_reading_in_force_stands_first_and_the_arithmetic_is_said() -> None:
    page = signed_in(DESK).get("/scheme/")

    readings = page.context["readings"]
    assert [reading["is_adopted"] for reading in readings] == [True, False, False]
    assert readings[0]["lines"] == [
        "剩余费用 不到 1,000.00 元，赔 50.0%",
        "剩余费用 满 1,000.00 元，赔 800.00 元",
    ]
    assert [row["limit"] for row in page.context["clocks"]][:4] == [
        "第 1 天，遇休息日顺延",
        "3 个工作日内",
        "7 个工作日内",
        "10 个工作日内",
    ]


def test_what_the_law_sets_says_from_when_and_until_what() -> None:
    rows = signed_in(DESK).get("/scheme/").context["clocks"][4:]

    said = [(row["names"], row["from_when"], row["limit"], row["until"]) for row in rows]
    assert ("所有责任", "申请以后", "第 30 天，遇休息日顺延", "核定") in said
    assert ("所有责任", "达成协议以后", "第 10 天，遇休息日顺延", "") in said


def test_the_index_leads_to_every_part() -> None:
    page = signed_in(DESK).get("/scheme/")

    for anchor, _label in page.context["index"]:
        assert f'href="#{anchor}"' in page.text
        assert f'id="{anchor}"' in page.text


def test_english_quotes_the_clauses_in_english() -> None:
    client = signed_in(DESK)
    client.post("/i18n/setlang/", {"language": "en"})

    page = client.get("/scheme/").text

    assert get_terms().title_en in page
    assert "Up to 1,000 yuan left, 50 % is paid." in page
    assert "Oesophageal cancer" in page


def test_the_page_asks_the_database_a_bounded_number_of_times() -> None:
    client = signed_in(DESK)
    client.get("/scheme/")

    with CaptureQueriesContext(connection) as asked:
        client.get("/scheme/")

    assert len(asked) <= 20


@pytest.mark.parametrize(
    ("scheme", "premium"),
    [
        ("huangping-yiyuan", "每个户籍人口每年"),
        ("rizhao-minsheng", "保费分几项算：按人、按户"),
        ("zhashui-yiyuan", "保费"),
    ],
)
def test_a_scheme_without_the_top_up_shows_what_it_says(
    monkeypatch: pytest.MonkeyPatch, scheme: str, premium: str
) -> None:
    terms = load_scheme(Path(settings.SCHEMES) / scheme)
    monkeypatch.setattr("yiyuan.interfaces.desk.pages.scheme.list_terms", lambda: [terms])

    answer = signed_in(DESK).get("/scheme/")

    page = answer.text
    assert answer.status_code == 200
    assert premium in page
    assert escape(terms.title) in page
    for clause in terms.clauses.values():
        assert escape(clause.text) in page, clause.id
    for anchor in ("groups", "medical", "diseases", "reasons"):
        assert f'id="{anchor}"' not in page
        assert f'href="#{anchor}"' not in page
