"""First use on a fresh machine (首次准备): an environment with the locked packages, then the command in it.

In: the words after `./yiyuan`. Out: the command, in a Python that has what it needs. Standard library only.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from yiyuan.runtime.installers import InstallFailedError, install
from yiyuan.runtime.places import CHECKOUT, environment_folder

COMMANDS_OF_DEVELOPERS = frozenset({"test", "check", "bench", "soak", "fix"})
REQUIREMENTS = CHECKOUT / "requirements"
STAMP = "yiyuan-stamp.json"
MAKING = "yiyuan-making"
RUNTIME, DEVELOPMENT = "runtime", "development"


def main(words: Sequence[str]) -> None:
    """Prepare the environment if it is not, then become the command; does not return."""
    lock = DEVELOPMENT if words[0] in COMMANDS_OF_DEVELOPERS else RUNTIME
    folder = environment_folder()
    try:
        if not is_prepared(folder, lock):
            prepare(folder, lock)
    except InstallFailedError as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("\n已中止 (stopped)。")
    _become_the_command(folder, words)


def is_prepared(folder: Path, lock: str) -> bool:
    """Return whether the environment holds what the lock file says now, on the Python it was made with."""
    python = python_of(folder)
    stamp = _read_stamp(folder)
    return (
        python.exists()
        and not (folder / MAKING).exists()
        and stamp.get("python") == os.path.realpath(python)
        and stamp.get(lock) == lock_mark(lock)
    )


def prepare(folder: Path, lock: str) -> None:
    """Make the environment, or bring it up to date; of two at once the second waits and finds it done.

    A making that was killed is noticed by its mark and begun anew.

    :raises InstallFailedError: when no installer succeeds, with the installer's own words.
    """
    # Checkouts may share one environment by a link; then they share its lock, too.
    folder = folder.resolve()
    with _only_one(folder.parent):
        if is_prepared(folder, lock):
            return
        stamp = _read_stamp(folder)
        if (folder / MAKING).exists() or not _is_sound(folder, stamp):
            shutil.rmtree(folder, ignore_errors=True)
            stamp = {}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MAKING).touch()
        install(folder, REQUIREMENTS / f"{lock}.lock")
        marks = {RUNTIME: lock_mark(RUNTIME)} | {lock: lock_mark(lock)}
        _write_stamp(folder, marks | {"python": os.path.realpath(python_of(folder))})
        (folder / MAKING).unlink()


def python_of(folder: Path) -> Path:
    """Return the environment's Python."""
    return folder / "bin" / "python"


def lock_mark(lock: str) -> str:
    """Return a mark that changes with the lock file."""
    return hashlib.sha256((REQUIREMENTS / f"{lock}.lock").read_bytes()).hexdigest()


def _is_sound(folder: Path, stamp: dict[str, str]) -> bool:
    # One made by other means has no stamp; it is completed in place as long as its Python runs.
    python = python_of(folder)
    return python.exists() and stamp.get("python", os.path.realpath(python)) == os.path.realpath(python)


def _read_stamp(folder: Path) -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp


def _write_stamp(folder: Path, stamp: dict[str, str]) -> None:
    draft = folder / f"{STAMP}.new"
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    draft.rename(folder / STAMP)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The folder itself is what is locked, so that no lock file is left in the checkout.
        handle = os.open(folder, os.O_RDONLY)
    except OSError as refusal:
        raise InstallFailedError(
            f"无法写入 {folder} ({refusal.strerror})。请设置 YIYUAN_HOME 指定一个可写的目录。"
            f" (set YIYUAN_HOME to a folder that can be written)"
        ) from refusal
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("另一个命令正在准备运行环境,等待它完成 (waiting for another command)…", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Handed down to the installer: one that outlives us when we are killed still holds the lock.
        os.set_inheritable(handle, True)  # noqa: FBT003 (takes no keyword)
        yield
    finally:
        os.close(handle)


def _become_the_command(folder: Path, words: Sequence[str]) -> None:
    python = str(python_of(folder))
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "src")}
    # A machine without a locale still speaks Chinese.
    environment.setdefault("PYTHONUTF8", "1")
    environment.pop("PYTHONHOME", None)
    # The same process from here on: signals and the exit code need no passing through.
    command = [python, "-P", "-m", "yiyuan", *words]
    os.execve(python, command, environment)  # noqa: S606 (a list we build, and no shell is wanted)
