"""The audit page: for two roles only, newest first, filtered, read on by key."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import AT, CLERK, DESK, key
from tests.integration.desk.money_cases import AUDITOR, open_claim, signed_in, signed_in_as
from yiyuan.apps.audit.services import record_entry
from yiyuan.interfaces.desk.audit_labels import ACTS
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db


def _leave(count: int, *, actor: Actor = DESK, kind: str = "batch", verb: str = "build_batch") -> None:
    for number in range(1, count + 1):
        record_entry(actor=actor, verb=verb, subject=(kind, str(number)), occurred_at=AT, request_key=key())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_read_it_and_who_is_offered_it(role: Role) -> None:
    client = signed_in_as(role)
    may = role in (Role.AUDITOR, Role.ADMINISTRATOR)

    assert client.get("/audit/").status_code == (200 if may else 403)
    assert ('href="/audit/"' in client.get("/scheme/").text) is may


def test_the_newest_stand_first_in_words() -> None:
    claim = open_claim()

    page = signed_in(AUDITOR).get("/audit/")

    rows = page.context["lines"]
    assert [row["act"] for row in rows] == ["立案", "报案", "理算"]
    assert rows[0]["line"].subject_id == claim.number
    assert f">{claim.number}</a>" in page.text
    assert "2019年11月20日 10:00" in page.text


def test_it_is_read_on_by_key_without_gaps() -> None:
    _leave(120)
    client = signed_in(AUDITOR)
    seen: list[str] = []
    url = "/audit/"

    for _ in range(3):
        page = client.get(url)
        seen += [row["line"].subject_id for row in page.context["lines"]]
        url = f"/audit/?{page.context['older']}"

    assert seen == [str(number) for number in range(120, 0, -1)]
    assert page.context["older"] == ""
    assert "回到最新" in page.text


def test_filters_keep_while_reading_on() -> None:
    _leave(60, actor=CLERK, kind="import_job", verb="record_upload")
    _leave(5)
    client = signed_in(AUDITOR)

    page = client.get("/audit/", {"kind": "import_job", "actor": "数据"})
    rest = client.get(f"/audit/?{page.context['older']}")
    one = client.get("/audit/", {"kind": "batch", "id": "3"})
    nobody = client.get("/audit/", {"actor": "不存在"})

    assert {row["act"] for row in page.context["lines"]} == {"传入文件"}
    assert len(rest.context["lines"]) == 10
    assert [row["line"].subject_id for row in one.context["lines"]] == ["3"]
    assert "没有这样的留痕" in nobody.text


def test_a_subject_that_is_no_number_breaks_no_link() -> None:
    record_entry(actor=DESK, verb="odd", subject=("batch", "x"), occurred_at=AT, request_key=key())

    page = signed_in(AUDITOR).get("/audit/?before=99999999999999999999")

    assert page.status_code == 200
    assert "odd" in page.text


def test_every_verb_written_anywhere_has_its_words() -> None:
    import re
    from pathlib import Path

    import yiyuan.apps as apps

    written = {
        verb
        for path in Path(apps.__path__[0]).rglob("*.py")
        for verb in re.findall(r'(?:verb=|_audit\(actor, )"([a-z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(written) > 10
    assert written <= set(ACTS)


def test_a_page_asks_the_database_a_bounded_number_of_times() -> None:
    _leave(60)
    client = signed_in(AUDITOR)
    client.get("/audit/")

    with CaptureQueriesContext(connection) as asked:
        client.get("/audit/")

    assert len(asked) <= 20
