"""What all tests share: throwaway keys, a database that starts when the first test asks for it, a browser."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import django
import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from tests import order
from yiyuan.runtime.chromium import find_chromium
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import running_database
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import SETTINGS_MODULE

if TYPE_CHECKING:
    from tests.database import CopiedDatabase

# Here and not in the project file: the settings refuse to be read before there are keys.
for _name, _value in {**fresh_keys(), "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE}.items():
    os.environ.setdefault(_name, _value)
# Tests write their worlds as a command would: over the whole city; a page asked for sees its reader's part.
os.environ["YIYUAN_COUNTIES"] = "*"
django.setup()


@pytest.fixture(scope="session")
def copied_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> "Iterator[CopiedDatabase]":
    """Copy the migrated template for this run."""
    from tests.database import CopiedDatabase

    with running_database(TESTS) as urls:
        with django_db_blocker.unblock():
            database = CopiedDatabase(urls)
            database.create()
        yield database
        with django_db_blocker.unblock():
            database.drop()


@pytest.fixture(scope="session")
def django_db_setup(copied_database: "CopiedDatabase") -> Iterator[None]:
    """Use the copied database, and copy it again after each test with real transactions."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        # Django would truncate, which the application's role may not and append-only tables refuse.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: copied_database.renew())
        yield


@pytest.fixture(autouse=True)
def house_language() -> Iterator[None]:
    """Let no test inherit a language: a page asked for in English leaves its thread in English."""
    yield
    translation.deactivate()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> order.WholeFiles | None:
    """Share whole files out, unless another way was asked for."""
    return order.WholeFiles(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests for several processes, and leave out those that need a browser where there is none.

    `./yiyuan test` says so, CI does not allow it.
    """
    if hasattr(config, "workerinput"):
        items[:] = order.longest_first(items)
    if find_chromium() is not None or os.environ.get("CI") == "true":
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
