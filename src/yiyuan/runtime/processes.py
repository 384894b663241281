"""The processes of the site (网站进程): started, watched, restarted within reason, stopped in order.

In: the database's addresses and a port. Out: an address that answers, and a line for everything that goes
wrong: which process, why, and the last words of its log.
"""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.cluster import last_words
from yiyuan.runtime.database import DatabaseUrls
from yiyuan.runtime.keeper import die_with_parent
from yiyuan.runtime.leftovers import end_group, end_leftovers, forget_process, remember_process
from yiyuan.runtime.places import CHECKOUT, find_places, make_private
from yiyuan.runtime.surroundings import process_environment

HOST = "127.0.0.1"
DEFAULT_PORT = 8021
PORTS_TRIED = 50
FIRST_ANSWER_SECONDS = 60
STOP_SECONDS = 10
LEFTOVER_PORT_SECONDS = 5.0
LOOK_SECONDS = 0.3
RESTARTS_MAX = 3
RESTARTS_WITHIN_SECONDS = 600
LOG_MAX_BYTES = 10_000_000


class SiteFailedError(YiyuanError):
    """A process of the site does not start; the text says which and why."""


class Part:
    """One process of the site and the processes it starts itself, which form one group."""

    def __init__(self, name: str, title: str, command: list[str], when_orphaned: signal.Signals) -> None:
        self.name, self.title, self._command, self._when_orphaned = name, title, command, when_orphaned
        places = find_places()
        self.log = make_private(places.logs) / f"{name}.log"
        self._folder = make_private(places.processes)
        self._process: subprocess.Popen[bytes] | None = None
        self._restarted_at: list[float] = []

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process; when we are killed, the kernel ends it too."""
        too_long = self.log.exists() and self.log.stat().st_size > LOG_MAX_BYTES
        with self.log.open("wb" if too_long else "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(self._when_orphaned),  # noqa: PLW1509 (one prctl, no lock is taken)
            )
        remember_process(self._folder, self.name, self._process.pid)

    def exit_code(self) -> int | None:
        """Return the exit code of a process that has ended, none while it runs."""
        return self._process.poll() if self._process else None

    def may_restart(self) -> bool:
        """Return whether another restart is within reason, and count it."""
        now = time.monotonic()
        self._restarted_at = [at for at in self._restarted_at if now - at < RESTARTS_WITHIN_SECONDS]
        if len(self._restarted_at) >= RESTARTS_MAX:
            return False
        self._restarted_at.append(now)
        return True

    def stop(self) -> None:
        """End the process and all it started, politely first; safe to repeat."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        end_group(self._process.pid)
        self._process.wait()
        forget_process(self._folder, self.name)
        self._process = None

    def describe_end(self) -> str:
        """Return what ended, how, and the last words of its log."""
        code = self.exit_code()
        how = f"信号 {-code}" if code is not None and code < 0 else f"代码 {code}"
        return (
            f"{self.title}已退出 ({self.name} ended, {how})。日志 (log): {self.log}\n{last_words(self.log)}"
        )


class Site:
    """The web server and the job worker over a running database, for the time of a `with` block."""

    def __init__(self, urls: DatabaseUrls, port: int, say: Callable[[str], None]) -> None:
        self._urls = urls
        self._say = say
        self._environment = process_environment(urls)
        # What an earlier site left running may still hold the port; its sockets close a moment after it ends.
        left = end_leftovers(find_places().processes)
        self.port = free_port(port, LEFTOVER_PORT_SECONDS if left else 0.0)
        if self.port != port:
            say(f"端口 {port} 已被占用,改用 {self.port} (port taken, using the next free one)。")
        self._parts = [_worker(), _web(self.port)]

    @property
    def address(self) -> str:
        """Where the site answers."""
        return f"http://{HOST}:{self.port}/"

    def __enter__(self) -> "Site":
        """Start both processes and wait until the site answers.

        :raises SiteFailedError: when one of them ends, or nothing answers in time.
        """
        try:
            for part in self._parts:
                part.start(self._environment)
            self._wait_for_first_answer()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both processes."""
        self._stop()

    def watch(self) -> int:
        """Watch until something fails for good, and return 1; KeyboardInterrupt ends it before."""
        while self._all_well():
            time.sleep(LOOK_SECONDS)
        return 1

    def _all_well(self) -> bool:
        for part in self._parts:
            if self._urls.is_lost():
                self._say(f"数据库已退出,网站随之停止 (the database ended)。\n{self._urls.last_words()}")
                return False
            if part.exit_code() is not None and not self._restart(part):
                return False
        return True

    def _restart(self, part: Part) -> bool:
        self._say(part.describe_end())
        if not part.may_restart():
            self._say(f"{part.title}反复退出,不再重启,全部停止 (ended too often, stopping all)。")
            return False
        # What the dead process had started may still hold its port.
        part.stop()
        self._say(f"正在重启{part.title} (restarting)。")
        part.start(self._environment)
        return True

    def _wait_for_first_answer(self) -> None:
        end = time.monotonic() + FIRST_ANSWER_SECONDS
        while not answers(self.port):
            for part in self._parts:
                if part.exit_code() is not None:
                    raise SiteFailedError(part.describe_end())
            if time.monotonic() > end:
                web = self._parts[-1]
                raise SiteFailedError(
                    f"网站 {FIRST_ANSWER_SECONDS} 秒没有应答 (no answer)。\n{last_words(web.log)}"
                )
            time.sleep(0.05)

    def _stop(self) -> None:
        # The web server first, so that nobody can ask for a job that no worker takes.
        for part in reversed(self._parts):
            part.stop()


@contextmanager
def stoppable() -> Iterator[None]:
    """Let every polite way of stopping us (Ctrl-C, kill, closed terminal) arrive as KeyboardInterrupt, once.

    A second one while we stop is left aside: stopping takes seconds, and half of it leaves things behind.
    """
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in watched:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_port(wanted: int, patience_seconds: float = 0.0) -> int:
    """Return the wanted port, waited for so long, or else the next one nobody listens on.

    :raises SiteFailedError: when a whole range is taken.
    """
    end = time.monotonic() + patience_seconds
    while not _is_free(wanted) and time.monotonic() < end:
        time.sleep(0.05)
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)):
        if _is_free(port):
            return port
    raise SiteFailedError(
        f"端口 {wanted} 起的 {PORTS_TRIED} 个端口都不能用 (no port to listen on); 请用 --port 另选。"
    )


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Return whether an HTTP server answers anything at all on the port."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _web(port: int) -> Part:
    options = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2"]
    # Threads above the processors' number: a page waits for the database most of its time.
    options += [
        "--blocking-threads",
        "4",
        "--no-ws",
        "--log-level",
        "warning",
        "--workers-kill-timeout",
        "5s",
    ]
    command = [sys.executable, "-P", "-m", "granian", *options, "yiyuan.config.wsgi:application"]
    # Politely, so that it ends its own workers.
    return Part("web", "网站服务", command, when_orphaned=signal.SIGTERM)


def _worker() -> Part:
    command = [sys.executable, "-P", "-m", "yiyuan", "manage", "work"]
    # At once: its polite way out goes through the database, which stops at the same moment.
    return Part("worker", "后台任务", command, when_orphaned=signal.SIGKILL)
