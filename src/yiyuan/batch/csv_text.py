"""CSV inputs (逗号分隔文件): the header, a scan of every cell as text, and a second way for untidy files.

In: a UTF-8 file with or without byte order mark, whose first record names the columns. Out: those names,
an SQL scan of the cells, or a tidy copy. A line without a cell is no row; a row with too few or too many
cells means that cells may have moved, so the file is refused as a whole.
"""

import csv
import sys
from pathlib import Path

from yiyuan.batch import sql


class CsvError(Exception):
    """A CSV file that cannot be read to its end."""


def read_header(path: Path) -> list[str]:
    """Return the column names, blanks around them taken off.

    :raises CsvError: when the file has no header.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.reader(file):
            if record:
                return [cell.strip() for cell in record]
    raise CsvError("文件是空的，连表头也没有")


def scan(path: Path, header: list[str]) -> str:
    """Return a scan of the cells as text, each column under its name; the first of equal names counts."""
    names = [name if header.index(name) == at and name else f"unnamed_{at}" for at, name in enumerate(header)]
    columns = ", ".join(f"{sql.text(name)}: 'VARCHAR'" for name in names)
    rows = (
        f"read_csv({sql.file(path)}, auto_detect = false, header = true, delim = ',', quote = '\"',"
        f" escape = '\"', columns = {{{columns}}}, allow_quoted_nulls = false)"
    )
    if len(names) > 1:
        return rows
    # With one column the engine takes an empty line for a row with no cell; `""` is a row with an empty cell.
    return f"(SELECT * FROM {rows} WHERE {sql.name(names[0])} IS NOT NULL)"


def write_plain(path: Path, header: list[str], to: Path) -> None:
    """Write the file again in one tidy form.

    :raises CsvError: when a row has too few or too many cells, or a cell is not closed.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with (
        path.open(encoding="utf-8-sig", newline="") as file,
        to.open("w", encoding="utf-8", newline="") as tidy,
    ):
        reader = csv.reader(file)
        writer = csv.writer(tidy, quoting=csv.QUOTE_ALL, lineterminator="\n")
        try:
            for record in reader:
                if record and len(record) != len(header):
                    raise CsvError(f"第 {reader.line_num} 行有 {len(record)} 格，表头有 {len(header)} 格")
                if record:
                    writer.writerow(record)
        except csv.Error as error:
            raise CsvError(f"第 {reader.line_num} 行：{error}") from error
