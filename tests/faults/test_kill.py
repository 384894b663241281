"""A site that is killed in any of its parts: the next `./yiyuan run` just works."""

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import RunningSite, kill_everything_of, processes_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-faults-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    kill_everything_of(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_ctrl_c_leaves_nothing_behind(home: Path, port: int) -> None:
    site = RunningSite(home, port).wait_until_ready()

    assert site.stop() == 0

    assert processes_of(home) == []
    assert list(home.glob("city/socket/.s*")) == []
    assert list(home.glob("processes/*.pid")) == []
    assert not (home / "city/data/postmaster.pid").exists()
    assert "已全部停止" in site.said()


def test_a_killed_database_stops_the_site_with_a_reason(home: Path, port: int) -> None:
    site = RunningSite(home, port).wait_until_ready()

    site.kill("database")

    assert site.wait() == 1
    assert "数据库已退出" in site.said()
    assert processes_of(home) == []


def test_a_killed_web_server_and_worker_are_restarted_and_a_second_run_is_told(home: Path, port: int) -> None:
    site = RunningSite(home, port).wait_until_ready()
    before = {name: site.process_of(name) for name in ("web", "worker")}

    second = RunningSite(home, port + 1)
    assert second.wait() == 1
    site.kill("web")
    site.wait_until_said("正在重启网站服务", "信号 9")
    site.kill("worker")
    site.wait_until_said("正在重启后台任务")

    assert f"已经在运行 (already running): http://127.0.0.1:{port}/" in second.said()
    site.wait_until_answering()
    for name, process in before.items():
        assert site.wait_for_another(name, process) != process
    assert site.stop() == 0
    assert processes_of(home) == []


def test_after_a_killed_supervisor_and_a_power_cut_the_next_run_works(home: Path, port: int) -> None:
    site = RunningSite(home, port).wait_until_ready()

    site.kill("supervisor")

    again = RunningSite(home, port).wait_until_ready()
    assert again.port == port
    kill_everything_of(home)
    after_a_power_cut = RunningSite(home, port).wait_until_ready()
    assert after_a_power_cut.port == port

    after_a_power_cut.kill("supervisor")

    end = time.monotonic() + 20
    while processes_of(home) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(home) == [], "the kernel tells the others that their parent is gone"
