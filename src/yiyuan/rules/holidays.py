"""The holiday table (放假安排): the State Council's yearly notices as rows of a CSV file.

In: a file with the columns year, version, known_from, date, name, kind. Out: `HolidayRow`s in file order.
"""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from yiyuan.kernel.errors import CalendarError
from yiyuan.kernel.workdays import KINDS, HolidayRow

COLUMNS = ("year", "version", "known_from", "date", "name", "kind")
BASE_FILE = Path("base") / "holidays" / "cn-public-holidays.csv"  # under the directory that holds the schemes


def load_holidays(file: Path) -> tuple[HolidayRow, ...]:
    """Return the rows of a holiday file; extra columns are ignored.

    :raises CalendarError: when the file, a column or a value cannot be read; the line is named.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if absent:
                raise CalendarError(f"{file}: 缺少列 {'、'.join(absent)}")
            return tuple(_row(file, reader.line_num, row) for row in reader)
    except OSError as error:
        raise CalendarError(f"读不到放假安排 {file}：{error.strerror}") from error


def _row(file: Path, line: int, row: Mapping[str, str]) -> HolidayRow:
    try:
        known_from = date.fromisoformat(row["known_from"]) if row["known_from"] else None
        holiday = HolidayRow(
            year=int(row["year"]),
            version=int(row["version"]),
            known_from=known_from,
            on=date.fromisoformat(row["date"]),
            name=row["name"],
            kind=row["kind"],
        )
    except (ValueError, TypeError) as error:
        raise CalendarError(f"{file}:{line}: 年份、版本应是整数，日期应如 2019-05-01（{error}）") from error
    if holiday.kind not in KINDS:
        raise CalendarError(f"{file}:{line}: kind 应是 off（放假）或 work（上班），写的是“{holiday.kind}”")
    return holiday
