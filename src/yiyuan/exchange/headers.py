"""Finding the header of a sheet (找表头): titles above it, one to three rows of it, anywhere in the first
rows.

In: the first rows of a sheet as text. Out: where the header ends, its text per column, and which column
means what; None where no row looks like one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiyuan.exchange.meaning import header_score, header_words, match_columns

ROWS_SEARCHED = 40
DEEPEST_HEADER = 3
SAMPLE_ROWS = 400
_DATA_CELL = re.compile(r"\d{6}|\d{4}[-/.年]\d")


@dataclass(frozen=True)
class Header:
    """A header found: `first` and `last` are indices into the rows, `texts` one per column, `columns` by
    field.
    """

    first: int
    last: int
    texts: tuple[str, ...]
    columns: Mapping[str, int]
    title: str


def find_header(
    kind: str,
    rows: Sequence[Sequence[str]],
    named: Mapping[str, Sequence[str]],
    header_row: int | None = None,
    ignored: Sequence[str] = (),
) -> Header | None:
    """Return the header of the sheet, or None; `header_row` (1 = first row) fixes where it starts.

    A deeper header is taken only where it says more than a shallower one.
    """
    best: tuple[float, int, int] | None = None
    starts = range(min(len(rows), ROWS_SEARCHED)) if header_row is None else [header_row - 1]
    for first in starts:
        if header_row is None and _is_data(rows[first]):
            continue
        for last in range(first, min(first + DEEPEST_HEADER, len(rows))):
            if last > first and _is_data(rows[last]):
                break
            score = header_score(kind, _join(rows[first : last + 1]), named)
            if best is None or score > best[0] + 0.3:
                best = (score, first, last)
    if best is None or best[0] <= 0:
        return None
    _, first, last = best
    texts = _join(rows[first : last + 1])
    columns = match_columns(kind, texts, rows[last + 1 : last + 1 + SAMPLE_ROWS], named, ignored)
    title = " ".join(cell.strip() for row in rows[:first] for cell in row if cell.strip())
    return Header(first, last, tuple(texts), columns, title)


def likely_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """Return the row that looks most like a header although nothing in it is known; None where none does."""
    best: tuple[int, int] | None = None
    for place, row in enumerate(rows[:ROWS_SEARCHED]):
        if _is_data(row):
            break
        filled = sum(bool(cell.strip()) for cell in row)
        if filled >= 2 and (best is None or filled > best[0]):
            best = (filled, place)
    if best is None:
        return None
    place = best[1]
    title = " ".join(cell.strip() for row in rows[:place] for cell in row if cell.strip())
    return Header(place, place, tuple(_join(rows[place : place + 1])), {}, title)


def header_sets(rows: Sequence[Sequence[str]]) -> set[frozenset[str]]:
    """Return the words of every run of rows that may be the header: what a kept header is compared with."""
    found = set()
    for first in range(min(len(rows), ROWS_SEARCHED)):
        for last in range(first, min(first + DEEPEST_HEADER, len(rows))):
            if _is_data(rows[last]):
                break
            found.add(words_of(_join(rows[first : last + 1])))
    return found


def words_of(texts: Sequence[str]) -> frozenset[str]:
    """Return the words of headers without order, blanks and punctuation."""
    return frozenset(filter(None, (header_words(text) for text in texts)))


def _is_data(row: Sequence[str]) -> bool:
    return sum(bool(_DATA_CELL.search(cell)) for cell in row) >= min(2, len(row))


def _join(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one text per column: the cells of the header rows from top to bottom, a wide parent reaching
    right.
    """
    width = max(len(row) for row in rows)
    texts = [""] * width
    for depth, row in enumerate(rows):
        below = rows[depth + 1 :]
        parent = ""
        for index in range(width):
            own = _cell(row, index)
            parent = own or parent
            # A merged parent stands in its first column only and covers the columns that have a child.
            has_child = any(_cell(child, index) for child in below)
            text = own or (parent if has_child else "")
            if text and not texts[index].endswith(text):
                texts[index] += text
    return texts


def _cell(row: Sequence[str], index: int) -> str:
    return row[index].strip() if index < len(row) else ""
