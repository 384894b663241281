"""The keeper of the embedded server (守护): stops the database when nobody uses it any more.

In: the lock file that every user of the database holds shared, and the server's command. Out: a server that
runs exactly as long as one of its users lives. The kernel drops a lock with its process, so a user that was
killed counts as gone. Standard library only, and quick to start.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """Return a step for a child to take before it starts: Linux sends it `how` when its parent is gone."""
    parent = os.getpid()

    def ask_the_kernel() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), how)

    return ask_the_kernel


def keep(lock: Path, user: str | None, command: list[str]) -> int:
    """Run the server until the lock's last holder is gone; return the server's exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    groups: list[int] | None = [] if user else None
    server = subprocess.Popen(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        user=user,
        group=user,
        extra_groups=groups,
        umask=0o077,
        preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 (no thread runs yet)
    )
    signal.signal(signal.SIGTERM, lambda *_: server.send_signal(signal.SIGINT))
    threading.Thread(target=_stop_when_unused, args=(lock, server), daemon=True).start()
    return server.wait()


def _stop_when_unused(lock: Path, server: "subprocess.Popen[bytes]") -> None:
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        # Held until the server is down: whoever comes meanwhile waits, and then starts a new one.
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data is written.
        server.send_signal(signal.SIGINT)
        server.wait()


def main(words: list[str]) -> int:
    """Read `LOCK USER COMMAND…` (an empty user: stay who we are) and keep the server."""
    lock, user, *command = words
    return keep(Path(lock), user or None, command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
