"""From bytes to rows of text (读文件): encodings, delimiters, wrong extensions; one UTF-8 CSV a sheet for
DuckDB.

In: a file as a department sent it. Out: its sheets, each a UTF-8 CSV on disk with its delimiter and width,
which `Sheet.sql` scans in order. Nothing is cleaned here; a number keeps the digits the file holds.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.markup import read_markup
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.spreadsheets import read_workbook

HEAD_BYTES = 1 << 20
SAMPLE_LINES = 200
WIDEST_ROW = 512
DELIMITERS = (",", "\t", ";", "|", "，", "；", "^", "、")
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Sheet:
    """One sheet as a UTF-8 CSV; `width` is an upper bound of its columns, `name` is empty for text files."""

    name: str
    path: Path
    delimiter: str
    width: int
    parallel: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in `sql`, in the file's order."""
        return tuple(f"c{index}" for index in range(self.width))

    def sql(self) -> str:
        """Return a query of every record: `rn` (1 = first record, blank lines of text files not counted),
        c0, c1 …
        """
        types = ", ".join(f"'{column}': 'VARCHAR'" for column in self.columns)
        path, delimiter = str(self.path).replace("'", "''"), self.delimiter.replace("'", "''")
        return (
            f"SELECT row_number() OVER () AS rn, * FROM read_csv('{path}', delim = '{delimiter}', "
            f"quote = '\"', escape = '\"', header = false, auto_detect = false, "
            f"columns = {{{types}}}, null_padding = true, strict_mode = false, "
            f"parallel = {str(self.parallel).lower()}, max_line_size = 16777216)"
        )


def open_sheets(path: Path, folder: Path, profile: Profile) -> list[Sheet]:
    """Return the sheets of the file, spooled under `folder` where they are not plain UTF-8 text already.

    :raises UnreadableFile: when the file is empty, damaged, protected or of no form we read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableFile(f"{path}：打不开（{error.strerror}）") from error
    if not head.strip(b"\x00 \r\n\t"):
        raise UnreadableFile(f"{path.name}：文件是空的")
    if head.startswith((ZIP, OLD_OFFICE)):
        sheets = [_spool(name, rows, folder) for name, rows in read_workbook(path)]
    elif _is_markup(head):
        text = path.read_bytes().decode(_encoding(head, profile), errors="replace")
        sheets = [_spool(name, rows, folder) for name, rows in read_markup(text)]
    else:
        sheets = [_text_sheet(path, head, folder, profile)]
    wanted = [sheet for sheet in sheets if not profile.sheets or sheet.name in profile.sheets]
    if not wanted:
        names = "、".join(sheet.name for sheet in sheets)
        raise UnreadableFile(f"{path.name}：没有配置要的工作表；文件里有：{names or '（一张也没有）'}")
    return wanted


def _is_markup(head: bytes) -> bool:
    start = head[:4096].replace(b"\x00", b"").lower()
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"<") and (
        b"<table" in head[:HEAD_BYTES].replace(b"\x00", b"").lower()
        or b"<html" in start
        or b"workbook" in start
    )


def _spool(name: str, rows: Iterator[list[str]], folder: Path) -> Sheet:
    path = folder / f"sheet-{len(list(folder.iterdir()))}.csv"
    width, newlines = 1, False
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            width = max(width, len(row))
            newlines = newlines or any("\n" in cell or "\r" in cell for cell in row)
            writer.writerow(row)
    return Sheet(name, path, ",", min(width + 1, WIDEST_ROW), parallel=not newlines)


def _text_sheet(path: Path, head: bytes, folder: Path, profile: Profile) -> Sheet:
    encoding = _encoding(head, profile)
    text = head.decode(encoding, errors="ignore")
    delimiter = profile.delimiter or _delimiter(text)
    if encoding not in ("utf-8", "utf-8-sig") or b"\x00" in head or not _is_utf8(path):
        if encoding in ("utf-8", "utf-8-sig"):
            encoding = "gb18030"
        path = _transcode(path, encoding, folder)
    width = max((len(row) for row in _parse(text, delimiter)), default=1)
    return Sheet("", path, delimiter, min(width + 2, WIDEST_ROW), parallel=not _has_quotes(path))


def _encoding(head: bytes, profile: Profile) -> str:
    if profile.encoding:
        try:
            return codecs.lookup(profile.encoding).name
        except LookupError as error:
            raise UnreadableFile(
                f"配置里的编码 {profile.encoding} 不认识；例如 gb18030、utf-8、utf-16"
            ) from error
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if (utf16 := _utf16_without_mark(head)) is not None:
        return utf16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _utf16_without_mark(head: bytes) -> str | None:
    """Tell UTF-16 by its many zero bytes (ASCII digits), which stand first in big-endian and second in
    little.
    """
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    if max(even, odd) < len(head[:4096]) * 0.1:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(HEAD_BYTES):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        while block := file.read(HEAD_BYTES):
            if b'"' in block:
                return True
    return False


def _transcode(path: Path, encoding: str, folder: Path) -> Path:
    """Write the text as UTF-8 without zero bytes; a byte that is no character becomes a sign for it."""
    target = folder / f"text-{len(list(folder.iterdir()))}.csv"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as source, target.open("wb") as out:
        while block := source.read(HEAD_BYTES):
            out.write(decoder.decode(block).replace("\x00", "").encode())
        out.write(decoder.decode(b"", final=True).encode())
    return target


def _delimiter(text: str) -> str:
    """Return the delimiter that splits most lines into the same number (> 1) of cells; a comma where none
    does.
    """
    scores = []
    for place, delimiter in enumerate(DELIMITERS):
        widths = [len(row) for row in _parse(text, delimiter) if len(row) > 1]
        if widths:
            usual = max(set(widths), key=widths.count)
            scores.append((widths.count(usual) * min(usual, 8), -place, delimiter))
    return max(scores)[2] if scores else ","


def _parse(text: str, delimiter: str) -> list[list[str]]:
    lines = re.split(r"\r\n|\r|\n", text)[:SAMPLE_LINES]
    try:
        return list(csv.reader((unicodedata.normalize("NFC", line) for line in lines), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]
