"""The pages of hard turns in a real browser: accessible, nothing sideways, on a screen and on a phone."""

import pytest

from tests.browsing import InBrowser
from tests.builders import APPROVER, DESK
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from tests.integration.desk.test_records_in_browser import assert_sound
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

    assert_sound(in_browser, html)
