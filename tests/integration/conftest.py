"""One browser for all pages of the desk that come from the database (共用的浏览器)."""

from collections.abc import Iterator

import pytest

from tests.browsing import InBrowser, launched_apart


@pytest.fixture(scope="session")
def in_browser() -> Iterator[InBrowser]:
    """A function that runs a check with a browser, in a thread of its own, away from Django's connection."""
    with launched_apart() as run:
        yield run
