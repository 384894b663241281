"""Errors in the cells of a workbook (.xlsx 单元格错误值): #REF! and its like, which a reader of values
leaves out.

In: a workbook on disk and the place of a sheet in it. Out: row → column → the error as shown, counted from
0. Read beside the values, because an amount that is an error is unknown and must not become 0.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

Errors = Mapping[int, Mapping[int, str]]
BLOCK_BYTES = 1 << 20
# More than one cell's opening and value, less than a long sheet of empty cells.
LONGEST_CELL_BYTES = 1 << 16
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?:id=[\"']([^\"']+)")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]*\bt=[\"']e[\"'])[^>]*?\br=[\"']([A-Z]+)(\d+)[^>]*>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)


def error_cells(path: Path, place: int) -> Errors:
    """Return the errors of the sheet at this place (0 = first); none for forms other than .xlsx."""
    if not is_zipfile(path):
        return {}
    found: dict[int, dict[int, str]] = {}
    try:
        with ZipFile(path) as archive:
            for column, row, error in _errors(archive, _part(archive, place)):
                found.setdefault(int(row) - 1, {})[_column_index(column)] = error.decode(errors="replace")
    except (BadZipFile, KeyError, IndexError):
        # Another form of workbook, or one whose parts are not where the standard has them: the values stand.
        return {}
    return found


def _part(archive: ZipFile, place: int) -> str:
    """Return the name of the part that holds the sheet."""
    wanted = _SHEET.findall(archive.read("xl/workbook.xml"))[place]
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {_attribute(relation, b"Id"): _attribute(relation, b"Target") for relation in relations}
    target = targets[wanted].decode()
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attribute(element: bytes, name: bytes) -> bytes:
    found = re.search(rb"\s" + name + rb"=[\"']([^\"']*)", element)
    return found.group(1) if found else b""


def _errors(archive: ZipFile, part: str) -> Iterator[tuple[bytes, bytes, bytes]]:
    rest = b""
    with archive.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            text = rest + block
            end = max(text.rfind(b"</c>") + 4, text.rfind(b"</row>") + 6, len(text) - LONGEST_CELL_BYTES)
            whole, rest = text[:end], text[end:]
            if b'="e"' in whole or b"='e'" in whole:
                yield from _ERROR.findall(whole)


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1
