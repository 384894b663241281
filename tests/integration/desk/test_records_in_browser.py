"""Money, imports, people, audit and scheme in a real browser: accessible, nothing sideways, no complaint."""

import mimetypes
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Route

from tests.browsing import InBrowser, faults_of
from tests.builders import AT, CLERK, DESK, PAYER, PAYER_2, key
from tests.integration.desk.money_cases import (
    AUDITOR,
    answer,
    approve_claim,
    build_batch_of,
    send_batch_of,
    signed_in,
)
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.payments.posting import record_returns
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SITE = "http://desk.test"
POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
PAGES = [
    (PAYER, "/payments/"),
    (PAYER_2, "/payments/2/"),
    (PAYER, "/payments/1/"),
    (PAYER, "/payments/suspense/"),
    (AUDITOR, "/payments/suspense/"),
    (CLERK, "/imports/"),
    (CLERK, "/imports/{job}/"),
    (CLERK, "/imports/{running}/"),
    (DESK, "/search/?q=马"),
    (DESK, "/search/?q=没有此人"),
    (DESK, "/people/{person}/"),
    (AUDITOR, "/audit/"),
    (DESK, "/scheme/"),
]


def _fill() -> dict[str, int]:
    paid, returned, _in_flight = send_batch_of(3)
    content = answer(
        f"{paid.order_no},paid,2019-11-21,80000,,",
        f"{returned.order_no},failed,2019-11-21,80000,E01,账号销户",
        "Y20191120-9999-00001,paid,2019-11-21,12345,,",
    )
    record_returns(name="回单.csv", content=content, actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts(timestamp=0)
    build_batch_of(2)
    approve_claim(name="李凤英")
    facts = {"kind": "hardship", "started_by": "clerk", "started_by_name": "数据员", "started_at": AT}
    job = ImportJob.objects.create(
        **facts, file_name="名册.xls", state="done", refused=1, refused_by_reason={"check_digit": 1}
    )
    RefusedRow.objects.create(
        job=job, row=7, column="证号", value="41**46", reason="check_digit", remedy="核对"
    )
    running = ImportJob.objects.create(**facts, file_name="残疾人.xlsx", sha256="1", state="running")
    person = Claim.objects.earliest("pk").person_id
    return {"job": job.pk, "running": running.pk, "person": person}


def opened_in(browser: Browser, html: str) -> Any:
    """Return a page that shows this HTML under the site's own policy."""
    page: Any = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.route("**/*", lambda route: _answer(route, html))
    page.goto(f"{SITE}/page/")
    return page


def _answer(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(SITE)
    if not path.startswith("/static/"):
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        return
    found = finders.find(path.removeprefix("/static/"))
    assert isinstance(found, str), path
    kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
    route.fulfill(body=Path(found).read_bytes(), content_type=kind)


def assert_sound(in_browser: InBrowser, html: str) -> None:
    """Fail unless axe finds nothing, nothing stands out sideways and nothing is blocked."""

    def check(browser: Browser) -> None:
        page = opened_in(browser, html)
        for width in (1366, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert faults_of(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.complaints == []
        page.context.close()

    in_browser(check)


@pytest.mark.parametrize(("actor", "path"), PAGES)
def test_sound_on_a_screen_and_on_a_phone(in_browser: InBrowser, actor: Actor, path: str) -> None:
    made = _fill()
    html = signed_in(actor).get(path.format(**made)).text

    assert_sound(in_browser, html)


def test_releasing_asks_once_more_by_keyboard(in_browser: InBrowser) -> None:
    _fill()
    html = signed_in(PAYER_2).get("/payments/2/").text

    def check(browser: Browser) -> None:
        page = opened_in(browser, html)
        page.get_by_role("link", name="放行 2 笔、1,600.00 元").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="放行 2 笔、1,600.00 元")
        assert dialog.is_visible()
        assert "不能再撤回" in dialog.inner_text()
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        page.context.close()

    in_browser(check)
