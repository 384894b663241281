"""The embedded server: shared, stopped by its last user, started over whatever a crash left."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from yiyuan.runtime.cluster import Cluster, is_ready, server_process
from yiyuan.runtime.database import DatabaseUrls, running_database
from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.process_identity import is_running

pytestmark = pytest.mark.slow
USE_AND_WAIT = """
from yiyuan.runtime.database import running_database
with running_database():
    print("up", flush=True)
    input()
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-database-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIYUAN_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def _cluster(urls: DatabaseUrls) -> Cluster:
    assert urls.cluster, "the embedded server"
    return urls.cluster


def _wait_until_gone(cluster: Cluster) -> bool:
    end = time.monotonic() + 20
    while server_process(cluster) is not None and time.monotonic() < end:
        time.sleep(0.05)
    return server_process(cluster) is None


def test_the_last_user_stops_the_server() -> None:
    with ExitStack() as second, ExitStack() as first:
        cluster = _cluster(first.enter_context(running_database()))
        urls = second.enter_context(running_database())

        first.close()

        assert is_ready(cluster)
        with psycopg.connect(urls.application) as application:
            assert application.execute("SELECT 1").fetchone() == (1,)
        second.close()
        assert server_process(cluster) is None
        assert list(cluster.socket_folder.iterdir()) == []


def test_a_user_that_was_killed_does_not_keep_the_server_up(home: Path) -> None:
    user = subprocess.Popen(
        [sys.executable, "-P", "-c", USE_AND_WAIT],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout
    assert user.stdout.readline() == "up\n"
    process_id = int((home / "city/data/postmaster.pid").read_text().splitlines()[0])

    user.kill()
    user.communicate()

    end = time.monotonic() + 20
    while is_running(process_id) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(process_id)


def test_committed_rows_survive_a_kill_and_the_server_starts_at_once() -> None:
    with running_database() as urls:
        cluster = _cluster(urls)
        with psycopg.connect(urls.owner) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 4117 AS code")
        process_id = server_process(cluster)
        assert process_id
        os.kill(process_id, signal.SIGKILL)
        assert _wait_until_gone(cluster)
        assert urls.is_lost()

    with running_database() as urls, psycopg.connect(urls.application) as application:
        assert application.execute("SELECT code FROM kept").fetchone() == (4117,)


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(home: Path) -> None:
    with running_database() as urls:
        cluster = _cluster(urls)
    # After a restart of the machine, the number of the dead server belongs to us.
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n")
    (cluster.socket_folder / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n")

    with running_database() as urls, psycopg.connect(urls.application) as application:
        assert application.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_server_is_made_anew(home: Path) -> None:
    with running_database() as urls:
        cluster = _cluster(urls)
    shutil.rmtree(cluster.data)
    (cluster.folder / "data.new").mkdir(exist_ok=True)
    (cluster.folder / "data.new" / "PG_VERSION").write_text("18\n")

    with running_database() as urls, psycopg.connect(urls.application) as application:
        assert application.execute("SELECT current_user").fetchone() == ("yiyuan_app",)


def test_a_stranger_on_this_machine_is_let_in_under_no_name() -> None:
    with running_database() as urls:
        rules = (_cluster(urls).folder / "pg_hba.conf").read_text().split()
        with psycopg.connect(urls.maintenance) as superuser:
            listening = superuser.execute("SHOW listen_addresses").fetchone()

        assert rules[0] == "local"
        assert rules[3:] == ["peer", "map=yiyuan"]
        assert listening == ("",)
