"""From bytes to rows: encodings, delimiters, wrong extensions, damaged files."""

from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.readers import open_sheets
from yiyuan.exchange.spreadsheets import cell_text

ROWS = [("姓名", "身份证号", "县区"), ("𠮷小明", "411721194107089822", "西平县"), ("李,四", "", "上蔡县")]


def read(path: Path, folder: Path, profile: Profile | None = None) -> list[list[tuple[str, ...]]]:
    folder.mkdir(exist_ok=True)
    sheets = open_sheets(path, folder, profile or Profile())
    with duckdb.connect() as connection:
        return [
            [tuple(cell or "" for cell in row[1:]) for row in connection.execute(sheet.sql()).fetchall()]
            for sheet in sheets
        ]


def filled(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [row[:3] for row in rows]


def as_text(delimiter: str) -> str:
    return (
        "\r\n".join(delimiter.join(f'"{c}"' if delimiter in c else c for c in row) for row in ROWS) + "\r\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
def test_every_encoding_and_delimiter_gives_the_same_rows(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    path = tmp_path / "名册.csv"
    # Without a mark, UTF-16 can be told from its zero bytes only, so there must be some digits.
    path.write_bytes(
        (as_text(delimiter) + f"王五{delimiter}411721194107089822{delimiter}4117\r\n" * 20).encode(encoding)
    )

    (rows,) = read(path, tmp_path / "work")

    assert filled(rows)[:3] == ROWS


def test_a_line_break_inside_quotes_stays_in_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('姓名,"身份\n证号"\n张三,"411\n721"\n', encoding="utf-8")

    (rows,) = read(path, tmp_path / "work")

    assert [row[1] for row in rows] == ["身份\n证号", "411\n721"]


def test_a_broken_byte_far_behind_the_head_does_not_stop_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    ascii_head = "setl_id,name\n" + "410100000001,abc\n" * 80_000
    path.write_bytes(ascii_head.encode() + "41,张三\n".encode("gb18030"))

    (rows,) = read(path, tmp_path / "work")

    assert (len(rows), rows[-1][:2]) == (80_002, ("41", "张三"))


@pytest.mark.parametrize("name", ["真表格.csv", "真表格.xls", "真表格.txt"])
def test_a_workbook_is_known_by_its_bytes(name: str, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    for sheet in ("一", "二"):
        book.add_worksheet(sheet).write_row(0, 0, ROWS[0])
    book.close()
    path = (tmp_path / "book.xlsx").rename(tmp_path / name)

    assert [filled(rows) for rows in read(path, tmp_path / "work")] == [[ROWS[0]], [ROWS[0]]]


def test_an_old_xml_spreadsheet_is_read(tmp_path: Path) -> None:
    cells = "".join(f"<Cell><Data ss:Type='String'>{cell}</Data></Cell>" for cell in ROWS[0])
    gap = "<Cell ss:Index='3'><Data ss:Type='String'>县</Data></Cell>"
    path = tmp_path / "a.xls"
    path.write_text(
        "<?xml version='1.0'?><Workbook xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>"
        f"<Worksheet ss:Name='名单'><Table><Row>{cells}</Row><Row>{gap}</Row></Table></Worksheet></Workbook>",
        encoding="utf-8",
    )

    (rows,) = read(path, tmp_path / "work")

    assert filled(rows) == [ROWS[0], ("", "", "县")]


def test_a_number_beyond_fifteen_digits_is_shown_as_a_power_of_ten() -> None:
    assert cell_text(411721194107089822.0) == "4.11721194107090E+17"
    assert cell_text(41010000000023.0) == "41010000000023"
    assert cell_text(2324.2899999999995) == "2324.29"
    assert cell_text(0.1 + 0.2) == "0.3"


def test_a_merged_cell_holds_for_all_its_rows(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.merge_range("B2:B3", "西平县")
    sheet.write_column("C1", ["姓名", "张三", "李四"])
    book.close()

    (rows,) = read(tmp_path / "a.xlsx", tmp_path / "work")

    assert [row[:2] for row in rows] == [("", "姓名"), ("西平县", "张三"), ("西平县", "李四")]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空"), (b"PK\x03\x04 nothing of a workbook", "打不开"), (b"\r\n \r\n", "空")],
)
def test_a_damaged_or_empty_file_is_refused_in_plain_words(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=said):
        read(path, tmp_path / "work")


def test_a_profile_names_encoding_delimiter_and_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("姓名#县区\n张三#西平县\n".encode("big5", "replace"))
    (rows,) = read(path, tmp_path / "work", Profile(encoding="big5", delimiter="#"))
    assert rows[0][:2] == ("姓名", "县区".encode("big5", "replace").decode("big5"))

    book = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
    for sheet in ("封面", "名单"):
        book.add_worksheet(sheet).write(0, 0, sheet)
    book.close()
    assert read(tmp_path / "b.xlsx", tmp_path / "w2", Profile(sheets=("名单",)))[0][0][0] == "名单"
    with pytest.raises(UnreadableFile, match="封面、名单"):
        read(tmp_path / "b.xlsx", tmp_path / "w3", Profile(sheets=("没有",)))


def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*.csv"
    path.write_text('姓名,身份证号,县区\n"一,1,西平县\n二,2,西平县\n三,3,"上蔡县"\n', encoding="utf-8")

    (rows,) = read(path, tmp_path / "work")

    assert [row[1] for row in rows] == ["身份证号", "1", "2", "3"]


def test_one_damaged_character_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,县区\n张三,西平县\n".encode() + b"\xe5\xbc,1\n\x00,2\n")

    (rows,) = read(path, tmp_path / "work")

    assert rows[1][:2] == ("张三", "西平县")
    assert [row[1] for row in rows[2:]] == ["1", "2"]


def test_october_as_a_number_keeps_its_zero() -> None:
    assert [cell_text(number) for number in (2019.01, 2019.1, 2019.9, 201.1)] == [
        "2019.01",
        "2019.10",
        "2019.9",
        "201.1",
    ]
