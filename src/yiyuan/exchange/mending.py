"""Refused rows to be mended (更正用的表): the rows as they came, why each was refused, and which row it is.

In: refused rows of an import. Out: a workbook, or one row as CSV, that is known again when it comes back:
its column 更正号 says of which import and which row each line is, so that it is read as the first file was.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import xlsxwriter

from yiyuan.exchange.headers import ROWS_SEARCHED
from yiyuan.exchange.profiles import Profile

MARK, REASON, REMEDY = "更正号", "退回原因", "应改为"
SHEET_NAME_MAX = 31
NO_SHEET_NAME = "[]:*?/\\"


@dataclass(frozen=True)
class Layout:
    """How a sheet was read: title and headers, which column was taken for what, what held for all rows."""

    sheet: str
    title: str
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    group: str | None = None
    county: str | None = None
    valid_from: str | None = None
    date_order: str = "ymd"

    @property
    def names(self) -> tuple[str, ...]:
        """The headers, each once and none empty, so that every column can be told by its name."""
        seen: set[str] = set()
        names = []
        for place, header in enumerate(self.headers, 1):
            text = header.strip()
            name = text if text and text not in seen else f"{text}第{place}列"
            seen.add(name)
            names.append(name)
        return tuple(names)

    def profile(self, base: Profile) -> Profile:
        """Return the profile that reads a mended file of this sheet as the sheet was read."""
        names = self.names
        used = {field: (names[index],) for field, index in self.columns.items() if index < len(names)}
        taken = set(self.columns.values())
        unused = tuple(name for index, name in enumerate(names) if index not in taken)
        return Profile(
            columns=used,
            ignored=(*unused, MARK, REASON, REMEDY),
            counties=base.counties,
            group=self.group,
            date_order=self.date_order,
            county_code=self.county,
            valid_from=base.valid_from,
            source=base.source,
        )


@dataclass(frozen=True)
class RowToMend:
    """One refused row: its mark, its cells as they came, why it was refused, what would be right."""

    mark: str
    cells: Sequence[str]
    reason: str
    remedy: str


def write_book(target: BinaryIO, sheets: Iterable[tuple[Layout, Iterable[RowToMend]]]) -> None:
    """Write a workbook with a sheet for each, every cell a text, so that no number loses its digits."""
    book = xlsxwriter.Workbook(target, {"constant_memory": True, "in_memory": False})
    text = book.add_format({"num_format": "@"})
    strong = book.add_format({"bold": True, "num_format": "@"})
    for place, (layout, rows) in enumerate(sheets, 1):
        page = book.add_worksheet(_sheet_name(layout.sheet, place))
        heads = [*layout.names, REASON, REMEDY, MARK]
        page.set_column(0, len(heads) - 1, 18, text)
        page.write_string(0, 0, _title(layout), strong)
        for column, head in enumerate(heads):
            page.write_string(1, column, head, strong)
        for line, row in enumerate(rows, 2):
            for column, cell in enumerate(_cells(layout, row)):
                page.write_string(line, column, cell, text)
    book.close()


def write_one(path: Path, layout: Layout, row: RowToMend) -> None:
    """Write one row, perhaps mended, as a CSV of the same form."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_title(layout)])
        writer.writerow([*layout.names, REASON, REMEDY, MARK])
        writer.writerow(_cells(layout, row))


def mark_in(rows: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """Return where the column of marks stands and the first mark below it; None for any other sheet."""
    for place, row in enumerate(rows[:ROWS_SEARCHED]):
        for column, cell in enumerate(row):
            if cell.strip() == MARK:
                below = (line[column].strip() for line in rows[place + 1 :] if column < len(line))
                first = next((text for text in below if text), "")
                return (column, first) if first else None
    return None


def _title(layout: Layout) -> str:
    return " ".join(text for text in (layout.sheet, layout.title) if text) or "更正"


def _cells(layout: Layout, row: RowToMend) -> list[str]:
    width = len(layout.headers)
    cells = [*row.cells, *[""] * (width - len(row.cells))][:width]
    return [*cells, row.reason, row.remedy, row.mark]


def _sheet_name(name: str, place: int) -> str:
    plain = "".join(sign for sign in name if sign not in NO_SHEET_NAME).strip("'")[: SHEET_NAME_MAX - 4]
    return f"{plain or '名单'}-{place}" if place > 1 or not plain else plain
