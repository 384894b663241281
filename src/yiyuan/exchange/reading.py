"""Reading department files (读入部门文件): to accepted and refused rows, on one path for all sizes.

In: a kind, files, a profile. Out: a `Reading` with DuckDB views `accepted` (canonical and wide columns,
`seq` in the files' order) and `refused`, and the counts of each file; accepted + refused = read. Reading
twice gives the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import duckdb

from yiyuan.exchange import (
    accounts,
    bank_returns,
    claimed,
    hardship,
    headcount,
    holidays,
    residents,
    settlements,
)
from yiyuan.exchange.cleaning import text_literal
from yiyuan.exchange.errors import ColumnsMissing, UnreadableFile
from yiyuan.exchange.judging import LATE, detail, found_cell, kept_cells, numbered, staged
from yiyuan.exchange.kinds import Kind, Rules
from yiyuan.exchange.meaning import field_label
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.readers import Sheet, open_sheets
from yiyuan.exchange.refusals import DUPLICATE, view_sql
from yiyuan.exchange.sheets import Request, SheetPlan, not_understood, plan_sheet
from yiyuan.exchange.watching import execute_watched, let_watch

KINDS: Mapping[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (hardship, settlements, claimed, accounts, headcount, residents, holidays, bank_returns)
}
SAMPLED_RECORDS = 500
MEMORY_LIMIT = "600MB"
Progress = Callable[[int, int], None]
# From the first rows of a sheet to the profile that fits it, None where the content is to decide.
Choose = Callable[[Sequence[tuple[str, ...]]], Profile | None]


@dataclass
class FileCount:
    """What became of one file: rows read, accepted, and refused by reason; `groups` for hardship files."""

    file: str
    path: Path
    read: int = 0
    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Reading:
    """The rows of files of one kind, judged; a context manager that removes its own temporary files."""

    def __init__(
        self, kind: Kind, connection: duckdb.DuckDBPyConnection, folder: "TemporaryDirectory[str]"
    ) -> None:
        self.kind = kind
        self.connection = connection
        self.files: list[FileCount] = []
        self.plans: dict[tuple[int, int], SheetPlan] = {}
        self._folder = folder
        self.keeps_cells = False

    def __enter__(self) -> "Reading":
        return self

    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop the rows and the temporary files; a second call does nothing."""
        self.connection.close()
        self._folder.cleanup()

    def refuse(self, reason: str, cell: str, rows: str) -> int:
        """Refuse accepted rows for what only a comparison with what is known tells; return how many.

        `rows` is a query of `seq`, the value found, and a text for the clerk or null.
        """
        found = self.connection.execute(f"CREATE OR REPLACE TEMP TABLE refusing AS {rows}").fetchone()
        if not found or not found[0]:
            return 0
        most = self.connection.execute("SELECT max(fault) FROM faults").fetchone()
        assert most is not None, "every sheet has its faults on record"
        number = max(LATE, int(most[0])) + 1
        entries = [
            f"({file_no}, {sheet_no}, {number}, '{reason}', "
            f"{text_literal(plan.facts.header_of.get(cell) or field_label(cell))})"
            for (file_no, sheet_no), plan in self.plans.items()
        ]
        self.connection.execute(f"INSERT INTO faults VALUES {', '.join(entries)}")
        self.connection.execute(
            "UPDATE checked SET late_fault = "
            f"{number}, fault_value = r.found, detail = r.detail "
            "FROM refusing AS r(seq, found, detail) WHERE checked.seq = r.seq"
        )
        _count(self)
        return int(found[0])

    @property
    def canonical(self) -> str:
        """Return the canonical columns of `accepted` as an SQL list."""
        return ", ".join(f'"{column}"' for column in self.kind.canonical)


