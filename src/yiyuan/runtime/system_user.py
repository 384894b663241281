"""The system user of the embedded server (系统用户): PostgreSQL refuses to run as root.

In: root's right to add one user. Out: a user without home, shell or password.
"""

import os
import pwd
import shutil
import subprocess

from yiyuan.kernel.errors import YiyuanError

DATABASE_USER = "yiyuan-db"
# A bare environment has no /usr/sbin on its path.
PLACES_OF_PROGRAMS = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin"


class SystemUserFailedError(YiyuanError):
    """The system user is missing and cannot be made."""


def ensure_database_user() -> str:
    """Return the name of the server's system user, made now if missing; safe to repeat.

    :raises SystemUserFailedError: when this root may not add users or act as one.
    """
    if not _exists():
        _add()
    _try_to_act_as_it()
    return DATABASE_USER


def _exists() -> bool:
    try:
        pwd.getpwnam(DATABASE_USER)
    except KeyError:
        return False
    return True


def _add() -> None:
    useradd = shutil.which("useradd", path=PLACES_OF_PROGRAMS)
    if useradd is None:
        raise SystemUserFailedError(
            f"没有 useradd,无法建立系统用户 {DATABASE_USER}。"
            f"请先建立它,或用普通用户运行,或设置 DATABASE_URL。"
        )
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", DATABASE_USER], capture_output=True, text=True, check=False
    )
    # Two first starts at once: the second finds the name taken, which is what it wanted.
    if done.returncode and not _exists():
        raise SystemUserFailedError(f"无法建立系统用户 {DATABASE_USER}: {done.stderr.strip()}")


def _try_to_act_as_it() -> None:
    who = pwd.getpwnam(DATABASE_USER)
    try:
        subprocess.run(
            [shutil.which("true", path=PLACES_OF_PROGRAMS) or "true"],
            cwd=os.sep,
            user=who.pw_uid,
            group=who.pw_gid,
            extra_groups=[],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as refusal:
        raise SystemUserFailedError(
            f"这个 root 不能以 {DATABASE_USER} 的身份运行程序 ({refusal})。"
            f"请用普通用户运行,或设置 DATABASE_URL。"
        ) from refusal
