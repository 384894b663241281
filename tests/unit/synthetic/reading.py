"""Reads the written files back without the importer, to hold the generator against its own truth."""

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from yiyuan.synthetic.city import CityFile


def text_rows(path: Path) -> list[dict[str, str]]:
    first = path.read_bytes()[:3]
    encoding = "utf-16" if first[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"
    encoding = "utf-8-sig" if first == b"\xef\xbb\xbf" else encoding
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".txt" else ","))


def data_rows(file: CityFile) -> list[dict[str, object]]:
    """Every data row of every sheet in order; the header is the first row with an id or number column."""
    if file.path.suffix != ".xlsx":
        return [dict(row) for row in text_rows(file.path) if any(row.values()) and "合计" not in row.values()]
    rows: list[dict[str, object]] = []
    workbook = CalamineWorkbook.from_path(str(file.path))
    for name in workbook.sheet_names:
        header: list[str] | None = None
        for cells in workbook.get_sheet_by_name(name).to_python():
            if header is None:
                header = [str(cell) for cell in cells] if sum(cell != "" for cell in cells) > 2 else None
            elif any(cell != "" for cell in cells) and "合计" not in cells:
                rows.append(dict(zip(header, cells, strict=True)))
    return rows
