"""A city in one file (备份与恢复): database, uploads and keys, each with its checksum.

In: a running database, the city's folders, a file. Out: a tar file only its owner can read; or the city as it
was when the file was made, whole or not at all.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.binaries import DISTRIBUTION, wheel_programs, without_server_variables
from yiyuan.runtime.database import DatabaseUrls
from yiyuan.runtime.places import Places
from yiyuan.runtime.secrets import FILE_BY_VARIABLE, VARIABLES_BOUND_TO_DATA, mark_keys, read_marks
from yiyuan.runtime.surroundings import key_marks

FORM = 1
FIRST_WITH_TRANSACTION_TIMEOUT = 170_000
LINES_OF_A_SCRIPTS_HEAD = 60
MANIFEST, DUMP, UPLOADS, SECRETS, MARKS = "manifest.json", "database.dump", "uploads", "secrets", "keys.json"

# Everything people made, and nothing an extension brought.
DROP_EVERYTHING = """
SET LOCAL client_min_messages = warning;
DO $$
DECLARE thing record;
BEGIN
    FOR thing IN
        SELECT format('%I.%I', n.nspname, c.relname) AS name,
               CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                              WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
          -- Neither an extension's, nor the sequence of an identity column, which goes with its table.
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'i'))
    LOOP
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', thing.kind, thing.name);
    END LOOP;
    FOR thing IN
        SELECT p.oid::regprocedure::text AS name
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', thing.name);
    END LOOP;
    FOR thing IN
        SELECT format('%I.%I', n.nspname, t.typname) AS name
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
             LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE n.nspname = 'public' AND (t.typtype IN ('e', 'd') OR c.relkind = 'c')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', thing.name);
    END LOOP;
END $$;
"""


class ArchiveRefusedError(YiyuanError):
    """A backup that cannot be made or restored; the text says why."""


def back_up(urls: DatabaseUrls, places: Places, file: Path, made_at: dt.datetime) -> int:
    """Write the city into the file and return its size in bytes; the site may be running meanwhile.

    The file appears whole or not at all, and replaces one of the same name.

    :raises ArchiveRefusedError: when the database does not let itself be read whole.
    """
    file = file.absolute()
    if not file.parent.is_dir():
        raise ArchiveRefusedError(f"没有这个目录 (no such folder): {file.parent}")
    with _scratch(file.parent) as scratch:
        _dump(urls, scratch / DUMP)
        parts = {DUMP: scratch / DUMP, MARKS: key_marks(urls, places)}
        parts |= {f"{SECRETS}/{name}": places.secrets / name for name in FILE_BY_VARIABLE.values()}
        parts |= {f"{UPLOADS}/{found}": places.uploads / found for found in _files_below(places.uploads)}
        present = {name: part for name, part in parts.items() if part.is_file()}
        draft = scratch / "city.tar"
        manifest = {
            "form": FORM,
            "made_at": made_at.isoformat(),
            "sha256": {name: _digest(part) for name, part in present.items()},
        }
        (scratch / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        with tarfile.open(draft, "w") as tar:
            tar.add(scratch / MANIFEST, MANIFEST)
            for name, part in present.items():
                tar.add(part, name)
        draft.chmod(0o600)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    return file.stat().st_size


def restore(urls: DatabaseUrls, places: Places, file: Path, *, is_replacing: bool) -> dt.datetime:
    """Make the city what it was when the file was written; return when that was.

    The database changes in one transaction: what fails leaves the city as it is.

    :raises ArchiveRefusedError: when the file is damaged or the city has data and is not to be replaced.
    """
    if not is_replacing and has_data(urls):
        raise ArchiveRefusedError(
            "这座城市已有数据,未恢复。确要替换,请加 --replace,并先备份现有数据。"
            " (this city has data; --replace replaces it)"
        )
    with _scratch(places.home) as scratch:
        manifest = _unpack(file, scratch)
        _refuse_foreign_keys(scratch)
        _load(urls, scratch / DUMP)
        _put(scratch / SECRETS, places.secrets)
        _put(scratch / UPLOADS, places.uploads)
        if (scratch / MARKS).exists():
            shutil.copyfile(scratch / MARKS, key_marks(urls, places))
    return dt.datetime.fromisoformat(manifest["made_at"])


def has_data(urls: DatabaseUrls) -> bool:
    """Return whether the city's tables have been made."""
    with psycopg.connect(urls.owner) as owner:
        found = owner.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL").fetchone()
    return bool(found and found[0])


