"""Writing rows in sets (成批写入): one statement for one row or for thousands.

In: a table, its columns with their types, and rows as plain values. Out: what the statement returns. The rows
travel as one JSON text, which costs a fraction of as many bound values.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

BLOCK = 5_000


class Now:
    """The database's own time, as a constant of all rows."""


def insert_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, object]],
    *,
    constants: Mapping[str, object] | None = None,
    on_conflict: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert rows in the caller's transaction; return the tuples that `returning` names.

    `columns` are those in which the rows differ; `constants` are the same in all of them.
    """
    same = dict(constants or {})
    names = ", ".join(f'"{name}"' for name in (*columns, *same))
    picked = ", ".join(
        [
            *(f'r."{name}"' for name in columns),
            *("now()" if isinstance(one, Now) else "%s" for one in same.values()),
        ]
    )
    types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    statement = (
        f"INSERT INTO {table} ({names}) SELECT {picked} FROM json_to_recordset(%s::json) AS r({types})"
        f" {on_conflict}{f' RETURNING {returning}' if returning else ''}"
    )
    bound: list[Any] = [one for one in same.values() if not isinstance(one, Now)]
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for block in _blocks(rows):
            cursor.execute(statement, [*bound, json.dumps(block, default=_plain, ensure_ascii=False)])
            if returning:
                found.extend(cursor.fetchall())
    return found


def _blocks(rows: Sequence[Mapping[str, object]]) -> Iterable[Sequence[Mapping[str, object]]]:
    return (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} has no plain form")
