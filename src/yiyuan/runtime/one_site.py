"""Only one site of a city at a time (唯一运行).

In: the city's folders. Out: the right to run it, or who has that right and where it answers.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.places import Places, make_private


class AlreadyRunningError(YiyuanError):
    """Another process runs this city's site; the text says where."""


@contextmanager
def sole_site(places: Places) -> Iterator[Callable[[str], None]]:
    """Hold the right to run the site for the time of a `with` block; yields how to announce the address.

    The kernel drops the right with our process, however it ends.

    :raises AlreadyRunningError: when another process has it.
    """
    file = make_private(places.processes) / "site.lock"
    with file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_who(file)) from None

        def announce(state: str) -> None:
            lock.seek(0)
            lock.truncate()
            lock.write(f"{state} (进程 {os.getpid()})")
            lock.flush()

        announce("正在准备 (preparing)")
        try:
            yield announce
        finally:
            lock.truncate(0)


def _who(file: Path) -> str:
    state = file.read_text(encoding="utf-8")
    return f"这座城市已经在运行 (already running): {state or '正在准备'}"