def _dump(urls: DatabaseUrls, file: Path) -> None:
    # Row-level security binds the owner too: who is no superuser asks for the rows of the whole city.
    words = ["--format=custom", "--no-owner", "--enable-row-security", "--exclude-extension=*"]
    words += [f"--file={file}", urls.maintenance]
    done = subprocess.run(
        [_client("pg_dump", urls), *words],
        env=_client_environment(urls) | {"PGOPTIONS": "-c yiyuan.counties=*"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ArchiveRefusedError(f"数据库备份失败 (pg_dump failed): {done.stderr.strip()}")


def _load(urls: DatabaseUrls, dump: Path) -> None:
    script = dump.with_suffix(".sql")
    _run(urls, [_client("pg_restore", urls), "--no-owner", f"--file={script}", str(dump)])
    if _server_version(urls) < FIRST_WITH_TRANSACTION_TIMEOUT:
        _leave_out(script, b"SET transaction_timeout")
    # One transaction for both: what was there goes only if what comes in is complete.
    words = [
        "-X",
        "-q",
        "-1",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        urls.owner,
        "-c",
        DROP_EVERYTHING,
        "-f",
        str(script),
    ]
    _run(urls, [_client("psql", urls), *words])


def _run(urls: DatabaseUrls, command: list[str]) -> None:
    done = subprocess.run(
        command,
        env=_client_environment(urls),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ArchiveRefusedError(f"恢复失败,数据未改变 (restore failed): {done.stderr.strip()}")


def _leave_out(script: Path, start: bytes) -> None:
    """Drop the lines of a script that begin so: an older server does not know the setting."""
    draft = script.with_suffix(".draft")
    with script.open("rb") as lines, draft.open("wb") as kept:
        # Settings stand in the head; below are people's rows, which may say anything.
        for number, line in enumerate(lines):
            if number > LINES_OF_A_SCRIPTS_HEAD or not line.startswith(start):
                kept.write(line)
    draft.replace(script)


def _client(program: str, urls: DatabaseUrls) -> str:
    """Return a client program: ours, or for a server newer than ours the one on the path."""
    ours = int(version(DISTRIBUTION).split(".")[0])
    if urls.cluster is not None or _server_version(urls) // 10_000 <= ours:
        return str(wheel_programs() / program)
    found = shutil.which(program)
    if found is None:
        raise ArchiveRefusedError(
            f"没有与服务器同版本的 {program} (no {program} for this server);请安装其客户端。"
        )
    return found


def _client_environment(urls: DatabaseUrls) -> dict[str, str]:
    return without_server_variables() if urls.cluster else dict(os.environ)


def _server_version(urls: DatabaseUrls) -> int:
    with psycopg.connect(urls.owner) as owner:
        return owner.info.server_version


def _unpack(file: Path, scratch: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                _extract(tar, member, scratch)
        manifest: dict[str, Any] = json.loads((scratch / MANIFEST).read_text(encoding="utf-8"))
        form, expected = manifest["form"], manifest["sha256"]
    except (OSError, tarfile.TarError, ValueError, KeyError) as damage:
        raise ArchiveRefusedError(f"不是完好的备份文件 (not a sound backup): {file}: {damage}") from damage
    if form != FORM:
        raise ArchiveRefusedError(f"备份格式 {form} 不认识,这个版本只认识 {FORM} (unknown form): {file}")
    found = {name: _digest(scratch / name) for name in expected if (scratch / name).is_file()}
    if found != expected:
        damaged = sorted(name for name in expected if found.get(name) != expected[name])
        raise ArchiveRefusedError(f"备份文件已损坏 (damaged): {file}: {'、'.join(damaged)}")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, scratch: Path) -> None:
    place = Path(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    # A file from elsewhere must not be able to name a place outside the folder it is unpacked in.
    if content is None or place.is_absolute() or ".." in place.parts:
        raise ValueError(f"{member.name} does not belong in a backup")
    (scratch / place).parent.mkdir(parents=True, exist_ok=True)
    with content, open(scratch / place, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as kept:
        shutil.copyfileobj(content, kept)


def _refuse_foreign_keys(scratch: Path) -> None:
    """Keys in the environment stand above those in files: they must be the backup's own."""
    marks = read_marks(scratch / MARKS)
    named = {name: os.environ.get(name, "") for name in VARIABLES_BOUND_TO_DATA}
    if marks is None:
        return
    found = mark_keys(named)
    wrong = [name for name, value in named.items() if value and found[name] != marks[name]]
    if wrong:
        raise ArchiveRefusedError(
            f"环境变量 {'、'.join(wrong)} 不是这份备份的密钥,未恢复 (not this backup's keys)。"
        )


def _put(source: Path, target: Path) -> None:
    """Put a folder in the place of another; the old one goes only when the new one stands."""
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if not source.is_dir():
        return
    source.chmod(0o700)
    with contextlib.suppress(FileNotFoundError):
        target.rename(old)
    source.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _files_below(folder: Path) -> list[Path]:
    return sorted(place.relative_to(folder) for place in folder.rglob("*") if place.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    # On the same disk as the result, so that putting it in place is one rename.
    with tempfile.TemporaryDirectory(prefix=".yiyuan-", dir=folder) as scratch:
        yield Path(scratch)
