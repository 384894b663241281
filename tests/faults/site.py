"""A site started as its users start it, that tests may kill (故障测试用的网站)."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import psutil

from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.processes import answers

START_SECONDS = 120  # a busy machine takes its time
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


class RunningSite:
    """`./yiyuan run` over a home of its own, an empty city unless told otherwise."""

    def __init__(self, home: Path, port: int, *words: str) -> None:
        self.home = home
        self.output = home / f"output-{uuid.uuid4()}.txt"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("YIYUAN_")}
        environment.pop("DATABASE_URL", None)
        environment |= {"YIYUAN_HOME": str(home), "PYTHONPATH": str(CHECKOUT / "src")}
        command = [
            sys.executable,
            "-P",
            "-m",
            "yiyuan",
            "run",
            *(words or ("--empty",)),
            "--no-browser",
            "--port",
            str(port),
        ]
        with self.output.open("wb") as output:
            self.supervisor = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until_said(self, *words: str, seconds: float = START_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not all(word in self.said() for word in words):
            assert time.monotonic() < end, self.said()
            assert self.supervisor.poll() is None, self.said()
            time.sleep(0.05)

    def wait_until_ready(self, seconds: float = START_SECONDS) -> "RunningSite":
        self.wait_until_said("按 Ctrl-C 停止", seconds=seconds)
        assert answers(self.port), self.said()
        return self

    def wait_until_answering(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not answers(self.port):
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def wait_for_another(self, name: str, former: int) -> int:
        """Wait until a part has been started anew and return its process."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(FileNotFoundError, IndexError):
                if self.process_of(name) != former:
                    break
            time.sleep(0.05)
        return self.process_of(name)

    @property
    def port(self) -> int:
        found = ADDRESS.search(self.said())
        assert found, self.said()
        return int(found[1])

    def process_of(self, name: str) -> int:
        if name == "supervisor":
            return self.supervisor.pid
        if name == "database":
            return int((self.home / "city/data/postmaster.pid").read_text().splitlines()[0])
        entry = (self.home / "processes" / f"{name}.pid").read_text()
        return int(re.findall(r"\d+", entry)[0])

    def kill(self, name: str) -> None:
        os.kill(self.process_of(name), signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.supervisor.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        return self.supervisor.wait(START_SECONDS)


def processes_of(home: Path) -> list[str]:
    """Return what still runs for a home: our own processes by their environment, the server by its folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            is_ours = process.environ().get("YIYUAN_HOME") == str(home) or str(home / "city") in words
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid} {words}")
        except psutil.Error:
            continue
    return found


def kill_everything_of(home: Path) -> None:
    """Kill all processes of a home at one blow, as a power cut does."""
    for line in processes_of(home):
        with suppress(ProcessLookupError):
            os.kill(int(line.split()[0]), signal.SIGKILL)
