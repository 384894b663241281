"""The intake set's rows as plain texts, read without the product, so that tests can write them again in
other forms.

In: `tests/intake/`. Out: rows of texts per file, the truth per row, and writers of messy files.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

INTAKE = Path(__file__).parents[2] / "intake"
Row = list[str]


def truth_of(file: str) -> dict[int, str]:
    """Return row → reason of the refused rows of one file of the intake set."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    with (INTAKE / "truth-refused.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            found[line["file"]][int(line["row"])] = line["reason"]
    return found[file]


def rows_of(file: str) -> list[dict[str, str]]:
    """Return the data rows of a file of the intake set by its own headers; `sheet` says where each stood."""
    path = INTAKE / file
    sheets = _workbook(path) if path.suffix in (".xls", ".xlsx") else [("", _text(path))]
    rows = []
    for sheet, cells in sheets:
        start = next(
            n
            for n, row in enumerate(cells)
            if (sum(bool(cell) for cell in row) >= 3 and "证" in "".join(row)) or row[0] == "setl_id"
        )
        header = cells[start]
        kept = [row for row in cells[start + 1 :] if any(row) and "合计" not in row[0]]
        rows += [dict(zip(header, row, strict=False)) | {"sheet": sheet} for row in kept]
    return rows


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[Any]]], *, merges: Sequence[str] = ()) -> Path:
    """Write a workbook; dates and numbers stay what they are; merges hold for the first sheet."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy/m/d"})
    for number, (name, rows) in enumerate(sheets.items()):
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if hasattr(cell, "isoformat"):
                    sheet.write_datetime(place, column, cell, day)
                elif cell != "":
                    sheet.write(place, column, cell)
        for merge in merges if number == 0 else ():
            first = merge.split(":", maxsplit=1)[0]
            column, place = ord(first[0]) - ord("A"), int(first[1:]) - 1
            sheet.merge_range(merge, rows[place][column])
    book.close()
    return path


def write_text(path: Path, rows: Sequence[Sequence[str]], *, encoding: str, delimiter: str) -> Path:
    """Write a text file with quoting only where it is needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_html(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write a web page with one table, as old systems do under the name .xls."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    path.write_text(
        f"<html><head><meta charset='gbk'></head><body><table>{body}</table></body></html>",
        encoding="gb18030",
    )
    return path


def each(rows: Sequence[dict[str, str]], make: Callable[[dict[str, str]], list[Any]]) -> list[list[Any]]:
    """Return the rows made anew."""
    return [make(row) for row in rows]


def _workbook(path: Path) -> list[tuple[str, list[Row]]]:
    book = CalamineWorkbook.from_path(str(path))
    return [
        (
            name,
            [
                [str(cell) for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ],
        )
        for name in book.sheet_names
    ]


def _text(path: Path) -> list[Row]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return list(csv.reader(io.StringIO(text), delimiter="\t" if path.suffix == ".txt" else ","))
