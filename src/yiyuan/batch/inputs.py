"""Inputs (输入文件): a CSV or Parquet file becomes a scan with canonical columns and numbered rows.

In: a file as the user named it, and the canonical table it should be. Out: a `Source`: an SQL scan with
the table's columns in canonical types and `row_no` (1 = first data row), and what its statistics already
tell. A Parquet file in canonical types is read where it lies; any other is first rewritten, with each cell
that could not be read kept as text in `<column>__text`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from yiyuan.batch import csv_text, sql
from yiyuan.batch.canonical import Kind, Table
from yiyuan.batch.zones import Zone, read_zones
from yiyuan.kernel.errors import YiyuanError

ROW = "row_no"
UNREAD = "__text"  # behind a column's name: the text of a cell that could not be read
DAY_FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
NUMBER_FORM = r"[+-]?[0-9]+"

_WHOLE_TYPES = frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"})
_FRACTION_TYPES = frozenset({"DOUBLE", "FLOAT", "HUGEINT", "UBIGINT"})
_PARQUET_MARK = b"PAR1"


class InputError(YiyuanError):
    """An input that cannot be used as a whole; the text names the file and what would be right."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input file, ready to be scanned.

    `scan` is a query; `zones` tells what is known of each canonical column, `unread` which of them have a
    text column beside them; `table`, `path`, `sha256` and `rows` say which file it is.
    """

    table: Table
    path: str
    sha256: str
    rows: int
    scan: str
    zones: Mapping[str, Zone]
    unread: frozenset[str]


def file_sha256(path: str) -> str:
    """Return the sha256 of the file's bytes as hexadecimal text.

    :raises InputError: when the file cannot be opened.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"读不到文件 {path}：{error.strerror}") from error


def open_source(
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    path: str,
    sha256: str,
    required: frozenset[str],
    rewritten: Path,
) -> Source:
    """Return the source of one file; what has to be rewritten goes to `rewritten`.

    :raises InputError: when the file is neither CSV nor Parquet, cannot be read to its end, lacks a column.
    """
    try:
        if _is_parquet(Path(path)):
            return _from_parquet(engine, table, path, sha256, required, rewritten)
        return _from_csv(engine, table, path, sha256, required, rewritten)
    except (duckdb.Error, UnicodeDecodeError, csv_text.CsvError) as error:
        first = str(error).strip().splitlines()[0]
        raise InputError(f"{path} 读不下去：{first}（应为 UTF-8 带表头的 CSV，或 Parquet）") from error


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PARQUET_MARK)) == _PARQUET_MARK


def _from_parquet(
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    path: str,
    sha256: str,
    required: frozenset[str],
    rewritten: Path,
) -> Source:
    scan = _parquet_scan(Path(path))
    described = engine.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    types = {row[0]: str(row[1]) for row in described}
    _require(table, path, types, required)
    zones = read_zones(engine, sql.file(Path(path)))
    columns = {column.name: column.kind for column in table.columns if column.name in types}
    in_place: dict[str, str] = {}
    for name, kind in columns.items():
        expression = _in_place(sql.name(name), kind, types[name], zones.get(name, Zone()))
        if expression is not None:
            in_place[name] = expression
    if len(in_place) == len(columns):
        listed = ", ".join(f"{expression} AS {sql.name(name)}" for name, expression in in_place.items())
        query = f"SELECT file_row_number + 1 AS {ROW}, {listed} FROM {scan}"
        known = {name: zones.get(name, Zone()) for name in columns}
        return Source(table, path, sha256, _count(engine, scan), query, known, frozenset())
    texts = {name: _as_text(sql.name(name), kind, types[name]) for name, kind in columns.items()}
    return _rewrite(engine, table, path, sha256, scan, texts, rewritten)


def _from_csv(
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    path: str,
    sha256: str,
    required: frozenset[str],
    rewritten: Path,
) -> Source:
    header = csv_text.read_header(Path(path))
    _require(table, path, header, required)
    texts = {column.name: sql.name(column.name) for column in table.columns if column.name in header}
    try:
        return _rewrite(engine, table, path, sha256, csv_text.scan(Path(path), header), texts, rewritten)
    except duckdb.Error:
        # Mixed line ends and stray quotes stop the engine's parser; the standard library's reads on, slower.
        plain = rewritten.with_suffix(".csv")
        csv_text.write_plain(Path(path), header, plain)
        return _rewrite(engine, table, path, sha256, csv_text.scan(plain, header), texts, rewritten)


