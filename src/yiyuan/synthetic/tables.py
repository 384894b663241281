"""Files as departments send them: text of several encodings, and workbooks of several sheets (部门文件).

In: rows of cells, one by one. Out: a file on disk. The same rows give the same bytes: nothing of the clock
goes in.
"""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import xlsxwriter

Cell = str | int | date
_CREATED_AT = datetime(2019, 1, 1)  # noqa: DTZ001 (a workbook keeps a naive time; this one is fixed on purpose)


class Table(Protocol):
    """Anything rows can be written to in order."""

    def write(self, cells: Sequence[Cell]) -> None:
        """Append one row."""


class DelimitedFile:
    """A text file with one table: commas or tabs, lines ended as Windows ends them."""

    def __init__(self, path: Path, *, encoding: str, delimiter: str = ",") -> None:
        self._file = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")

    def write(self, cells: Sequence[Cell]) -> None:
        """Append one row."""
        self._writer.writerow(cells)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class Sheet:
    """One sheet of a workbook, written from the top down."""

    def __init__(self, worksheet: xlsxwriter.worksheet.Worksheet, *, title: object, day: object) -> None:
        self._worksheet = worksheet
        self._title_format = title
        self._day_format = day
        self._row = 0

    def write_title(self, text: str, *, width: int) -> None:
        """Append a row whose cells are merged into one across ``width`` columns."""
        self._worksheet.merge_range(self._row, 0, self._row, width - 1, text, self._title_format)
        self._row += 1

    def write(self, cells: Sequence[Cell]) -> None:
        """Append one row; empty text leaves the cell empty."""
        worksheet, row = self._worksheet, self._row
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    worksheet.write_string(row, column, cell)
            elif isinstance(cell, int):
                worksheet.write_number(row, column, cell)
            else:
                worksheet.write_datetime(row, column, cell, self._day_format)
        self._row += 1


class Workbook:
    """An .xlsx file of one or more sheets, kept on disk while it grows."""

    def __init__(self, path: Path, sheet_names: Sequence[str]) -> None:
        self._workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._workbook.set_properties({"title": path.stem, "comments": "演示数据", "created": _CREATED_AT})
        title = self._workbook.add_format({"bold": True, "align": "center"})
        day = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.sheets = tuple(
            Sheet(self._workbook.add_worksheet(name), title=title, day=day) for name in sheet_names
        )

    def close(self) -> None:
        """Finish the file."""
        self._workbook.close()
