"""Cells as other counties' departments fill them: errors, stray quotes, levels and columns in their own
words.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.integration.intake_files.test_reading import HEADER, SETTLED, A, B, C, D, judged, write
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.spreadsheet_errors import BLOCK_BYTES, error_cells


def workbook(path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "名单") -> Path:
    """Write a workbook in which a text that starts with # is an error, as a broken formula leaves it."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if str(cell).startswith("#"):
                page.write_formula(place, column, "=A1", None, cell)
            else:
                page.write(place, column, cell)
    book.close()
    return path


@pytest.mark.parametrize("payer", ["hifp_pay", "maf_pay", "oth_pay"])
def test_a_payer_that_is_an_error_is_not_taken_for_nothing_paid(payer: str, tmp_path: Path) -> None:
    rows = [list(SETTLED), [*SETTLED.values()], [*(SETTLED | {"setl_id": "S2", payer: "#REF!"}).values()]]

    accepted, refused = judged(workbook(tmp_path / "结算.xlsx", rows), "settlements")

    assert ([row[0] for row in accepted], refused) == (["S1"], [(2, "amount")])


@pytest.mark.parametrize("write_file", [write, workbook])
def test_a_code_that_is_an_error_is_a_code_that_is_missing(write_file: Any, tmp_path: Path) -> None:
    changes = [{"dise_codg": "#N/A"}, {"init_setl_id": "#N/A"}, {"setl_id": "#N/A"}]
    rows = [list(SETTLED)] + [[*(SETTLED | {"setl_id": f"S{n}"} | c).values()] for n, c in enumerate(changes)]
    suffix = "csv" if write_file is write else "xlsx"

    accepted, refused = judged(write_file(tmp_path / f"结算.{suffix}", rows), "settlements")

    assert [(row[0], row[18], row[20]) for row in accepted] == [("S0", None, None), ("S1", "C16.9", None)]
    assert refused == [(3, "missing")]


def test_an_end_of_status_that_is_an_error_does_not_mean_still_valid(tmp_path: Path) -> None:
    rows = [HEADER, ["一", A, "西平县", "2019-01-01", "#VALUE!"], ["二", B, "西平县", "2019-01-01", ""]]

    accepted, refused = judged(workbook(tmp_path / "低保.xlsx", rows))

    assert ([row[0] for row in accepted], refused) == ([B], [(1, "date")])


def test_errors_are_found_where_they_stand_however_long_the_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["x" * 20, row, row * 3] for row in range(60_000)]
    for row in range(0, 60_000, 7):
        rows[row] = ["", "", "", "#DIV/0!"]
    path = workbook(tmp_path / "a.xlsx", rows)

    found = error_cells(path, 0)

    assert path.stat().st_size > BLOCK_BYTES // 2
    assert found == {row: {3: "#DIV/0!"} for row in range(0, 60_000, 7)}
    assert error_cells(path, 1) == {}


def test_an_empty_first_column_does_not_move_the_errors(tmp_path: Path) -> None:
    rows = [["", "", *HEADER], ["", "", "一", A, "西平县", "2019-01-01", "#N/A"]]

    assert judged(workbook(tmp_path / "低保.xlsx", rows)) == ([], [(1, "date")])


@pytest.mark.parametrize(
    "remark",
    ['"5"寸', '"半"中"间', '"左眼"视力"弱"', '他说"好"', '"说了""好""的"'],
)
def test_a_quote_inside_a_cell_loses_no_row(remark: str, tmp_path: Path) -> None:
    path = tmp_path / "低保.csv"
    people = [A, B, C, D]
    lines = [f'"王,一",{person},西平县,2019-01-01,{remark}\n' for person in people]
    path.write_text("姓名,身份证号,县区,纳入时间,备注\n" + "".join(lines), encoding="utf-8")

    accepted, refused = judged(path)

    assert ([row[0] for row in accepted], refused) == (people, [])


def test_a_quote_that_never_closes_loses_no_row(tmp_path: Path) -> None:
    path = tmp_path / "低保.csv"
    lines = [f'张三,{person},西平县,2019-01-01,"5寸\n' for person in (A, B, C, D)]
    path.write_text("姓名,身份证号,县区,纳入时间,备注\n" + "".join(lines), encoding="utf-8")

    assert [row[0] for row in judged(path)[0]] == [A, B, C, D]


def test_bytes_of_no_file_are_refused_plainly(tmp_path: Path) -> None:
    path = tmp_path / "低保.xlsx"
    for seed in range(20):
        path.write_bytes(b"\x01" + random.Random(seed).randbytes(4000))
        with pytest.raises(UnreadableFile, match="低保"):
            judged(path)


@pytest.mark.parametrize(
    ("level", "covered"),
    [
        ("I级", True),
        ("ii级", True),
        ("Ⅱ级", True),
        ("壹级", True),
        ("三级", False),
        ("III级", False),
        ("III", False),
        ("IV级", False),
        ("Ⅳ级", False),
        ("肢体4级", False),
        ("多重（肢体三级、视力一级）", True),
        ("多重（肢体三级、视力四级）", False),
    ],
)
def test_a_level_in_any_writing(level: str, covered: bool, tmp_path: Path) -> None:
    rows = [["身份证号", "残疾等级", "发证日期"], [A, level, "2018-01-01"]]

    accepted, refused = judged(write(tmp_path / "残疾人.csv", rows))

    assert (len(accepted), refused) == ((1, []) if covered else (0, [(1, "not_covered_level")]))


def test_numbers_of_persons_under_a_header_of_cards_are_numbers_of_persons(tmp_path: Path) -> None:
    header = ["残疾人证件号码", "残疾等级", "发证日期"]
    ids = [header, *([person, "一级", "2018-01-01"] for person in (A, B, C)), [D[:17], "一级", "2018-01-01"]]
    cards = [header, *([f"{person}42", "", "2018-01-01"] for person in (A, B)), [C, "二级", "2018-01-01"]]

    by_ids = judged(write(tmp_path / "残疾人.csv", ids))
    by_cards = judged(write(tmp_path / "残疾人2.csv", cards))

    assert ([row[0] for row in by_ids[0]], by_ids[1]) == ([A, B, C], [(4, "length")])
    assert ([row[0] for row in by_cards[0]], by_cards[1]) == ([A, B], [(3, "length")])


@pytest.mark.parametrize("start", ["始享时间", "执行时间", "纳保时间"])
def test_the_day_of_typing_is_not_the_start_of_a_status(start: str, tmp_path: Path) -> None:
    rows = [
        ["姓名", "身份证号", "录入时间", "审核日期", start],
        ["一", A, "2019-05-06", "2019-05-07", "2018-01-01"],
    ]

    assert judged(write(tmp_path / "低保.csv", rows))[0][0][3] == "2018-01-01"


def test_the_bank_that_issued_the_card_is_the_bank(tmp_path: Path) -> None:
    rows = [["身份证号", "发卡银行", "银行卡号", "户名"], [A, "农商行", "622848000000000012", "一"]]

    assert judged(write(tmp_path / "账户.csv", rows), "accounts")[0][0][1:3] == (
        "农商行",
        "622848000000000012",
    )
