"""Desks from a file (网点清单): a CSV with name, address, phone, hours.

In: a path. Out: `Desk`s in the order of the file.
"""

import csv
from pathlib import Path

from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.guide.model import Desk

NAME = "name"


def read_desks(path: Path) -> tuple[Desk, ...]:
    """Return the desks of the file.

    :raises SchemeError: when it cannot be read or has no column `name`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if NAME not in (reader.fieldnames or ()):
                raise SchemeError(f"{path} 没有 name 一列；应有 name，可有 address、phone、hours")
            return tuple(_desk(row) for row in reader if (row.get(NAME) or "").strip())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SchemeError(f"{path} 读不出来（{error}）；应是 UTF-8 的 CSV") from error


def _desk(row: dict[str, str | None]) -> Desk:
    texts = {key: (row.get(key) or "").strip() for key in (NAME, "address", "phone", "hours")}
    return Desk(texts[NAME], texts["address"], texts["phone"], texts["hours"])