def read_files(
    kind: str,
    paths: Sequence[Path],
    *,
    profile: Profile | None = None,
    group: str | None = None,
    progress: Progress | None = None,
    choose: Choose | None = None,
    keep_cells: bool = False,
) -> Reading:
    """Return the rows of the files, all together, judged; the caller closes the reading.

    Where no `profile` is given, `choose` may find one for a sheet by its first rows. With `keep_cells` the
    column `cells` of `checked` has what a refused row holds.

    `progress` is told the bytes of input done and in all, now and then, in the caller's thread.

    :raises UnreadableFile: when one of the files cannot be understood; the text names every such file.
    """
    chosen = KINDS[kind]
    folder = TemporaryDirectory(prefix="yiyuan-import-")
    reading = Reading(chosen, _connect(Path(folder.name)), folder)
    reading.keeps_cells = keep_cells
    ask = None if profile is not None else choose
    try:
        _create_tables(reading)
        _read_all(reading, [Path(path) for path in paths], _Asked(profile or Profile(), group, ask), progress)
        _mark_duplicates(reading)
        _create_views(reading)
        _count(reading)
    except BaseException:
        reading.close()
        raise
    return reading


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    # In memory, with what does not fit spilled beside it: the rows live for minutes, so nothing need
    # outlive a crash.
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET preserve_insertion_order = true")
    connection.execute("SET temp_directory = ?", [str(folder / "spill")])
    let_watch(connection)
    return connection


def _create_tables(reading: Reading) -> None:
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in reading.kind.columns.items())
    reading.connection.execute(
        'CREATE TABLE checked (seq BIGINT, file_no INTEGER, sheet_no INTEGER, rn BIGINT, "row" BIGINT, '
        f"{columns}, fault INTEGER, late_fault INTEGER, fault_value VARCHAR, detail VARCHAR, cells VARCHAR);"
        "CREATE TABLE files (file_no INTEGER, file VARCHAR);"
        "CREATE TABLE sheets (file_no INTEGER, sheet_no INTEGER, sheet VARCHAR);"
        "CREATE TABLE faults (file_no INTEGER, sheet_no INTEGER, fault INTEGER, reason VARCHAR, "
        "header VARCHAR)"
    )


@dataclass(frozen=True)
class _Asked:
    profile: Profile
    group: str | None
    choose: Choose | None


def _read_all(reading: Reading, paths: Sequence[Path], asked: _Asked, progress: Progress | None) -> None:
    names = [path.name for path in paths]
    sizes = [path.stat().st_size if path.exists() else 0 for path in paths]
    problems: list[str] = []
    only_columns_missing = True

    def tell(share: float) -> None:
        if progress:
            progress(sum(sizes[:file_no]) + int(sizes[file_no] * share), sum(sizes))

    for file_no, path in enumerate(paths):
        shown = path.name if names.count(path.name) == 1 else str(path)
        request = Request(reading.kind, KINDS, shown, asked.profile, asked.group)
        try:
            reading.files.append(_read_file(reading, file_no, path, request, asked.choose, tell))
        except UnreadableFile as problem:
            problems.append(str(problem))
            only_columns_missing = only_columns_missing and isinstance(problem, ColumnsMissing)
        except duckdb.InvalidInputException:
            only_columns_missing = False
            problems.append(f"{shown}：读不出行和栏，文件可能已损坏。请用表格软件打开，另存为 .xlsx 再导入")
        tell(1.0)
    if problems:
        raise (ColumnsMissing if only_columns_missing else UnreadableFile)("\n".join(problems))


def _read_file(
    reading: Reading,
    file_no: int,
    path: Path,
    request: Request,
    choose: Choose | None,
    tell: Callable[[float], None],
) -> FileCount:
    folder = Path(reading._folder.name)
    count = FileCount(request.file, path)
    reading.connection.execute("INSERT INTO files VALUES (?, ?)", [file_no, request.file])
    before: SheetPlan | None = None
    notes: list[str] = []
    first: tuple[list[tuple[str, ...]], Sheet] | None = None
    sheets = open_sheets(path, folder, request.profile)
    for sheet_no, sheet in enumerate(sheets):
        rows = _first_rows(reading, sheet)
        first = first or (rows, sheet)
        if choose is not None and (fitting := choose(rows)) is not None:
            request = replace(request, profile=fitting)
        plan = plan_sheet(sheet, rows, request, before)
        if plan is None:
            continue
        before = plan
        notes += plan.notes
        reading.plans[file_no, sheet_no] = plan
        query = _judging_query(reading, plan, file_no, sheet_no, count.read)
        rows_before = _one(reading.connection, "SELECT count(*) FROM checked")
        execute_watched(reading.connection, query, _part(tell, sheet_no, len(sheets)))
        count.read += _one(reading.connection, "SELECT count(*) FROM checked") - rows_before
    if before is None:
        assert first is not None, "a file has at least one sheet"
        raise ColumnsMissing(not_understood(first[0], first[1], request))
    count.notes = tuple(dict.fromkeys(notes))
    return count


