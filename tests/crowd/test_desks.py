"""Fifty desks that work at once for a minute: no page breaks, and what was said to be done is done."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crowd.desks import list_lost, running_city, work_at_desks
from tests.faults.site import kill_everything_of

pytestmark = pytest.mark.slow
DESKS, SECONDS, SEED = 50, 60, 20191120


@pytest.fixture
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-desks-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    kill_everything_of(folder)
    shutil.rmtree(folder)


def test_fifty_desks_work_without_an_error(home: Path) -> None:
    with running_city(home, SEED) as site:
        desks = work_at_desks(site, DESKS, SECONDS, SEED)
        lost = list_lost(site, desks)

    acts = sum((desk.acts for desk in desks), Counter[str]())
    print(f"seed {SEED}: {sum(len(desk.seconds) for desk in desks)} answers, {dict(acts)}")
    assert [error for desk in desks for error in desk.errors] == []
    assert lost == []
    # They did file, sign and pay, and not one after the other.
    assert acts["screening"] > DESKS
    assert min(acts["claims"], acts["payments"]) > 0
