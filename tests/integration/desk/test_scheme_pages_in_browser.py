"""The scheme's pages in a real browser: accessible, nothing sideways, on a screen and on a phone."""

from pathlib import Path

import pytest
from django.test import override_settings

from tests.browsing import InBrowser
from tests.builders import APPROVER, AT, CLERK, DESK, key
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from tests.integration.desk.test_records_in_browser import assert_sound
from tests.integration.desk.test_tutorial_on_site import BRAVE
from tests.integration.test_putting_in_force import copy_of_the_tutorial
from tests.integration.test_scheme_drafts import more_generous, sent
from tests.integration.test_screening import city_with
from yiyuan.apps.registry.models import City
from yiyuan.apps.screening.draft_replays import request_replay, take_replay
from yiyuan.kernel.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("actor", "path"),
    [
        (DESK, "/scheme/"),
        (APPROVER, "/scheme/versions/?version=2028-01-01"),
        (ADMINISTRATOR, "/scheme/versions/?version=2027-01-01"),
        (DESK, "/scheme/try/?cause=natural_disaster"),
    ],
)
def test_pages_of_an_event_scheme(in_browser: InBrowser, tmp_path: Path, actor: Actor, path: str) -> None:
    client = signed_in(actor)
    City.objects.update(scheme="qingshi-tutorial")
    with override_settings(SCHEMES=tmp_path):
        file = copy_of_the_tutorial(tmp_path)
        text = file.read_text(encoding="utf-8").replace(
            "from: 2027-01-01, to: 2028-01-01", "from: 2028-01-01, to: 2029-01-01"
        )
        text = text.replace("- {fixed_fen: 6_000_000}", "- {fixed_fen: 5_000_000}")
        file.with_name("2028-01-01.yaml").write_text(text, encoding="utf-8")
        html = client.get(path).text

    assert_sound(in_browser, html)


def test_a_decided_case(in_browser: InBrowser, tmp_path: Path) -> None:
    client = signed_in(DESK)
    City.objects.update(scheme="qingshi-tutorial")
    with override_settings(SCHEMES=tmp_path):
        copy_of_the_tutorial(tmp_path)
        html = client.post("/scheme/try/", {"version": "2027-01-01", "people": "1", **BRAVE}).text

    assert "24,900.01" in html
    assert_sound(in_browser, html)


def test_a_replay(in_browser: InBrowser, tmp_path: Path) -> None:
    city_with(124_980)
    client = signed_in(APPROVER)
    source = Path(__file__).parents[3] / "schemes" / "zhumadian-yiyuan"
    folder = tmp_path / "zhumadian-yiyuan"
    folder.mkdir()
    text = (source / "2019-01-01.yaml").read_text(encoding="utf-8")
    later = text.replace("from: 2019-01-01, to: 2020-01-01", "from: 2020-01-01, to: 2021-01-01")
    (folder / "2019-01-01.yaml").write_text(text, encoding="utf-8")
    (folder / "2020-01-01.yaml").write_text(
        later.replace("fixed_fen: 80_000,", "fixed_fen: 90_000,"), encoding="utf-8"
    )
    (folder / "sources.yaml").write_bytes((source / "sources.yaml").read_bytes())

    with override_settings(SCHEMES=tmp_path):
        html = client.post("/scheme/replay/", {"version": "2020-01-01"}).text

    assert "赔得多了" in html
    assert "100.00" in html
    assert_sound(in_browser, html)


def test_pages_of_a_draft(in_browser: InBrowser) -> None:
    city_with(50_000, 90_000)
    client = signed_in(CLERK)
    sound = sent(("2020-01-01.yaml", more_generous().encode()))
    faulty = sent(("2020-01-01.yaml", more_generous().replace("rate_bp: 7000", "rate_bq: 7000").encode()))
    asked = request_replay(draft_id=sound.pk, actor=CLERK, occurred_at=AT, request_key=key())
    replay = f"/scheme/drafts/replays/{asked.pk}/"

    assert_sound(in_browser, client.get("/scheme/drafts/").text)
    assert_sound(in_browser, client.get(f"/scheme/drafts/{sound.pk}/").text)
    assert_sound(in_browser, client.get(f"/scheme/drafts/{faulty.pk}/").text)
    # Nothing answers here what the progress asks for every two seconds.
    assert_sound(in_browser, client.get(replay).text.replace("every 2s", "never"))
    take_replay(asked.pk, actor=CLERK, now=lambda: AT)
    assert_sound(in_browser, client.get(replay).text)
