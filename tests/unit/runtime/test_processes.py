"""The site's processes: ports, restarts within reason, stopping."""

import os
import signal
import socket
from pathlib import Path

import pytest

from yiyuan.runtime import processes
from yiyuan.runtime.one_site import AlreadyRunningError, sole_site
from yiyuan.runtime.places import Places
from yiyuan.runtime.processes import RESTARTS_MAX, Part, free_port, stoppable


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as first:
        first.bind((processes.HOST, 0))
        first.listen()
        taken = first.getsockname()[1]

        found = free_port(taken)

    assert taken < found < taken + processes.PORTS_TRIED


def test_restarts_are_counted_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIYUAN_HOME", str(tmp_path / "home"))
    now = 1000.0
    monkeypatch.setattr("yiyuan.runtime.processes.time.monotonic", lambda: now)
    part = Part("web", "网站服务", ["true"], when_orphaned=signal.SIGTERM)

    allowed = [part.may_restart() for _ in range(RESTARTS_MAX + 1)]
    now += processes.RESTARTS_WITHIN_SECONDS

    assert allowed == [True] * RESTARTS_MAX + [False]
    assert part.may_restart()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_stop_arrives_once_and_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    with stoppable():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        # A second one, while things are being stopped, is left aside.
        os.kill(os.getpid(), number)

    assert signal.getsignal(number) == before


def test_only_one_site_and_the_second_is_told_where(tmp_path: Path) -> None:
    city = Places(tmp_path, tmp_path)

    with sole_site(city) as announce:
        announce("http://127.0.0.1:8021/")
        with (
            pytest.raises(AlreadyRunningError, match=rf"http://127\.0\.0\.1:8021/.*{os.getpid()}"),
            sole_site(city),
        ):
            pass

    with sole_site(city):
        pass
