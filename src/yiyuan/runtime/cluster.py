"""One embedded PostgreSQL server's data and processes (内嵌数据库), on a Unix socket and nowhere else.

In: a folder, the wheel's programs, who runs the server. Out: a server that is ready, or a plain reason.
Nothing listens on the network; the kernel tells the server who is asking (peer): no password to lose.
"""

import locale
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.binaries import programs_for, without_server_variables
from yiyuan.runtime.places import (
    SOCKET_PATH_MAX_CHARACTERS,
    Places,
    is_reachable_by_others,
    make_passable,
    short_name,
)
from yiyuan.runtime.process_identity import command_of, is_running
from yiyuan.runtime.system_user import ensure_database_user

TESTS = "tests"
SUPERUSER, OWNER, APPLICATION = "yiyuan", "yiyuan_owner", "yiyuan_app"
SOCKET_NAME = ".s.PGSQL.5432"
SETTINGS = {
    "listen_addresses": "''",
    "port": "5432",
    "unix_socket_permissions": "0777",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_checkpoints": "off",
}
# The tests' server may be lost with the machine: it is made again.
SETTINGS_OF_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "'10min'",
}


class DatabaseFailedError(YiyuanError):
    """The server cannot be made, started or reached; the text says why."""


@dataclass(frozen=True)
class Cluster:
    """One server's folders, programs and system user (none: ourselves)."""

    name: str
    folder: Path
    socket_folder: Path
    log: Path
    programs: Path
    user: str | None

    @property
    def data(self) -> Path:
        """The server's own folder."""
        return self.folder / "data"

    @property
    def lock(self) -> Path:
        """Held shared by every user of the server, exclusively by the keeper that stops it."""
        return self.folder / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that makes or starts the server."""
        return self.folder / "start.lock"

    def url(self, role: str, database: str = "yiyuan") -> str:
        """Return the address of a database on this server for a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder))}&port=5432"

    def has_data(self) -> bool:
        """Return whether the server was ever made."""
        return (self.data / "PG_VERSION").exists()


def find_cluster(places: Places, name: str) -> Cluster:
    """Return the named server of a city; as root its programs are made runnable for the system user first.

    :raises DatabaseFailedError: when this system user cannot run a server.
    """
    folder = places.server / name
    user = ensure_database_user() if os.geteuid() == 0 else None
    _refuse_a_nameless_user()
    if user and not is_reachable_by_others(folder):
        raise DatabaseFailedError(
            f"系统用户 {user} 到不了 {folder}。请把 YIYUAN_HOME 放到它能到达的目录,例如 /var/lib 之下。"
            f" (the database's system user cannot reach this folder)"
        )
    return Cluster(
        name=name,
        folder=folder,
        socket_folder=_socket_folder(folder),
        log=places.logs / f"database-{name}.log",
        programs=programs_for(user),
        user=user,
    )


def prepare(cluster: Cluster) -> None:
    """Make the server's data if there is none, and write its settings anew; safe to repeat when it is down.

    :raises DatabaseFailedError: when the data was made by another version, or cannot be made.
    """
    make_passable(cluster.folder)
    _make_socket_folder(cluster)
    if not cluster.has_data():
        _make_data(cluster)
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    ours = run_program(cluster, "postgres", "--version").split()[-1].split(".")[0]
    if made_by != ours:
        raise DatabaseFailedError(
            f"数据是 PostgreSQL {made_by} 建的,现在的程序是 {ours}: {cluster.data}。"
            f"请用旧版本备份 (./yiyuan backup),再恢复到新版本。"
        )
    _write_settings(cluster)


def start_command(cluster: Cluster) -> list[str]:
    """Return the command that runs the server in the foreground."""
    return [
        str(cluster.programs / "postgres"),
        *("-D", str(cluster.data)),
        *("-c", f"config_file={cluster.folder / 'postgresql.conf'}"),
        *("-c", f"hba_file={cluster.folder / 'pg_hba.conf'}"),
        *("-c", f"ident_file={cluster.folder / 'pg_ident.conf'}"),
        *("-c", f"unix_socket_directories={cluster.socket_folder}"),
    ]


def is_ready(cluster: Cluster) -> bool:
    """Return whether the server answers. `pg_ctl status` is never asked: it counts a zombie as running."""
    command = [str(cluster.programs / "pg_isready"), "-q", "-t", "2", "-h", str(cluster.socket_folder)]
    command += ["-U", SUPERUSER, "-d", "postgres"]
    return subprocess.run(command, env=without_server_variables(), check=False).returncode == 0


