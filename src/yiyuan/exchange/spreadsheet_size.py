"""How large a workbook may be (表格大小): its sheets are held in memory whole, so their size is bounded.

In: a workbook on disk. Out: nothing, or a refusal that says how to bring the rows all the same.
"""

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from yiyuan.exchange.errors import UnreadableFile

# A sheet of a million rows and ten columns is about 400 MB of XML; a sheet that pretends to be small is not.
UNPACKED_BYTES_MAX = 900 * 1024 * 1024
# The reader keeps a rectangle around all filled cells, some 30 bytes a cell.
CELLS_MAX = 40_000_000
BLOCK_BYTES = 1 << 20
MEGABYTE = 1 << 20
_PARTS = re.compile(r"xl/(worksheets/[^/]+\.xml|sharedStrings\.xml)|content\.xml")
_FAR_CELL = re.compile(rb"\br=[\"']([A-Z]{2,3})\d+[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)")
NARROW = 26


def require_bounded(path: Path) -> None:
    """Refuse a workbook whose sheets would not fit into memory; other forms pass.

    :raises UnreadableFile: the sheets are too large.
    """
    try:
        with ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if _PARTS.fullmatch(part.filename)]
            unpacked = sum(part.file_size for part in parts)
            if unpacked > UNPACKED_BYTES_MAX:
                raise UnreadableFile(
                    f"{path.name}：表格太大，解开有 {unpacked // MEGABYTE:,} MB，"
                    f"最多 {UNPACKED_BYTES_MAX // MEGABYTE:,} MB。请另存为 CSV，或分成几个文件再导入"
                )
            for part in parts:
                if part.filename.startswith("xl/worksheets/"):
                    _require_few_cells(archive, part, path.name)
    except (BadZipFile, OSError, EOFError):
        # No archive, or a damaged one: the reader of values says so in its own words.
        return


def _require_few_cells(archive: ZipFile, part: ZipInfo, name: str) -> None:
    width, rows, rest = NARROW, 0, b""
    with archive.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            text = rest + block
            far = set(_FAR_CELL.findall(text))
            width = max([width, *(_column(letters) for letters in far)])
            last = text.rfind(b"<row")
            found = _ROW.match(text, last) if last >= 0 else None
            rows = max(rows, int(found.group(1))) if found else rows
            rest = text[-200:]
    if rows * width > CELLS_MAX:
        raise UnreadableFile(
            f"{name}：表格有 {rows:,} 行、{width:,} 列，大多是空的，太大放不进内存。"
            "请删掉数据以外的空行空列（或只把数据复制到新表），另存为 .xlsx 或 CSV 再导入"
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
