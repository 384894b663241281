"""A questioned batch and a screening under way, in a real browser: accessible, nothing sideways."""

from collections.abc import Callable

import pytest

from tests.browsing import InBrowser
from tests.builders import CLERK, PAYER_2, key
from tests.integration.desk.money_cases import build_batch_of, signed_in
from tests.integration.desk.test_records_in_browser import assert_sound
from tests.integration.desk.test_screening_page import settle
from tests.integration.test_money import asked
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.screening.requests import list_unfinished_requests
from yiyuan.interfaces.jobs.tasks import screen_city

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def _questioned_batch() -> str:
    number = build_batch_of(3)
    for claim in Claim.objects.order_by("pk")[:2]:
        asked(claim)
    return signed_in(PAYER_2).get(f"/payments/{number}/").text


def _waiting_screening() -> str:
    settle(124_980)
    clerk = signed_in(CLERK)
    page = clerk.get(clerk.post("/screening/run/", {"request_key": key()})["Location"]).text
    # Pages from memory have nobody to ask how far the screening is.
    return page.replace("hx-get", "data-would-get")


def _told_on_the_workbench() -> str:
    settle(124_980)
    clerk = signed_in(CLERK)
    clerk.post("/screening/run/", {"request_key": key()})
    screen_city(request_id=list_unfinished_requests()[0])
    return clerk.get("/?as=clerk").text


def _done_screening() -> str:
    settle(124_980)
    clerk = signed_in(CLERK)
    address = clerk.post("/screening/run/", {"request_key": key()})["Location"]
    screen_city(request_id=list_unfinished_requests()[0])
    return clerk.get(address).text


@pytest.mark.parametrize(
    "page_of", [_questioned_batch, _waiting_screening, _done_screening, _told_on_the_workbench]
)
def test_sound_on_a_screen_and_on_a_phone(in_browser: InBrowser, page_of: Callable[[], str]) -> None:
    html = page_of()

    assert_sound(in_browser, html)