def server_process(cluster: Cluster) -> int | None:
    """Return the process id of the running server; none for a dead, zombie or unrelated process."""
    try:
        process_id = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    # After a restart of the machine the same number may belong to any other program.
    mine = is_running(process_id) and str(cluster.data) in command_of(process_id)
    return process_id if mine else None


def clear_what_a_dead_server_left(cluster: Cluster) -> None:
    """Remove the pid file and socket of a server that is gone; to be called only when none is running.

    The server itself refuses to start over a pid file whose number lives, be it a zombie or a stranger.
    Should a session of the dead server still be ending, the new one notices by the shared memory and is
    tried again.
    """
    assert server_process(cluster) is None, "never over a running server"
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (cluster.socket_folder / name).unlink(missing_ok=True)


def stop_unkept(cluster: Cluster) -> None:
    """Ask a server that has lost its keeper to shut down fast; nothing happens when none runs."""
    process_id = server_process(cluster)
    if process_id is not None:
        os.kill(process_id, signal.SIGINT)


def last_words(log: Path, lines: int = 12) -> str:
    """Return the end of a log file, indented; empty when there is none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def run_program(cluster: Cluster, program: str, *words: str) -> str:
    """Run one of the server's programs as the server's user and return what it printed.

    :raises DatabaseFailedError: with the program's own words when it fails.
    """
    done = subprocess.run(
        [str(cluster.programs / program), *words],
        cwd="/",
        env=without_server_variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=cluster.user,
        group=cluster.user,
        extra_groups=[] if cluster.user else None,
    )
    if done.returncode:
        raise DatabaseFailedError(f"{program} 失败 (failed): {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def _make_data(cluster: Cluster) -> None:
    # A folder under another name first: a making that was killed never looks like a server.
    draft = cluster.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give_to_the_server(cluster, draft)
    encoding = _utf8_locale()
    run_program(
        cluster,
        "initdb",
        *("-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--data-checksums", "--no-instructions"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={encoding}"),
        *("--auth-local=peer", "--auth-host=reject"),
        *(["--no-sync"] if cluster.name == TESTS else []),
    )
    shutil.rmtree(cluster.data, ignore_errors=True)
    draft.rename(cluster.data)


def _write_settings(cluster: Cluster) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    settings = SETTINGS | (SETTINGS_OF_TESTS if cluster.name == TESTS else {})
    people = "".join(f"yiyuan {me} {role}\n" for role in (SUPERUSER, OWNER, APPLICATION))
    files = {
        "postgresql.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
        "pg_hba.conf": f"local all {SUPERUSER},{OWNER},{APPLICATION} peer map=yiyuan\n",
        "pg_ident.conf": people,
    }
    # These files stay ours, not the server user's: a server that was broken into cannot open its own door.
    for name, text in files.items():
        file = cluster.folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)


def _socket_folder(folder: Path) -> Path:
    beside = folder / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) < SOCKET_PATH_MAX_CHARACTERS:
        return beside
    return Path(tempfile.gettempdir()) / f"yiyuan-{os.geteuid()}-{short_name(folder)}"


def _make_socket_folder(cluster: Cluster) -> None:
    folder = cluster.socket_folder
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = pwd.getpwnam(cluster.user).pw_uid if cluster.user else os.geteuid()
    found = folder.lstat()
    # In a folder where everybody may write, the name could have been taken by somebody else.
    if folder.is_symlink() or found.st_uid not in (owner, os.geteuid()):
        raise DatabaseFailedError(f"{folder} 属于别的用户,不能在其中建立数据库连接。请删除它后重试。")
    _give_to_the_server(cluster, folder)


def _give_to_the_server(cluster: Cluster, folder: Path) -> None:
    if cluster.user:
        who = pwd.getpwnam(cluster.user)
        os.chown(folder, who.pw_uid, who.pw_gid)


def _refuse_a_nameless_user() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise DatabaseFailedError(
            f"系统里没有编号 {os.geteuid()} 的用户名,内嵌数据库无法运行。"
            f"请换一个有名字的用户,或设置 DATABASE_URL。 (this user id has no name)"
        ) from None


def _utf8_locale() -> str:
    # Which characters are letters is asked of the C library (trigram search needs it for Chinese);
    # sorting and case are the server's own, the same on every machine.
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise DatabaseFailedError("系统没有 UTF-8 语言环境 (C.UTF-8);内嵌数据库无法处理中文。")
