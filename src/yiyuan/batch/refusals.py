"""Refused rows (拒收行): which rows of the inputs are left out, why, and where they stand.

In: the sources of one table, in the order given. Out: the temporary table `refused` (`ref`, `source_no`,
`row_no`, `column`, `value` masked, `reason`), and `marked_<table>`: the refused rows, the rows that cancel
another, and those whose key may occur twice. A row has one reason: the first of `REASONS` that applies, at
the first column in the table's order that it applies to. `ref` numbers the rows of all sources of a table
through.
"""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.canonical import Column, Kind, Table
from yiyuan.batch.inputs import NUMBER_FORM, ROW, UNREAD, Source
from yiyuan.batch.zones import Zone
from yiyuan.kernel.money import AMOUNT_FEN_MAX

REASONS = ("missing", "unreadable", "period", "group", "amount", "duplicate")
ROWS_PER_SOURCE = 1 << 40  # `ref` is the row number counted on from here for each further source


class Fault(NamedTuple):
    """A way in which a row may be wrong: an SQL condition, and what the refusal then says."""

    condition: str
    column: str
    value: str
    reason: str


def create_refused(engine: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table of refused rows."""
    engine.execute(
        f'CREATE TEMP TABLE refused (ref BIGINT, "table" VARCHAR, source_no INTEGER, {ROW} BIGINT,'
        ' "column" VARCHAR, value VARCHAR, reason VARCHAR)'
    )


def all_rows(sources: Sequence[Source], columns: Sequence[str]) -> str:
    """Return a query of the named columns and `ref` over every row of the sources, in order."""
    listed = "".join(f", {sql.name(column)}" for column in columns)
    parts = [
        f"SELECT {number * ROWS_PER_SOURCE} + {ROW} AS ref{listed} FROM ({source.scan})"
        for number, source in enumerate(sources)
    ]
    return " UNION ALL ".join(parts)


def accepted(table: str) -> str:
    """Return the condition that a row of the table, known by its `ref`, was not refused."""
    return f'ref NOT IN (SELECT ref FROM refused WHERE "table" = {sql.text(table)})'


def refuse(
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    sources: Sequence[Source],
    groups: Sequence[str],
    cancels: str | None = None,
) -> None:
    """Add the sources' refused rows to `refused`, and make `marked_<table>`.

    `groups` are the scheme's; `cancels` names the column by which a row cancels another.
    """
    if table.key is not None:
        engine.execute(f"CREATE TEMP TABLE twins AS {_twin_hashes(table.key, sources)}")
    parts = [_marked_rows(table, number, source, groups, cancels) for number, source in enumerate(sources)]
    engine.execute(
        f"CREATE TEMP TABLE marked_{table.name} AS {' UNION ALL '.join(part for part in parts if part)}"
    )
    engine.execute(
        f'INSERT INTO refused SELECT ref, {sql.text(table.name)}, source_no, {ROW}, "column", value, reason'
        f" FROM marked_{table.name} WHERE reason IS NOT NULL"
    )
    if table.key is not None:
        engine.execute(
            _LATER_TWINS.format(table=table.name, row=ROW, key=table.key, masked=sql.masked("key"))
        )
        engine.execute("DROP TABLE twins")


# Of accepted rows with one key the first in the order given stays; equal hashes alone are no duplicates.
_LATER_TWINS = """
INSERT INTO refused
SELECT ref, '{table}', source_no, {row}, '{key}', {masked}, 'duplicate'
FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY ref) AS nth
      FROM marked_{table} WHERE reason IS NULL AND may_be_twin)
