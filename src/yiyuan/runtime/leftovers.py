"""What a killed site left running (遗留进程): found by its pid files, told apart from strangers, ended.

In: the folder of pid files. Out: no process of an earlier site. A number that now belongs to another program
is never touched: the start of the process is written beside its number.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from yiyuan.runtime.process_identity import is_running, started_at

POLITE_SECONDS = 3.0


def remember_process(folder: Path, name: str, process_id: int) -> None:
    """Write down a process that leads a session of its own."""
    entry = {"process_id": process_id, "started_at": started_at(process_id)}
    _file(folder, name).write_text(json.dumps(entry), encoding="utf-8")


def forget_process(folder: Path, name: str) -> None:
    """Remove the note of a process that has been ended; safe to repeat."""
    _file(folder, name).unlink(missing_ok=True)


def end_leftovers(folder: Path) -> int:
    """End every process an earlier site left, with all it started; return how many there were."""
    ended = 0
    for file in sorted(folder.glob("*.pid")):
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
            process_id, began = int(entry["process_id"]), entry["started_at"]
        except (ValueError, KeyError, TypeError):
            # Half a note: its writer was killed while writing, before it could start anything else.
            process_id, began = 0, None
        if began is not None and started_at(process_id) in (None, began):
            ended += end_group(process_id, since=began)
        file.unlink(missing_ok=True)
    return ended


def end_group(leader: int, since: float = 0.0) -> int:
    """End all processes of the leader's session that started no earlier than `since`; return their number."""
    members = list(_members(leader, since))
    for member in members:
        _send(member, signal.SIGTERM)
    for member in _still_running(members, POLITE_SECONDS):
        _send(member, signal.SIGKILL)
    _still_running(members, POLITE_SECONDS)
    return len(members)


def _still_running(members: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended and return those that have not; a zombie nobody collects has ended."""
    end = time.monotonic() + seconds
    while True:
        running = [member for member in members if member.is_running() and is_running(member.pid)]
        if not running or time.monotonic() > end:
            return running
        time.sleep(0.02)


def _members(leader: int, since: float) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and os.getsid(process.pid) == leader and process.create_time() >= since:
                yield process
        except (psutil.Error, OSError):
            continue


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.Error):
        process.send_signal(number)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"
