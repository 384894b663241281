"""Work that was killed at a random statement and is said again ends as if nobody had died (杀掉再做)."""

from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.database import CopiedDatabase
from tests.faults.killing import live, own_server

pytestmark = pytest.mark.slow
LIVES, SEED = 5, 1911


def test_a_month_that_was_killed_ends_like_its_twin(
    copied_database: CopiedDatabase, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    with django_db_blocker.unblock():
        with own_server() as database:
            lives = list(live(database, tmp_path, LIVES, SEED))
        # Django's connection goes back to the database of the other tests.
        copied_database.renew()

    assert [str(life) for life in lives if life.differences] == []
    # The comparison sees what a death has left undone, and the deaths do strike.
    assert sum(life.is_cut_short for life in lives) >= LIVES - 2
    assert sum(life.struck for life in lives) >= LIVES - 2
