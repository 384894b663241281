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
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import duckdb

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.markup import read_markup
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.spreadsheets import read_workbook

HEAD_BYTES = 1 << 20
SAMPLE_LINES = 200
WIDEST_ROW = 512
QUOTE = '"'
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
    has_open_quotes: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in `sql`, in the file's order."""
        return tuple(f"c{index}" for index in range(self.width))

    def sql(self) -> str:
        """Return a query of every record: `rn` and c0, c1 …; blank lines of text files are no records."""
        types = ", ".join(f"'{column}': 'VARCHAR'" for column in self.columns)
        path, delimiter = str(self.path).replace("'", "''"), self.delimiter.replace("'", "''")
        # A cell of several lines can be read by one thread only.
        parallel = str(not self.has_open_quotes).lower()
        return (
            f"SELECT row_number() OVER () AS rn, * FROM read_csv('{path}', delim = '{delimiter}', "
            f"quote = '{QUOTE}', escape = '{QUOTE}', header = false, auto_detect = false, "
            f"columns = {{{types}}}, null_padding = true, strict_mode = false, "
            f"parallel = {parallel}, max_line_size = 16777216)"
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
    return Sheet(name, path, ",", min(width + 1, WIDEST_ROW), has_open_quotes=newlines)


def _text_sheet(path: Path, head: bytes, folder: Path, profile: Profile) -> Sheet:
    encoding = _encoding(head, profile)
    text = head.decode(encoding, errors="ignore")
    delimiter = profile.delimiter or _delimiter(text)
    is_plain = encoding in ("utf-8", "utf-8-sig") and b"\x00" not in head
    if is_plain and _is_utf8(path):
        # A link, because a name with a star or a bracket would be read as a pattern.
        plain = folder / f"text-{len(list(folder.iterdir()))}.csv"
        plain.symlink_to(path.resolve())
    else:
        if is_plain and head.isascii():
            encoding = "gb18030"
        plain = _transcode(path, encoding, folder)
    width = max((len(row) for row in _parse(text, delimiter)), default=1)
    sheet = Sheet("", plain, delimiter, min(width + 2, WIDEST_ROW), has_open_quotes=_has_open_quotes(plain))
    odd = _swallows_lines(sheet) if sheet.has_open_quotes else _has_quotes_inside(plain, delimiter)
    return replace(sheet, path=_requote(plain, delimiter, folder), has_open_quotes=False) if odd else sheet


def _swallows_lines(sheet: Sheet) -> bool:
    """Tell whether a quote that is never closed makes one cell of several lines: no row may be lost in it."""
    delimiter = sheet.delimiter.replace("'", "''")
    swallowed = " OR ".join(
        f"(contains({column}, chr(10)) AND len(string_split({column}, '{delimiter}')) > {sheet.width // 2})"
        for column in sheet.columns
    )
    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"SELECT 1 FROM ({sheet.sql()}) WHERE {swallowed} LIMIT 1").fetchone()
        except duckdb.InvalidInputException:
            # Cut into records by such quotes, the text is not even text any more.
            return True
    return found is not None


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
    # A damaged character here and there does not make a file another encoding's: text in GB18030 breaks
    # nearly everywhere when it is taken for UTF-8.
    read = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(head)
    broken = read.count("\ufffd")
    whole = sum(not character.isascii() for character in read) - broken
    return "utf-8" if whole >= 5 * broken else "gb18030"


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


def _has_open_quotes(path: Path) -> bool:
    """Tell whether a line ends inside quotes: only then may a cell go on in the next line."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(HEAD_BYTES):
            *lines, rest = (rest + block).split(b"\n")
            if b'"' in block and any(line.count(b'"') % 2 for line in lines):
                return True
    return rest.count(b'"') % 2 == 1


def _has_quotes_inside(path: Path, delimiter: str) -> bool:
    """Tell whether a quote stands neither at the start nor at the end of a cell nor beside another."""
    edge = b'[^"\r\n' + re.escape(delimiter.encode()) + b"]"
    inside = re.compile(b'"(?<=' + edge + b'")' + edge)
    with path.open("rb") as file:
        return any(b'"' in line and inside.search(line) for line in file)


def _requote(path: Path, delimiter: str, folder: Path) -> Path:
    """Write each line as one record with its quotes as the standard has them."""
    target = folder / f"text-{len(list(folder.iterdir()))}.csv"
    with (
        path.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        widths = [len(_quoted_cells(line, delimiter)) for line in islice(source, SAMPLE_LINES)]
        usual = max(set(widths), key=widths.count)
        source.seek(0)
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        for line in source:
            cells, plain = _quoted_cells(line, delimiter), line.rstrip("\r\n").split(delimiter)
            # A quote that opens and never closes swallows cells: then it is a sign like any other.
            writer.writerow(plain if len(cells) != usual == len(plain) else cells)
    return target


def _quoted_cells(line: str, delimiter: str) -> list[str]:
    text = line.rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


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
