"""The city's database (数据库), as long as somebody uses it: the embedded server, or one of the user's own.

In: `DATABASE_URL`, or nothing. Out: addresses for the application's plain role and for the tables' owner.
Several commands may use the embedded server at once; the last one out stops it, killed or not.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yiyuan.runtime.cluster import (
    APPLICATION,
    OWNER,
    SUPERUSER,
    TESTS,
    Cluster,
    DatabaseFailedError,
    clear_what_a_dead_server_left,
    find_cluster,
    is_ready,
    last_words,
    prepare,
    server_process,
    start_command,
    stop_unkept,
)
from yiyuan.runtime.places import CHECKOUT, CITY, find_places, make_passable, make_private
from yiyuan.runtime.roles import DATABASE, provision, provision_own_server

START_SECONDS = 60
STOP_SECONDS = 60
UNKEPT_SECONDS = 5
LOG_MAX_BYTES = 10_000_000
# Set for the processes we start: what they find in DATABASE_URL has been checked.
CHECKED = "YIYUAN_DATABASE_CHECKED"


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the database is: for the application, for its owner, for backups; and our own server, if any."""

    application: str
    owner: str
    maintenance: str
    cluster: Cluster | None

    def environment(self) -> dict[str, str]:
        """Return the variables a process of ours reads."""
        return {"DATABASE_URL": self.application, "DATABASE_OWNER_URL": self.owner, CHECKED: "1"}

    def is_lost(self) -> bool:
        """Return whether our own server has died; a server of the user's own is not ours to watch."""
        return self.cluster is not None and server_process(self.cluster) is None

    def last_words(self) -> str:
        """Return the end of our own server's log."""
        return last_words(self.cluster.log) if self.cluster else ""


@contextmanager
def running_database(name: str = CITY) -> Iterator[DatabaseUrls]:
    """Hold the database up for the time of a `with` block: start the embedded server, or join it.

    Safe from several processes at once. `name` chooses the city's server or the tests' fast one.

    :raises DatabaseFailedError: when the server cannot be made, started or reached, with its last words.
    """
    own = os.environ.get("DATABASE_URL")
    if own:
        owner = os.environ.get("DATABASE_OWNER_URL") or own
        if CHECKED not in os.environ:
            provision_own_server(own, owner)
        yield DatabaseUrls(own, owner, owner, None)
        return
    cluster = find_cluster(find_places(), name)
    make_passable(cluster.folder)
    make_private(cluster.log.parent)
    with _held(cluster.lock, fcntl.LOCK_SH) as use:
        keeper = _start_unless_running(cluster)
        try:
            yield _addresses(cluster)
        finally:
            _leave(cluster, use, keeper)


def _addresses(cluster: Cluster) -> DatabaseUrls:
    return DatabaseUrls(
        application=cluster.url(APPLICATION, DATABASE),
        owner=cluster.url(OWNER, DATABASE),
        maintenance=cluster.url(SUPERUSER, DATABASE),
        cluster=cluster,
    )


@contextmanager
def _held(file: Path, how: int) -> Iterator[IO[bytes]]:
    # Closed to others: who can open a lock can also hold it.
    with open(file, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as lock:
        fcntl.flock(lock, how)
        yield lock


def _start_unless_running(cluster: Cluster) -> "subprocess.Popen[bytes] | None":
    with _held(cluster.start_lock, fcntl.LOCK_EX):
        if _is_found_ready(cluster):
            return None
        try:
            keeper = _start(cluster)
        except DatabaseFailedError:
            if cluster.name != TESTS:
                raise
            # The tests' server is not safe from a power cut; it holds nothing worth keeping.
            _forget(cluster)
            keeper = _start(cluster)
        provision(cluster)
        return keeper


def _is_found_ready(cluster: Cluster) -> bool:
    """Wait for a server that is starting or stopping under somebody else; return whether one is ready."""
    end = time.monotonic() + START_SECONDS
    while server_process(cluster) is not None:
        if is_ready(cluster):
            return True
        if time.monotonic() > end:
            raise DatabaseFailedError(_reason(cluster, "数据库既不就绪也不退出 (neither ready nor gone)"))
        time.sleep(0.05)
    return False


def _start(cluster: Cluster) -> "subprocess.Popen[bytes]":
    prepare(cluster)
    end = time.monotonic() + START_SECONDS
    while True:
        clear_what_a_dead_server_left(cluster)
        keeper = _keeper(cluster)
        if _becomes_ready(cluster, keeper, end):
            return keeper
        # Sessions of a server that was killed may still be ending; it starts as soon as they are gone.
        if "shared memory block" not in last_words(cluster.log, 4) or time.monotonic() > end:
            raise DatabaseFailedError(_reason(cluster, "内嵌数据库没有启动 (did not start)"))
        time.sleep(0.2)


def _keeper(cluster: Cluster) -> "subprocess.Popen[bytes]":
    too_long = cluster.log.exists() and cluster.log.stat().st_size > LOG_MAX_BYTES
    words = [str(cluster.lock), cluster.user or "", *start_command(cluster)]
    with cluster.log.open("wb" if too_long else "ab") as log:
        # A session of its own: Ctrl-C in the terminal is for us, who then stop everything in order.
        return subprocess.Popen(
            [sys.executable, "-m", "yiyuan.runtime.keeper", *words],
            cwd="/",
            env=os.environ | {"PYTHONPATH": str(CHECKOUT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _becomes_ready(cluster: Cluster, keeper: "subprocess.Popen[bytes]", end: float) -> bool:
    while keeper.poll() is None and time.monotonic() < end:
        if server_process(cluster) is not None and is_ready(cluster):
            return True
        time.sleep(0.02)
    return False


def _leave(cluster: Cluster, use: IO[bytes], keeper: "subprocess.Popen[bytes] | None") -> None:
    """Let go of the server, and wait until it is down unless others still use it."""
    fcntl.flock(use, fcntl.LOCK_UN)
    began = time.monotonic()
    while server_process(cluster) is not None and not _is_used_by_others(cluster.lock):
        waited = time.monotonic() - began
        if waited > STOP_SECONDS:
            raise DatabaseFailedError(_reason(cluster, "数据库没有按时停止 (did not stop in time)"))
        if waited > UNKEPT_SECONDS and (keeper is None or keeper.poll() is not None):
            stop_unkept(cluster)
        time.sleep(0.02)
    if keeper is not None and server_process(cluster) is None:
        keeper.wait()


def _is_used_by_others(lock: Path) -> bool:
    """Return whether a user holds the lock; neither a waiting nor a stopping keeper counts as one."""
    with lock.open("ab") as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            return False
        try:
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _forget(cluster: Cluster) -> None:
    assert cluster.name == TESTS, "only the tests' server may be thrown away"
    shutil.rmtree(cluster.data, ignore_errors=True)


def _reason(cluster: Cluster, what: str) -> str:
    return f"{what}。日志 (log): {cluster.log}\n{last_words(cluster.log)}"
