"""A browser for the pages of the desk: pages come from memory, styles and scripts from the package."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route
from tests.browsing import launched
from tests.unit.desk import pages

SITE = "http://desk.test"
POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser) -> Iterator[pages.OpenPage]:
    """A function that opens one of pages.NAMES; complaints of the browser end up in `page.complaints`."""
    contexts = []

    def opened(name: str, width: int = 1366, **options: Any) -> Page:
        html = pages.page(name)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]  # The page carries its own complaints to the test.
        page.on("console", lambda message: _note(page, message.type, message.text))
        page.on("pageerror", lambda error: _note(page, "error", str(error)))
        page.route("**/*", lambda route: _answer(route, html))
        page.goto(f"{SITE}/{name}/")
        return page

    yield opened
    for context in contexts:
        context.close()


def _note(page: Any, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        page.complaints.append(text)


def _answer(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(SITE).split("?")[0]
    if not path.startswith("/static/"):
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        return
    found = finders.find(path.removeprefix("/static/"))
    if not isinstance(found, str):
        route.fulfill(status=404)
        return
    kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
    route.fulfill(body=Path(found).read_bytes(), content_type=kind)
