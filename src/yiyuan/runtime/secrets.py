"""The city's keys (密钥): signing, field encryption, blind index; made once, kept apart from the data.

In: the secrets folder and the environment. Out: base64 texts under the names the settings read.
"""

import base64
import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path

from yiyuan.kernel.errors import YiyuanError
from yiyuan.runtime.places import make_passable, make_private

KEY_BYTES = 32
FILE_BY_VARIABLE = {
    "YIYUAN_SECRET_KEY": "secret.key",
    "YIYUAN_FIELD_KEY": "field.key",
    "YIYUAN_INDEX_KEY": "index.key",
}


# Data written with one of these keys cannot be read, or found, with another.
VARIABLES_BOUND_TO_DATA = ("YIYUAN_FIELD_KEY", "YIYUAN_INDEX_KEY")


class WrongKeysError(YiyuanError):
    """A city has data, and these are not the keys it was written with."""


def fresh_keys() -> dict[str, str]:
    """Return new random keys that are kept nowhere, for tests and checks."""
    return {variable: _new_key() for variable in FILE_BY_VARIABLE}


def load_keys(folder: Path, marks: Path) -> dict[str, str]:
    """Return every key, base64: the environment's, else the file's, else made now and written once (0600).

    `marks` lies beside the data and keeps a mark (not the key) of what the data is written with. Two
    processes asking at once get the same keys.

    :raises WrongKeysError: when the data was written with other keys, or its keys are gone.
    """
    expected = read_marks(marks)
    if expected:
        _refuse_to_replace_lost_keys(folder)
    keys = {
        variable: os.environ.get(variable) or _read_or_make(folder / name)
        for variable, name in FILE_BY_VARIABLE.items()
    }
    found = mark_keys(keys)
    if not expected:
        # On a server of the user's own nothing has made this folder yet.
        make_passable(marks.parent)
        marks.write_text(json.dumps(found), encoding="utf-8")
    elif expected != found:
        raise WrongKeysError(
            f"密钥与数据不符: 这座城市的数据不是用现在的密钥写入的。请从备份放回 {folder} 里的文件,"
            f"或改正环境变量。 (these are not the keys this city's data was written with)"
        )
    return keys


def mark_keys(keys: dict[str, str]) -> dict[str, str]:
    """Return a short mark of each key that data depends on; the key cannot be told from it."""
    return {name: hashlib.sha256(keys[name].encode()).hexdigest()[:16] for name in VARIABLES_BOUND_TO_DATA}


def read_marks(marks: Path) -> dict[str, str] | None:
    """Return the marks of the keys the data was written with; none when it has no data yet."""
    try:
        found: dict[str, str] = json.loads(marks.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _refuse_to_replace_lost_keys(folder: Path) -> None:
    for variable in VARIABLES_BOUND_TO_DATA:
        file = folder / FILE_BY_VARIABLE[variable]
        if variable not in os.environ and not file.exists():
            raise WrongKeysError(
                f"密钥文件不见了: {file}。这座城市的数据是用它写入的,不能重新生成;请从备份放回此文件。"
                f" (the key of this city's data is missing: put it back from a backup)"
            )


def _read_or_make(file: Path) -> str:
    if not file.exists():
        _write_once(file)
    return file.read_text(encoding="ascii").strip()


def _write_once(file: Path) -> None:
    make_private(file.parent)
    handle, draft = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as text:
            text.write(_new_key() + "\n")
            text.flush()
            os.fsync(text.fileno())
        # A hard link fails where the name exists: of two processes, the first one's key stays.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
