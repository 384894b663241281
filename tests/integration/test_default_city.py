"""The city that the bare command makes, at its full number: what a newcomer starts has to start."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import RunningSite, kill_everything_of, processes_of
from yiyuan.interfaces.commands.run import PEOPLE

SECONDS = 400  # as a guard only: on a machine that does other things as well


@pytest.fixture
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-default-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    kill_everything_of(folder)
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_newcomers_city_starts_and_stops(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])

    site = RunningSite(home, port, "--people", str(PEOPLE)).wait_until_ready(SECONDS)
    code = site.stop()

    assert "招标、签协议、收保证金、收保费" in site.said()
    assert site.said().count("用户名") == 10
    assert code == 0
    assert processes_of(home) == []
