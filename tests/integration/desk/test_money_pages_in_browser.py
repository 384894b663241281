"""Limits and returned payments in a real browser: accessible, nothing sideways, both languages."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser

from tests.browsing import InBrowser
from tests.builders import AT, DESK, PAYER, key
from tests.integration.desk.money_cases import signed_in
from tests.integration.desk.test_claim_pages_in_browser import answer, faults_at
from tests.integration.desk.test_limit_pages import two_claims
from tests.integration.test_budgets import CIVIL, FINANCE
from tests.integration.test_returned import returned
from yiyuan.apps.adjudication.models import RunningTotal
from yiyuan.apps.adjudication.overriding import agree_beyond, propose_beyond

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def pages(language: str) -> dict[str, str]:
    """Return the pages in the states that show the most, by name."""
    _order, paid = returned()
    claim = two_claims()
    total = RunningTotal.objects.get(limit="death_disability").pk
    for is_agreed in (True, False):
        pk = propose_beyond(
            total_id=total,
            amount_fen=500_000,
            reason="市政府纪要",
            actor=FINANCE,
            occurred_at=AT,
            request_key=key(),
        )
        if is_agreed:
            agree_beyond(change_id=pk, actor=CIVIL, occurred_at=AT, request_key=key())
    wanted = [
        ("limits", CIVIL, "/payments/limits/"),
        ("returned", PAYER, "/payments/returned/"),
        ("money", PAYER, "/payments/"),
        ("claim-limited", DESK, f"/claims/{claim.number}/"),
        ("claim-returned", DESK, f"/claims/{paid.number}/"),
    ]
    return {name: answer(signed_in(actor), address, language) for name, actor, address in wanted}


@pytest.mark.parametrize(("language", "widths"), [("zh-hans", (1366, 360)), ("en", (360,))])
def test_sound_and_within_the_screen(in_browser: InBrowser, language: str, widths: Sequence[int]) -> None:
    shown = pages(language)
    faults: list[str] = []

    def check(browser: Browser) -> None:
        page = browser.new_page(viewport={"width": widths[0], "height": 900})
        for name, html in shown.items():
            faults.extend(faults_at(page, name, html, widths))

    in_browser(check)

    assert faults == []
