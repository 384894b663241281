"""Errors in the cells of an old workbook (.xls 单元格错误值), which a reader of values takes for empty.

In: a workbook in the old binary form (BIFF8 in a compound file). Out: for each worksheet in order, row →
column → the error as shown, counted from 0. Only two kinds of records are looked at; everything else is left
to the reader of values.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
          0x2A: "#N/A"}  # fmt: skip
BOUND_SHEET, END, BOOL_OR_ERROR, FORMULA = 0x0085, 0x000A, 0x0205, 0x0006
WORKSHEET = 0
LAST_SECTOR = 0xFFFFFFFA  # numbers from here on end a chain or mark a sector that is none
MOST_SECTORS = 1 << 20


def error_cells_by_sheet(path: Path) -> list[dict[int, dict[int, str]]]:
    """Return the errors of every worksheet; an empty list where the file is no such workbook."""
    content = path.read_bytes()
    if not content.startswith(SIGNATURE):
        return []
    try:
        stream = _workbook_stream(content)
        return [_errors(stream, start) for start in _sheet_starts(stream)]
    except (struct.error, IndexError, KeyError):
        # Not laid out as the standard has it: the reader of values says whether it can be read at all.
        return []


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of records inside the compound file; none is small enough for mini sectors."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    first_directory, small_below = (
        struct.unpack_from("<I", content, 48)[0],
        struct.unpack_from("<I", content, 56)[0],
    )
    fat = [
        number
        for sector in _fat_sectors(content, size)
        for number in struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    ]
    directory = _chain(content, size, fat, first_directory)
    for place in range(0, len(directory), 128):
        length = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(length - 2, 0)].decode("utf-16-le", errors="replace")
        if name in ("Workbook", "Book"):
            start, bytes_long = struct.unpack_from("<II", directory, place + 116)
            if bytes_long >= small_below:
                return _chain(content, size, fat, start)[:bytes_long]
    raise KeyError("Workbook")


def _fat_sectors(content: bytes, size: int) -> Iterator[int]:
    yield from (sector for sector in struct.unpack_from("<109I", content, 76) if sector < LAST_SECTOR)
    following = struct.unpack_from("<I", content, 68)[0]
    for _ in range(MOST_SECTORS):
        if following >= LAST_SECTOR:
            return
        *sectors, following = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        yield from (sector for sector in sectors if sector < LAST_SECTOR)


def _chain(content: bytes, size: int, fat: list[int], sector: int) -> bytes:
    parts = []
    for _ in range(len(fat)):
        if sector >= LAST_SECTOR:
            break
        parts.append(content[(sector + 1) * size : (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        if kind == END:
            return
        place += 4 + length


def _sheet_starts(stream: bytes) -> list[int]:
    bound = [body for kind, body in _records(stream, 0) if kind == BOUND_SHEET]
    return [struct.unpack_from("<I", body)[0] for body in bound if body[5] == WORKSHEET]


def _errors(stream: bytes, start: int) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    for kind, body in _records(stream, start):
        code = None
        if kind == BOOL_OR_ERROR and body[7]:
            code = body[6]
        elif kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            code = body[8]
        if code is not None:
            row, column = struct.unpack_from("<HH", body)
            found.setdefault(row, {})[column] = ERRORS.get(code, "#N/A")
    return found