WHERE nth > 1
"""


def _twin_hashes(key: str, sources: Sequence[Source]) -> str:
    # Half a hash keeps the table of 20 million keys small. It may bring strangers together, never part twins.
    keys = " UNION ALL ".join(
        f"SELECT {_half_hash(sql.name(key))} AS hash FROM ({source.scan})" for source in sources
    )
    return f"SELECT hash FROM ({keys}) GROUP BY hash HAVING count(*) > 1"


def _half_hash(expression: str) -> str:
    return f"CAST(hash({expression}) >> 32 AS UINTEGER)"


def _marked_rows(
    table: Table, number: int, source: Source, groups: Sequence[str], cancels: str | None
) -> str:
    faults = list(_faults(table, source, groups))
    shown = [f"{number} AS source_no", ROW, f"{number * ROWS_PER_SOURCE} + {ROW} AS ref"]
    shown.append(f"{sql.name(table.key)} AS key" if table.key else "NULL AS key")
    shown.append(f"{sql.name(cancels)} AS cancels" if cancels else "NULL AS cancels")
    shown += [
        _first_fault(faults, [sql.text(fault.column) for fault in faults], "column"),
        _first_fault(faults, [sql.masked(fault.value) for fault in faults], "value"),
        _first_fault(faults, [sql.text(fault.reason) for fault in faults], "reason"),
        "twins.hash IS NOT NULL AS may_be_twin" if table.key else "FALSE AS may_be_twin",
    ]
    marks = [fault.condition for fault in faults]
    rows = f"({source.scan}) AS rows"
    if table.key:
        marks.append("twins.hash IS NOT NULL")
        rows += f" LEFT JOIN twins ON twins.hash = {_half_hash('rows.' + sql.name(table.key))}"
    if cancels:
        marks.append(f"{sql.name(cancels)} <> ''")
    return f"SELECT {', '.join(shown)} FROM {rows} WHERE {sql.either(marks)}"


def _first_fault(faults: Sequence[Fault], values: Sequence[str], shown: str) -> str:
    if not faults:
        return f"CAST(NULL AS VARCHAR) AS {sql.name(shown)}"
    arms = " ".join(
        f"WHEN {fault.condition} THEN {value}" for fault, value in zip(faults, values, strict=True)
    )
    return f"CASE {arms} END AS {sql.name(shown)}"


def _faults(table: Table, source: Source, groups: Sequence[str]) -> list[Fault]:
    """Return every fault that a row of the source may have, by reason and then by the table's columns."""
    faults: list[Fault] = []
    for column in table.columns:
        if column.name in source.zones:
            faults += _column_faults(column, column.name in source.unread, source.zones[column.name])
        if column.name == "group":
            known = ", ".join(sql.text(group) for group in groups)
            faults.append(Fault(f'"group" NOT IN ({known})', "group", '"group"', "group"))
        if column.name == "valid_to":
            value = "CAST(valid_to AS VARCHAR)"
            faults.append(Fault("valid_to <= valid_from", "valid_to", value, "period"))
    return sorted(faults, key=lambda fault: REASONS.index(fault.reason))


def _column_faults(column: Column, has_unread: bool, zone: Zone) -> list[Fault]:
    name, text = sql.name(column.name), sql.name(column.name + UNREAD)
    unread = f"{text} IS NOT NULL"
    faults: list[Fault] = []
    if column.needed and not zone.is_never_empty:
        empty = f"{name} IS NULL OR {name} = ''" if column.kind is Kind.TEXT else f"{name} IS NULL"
        missing = f"({empty}) AND {text} IS NULL" if has_unread else empty
        faults.append(Fault(missing, column.name, "NULL", "missing"))
    if column.kind is Kind.DATE and not zone.is_within_days:
        beyond = f"{name} < DATE '0001-01-01' OR {name} > DATE '9999-12-31'"
        faults.append(Fault(beyond, column.name, f"CAST({name} AS VARCHAR)", "unreadable"))
    if column.kind is Kind.INTEGER:
        if has_unread:
            too_long = f"regexp_full_match(trim({text}), '{NUMBER_FORM}')"
            faults.append(Fault(too_long, column.name, text, "amount"))
            unread = f"{text} IS NOT NULL AND NOT {too_long}"
        if not zone.is_within_amounts:
            beyond = f"{name} > {AMOUNT_FEN_MAX} OR {name} < -{AMOUNT_FEN_MAX}"
            faults.append(Fault(beyond, column.name, f"CAST({name} AS VARCHAR)", "amount"))
    if has_unread:
        faults.append(Fault(unread, column.name, text, "unreadable"))
    return faults
