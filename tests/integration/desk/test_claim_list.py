"""The list of all claims: filters, pages, and the export that no spreadsheet computes."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import ASSESSOR, DESK, TODAY, opened, say
from tests.integration.desk.money_cases import AUDITOR, signed_in, signed_in_as
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.interfaces.desk.pages import claims as page_module
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

QUERIES_MAX = 22


def text_of(client: Client, address: str = "/claims/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(client: Client, address: str = "/claims/export/") -> list[list[str]]:
    answer = client.get(address)
    content = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(StringIO(content)))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_reads_the_list(role: Role) -> None:
    claim = opened()

    assert claim.number in text_of(signed_in_as(role))


def test_by_state_and_by_deadline() -> None:
    lodged, waiting, paid = opened(), opened(with_account=False), opened()
    Claim.objects.filter(pk=paid.pk).update(state="paid", due_on=TODAY - timedelta(days=3))
    client = signed_in(DESK)

    paused = text_of(client, "/claims/?state=awaiting_documents")
    overdue = text_of(client, "/claims/?due=late")

    assert waiting.number in paused
    assert lodged.number not in paused
    assert paid.number not in overdue, "a paid claim is not overdue"
    assert "没有这样的案件" in overdue


def test_a_state_nobody_knows_is_no_filter() -> None:
    claim = opened()

    assert claim.number in text_of(signed_in(DESK), "/claims/?state=lost&due=never&sort=sideways&page=x")


def test_pages_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PAGE", 2)
    numbers = [opened().number for _ in range(3)]
    client = signed_in(DESK)

    first, second = (
        text_of(client, "/claims/?county=411724"),
        text_of(client, "/claims/?county=411724&page=2"),
    )

    assert [number in first for number in numbers] == [True, True, False]
    assert [number in second for number in numbers] == [False, False, True]
    assert "?county=411724&amp;page=2" in first


def test_assessors_pick_from_their_own_state_only() -> None:
    opened()
    client = signed_in(ASSESSOR)

    assert 'name="picked"' in text_of(client, "/claims/?state=lodged")
    assert 'name="picked"' not in text_of(client, "/claims/")
    assert 'name="picked"' not in text_of(signed_in(DESK), "/claims/?state=lodged")


def test_the_export_is_the_filtered_list_with_masked_numbers() -> None:
    kept, left = opened(), opened()
    say(left, Verb.ASSESS, ASSESSOR)

    head, *rows = rows_of(signed_in(AUDITOR), "/claims/export/?state=lodged")

    assert head[0] == "案号"
    assert [row[0] for row in rows] == [kept.number]
    assert rows[0][2].startswith("41**")
    assert rows[0][4:] == ["800.00", "已立案", "2019-11-21"]
    assert Entry.objects.get(verb="export_claims").detail["count"] == 1


def test_no_cell_of_the_export_is_a_formula() -> None:
    opened(name='=HYPERLINK("http://evil.test")')

    _head, row = rows_of(signed_in(DESK))

    assert row[1] == '\'=HYPERLINK("http://evil.test")'


def test_the_list_costs_no_more_queries_when_it_grows() -> None:
    opened()
    client = signed_in(DESK)
    client.get("/claims/")

    with CaptureQueriesContext(connection) as few:
        client.get("/claims/")
    for _ in range(5):
        opened()
    with CaptureQueriesContext(connection) as many:
        client.get("/claims/")

    assert len(many) == len(few)
    assert len(many) <= QUERIES_MAX
