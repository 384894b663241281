"""A first look at a file (先看一眼): its columns, what each was taken for, and a few cells of each.

In: a file, the kind it is said to be, perhaps a profile. Out: its sheets' columns with masked examples, the
facts no column was found for; and, of a reading, its first rows as they were understood, masked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from yiyuan.exchange.headers import Header, find_header, likely_header
from yiyuan.exchange.meaning import content_of, header_words, match_columns
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.readers import open_sheets
from yiyuan.exchange.reading import KINDS, SAMPLED_RECORDS, Choose, Reading
from yiyuan.exchange.registers import groups_told_by
from yiyuan.exchange.sheets import missing_fields
from yiyuan.kernel.identity import mask_account, mask_id_number, mask_name, mask_value

EXAMPLES = 3
FIELD_OF_COLUMN = {
    "county_code": "county",
    "result": "bank_result",
    "reason": "bank_reason",
    "date": "holiday_on",
    "person_name": "name",
    "amount_fen": "amount_yuan",
}
FIRST_ROWS = 8
LONG_NUMBER = re.compile(r"\d[\d\sXx-]{6,}")
NAME_LIKE = re.compile(r"[一-鿿·]{2,4}")
YEAR = re.compile(r"(?<!\d)(20\d\d)(?:年|(?=[-._]?\d{0,4}(?!\d)))")
NAME_FIELDS = ("name", "head_name", "holder_name", "person_name")
# A column of short Chinese words that hardly repeat is one of names.
REPEATED_WORDS = 0.5


@dataclass(frozen=True)
class ColumnLook:
    """One column: its header, the field it was taken for (empty = none), examples masked.

    `can_choose` is false for a column without a header, or with one that stands there twice.
    """

    index: int
    header: str
    field: str
    examples: tuple[str, ...]
    can_choose: bool


@dataclass(frozen=True)
class SheetLook:
    """One sheet: its columns, and the facts it needs that no column has, each a choice of fields."""

    name: str
    title: str
    columns: tuple[ColumnLook, ...]
    missing: tuple[tuple[str, ...], ...]

    @property
    def unknown(self) -> int:
        """How many columns with a header were taken for nothing."""
        return sum(not column.field and bool(column.header.strip()) for column in self.columns)


def look_at(
    kind: str, path: Path, *, profile: Profile | None = None, choose: Choose | None = None
) -> list[SheetLook]:
    """Return a look at every sheet in which a header was found or can be guessed; nothing is judged.

    :raises UnreadableFile: the file is empty, damaged, protected or of no form we read.
    """
    looks = []
    with TemporaryDirectory(prefix="yiyuan-look-") as folder, duckdb.connect() as engine:
        for sheet in open_sheets(path, Path(folder), profile or Profile()):
            records = engine.execute(f"{sheet.sql()} LIMIT {SAMPLED_RECORDS}").fetchall()
            rows = [tuple(cell or "" for cell in record[1:]) for record in records]
            fitting = profile or (choose(rows) if choose else None) or Profile()
            header = find_header(kind, rows, fitting.columns, fitting.header_row, fitting.ignored)
            if header is not None and header.columns:
                found_fields = frozenset(header.columns)
            elif (header := likely_header(rows)) is not None:
                # A guess by content is offered, and yet nothing counts as found.
                data, found_fields = rows[header.last + 1 :], frozenset()
                guess = match_columns(kind, header.texts, data, fitting.columns, fitting.ignored)
                header = replace(header, columns=guess)
            if header is not None:
                missing = missing_fields(KINDS[kind], found_fields, fitting)
                looks.append(_look(sheet.name, rows, header, tuple(missing)))
    return looks


def _look(
    name: str, rows: Sequence[tuple[str, ...]], header: Header, missing: tuple[tuple[str, ...], ...]
) -> SheetLook:
    field_of = {index: field for field, index in header.columns.items()}
    data = rows[header.last + 1 :]
    words = [header_words(text) for text in header.texts]
    columns = []
    for index, text in enumerate(header.texts):
        cells = [row[index] for row in data if index < len(row) and row[index].strip()]
        if not text.strip() and not cells:
            continue
        field = field_of.get(index, "")
        examples = tuple(mask_cell(cell, field, cells) for cell in list(dict.fromkeys(cells))[:EXAMPLES])
        is_first = bool(words[index]) and words.index(words[index]) == index
        columns.append(ColumnLook(index, text, field, examples, is_first))
    return SheetLook(name, header.title, tuple(columns), missing)


def mask_cell(cell: str, field: str, cells: Sequence[str] = ()) -> str:
    """Return a cell as it may be shown: numbers of people and accounts, and names, are masked.

    `cells` are the others of its column, by which an unknown column of names is told.
    """
    text = cell.strip()
    if field in NAME_FIELDS or (not field and _are_names(cells)):
        return mask_name(text)
    content = content_of(field) if field else None
    if content == "account":
        return mask_account(text)
    if content in ("person_id", "card_no"):
        return mask_id_number(text)
    if field in ("phone", "household_no", "guardian_of") or (not field and LONG_NUMBER.fullmatch(text)):
        return mask_value(text)
    return text[:40]


def _are_names(cells: Sequence[str]) -> bool:
    short = [cell.strip() for cell in cells if NAME_LIKE.fullmatch(cell.strip())]
    return len(short) >= 0.8 * len(cells) > 0 and len(set(short)) > REPEATED_WORDS * len(short)


def first_rows(reading: Reading, limit: int = FIRST_ROWS) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and the first accepted rows as texts, masked."""
    columns = [*reading.kind.canonical, *(name for name in NAME_FIELDS if name in reading.kind.columns)]
    columns = list(dict.fromkeys(columns))
    quoted = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in columns)
    rows = reading.connection.execute(
        f"SELECT {quoted} FROM accepted ORDER BY seq LIMIT {int(limit)}"
    ).fetchall()
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    shown = [[mask_cell(row[place] or "", field_of_column(columns[place])) for place in used] for row in rows]
    return [columns[place] for place in used], shown


def count_by_county(reading: Reading) -> Mapping[str, int]:
    """Return how many accepted rows name each county, the empty text for none; empty for other kinds."""
    if "county_code" not in reading.kind.columns:
        return {}
    rows = reading.connection.execute(
        "SELECT coalesce(county_code, ''), count(*) FROM accepted GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return {str(code): int(number) for code, number in rows}


def reasons_of_group(reading: Reading, told: str | None) -> list[str]:
    """Return, a sheet each, by what the register was known: `given`, `name:TEXT`, `columns` or `rows`."""
    found = []
    for plan in reading.plans.values():
        if told:
            found.append("given")
        elif plan.facts.group is None:
            found.append("rows")
        else:
            texts = [plan.sheet.name, plan.facts.title, plan.facts.file.rsplit(".", 1)[0]]
            named = groups_told_by(texts, plan.facts.group)
            found.append(f"name:{named[:60]}" if named else "columns")
    return list(dict.fromkeys(found))


def years_told(reading: Reading) -> set[int]:
    """Return the years that the file's name, its sheets and its titles speak of."""
    texts = [text for plan in reading.plans.values() for text in (plan.facts.title, plan.sheet.name)]
    texts += [count.file for count in reading.files]
    return {int(year) for text in texts for year in YEAR.findall(text)}


def field_of_column(column: str) -> str:
    """Return the field that a column which comes out of a reading is read from."""
    return FIELD_OF_COLUMN.get(column, column.removesuffix("_fen"))
