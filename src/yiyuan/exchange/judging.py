"""Judging the rows of a sheet (逐行核对): one query from raw cells through cleaning to the first fault.

In: a sheet that is understood and the rules of its kind. Out: SQL; `fault` and `late_fault` are the numbers
of the checks that failed first, before and after duplicates are looked for.
"""

from collections.abc import Sequence

from yiyuan.exchange.kinds import Check, Kind, Rules
from yiyuan.exchange.rows import is_data_row
from yiyuan.exchange.sheets import SheetPlan

# Late checks are numbered from here, far above the others.
LATE = 1000
# What stands between the cells of a refused row; no department types it.
CELL_END = "\x1f"


def staged(kind: Kind, plan: SheetPlan, rules: Rules, rows_before: int, keep_cells: bool = False) -> str:
    """Return the query that cleans and judges the rows of a sheet, stage upon stage."""
    sheet = plan.sheet
    raw = ", ".join(
        f"{sheet.columns[plan.columns[name]]} AS r_{name}"
        if name in plan.columns
        else f"NULL::VARCHAR AS r_{name}"
        for name in plan.raw_fields
    )
    data = is_data_row(sheet.columns, plan.columns, kind.keys, plan.header_rows)
    # The cells go along untouched, for who keeps them beside a refused row.
    cells = "".join(f", {column}" for column in cells_of(plan)) if keep_cells else ""
    query = f"SELECT rn, {raw}{cells} FROM ({sheet.sql()}) WHERE rn >= {plan.first_record} AND {data}"
    query = f'SELECT {rows_before} + row_number() OVER () AS "row", * FROM ({query})'
    for stage in rules.stages:
        added = ", ".join(f'{expression} AS "{name}"' for name, expression in stage.items())
        query = f"SELECT *, {added} FROM ({query})"
    return (
        f"SELECT *, {_first_fault(rules.checks, 0)} AS fault, {_first_fault(rules.late, LATE)} AS late_fault "
        f"FROM ({query})"
    )


def cells_of(plan: SheetPlan) -> tuple[str, ...]:
    """Return the columns of the sheet as far as its header reaches; all of them where it has no header."""
    return plan.sheet.columns[: len(plan.header_texts)] or plan.sheet.columns


def kept_cells(plan: SheetPlan) -> str:
    """Return the cells of a refused row as one text, as SQL; null for an accepted row."""
    cells = ", ".join(f"coalesce({column}, '')" for column in cells_of(plan))
    joined = f"array_to_string([{cells}], chr({ord(CELL_END)}))"
    return f"CASE WHEN fault IS NOT NULL OR late_fault IS NOT NULL THEN {joined} END"


def _first_fault(checks: Sequence[Check], start: int) -> str:
    branches = " ".join(f"WHEN {check.when} THEN {start + place}" for place, check in enumerate(checks))
    return f"CASE {branches} END" if branches else "NULL"


def numbered(rules: Rules) -> list[tuple[int, Check]]:
    """Return the checks with the numbers under which the judged rows name them."""
    return [*enumerate(rules.checks), *enumerate(rules.late, start=LATE)]


def found_cell(rules: Rules) -> str:
    """Return the raw cell that a refused row is refused for, as SQL; null for an accepted row."""
    cells = " ".join(f"WHEN {fault} THEN r_{check.cell}" for fault, check in numbered(rules))
    accepted = "fault IS NULL AND late_fault IS NULL"
    return f"CASE WHEN {accepted} THEN NULL ELSE CASE coalesce(fault, late_fault) {cells} END END"


def detail(rules: Rules) -> str:
    """Return what a clerk is told beside the reason, as SQL; null where there is nothing to tell."""
    details = [(fault, check.detail) for fault, check in numbered(rules) if check.detail != "NULL"]
    branches = " ".join(f"WHEN fault = {fault} THEN {detail}" for fault, detail in details)
    return f"CASE {branches} END" if branches else "NULL"
