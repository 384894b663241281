"""Copying files into and out of PostgreSQL (批量复制): whole blocks, no row in Python.

In: CSV files without a header. Out: rows in a table; or the rows of a query in a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

WRITE_LOCK = 0x59595057  # advisory lock: one import writes at a time, so that none sees half of another
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Which import writes, and when it was recorded."""

    job_id: int
    recorded_at: datetime


def take_turn() -> None:
    """Wait until no other import writes; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITE_LOCK])


def stage(table: str, columns: str, file: Path) -> None:
    """Fill a temporary table of these columns with the file's rows; it goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP")
    copy_in(f"COPY {table} FROM STDIN (FORMAT csv)", file)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")


def copy_through(table: str, columns: Sequence[str], file: Path, *, texts: Sequence[str]) -> int:
    """Add the file's rows to a table under row-level security; return how many. `texts` are never null.

    PostgreSQL copies straight into no such table, so the rows pass a temporary one of the same types.
    """
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TABLE IF EXISTS staged_rows; CREATE TEMP TABLE staged_rows ON COMMIT DROP AS "
            f"SELECT {names} FROM {table} WITH NO DATA"
        )
    copy_in(f"COPY staged_rows FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({', '.join(texts)}))", file)
    return execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM staged_rows", [])


def copy_in(statement: str, file: Path) -> int:
    """Run a COPY … FROM STDIN with the file's bytes; return the number of rows."""
    with connection.cursor() as cursor:
        with cursor.copy(statement) as rows, file.open("rb") as source:
            while block := source.read(BLOCK_BYTES):
                rows.write(block)
        return int(cursor.rowcount)


def copy_out(statement: str, file: Path) -> None:
    """Run a COPY … TO STDOUT into the file."""
    with connection.cursor() as cursor, cursor.copy(statement) as rows, file.open("wb") as target:
        for block in rows:
            target.write(block)


def execute(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> int:
    """Run one statement and return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def fetch_number(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> int | None:
    """Run one statement and return the one number it selects."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        number: int | None = cursor.fetchone()[0]
        return number


def fetch_rows(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, as many as a block has."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
