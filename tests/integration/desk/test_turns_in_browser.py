"""The pages of hard turns in a real browser: accessible, nothing sideways, on a screen and on a phone."""

import pytest
from playwright.sync_api import Browser

from tests.browsing import InBrowser, faults_of
from tests.builders import APPROVER, DESK
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from tests.integration.desk.test_records_in_browser import opened_in
from tests.integration.desk.turn_cases import let_years_pass, make_turns
from yiyuan.kernel.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGES = [
    (DESK, "/people/{person}/"),
    (DESK, "/people/{person}/paper/"),
    (DESK, "/proposals/{on_paper}/"),
    (APPROVER, "/proposals/{declined}/"),
    (DESK, "/proposals/{declined}/notice/"),
    (DESK, "/claims/{held}/"),
    (ADMINISTRATOR, "/divisions/"),
    (DESK, "/scheme/"),
]


@pytest.mark.parametrize(("actor", "path"), PAGES)
def test_sound_on_a_screen_and_on_a_phone(in_browser: InBrowser, actor: Actor, path: str) -> None:
    turns = make_turns()
    client = signed_in(actor)
    let_years_pass()
    html = client.get(
        path.format(
            person=turns.person.pk,
            on_paper=turns.on_paper.pk,
            declined=turns.declined.pk,
            held=turns.held.number,
        )
    ).text

    def check(browser: Browser) -> None:
        page = opened_in(browser, html)
        for width in (1366, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert faults_of(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.complaints == []
        page.context.close()

    in_browser(check)
