"""Who runs which tests, and in what order (分工与先后), when several processes share them.

In: the tests' names. Out: the longest files first, so that no process is left alone with one at the end;
files that share a site stay on one process, so that the site is started once.
"""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadFileScheduling

SHARES_A_SITE = "tests/e2e/"
# The longest first; what is not named here takes seconds.
LONG = (
    SHARES_A_SITE,
    "tests/year/test_year.py",
    "tests/year/",
    "tests/faults/",
    "tests/integration/test_default_city.py",
    "tests/integration/test_hot_queries.py",
    "tests/integration/test_lived_year.py",
    "tests/integration/desk/",
    "tests/property/",
    "tests/integration/",
)


class WholeFiles(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types.
    """Files stay whole, as do the journeys on one site."""

    def _split_scope(self, nodeid: str) -> str:
        return SHARES_A_SITE if nodeid.startswith(SHARES_A_SITE) else str(super()._split_scope(nodeid))


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with the long files first; otherwise in the order they had."""
    return sorted(items, key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))
