"""The pages of claims and screening in a real browser: accessible, nothing sideways, in both languages."""

import mimetypes
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.browsing import InBrowser, faults_of, sideways_px
from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    CLERK,
    DESK,
    PAYER,
    key,
    make_account,
    make_person,
    make_settlement,
    make_status,
    opened,
    propose,
    say,
)
from tests.integration.desk.money_cases import AUDITOR, signed_in
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.screening.services import run_screening

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

SITE = "http://desk.test"


def answer(client: Client, address: str, language: str) -> str:
    client.cookies["django_language"] = language
    return client.get(address, follow=True).content.decode()


def pages(language: str) -> dict[str, str]:
    """Return the pages in the states that show the most, by name."""
    person = make_person()
    make_status(person)
    make_account(person)
    make_settlement(person)
    run_screening(actor=CLERK, started_at=AT, request_key=key())
    proposal = propose()
    proof = propose(diagnosis="A15.0", outcome="undetermined", reason="needs_proof", benefit_fen=0)
    missing = propose(diagnosis="", outcome="undetermined", reason="missing_fact", missing="diagnosis_code")
    waiting, assessed, lodged = opened(with_account=False), opened(), opened()
    say(assessed, Verb.ASSESS, ASSESSOR)
    wanted = [
        ("workbench-approver", APPROVER, "/"),
        ("workbench-desk", DESK, "/"),
        ("workbench-payer", PAYER, "/"),
        ("overview", AUDITOR, "/"),
        ("claims", ASSESSOR, "/claims/?state=lodged"),
        ("claim-assessed", APPROVER, f"/claims/{assessed.number}/"),
        ("claim-waiting", DESK, f"/claims/{waiting.number}/"),
        ("claim-lodged", ASSESSOR, f"/claims/{lodged.number}/"),
        ("screening", DESK, "/screening/"),
        ("screening-clerk", CLERK, "/screening/?show=unpaid"),
        ("run", CLERK, "/screening/runs/1/"),
        ("proposal", DESK, f"/proposals/{proposal.pk}/"),
        ("proposal-proof", DESK, f"/proposals/{proof.pk}/"),
        ("proposal-missing", DESK, f"/proposals/{missing.pk}/"),
    ]
    found = {name: answer(signed_in(actor), address, language) for name, actor, address in wanted}
    refused = {"verb": "decline", "decline-reason": "", "request_key": key()}
    client = signed_in(APPROVER)
    client.cookies["django_language"] = language
    found["claim-refused"] = client.post(f"/claims/{assessed.number}/move/", refused).content.decode()
    return found


def serve(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(SITE).split("?")[0]
    found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
    if isinstance(found, str):
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        route.fulfill(body=Path(found).read_bytes(), content_type=kind)
    else:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")


def faults_at(page: Page, name: str, html: str, widths: Sequence[int]) -> list[str]:
    """Return what axe finds, and what stands out sideways, at these widths of the screen."""
    faults = []
    page.route("**/*", lambda route: serve(route, html))
    page.goto(f"{SITE}/{name}/")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        faults += [f"{name} {width} {rule}: {place}" for rule, place in faults_of(page)]
        sideways = sideways_px(page)
        if sideways > 0:
            faults.append(f"{name} {width}: {sideways} px stand out sideways")
    page.unroute("**/*")
    return faults


@pytest.mark.parametrize(("language", "widths"), [("zh-hans", (1366, 360)), ("en", (360,))])
def test_sound_and_within_the_screen(in_browser: InBrowser, language: str, widths: Sequence[int]) -> None:
    shown = pages(language)
    faults: list[str] = []

    def check(browser: Browser) -> None:
        page = browser.new_page(viewport={"width": widths[0], "height": 900})
        for name, html in shown.items():
            assert "<h1" in html, name
            faults.extend(faults_at(page, name, html, widths))
        page.close()

    in_browser(check)

    assert faults == []
