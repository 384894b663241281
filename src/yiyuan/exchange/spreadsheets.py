"""Workbooks (.xlsx, .xls, .ods 表格文件): every cell as the text a reader of the sheet would see.

In: a workbook on disk. Out: sheet name and rows of text, in order. A vertically merged cell holds for all
its rows. A number with more digits than a spreadsheet keeps is shown as a power of ten, so that no check
takes it for an id. A cell that holds an error shows it (#REF!), so that nobody takes it for empty.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.spreadsheet_errors import Errors, error_cells
from yiyuan.exchange.spreadsheet_size import require_bounded
from yiyuan.exchange.xls_errors import error_cells_by_sheet

# A spreadsheet keeps fifteen significant digits; what is behind them was lost when the cell became a number.
EXACT_BELOW = 10**15
Cell = str | float | int | bool | date | datetime | time | timedelta | None


def read_workbook(path: Path) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Yield name and rows of every sheet, in the workbook's order.

    :raises UnreadableFile: when the workbook is damaged, protected by a password, or too large to be held.
    """
    require_bounded(path)
    try:
        old = error_cells_by_sheet(path)
        # By its bytes and not by its name, which is often wrong.
        with path.open("rb") as file:
            workbook = CalamineWorkbook.from_filelike(file)
        for place, name in enumerate(workbook.sheet_names):
            yield (
                name,
                _rows(
                    workbook.get_sheet_by_name(name),
                    old[place] if place < len(old) else error_cells(path, place),
                ),
            )
    except (CalamineError, OSError) as error:
        raise UnreadableFile(
            f"{path.name}：表格打不开（{error}）。如有密码请先取消，或另存为 .xlsx 再导入"
        ) from error


def cell_text(cell: Cell) -> str:
    """Return the text of one cell: dates in ISO form, whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return _number_text(cell)
    return str(cell)


def _number_text(number: float) -> str:
    if abs(number) >= EXACT_BELOW:
        return f"{number:.14E}"
    if number == int(number):
        return str(int(number))
    if 1900 < number < 2100 and f"{number:.15g}".endswith(".1"):
        # A month written as a number, 2019.10, has lost its zero; January is 2019.01. An amount stays.
        return f"{number:.2f}"
    # Fifteen digits are what the sheet shows; the rest is the noise of binary fractions.
    return f"{number:.15g}"


def _rows(sheet: CalamineSheet, errors: Errors) -> Iterator[list[str]]:
    origins = _tall_merges(sheet)
    first_column = sheet.start[1] if sheet.start else 0
    tops = set(origins.values())
    kept: dict[tuple[int, int], str] = {}
    for index, row in enumerate(sheet.iter_rows()):
        cells = [cell_text(cell) for cell in row]
        for column, error in errors.get(index, {}).items():
            cells[column - first_column] = error
        for column in range(len(cells)) if origins else ():
            place = (index, column)
            if place in tops:
                kept[place] = cells[column]
            elif place in origins and not cells[column]:
                cells[column] = kept.get(origins[place], "")
        yield cells


def _tall_merges(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return, for every cell under the top of a merged range, the place of that top."""
    # Rows are given from the first of the sheet, columns from the first that is used.
    first_column = sheet.start[1] if sheet.start else 0
    return {
        (row, left - first_column): (top, left - first_column)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
        for row in range(top + 1, bottom + 1)
    }
