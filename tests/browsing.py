"""What every test in a real browser needs (浏览器测试): how it is started, and what makes a page sound.

In: a page. Out: what axe finds wrong with it, and how far it stands out sideways.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from yiyuan.runtime.chromium import find_chromium

InBrowser = Callable[[Callable[[Browser], None]], None]

LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
AXES_OWN_RULES: Mapping[str, Any] = {}
AXE = Axe().axe_script
# What is sound is not told at length, and of a fault only its rule and first place: the rest takes seconds
# to come over from the browser.
FIND = """(options) => axe.run({...options, resultTypes: ['violations']}).then(
    (found) => found.violations.map((fault) => [fault.id, fault.nodes[0].html]))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser of this thread's own."""
    chromium = find_chromium()
    assert chromium, "no Chromium on this machine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(LAUNCH))
        yield browser
        browser.close()


@contextmanager
def launched_apart() -> Iterator[InBrowser]:
    """Give a function that runs a check with a browser, in a thread of its own.

    The browser keeps a loop there, beside which Django's connection would not speak.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        keeping = launched()
        browser = thread.submit(keeping.__enter__).result()
        yield lambda check: thread.submit(check, browser).result()
        thread.submit(keeping.__exit__, None, None, None).result()


def faults_of(page: Page, rules: Mapping[str, Any] = RULES) -> list[tuple[str, str]]:
    """Return what axe finds wrong with a page as it stands now: the rule and the first place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [(rule, place) for rule, place in page.evaluate(FIND, dict(rules))]


def sideways_px(page: Page) -> int:
    """Return how far the page stands out of the screen."""
    return int(page.evaluate(SIDEWAYS))
