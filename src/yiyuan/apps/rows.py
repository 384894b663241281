"""Writing rows in sets, and finding them (成批读写): one statement for one row or for thousands.

In: columns with their types, and rows as plain values in the columns' order. Out: what the statement returns.
A few rows travel inside the statement as one JSON text. Many are copied into a temporary table before it, at
a fraction of the cost; straight into a table under row-level security nothing can be copied.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.db.models import Lookup

FEW = 50
_AS_TEXT = json.JSONEncoder(ensure_ascii=False).encode
STAGE = "DROP TABLE IF EXISTS given_rows; CREATE TEMP TABLE given_rows ({columns}) ON COMMIT DROP"


class Now:
    """The database's own time, as a constant of all rows."""


class IsAmong(Lookup):
    """Whether a column is one of many values: one bound array instead of a place for each."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison as SQL, and the array."""
        column, of_column = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*of_column, list(self.rhs))


def insert_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
    *,
    constants: Mapping[str, object] | None = None,
    on_conflict: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert rows in the caller's transaction; return the tuples that `returning` names.

    `columns` are those in which the rows differ; `constants` are the same in all of them. Rows are taken one
    by one while they are copied: what makes them cannot ask the database meanwhile.
    """
    same = dict(constants or {})
    names = ", ".join(f'"{name}"' for name in (*columns, *same))
    picked = ", ".join(
        [
            *(f'given."{name}"' for name in columns),
            *("now()" if isinstance(one, Now) else "%s" for one in same.values()),
        ]
    )
    return execute_over(
        f"INSERT INTO {table} ({names}) SELECT {picked} FROM {{given}}"
        f" {on_conflict}{f' RETURNING {returning}' if returning else ''}",
        columns,
        rows,
        before=[one for one in same.values() if not isinstance(one, Now)],
    )


def execute_over(
    statement: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
    *,
    before: Sequence[Any] = (),
    after: Sequence[Any] = (),
) -> list[tuple[Any, ...]]:
    """Run a statement in which `{given}` stands once for the rows, as a table `given`; return its rows.

    `before` and `after` are the values bound on either side of it.
    """
    coming = iter(rows)
    first = list(islice(coming, FEW + 1))
    if not first:
        return []
    with connection.cursor() as cursor:
        if len(first) > FEW:
            given, bound = _staged(columns, chain(first, coming))
        else:
            given, bound = _told(columns, first)
        cursor.execute(statement.replace("{given}", given), [*before, *bound, *after])
        return list(cursor.fetchall()) if cursor.description else []


def _told(columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> tuple[str, list[str]]:
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    text = json.dumps(told, default=_plain, ensure_ascii=False)
    return f"json_to_recordset(%s::json) AS given({_declared(columns)})", [text]


def _staged(columns: Mapping[str, str], rows: Iterator[Sequence[object]]) -> tuple[str, list[str]]:
    documents = [place for place, kind in enumerate(columns.values()) if kind == "jsonb"]
    with connection.cursor() as cursor:
        cursor.execute(STAGE.format(columns=_declared(columns)))
        with cursor.copy("COPY given_rows FROM STDIN") as target:
            for row in rows:
                target.write_row(_with_texts(row, documents) if documents else row)
    return "given_rows AS given", []


def _with_texts(row: Sequence[object], documents: Sequence[int]) -> Sequence[object]:
    values = list(row)
    for place in documents:
        document = values[place]
        values[place] = "{}" if document == {} else _AS_TEXT(document)
    return values


def _declared(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} has no plain form")
