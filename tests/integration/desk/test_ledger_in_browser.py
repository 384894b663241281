"""The books in a browser: sound on a screen and on a phone, in both languages, filled and empty."""

from datetime import date

import pytest

from tests.browsing import InBrowser
from tests.builders import AT, key
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.desk.test_english_pages import in_english
from tests.integration.desk.test_ledger_pages import FINANCE, FINANCE_2, PAGES, fill
from tests.integration.desk.test_records_in_browser import assert_sound
from yiyuan.apps.ledger.periods import close_period
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("is_filled", [True, False])
@pytest.mark.parametrize(("actor", "is_english"), [(AUDITOR, False), (FINANCE_2, False), (FINANCE, True)])
def test_sound_on_a_screen_and_on_a_phone(
    in_browser: InBrowser, actor: Actor, path: str, *, is_filled: bool, is_english: bool
) -> None:
    client = in_english(actor) if is_english else signed_in(actor)
    if is_filled:
        fill()
        close_period(month=date(2019, 10, 1), actor=FINANCE, occurred_at=AT, request_key=key())
    html = client.get(path).text

    assert_sound(in_browser, html)