def _require(
    table: Table, path: str, found: Mapping[str, object] | list[str], required: frozenset[str]
) -> None:
    absent = [column.name for column in table.columns if column.name in required and column.name not in found]
    if absent:
        raise InputError(f"{path} 缺少列 {'、'.join(absent)}（{table.name} 表必须有；表头要用标准列名）")
    twice = [name for name in found if isinstance(found, list) and found.count(name) > 1 and name in required]
    if twice:
        raise InputError(f"{path} 的列 {twice[0]} 出现了两次，只能有一列")


def _in_place(column: str, kind: Kind, type_name: str, zone: Zone) -> str | None:
    """Return the canonical expression of a column that needs no reading as text, else None."""
    wanted = {Kind.TEXT: "VARCHAR", Kind.DATE: "DATE", Kind.INTEGER: "BIGINT"}[kind]
    if type_name == wanted:
        return column
    if zone.is_all_null:
        return f"CAST(NULL AS {wanted})"
    if kind is Kind.TEXT:
        return _as_text(column, kind, type_name)
    if kind is Kind.INTEGER and type_name in _WHOLE_TYPES:
        return f"CAST({column} AS {wanted})"
    if kind is Kind.DATE and type_name.startswith("TIMESTAMP") and "TIME ZONE" not in type_name:
        return f"CAST({column} AS DATE)"
    return None


def _as_text(column: str, kind: Kind, type_name: str) -> str:
    if kind is not Kind.DATE and (type_name in _FRACTION_TYPES or type_name.startswith("DECIMAL")):
        # Programs write whole numbers as 80000.0 where some are absent. 80000.5 stays itself: refused.
        whole = f"TRY_CAST({column} AS DECIMAL(38, 0))"
        return (
            f"CASE WHEN {whole} = {column} THEN CAST({whole} AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
        )
    if kind is Kind.DATE and type_name.startswith("TIMESTAMP") and "TIME ZONE" not in type_name:
        return f"CAST(CAST({column} AS DATE) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"


def _rewrite(
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    path: str,
    sha256: str,
    scan: str,
    texts: Mapping[str, str],
    rewritten: Path,
) -> Source:
    """Write the rows in canonical types, in their order, and return the source of what was written."""
    listed: list[str] = []
    kinds = {column.name: column.kind for column in table.columns}
    for name, cell in texts.items():
        listed += _READERS[kinds[name]](cell, name)
    engine.execute(
        f"COPY (SELECT {', '.join(listed)} FROM {scan}) TO {sql.text(str(rewritten))} (FORMAT parquet)"
    )
    zones = read_zones(engine, sql.file(rewritten))
    unread = frozenset(
        name for name in texts if not zones.get(name + UNREAD, Zone(is_all_null=True)).is_all_null
    )
    columns = ", ".join(sql.name(name) for name in (*texts, *(name + UNREAD for name in sorted(unread))))
    scan = _parquet_scan(rewritten)
    query = f"SELECT file_row_number + 1 AS {ROW}, {columns} FROM {scan}"
    return Source(
        table, path, sha256, _count(engine, scan), query, {n: zones.get(n, Zone()) for n in texts}, unread
    )


def _read_text(cell: str, name: str) -> list[str]:
    return [f"{cell} AS {sql.name(name)}"]


def _read_day(cell: str, name: str) -> list[str]:
    value = (
        f"CASE WHEN regexp_full_match(trim({cell}), '{DAY_FORM}') AND trim({cell}) >= '0001'"
        f" THEN TRY_CAST(trim({cell}) AS DATE) END"
    )
    return _read_or_keep(cell, value, name)


def _read_number(cell: str, name: str) -> list[str]:
    cast = f"TRY_CAST(trim({cell}) AS BIGINT)"
    value = f"CASE WHEN regexp_full_match(trim({cell}), '{NUMBER_FORM}') THEN {cast} END"
    return _read_or_keep(cell, value, name)


def _read_or_keep(cell: str, value: str, name: str) -> list[str]:
    kept = f"CASE WHEN trim({cell}) <> '' AND ({value}) IS NULL THEN {cell} END"
    return [f"{value} AS {sql.name(name)}", f"{kept} AS {sql.name(name + UNREAD)}"]


_READERS: Mapping[Kind, Callable[[str, str], list[str]]] = {
    Kind.TEXT: _read_text,
    Kind.DATE: _read_day,
    Kind.INTEGER: _read_number,
}


def _parquet_scan(path: Path) -> str:
    return f"read_parquet({sql.file(path)}, hive_partitioning = false, binary_as_string = true)"


def _count(engine: duckdb.DuckDBPyConnection, scan: str) -> int:
    found = engine.execute(f"SELECT count(*) FROM {scan}").fetchall()
    return int(found[0][0])