def _first_rows(reading: Reading, sheet: Sheet) -> list[tuple[str, ...]]:
    found = reading.connection.execute(f"{sheet.sql()} LIMIT {SAMPLED_RECORDS}").fetchall()
    return [tuple(cell or "" for cell in record[1:]) for record in found]


def _part(tell: Callable[[float], None], place: int, parts: int) -> Callable[[float], None]:
    return lambda share: tell((place + share) / parts)


def _judging_query(reading: Reading, plan: SheetPlan, file_no: int, sheet_no: int, rows_before: int) -> str:
    """Put the sheet and its faults on record; return the query that appends its rows to `checked`."""
    kind, connection = reading.kind, reading.connection
    rules = kind.rules(plan.facts)
    connection.execute("INSERT INTO sheets VALUES (?, ?, ?)", [file_no, sheet_no, plan.sheet.name])
    _store_faults(reading, plan, rules, file_no, sheet_no)
    before = _one(connection, "SELECT count(*) FROM checked")
    columns = ", ".join(f'"{name}"' for name in kind.columns)
    judged = staged(kind, plan, rules, rows_before, reading.keeps_cells)
    cells = kept_cells(plan) if reading.keeps_cells else "NULL"
    return (
        f'INSERT INTO checked SELECT {before - rows_before} + "row", {file_no}, {sheet_no}, rn, "row", '
        f"{columns}, fault, late_fault, {found_cell(rules)}, {detail(rules)}, {cells} FROM ({judged})"
    )


def _store_faults(reading: Reading, plan: SheetPlan, rules: Rules, file_no: int, sheet_no: int) -> None:
    header_of = plan.facts.header_of
    key = next((name for name in reading.kind.keys if name in plan.columns), reading.kind.keys[0])
    entries = [(fault, check.reason, check.cell) for fault, check in numbered(rules)]
    rows = []
    for fault, reason, cell in [*entries, (DUPLICATE, "duplicate", key)]:
        header = text_literal(header_of.get(cell) or field_label(cell))
        rows.append(f"({file_no}, {sheet_no}, {fault}, '{reason}', {header})")
    reading.connection.execute(f"INSERT INTO faults VALUES {', '.join(rows)}")


def _mark_duplicates(reading: Reading) -> None:
    """Find the rows whose unique columns an earlier row without a fault had already."""
    names = [f"coalesce(CAST(\"{column}\" AS VARCHAR), '')" for column in reading.kind.unique]
    key = names[0] if len(names) == 1 else f"concat_ws('|', {', '.join(names)})"
    reading.connection.execute(
        f"CREATE TABLE duplicates AS SELECT seq, first_row FROM ("
        f'  SELECT seq, row_number() OVER same AS place, first_value("row") OVER same AS first_row'
        f"  FROM checked WHERE fault IS NULL AND {key} IN ("
        f"    SELECT {key} FROM checked WHERE fault IS NULL GROUP BY 1 HAVING count(*) > 1)"
        f"  WINDOW same AS (PARTITION BY {key} ORDER BY seq)) WHERE place > 1"
    )


def _create_views(reading: Reading) -> None:
    columns = ", ".join(f'"{name}"' for name in reading.kind.columns)
    reading.connection.execute(
        f'CREATE VIEW accepted AS SELECT seq, file_no, "row", {columns} FROM checked '
        "WHERE fault IS NULL AND late_fault IS NULL AND seq NOT IN (SELECT seq FROM duplicates)"
    )
    shown = reading.kind.unique[-1] if reading.kind.name == "hardship" else reading.kind.unique[0]
    reading.connection.execute(view_sql(f'checked."{shown}"'))


def _count(reading: Reading) -> None:
    rows = reading.connection.execute(
        "SELECT file_no, reason, count(*) FROM refused GROUP BY ALL ORDER BY file_no, reason"
    ).fetchall()
    for count in reading.files:
        count.refused = {}
    for file_no, reason, number in rows:
        reading.files[file_no].refused[reason] = number
    for count in reading.files:
        count.accepted = count.read - sum(count.refused.values())
    if reading.kind.name == "hardship":
        groups = reading.connection.execute(
            'SELECT file_no, list(DISTINCT "group" ORDER BY "group") FROM checked '
            'WHERE "group" IS NOT NULL GROUP BY 1'
        ).fetchall()
        for file_no, found in groups:
            reading.files[file_no].groups = tuple(found)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row: Any = connection.execute(query).fetchone()
    return int(row[0])
