"""A disk that runs full (磁盘写满) under a running site, and three ways to make one.

In: a folder for the home, the site's processes, its database. Out: a small disk of its own where this system
lets us mount one; a limit on the files the web server writes; a database that says that its disk is full.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

DISK_BYTES = 512 * 1024 * 1024
BLOCK = 4096
JOURNAL_MEGABYTES_MAX = 500
SAY_FULL = """CREATE FUNCTION say_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER say_full BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION say_full()"""
SAY_NO_MORE = "DROP TRIGGER say_full ON audit_entry; DROP FUNCTION say_full()"


def mount_small_disk(folder: Path) -> bool:
    """Put a small disk of its own under a folder; tell whether this system lets us."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(folder)]
    with suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def unmount(folder: Path) -> None:
    """Take the small disk away."""
    subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill the disk of a folder to the last block, for the time of a `with` block."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, _free(folder))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(BLOCK)):
            continue
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def files_limited(process_id: int, size: int) -> Iterator[None]:
    """Let a process and its children write no file larger than so many bytes, for the time of a block."""
    main = psutil.Process(process_id)
    processes = [main, *main.children(recursive=True)]
    before = [resource.prlimit(one.pid, resource.RLIMIT_FSIZE) for one in processes]
    for one, (_soft, hard) in zip(processes, before, strict=True):
        resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for one, limits in zip(processes, before, strict=True):
            resource.prlimit(one.pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def saying_full(database: str) -> Iterator[None]:
    """Let the database refuse every audit row as it does on a full disk, for the time of a block."""
    with psycopg.connect(database) as city:
        city.execute(SAY_FULL)
    try:
        yield
    finally:
        with psycopg.connect(database) as city:
            city.execute(SAY_NO_MORE)


def write_journal_until_it_fails(database: str) -> None:
    """Write into the journal of a server whose disk is full; the server stops over it."""
    with suppress(psycopg.OperationalError), psycopg.connect(database, autocommit=True) as city:
        for _ in range(JOURNAL_MEGABYTES_MAX):
            city.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', 1000000))")


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
