"""The guide on the site: every post may read it, it says the scheme's sums, and it reads in large print."""

import pytest
from playwright.sync_api import Browser

from tests.browsing import InBrowser, faults_of, sideways_px
from tests.builders import DESK
from tests.integration.desk.money_cases import signed_in, signed_in_as
from yiyuan.interfaces.guide.page import STYLE
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db
SMALL = """(least) => [...document.querySelectorAll('a')]
    .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < least).map((one) => one.outerHTML)"""
LETTERS = """() => Math.min(...[...document.querySelectorAll('body *')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_may_read_it(role: Role) -> None:
    client = signed_in_as(role)

    assert client.get("/scheme/guide/").status_code == 200
    assert client.get("/scheme/guide.pdf").content.startswith(b"%PDF")


def test_nobody_reads_it_without_signing_in() -> None:
    client = signed_in(DESK)
    client.logout()

    assert client.get("/scheme/guide/").status_code == 302
    assert client.get("/scheme/guide.pdf").status_code == 302


def test_it_is_found_from_the_scheme() -> None:
    assert 'href="/scheme/guide/"' in signed_in(DESK).get("/scheme/").text


def test_it_says_what_the_scheme_pays() -> None:
    page = signed_in(DESK).get("/scheme/guide/").text

    assert "还剩 999.99 元</th><td>500.00</td>" in page
    assert "还剩 1,000 元</th><td>800.00</td>" in page
    assert 'data-mode="plain"' in page
    assert "<script" not in page
    assert "style=" not in page


def test_large_print_and_english() -> None:
    client = signed_in(DESK)
    large = client.get("/scheme/guide/?print=large").text
    client.post("/language/", {"language": "en", "next": "/"})
    client.cookies["django_language"] = "en"

    english = client.get("/scheme/guide/").text
    paper = client.get("/scheme/guide.pdf?print=large")

    assert 'data-mode="elder"' in large
    assert "/scheme/guide.pdf?print=large" in large
    assert "What is paid, and how much" in english
    assert "zhumadian-yiyuan-2019-01-01-guide-en-large.pdf" in paper["Content-Disposition"]


@pytest.fixture
def standing_alone() -> dict[str, str]:
    client = signed_in(DESK)
    link, style = '<link rel="stylesheet"', STYLE.read_text(encoding="utf-8")
    pages = {
        "plain": client.get("/scheme/guide/").text,
        "elder": client.get("/scheme/guide/?print=large").text,
    }
    return {mode: page.replace(link, f"<style>{style}</style>{link}", 1) for mode, page in pages.items()}


@pytest.mark.browser
def test_sound_at_every_width(in_browser: InBrowser, standing_alone: dict[str, str]) -> None:
    in_browser(lambda browser: _look(browser, standing_alone))


def _look(browser: Browser, pages: dict[str, str]) -> None:
    for mode, html in pages.items():
        page = browser.new_page()
        page.set_content(html)
        for width in (1366, 360, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways_px(page) <= 0, (mode, width)
            assert faults_of(page) == []
            if mode == "elder":
                assert page.evaluate(SMALL, 60) == []
                assert page.evaluate(LETTERS) >= 22
        page.close()
