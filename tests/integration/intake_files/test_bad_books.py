"""Workbooks that hide something: errors in old ones, sheets that would fill the memory, damaged archives."""

import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.integration.intake_files.worlds import INTAKE
from yiyuan.exchange import spreadsheet_size
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.reading import read_files
from yiyuan.exchange.spreadsheets import read_workbook
from yiyuan.exchange.xls_errors import BOOL_OR_ERROR, SIGNATURE, error_cells_by_sheet

TEXT_CELL = 0x00FD


def with_an_error(target: Path, *, row: int, column: int) -> Path:
    """Write the old workbook of the intake set with one text cell made into #N/A."""
    content = bytearray((INTAKE / "城乡低保花名册.xls").read_bytes())
    head = struct.pack("<HHHH", TEXT_CELL, 10, row, column)
    place = content.find(head)
    assert place > 0, "the cell is a text"
    content[place : place + 2] = struct.pack("<H", BOOL_OR_ERROR)
    content[place + 10 : place + 12] = b"\x2a\x01"
    target.write_bytes(content)
    return target


def test_an_old_workbook_shows_its_errors(tmp_path: Path) -> None:
    path = with_an_error(tmp_path / "低保.xls", row=5, column=2)

    found = error_cells_by_sheet(path)

    assert found[0] == {5: {2: "#N/A"}}
    assert error_cells_by_sheet(INTAKE / "城乡低保花名册.xls") == [{}, {}]
    ((_, rows), *_) = read_workbook(path)
    assert list(rows)[5][2] == "#N/A"


def test_an_end_that_is_an_error_in_an_old_workbook_is_refused(tmp_path: Path) -> None:
    ((_, plain), *_) = read_workbook(INTAKE / "城乡低保花名册.xls")
    rows = list(plain)
    header = next(n for n, row in enumerate(rows) if any("停发" in cell for cell in row))
    column = next(n for n, cell in enumerate(rows[header]) if "停发" in cell)
    line = next(n for n in range(header + 1, len(rows)) if rows[n][column].strip())
    path = with_an_error(tmp_path / "城乡低保花名册.xls", row=line, column=column)

    with read_files("hardship", [INTAKE / "城乡低保花名册.xls"]) as before:
        (count_before,) = before.files
    with read_files("hardship", [path]) as after:
        (count,) = after.files
        refused = after.connection.execute("SELECT value FROM refused WHERE reason = 'date'").fetchall()

    assert count.read == count_before.read == count.accepted + sum(count.refused.values())
    assert count.refused.get("date", 0) == count_before.refused.get("date", 0) + 1
    assert ("#N/A",) in refused


@pytest.mark.parametrize("cut", [512, 700, 3000, 40_000])
def test_a_cut_old_workbook_is_refused_or_has_no_errors(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "低保.xls"
    path.write_bytes((INTAKE / "城乡低保花名册.xls").read_bytes()[:cut])

    assert path.read_bytes().startswith(SIGNATURE)
    assert isinstance(error_cells_by_sheet(path), list)
    with pytest.raises(UnreadableFile, match=r"低保.xls"):
        read_files("hardship", [path])


def test_a_cut_new_workbook_is_refused_plainly(tmp_path: Path) -> None:
    whole = (INTAKE / "建档立卡贫困人口名单_2019.xlsx").read_bytes()
    path = tmp_path / "名单.xlsx"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(UnreadableFile, match="表格打不开"):
        read_files("hardship", [path])


def test_one_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_row(0, 0, ["姓名", "身份证号", "享受起始"])
    page.write(1_000_000, 16_000, "x")
    book.close()

    with pytest.raises(UnreadableFile, match="1,000,001 行、16,001 列"):
        read_files("hardship", [path])


def test_what_would_unpack_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet_size, "UNPACKED_BYTES_MAX", 50_000_000)
    path = tmp_path / "名单.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)

    assert path.stat().st_size < 200_000
    with pytest.raises(UnreadableFile, match="另存为 CSV"):
        read_files("hardship", [path])


def test_a_million_empty_rows_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "低保.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_row(0, 0, ["姓名", "身份证号", "县区", "享受起始"])
    page.write_row(1, 0, ["马秀兰", "411724195203040029", "正阳县", "2018-07-01"])
    book.close()
    empty = "".join(f'<row r="{n}" spans="1:4" ht="14"/>' for n in range(3, 1_000_003))
    with (
        zipfile.ZipFile(path) as source,
        zipfile.ZipFile(tmp_path / "空行低保.xlsx", "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for part in source.infolist():
            text = source.read(part).decode()
            if part.filename == "xl/worksheets/sheet1.xml":
                text = text.replace("</sheetData>", f"{empty}</sheetData>")
            out.writestr(part.filename, text)
    lines = tmp_path / "空行低保.csv"
    lines.write_text(
        "姓名,身份证号,县区,享受起始\n"
        + ",,,\n" * 1_000_000
        + "马秀兰,411724195203040029,正阳县,2018-07-01\n",
        encoding="utf-8",
    )

    for file in (tmp_path / "空行低保.xlsx", lines):
        with read_files("hardship", [file]) as reading:
            assert (reading.files[0].read, reading.files[0].accepted) == (1, 1), file.name
