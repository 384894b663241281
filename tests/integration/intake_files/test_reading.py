"""Whole files: which rows count, which columns mean what, which register it is, and what is said when nobody
can tell.
"""

import csv
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.profiles import Profile, load_profile, profile_from
from yiyuan.exchange.reading import read_files
from yiyuan.interfaces.commands.main import main
from yiyuan.kernel.identity import check_character

Rows = list[tuple[Any, ...]]


def number(serial: int, prefix: str = "411721", birth: str = "19410708") -> str:
    first = f"{prefix}{birth}{serial:03d}"
    return first + check_character(first)


A, B, C, D = (number(serial) for serial in (1, 12, 123, 234))


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return path


def judged(path: Path, kind: str = "hardship", **more: Any) -> tuple[Rows, Rows]:
    """Return the accepted rows in canonical columns, and row and reason of the refused."""
    with read_files(kind, [path], **more) as reading:
        accepted = reading.connection.execute(
            "SELECT "
            + ", ".join(f'CAST("{c}" AS VARCHAR)' for c in reading.kind.canonical)
            + " FROM accepted ORDER BY seq"
        ).fetchall()
        refused = reading.connection.execute('SELECT "row", reason FROM refused ORDER BY seq').fetchall()
    return accepted, refused


HEADER = ["姓名", "身份证号", "县区", "纳入时间", "退出时间"]


def test_faults_are_found_in_the_order_of_the_rule(tmp_path: Path) -> None:
    wrong_check = A[:17] + ("0" if A[17] != "0" else "1")
    rows = [
        HEADER,
        ["一", A, "西平县", "2019-01-01", ""],
        ["二", "", "西平县", "2019-01-01", ""],
        ["三", A[:16], "西平县", "2019-01-01", ""],
        ["四", A[:6] + "19411308" + A[14:], "西平县", "2019-01-01", ""],
        ["五", wrong_check, "西平县", "2019-01-01", ""],
        ["一", A.lower(), "西平县", "", ""],
        ["六", B, "西平县", "", ""],
        ["七", C, "西平县", "2019-02-30", ""],
        ["八", D, "西平县", "2019-02-01", "2019年1月"],
    ]

    accepted, refused = judged(write(tmp_path / "低保.csv", rows))

    assert accepted == [(A, "subsistence_allowance", "411721", "2019-01-01", None)]
    assert [reason for _, reason in refused] == [
        "missing",
        "length",
        "birth_date",
        "check_digit",
        "duplicate",
        "missing",
        "date",
        "period",
    ]
    assert [row for row, _ in refused] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_titles_totals_signatures_and_empty_rows_are_not_data(tmp_path: Path) -> None:
    rows = [
        ["驻马店市孤儿名册"],
        [],
        ["单位：市民政局", "", "", "2019年1月2日"],
        ["序号", *HEADER],
        ["1", "一", A, "西平县", "2019-01", ""],
        ["", "", "", "", "", ""],
        ["", "西平县小计", "", "1人", "", ""],
        ["序号", *HEADER],
        ["2", "二", B, "上蔡县", "2019-01", "长期"],
        ["3", "", "", "", "", ""],
        ["4", "无号", "", "上蔡县", "2019-01", ""],
        ["总  计", "", "", "", "2人", ""],
        ["填表人：张三", "", "", "审核人：李四", "", ""],
        ["注：本表一式三份"],
        ["联系电话：0396-1234567"],
    ]

    accepted, refused = judged(write(tmp_path / "表.csv", rows))

    assert accepted == [
        (A, "orphan", "411721", "2019-01-01", None),
        (B, "orphan", "411722", "2019-01-01", None),
    ]
    assert refused == [(3, "missing")]


def test_the_register_is_told_by_sheet_title_file_columns_or_row(tmp_path: Path) -> None:
    line = ["一", A, "西平县", "2019-01-01", ""]
    by_sheet = workbook(tmp_path / "a.xlsx", {"特困": [HEADER, line], "低保户": [HEADER, line]})
    by_row = write(
        tmp_path / "b.csv",
        [
            ["困难类型", *HEADER],
            ["低保对象", *line],
            ["特困供养", *line],
            ["孤儿", *line],
            ["富裕户", "二", B, *line[2:]],
        ],
    )
    by_columns = write(
        tmp_path / "c.csv", [["职工姓名", "身份证号", "建档日期", "脱困日期"], ["一", A, "2019-01-01", ""]]
    )

    assert [row[1] for row in judged(by_sheet)[0]] == ["destitute_support", "subsistence_allowance"]
    assert [row[1] for row in judged(by_row)[0]] == ["subsistence_allowance", "destitute_support", "orphan"]
    assert judged(by_row)[1] == [(4, "group")]
    assert judged(by_columns)[0][0][1:3] == ("urban_needy_worker", "411721")


def test_a_list_nobody_can_name_is_asked_about(tmp_path: Path) -> None:
    path = write(tmp_path / "名单.csv", [HEADER, ["一", A, "西平县", "2019-01-01", ""]])

    with pytest.raises(UnreadableFile, match="--group"):
        judged(path)
    assert judged(path, group="orphan")[0][0][1] == "orphan"
    assert judged(path, profile=Profile(group="orphan"))[0][0][1] == "orphan"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["残疾人证号"], [A + "42", B + "13", C + "24B1", D + "31"]),
        (["身份证号", "残疾等级"], [(A, "二级"), (B, "三级"), (C, "肢体四级"), (D, "1")]),
        (["身份证号", "残疾证号"], [(A, A + "42"), ("", B + "13"), (C, C + "24"), (D, D + "31")]),
        (["证件号码"], [A + "42", B + "13", C + "24", D + "31"]),
        (["身份证号", "残疾级别"], [(A, "Ⅱ级"), (B, "3级"), (C, "肆级"), (D, "一级")]),
    ],
)
def test_disability_levels_three_and_four_are_not_covered(
    header: list[str], cells: list[Any], tmp_path: Path
) -> None:
    rows = [[*(cell if isinstance(cell, tuple) else (cell,)), "2018-01-01"] for cell in cells]
    path = write(tmp_path / "残疾人.csv", [[*header, "发证日期"], *rows])

    accepted, refused = judged(path)

    assert [row[0] for row in accepted] == [A, D]
    assert refused == [(2, "not_covered_level"), (3, "not_covered_level")]


def test_a_disability_list_without_levels_is_refused_unless_it_says_severe(tmp_path: Path) -> None:
    rows = [HEADER, ["一", A, "西平县", "2019-01-01", ""]]

    with pytest.raises(UnreadableFile, match="残疾等级"):
        judged(write(tmp_path / "残疾人.csv", rows))
    assert len(judged(write(tmp_path / "重度残疾人.csv", rows))[0]) == 1


def test_the_same_id_is_a_duplicate_over_all_sheets_of_a_file_only(tmp_path: Path) -> None:
    line = ["一", A, "西平县", "2019-01-01", ""]
    path = workbook(
        tmp_path / "低保.xlsx", {"一月": [HEADER, line], "二月": [HEADER, line, ["二", B, *line[2:]]]}
    )
    other = write(tmp_path / "低保2.csv", [HEADER, line])

    with read_files("hardship", [path, other]) as reading:
        refused = reading.connection.execute(
            'SELECT file, sheet, "row", reason, "right" FROM refused'
        ).fetchall()

    assert refused == [
        ("低保.xlsx", "二月", 2, "duplicate", "前面已有同一条，只保留一行（首次出现在第 1 行）")
    ]
    assert [count.accepted for count in reading.files] == [2, 1]


def test_a_sheet_that_goes_on_without_a_header_is_read_with_the_one_before(tmp_path: Path) -> None:
    line = ["一", A, "西平县", "2019-01-01", ""]
    path = workbook(
        tmp_path / "孤儿.xlsx",
        {
            "1": [HEADER, line],
            "2": [["二", B, *line[2:]], ["三", C, *line[2:]]],
            "说明": [["本表由民政局填报"]],
        },
    )

    accepted, refused = judged(path)

    assert ([row[0] for row in accepted], refused) == ([A, B, C], [])


def test_the_county_comes_from_cell_sheet_title_or_the_id(tmp_path: Path) -> None:
    header = ["姓名", "身份证号", "纳入时间"]
    old = number(5, prefix="412825")
    assert (
        judged(workbook(tmp_path / "孤儿.xlsx", {"正阳": [header, ["一", A, "2019-01-01"]]}))[0][0][2]
        == "411724"
    )
    assert (
        judged(write(tmp_path / "孤儿a.csv", [["泌阳县孤儿名册"], header, ["一", A, "2019-01-01"]]))[0][0][2]
        == "411726"
    )
    assert judged(write(tmp_path / "孤儿b.csv", [header, ["一", old, "2019-01-01"]]))[0][0][2] == "411722"
    coded = [
        [*header, "区划代码"],
        ["一", A, "2019-01-01", "411728000000"],
        ["二", B, "2019-01-01", "驻马店市新蔡县"],
    ]
    assert [row[2] for row in judged(write(tmp_path / "孤儿c.csv", coded))[0]] == ["411728", "411729"]


def test_an_id_kept_as_a_number_is_refused_with_the_cause(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "孤儿.xlsx",
        {"1": [HEADER, ["一", int(A), "西平县", "2019-01-01", ""], ["二", B, "西平县", 43466, ""]]},
    )

    with read_files("hardship", [path]) as reading:
        refused = reading.connection.execute(
            'SELECT "row", "column", reason, "right" FROM refused'
        ).fetchall()
        accepted = reading.connection.execute(
            "SELECT person_id, CAST(valid_from AS VARCHAR) FROM accepted"
        ).fetchall()

    assert [line[:3] for line in refused] == [(1, "身份证号", "length")]
    assert "文本格式" in refused[0][3]
    assert accepted == [(B, "2019-01-01")]


def test_a_head_of_household_or_guardian_is_not_the_person(tmp_path: Path) -> None:
    header = ["户主身份证号", "低保证号", "监护人身份证号", "成员姓名", "成员身份证号", "享受起始月"]
    path = write(tmp_path / "低保.csv", [header, [A, "DB000000000000001", B, "三", C, "201901"]])

    assert judged(path)[0][0][0] == C


def test_a_header_nobody_knows_is_told_by_what_stands_below(tmp_path: Path) -> None:
    rows = [["姓名", "号", "起始月", "所属"], *([f"人{n}", number(n), "201901", "平舆县"] for n in range(5))]

    accepted, _ = judged(write(tmp_path / "低保.csv", rows))

    assert [row[0] for row in accepted] == [number(n) for n in range(5)]
    assert {row[2] for row in accepted} == {"411723"}


def test_a_start_nobody_knows_is_told_by_its_days_and_an_unknown_end_is_said(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "出生日期", "某日", "另一日"]]
    rows += [
        [f"人{n}", number(n), "1941-07-08", "2019-01-01", "2019-08-01" if n == 3 else ""] for n in range(6)
    ]

    with read_files("hardship", [write(tmp_path / "低保.csv", rows)]) as reading:
        accepted = reading.connection.execute(
            "SELECT DISTINCT CAST(valid_from AS VARCHAR) FROM accepted"
        ).fetchall()

    assert accepted == [("2019-01-01",)]
    assert "另一日" in reading.files[0].notes[0]


SETTLED = {
    "setl_id": "S1",
    "certno": A,
    "begndate": "2019-01-01",
    "enddate": "2019-01-05",
    "setl_time": "2019-01-05 10:00:00",
    "brdy": "1941-07-08",
    "gend": "1",
    "insu_admdvs": "411721",
    "dise_codg": "C16.9",
    "medfee_sumamt": "100.00",
    "inscp_scp_amt": "70.00",
    "fulamt_ownpay_amt": "20.00",
    "overlmt_selfpay": "4.00",
    "preselfpay_amt": "6.00",
    "hifp_pay": "30.00",
    "maf_pay": "",
    "oth_pay": "0",
    "init_setl_id": "",
    "oth_dise_codg": "J18.9,K29.5；I10",
}


def settled(tmp_path: Path, *changes: dict[str, str]) -> tuple[Rows, Rows]:
    rows = [list(SETTLED)] + [
        [*(SETTLED | {"setl_id": f"S{n}"} | change).values()] for n, change in enumerate(changes)
    ]
    return judged(write(tmp_path / "结算.csv", rows), "settlements")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"begndate": "2019-02-30"}, "date"),
        ({"enddate": ""}, "date"),
        ({"setl_time": "昨天"}, "date"),
        ({"brdy": "19410732"}, "date"),
        ({"hifp_pay": "30.001"}, "amount"),
        ({"inscp_scp_amt": ""}, "amount"),
        ({"medfee_sumamt": "1.2.3"}, "amount"),
        ({"hifp_pay": "-30.00"}, "amount"),
        ({"certno": ""}, "check_digit"),
        ({"certno": A[:17]}, "check_digit"),
        ({"certno": A[:6] + "19411308" + A[14:]}, "check_digit"),
        ({"enddate": "2018-12-31"}, "discharged_before_admission"),
        ({"medfee_sumamt": "100.01"}, "total_mismatch"),
        ({"setl_id": ""}, "missing"),
        ({"setl_id": "4.10100000000230E+15"}, "unreadable"),
    ],
)
def test_a_settlement_is_refused_for(change: dict[str, str], reason: str, tmp_path: Path) -> None:
    accepted, refused = settled(tmp_path, {}, change)

    assert (len(accepted), refused) == (1, [(2, reason)])


def test_the_first_fault_of_a_settlement_is_named(tmp_path: Path) -> None:
    everything = {"begndate": "x", "hifp_pay": "x", "certno": "x", "medfee_sumamt": "1.00", "setl_id": "S0"}
    steps = [
        ("begndate", "2019-01-09"),
        ("hifp_pay", "1.00"),
        ("certno", A),
        ("begndate", "2019-01-01"),
        ("medfee_sumamt", "100.00"),
    ]
    changes, current = [{}, dict(everything)], dict(everything)
    for name, value in steps:
        current = current | {name: value}
        changes.append(current)

    _, refused = settled(tmp_path, *changes)

    assert [reason for _, reason in refused] == [
        "date",
        "amount",
        "check_digit",
        "discharged_before_admission",
        "total_mismatch",
        "duplicate",
    ]


def test_a_settlement_comes_out_in_fen_and_dates(tmp_path: Path) -> None:
    reversal = {"setl_id": "S0R", "init_setl_id": "S0", "brdy": "", "gend": "女"} | {
        name: "-" + SETTLED[name]
        for name in (
            "medfee_sumamt",
            "inscp_scp_amt",
            "fulamt_ownpay_amt",
            "overlmt_selfpay",
            "preselfpay_amt",
            "hifp_pay",
        )
    }

    (row, cancelled), refused = settled(
        tmp_path, {"medfee_sumamt": "1,000.00", "inscp_scp_amt": "970"}, reversal
    )

    assert refused == []
    assert row == (
        "S0",
        A,
        "411721",
        None,
        "1941-07-08",
        "1",
        "2019-01-01",
        "2019-01-05",
        "2019-01-05",
        "100000",
        "97000",
        "3000",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "C16.9",
        "J18.9|K29.5|I10",
        None,
    )
    assert (cancelled[4], cancelled[5], cancelled[9], cancelled[-1]) == (None, "2", "-10000", "S0")


def test_what_cannot_be_checked_is_said(tmp_path: Path) -> None:
    names = [name for name in SETTLED if name not in ("medfee_sumamt", "maf_pay")]
    path = write(tmp_path / "结算.csv", [names, [SETTLED[name] for name in names]])

    with read_files("settlements", [path]) as reading:
        (count,) = reading.files

    assert count.accepted == 1
    (note,) = count.notes
    assert "医疗救助" in note
    assert "医疗费总额" in note


def test_claimed_numbers_come_with_or_without_a_header(tmp_path: Path) -> None:
    bare = write(tmp_path / "a.csv", [["41010000000001"], ["41010000000002R"], ["41010000000001"]])
    dressed = write(
        tmp_path / "b.csv",
        [
            ["已赔案件"],
            ["赔案号", "医保结算单号", "金额"],
            ["P1", "41010000000001", "800"],
            ["P2", "", "800"],
            ["合计", "", "1600"],
        ],
    )

    assert judged(bare, "claimed") == ([("41010000000001",), ("41010000000002R",)], [(3, "duplicate")])
    assert judged(dressed, "claimed") == ([("41010000000001",)], [(2, "missing")])


def test_accounts_know_a_guardian(tmp_path: Path) -> None:
    rows = [
        ["姓名", "身份证号", "开户银行", "社保卡银行账号", "户名", "监护人身份证号"],
        ["童", A, "农商行", "6228 4800 0000 0000 12", "母", B],
        ["童二", C, "农商行", "6228-4800-0000-0000-13", "童二", B],
        ["四", D, "农商行", "6.22848E+17", "四", ""],
        ["", "", "农商行", "622848000000000014", "五", ""],
    ]

    accepted, refused = judged(write(tmp_path / "账户.csv", rows), "accounts")

    assert accepted == [
        (B, "农商行", "622848000000000012", "母", "social_card", A),
        (C, "农商行", "622848000000000013", "童二", "social_card", None),
    ]
    assert refused == [(3, "unreadable"), (4, "missing")]


def test_head_counts_take_day_and_unit_from_around_them(tmp_path: Path) -> None:
    rows = [
        ["驻马店市户籍人口（截至2018年12月31日）"],
        ["县（区）", "户籍人口（万人）", "户数（户）"],
        ["驿城区", "85.69", "250,000"],
        ["西平县", "87.5", ""],
        ["某某县", "1", "1"],
        ["上蔡县", "很多", "1"],
        ["合计", "173.19", "250000"],
    ]

    accepted, refused = judged(write(tmp_path / "人口.csv", rows), "headcount")

    assert accepted == [
        ("411702", "2018-12-31", "856900", "250000", "人口.csv"),
        ("411721", "2018-12-31", "875000", None, "人口.csv"),
    ]
    assert refused == [(3, "county"), (4, "unreadable")]


def test_a_profile_names_what_the_file_does_not_say(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [["甲", "乙", "丙"], ["一", A, "飞地"], ["二", B, "飞地"]])
    profile = profile_from(
        {
            "columns": {"person_id": "乙", "county": ["丙"]},
            "group": "orphan",
            "valid_from": __import__("datetime").date(2019, 1, 1),
            "counties": {"411799": "飞地"},
        },
        origin="p",
    )

    accepted, _ = judged(path, profile=profile)

    assert accepted == [
        (A, "orphan", "411799", "2019-01-01", None),
        (B, "orphan", "411799", "2019-01-01", None),
    ]


def test_a_wrong_profile_is_refused_with_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    for text, said in (
        ("colums: {}", "colums"),
        ("date_order: wrong", "date_order"),
        ("columns: {persn_id: 号}", "persn_id"),
        ("- 1", "YAML"),
        ("valid_from: soon", "valid_from"),
        ("header_row: 四", "header_row"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile, match=said):
            load_profile(path)


def test_a_file_in_the_wrong_box_is_refused_with_the_right_one(tmp_path: Path) -> None:
    path = write(tmp_path / "结算.csv", [list(SETTLED), [*SETTLED.values()]])

    for kind in ("hardship", "claimed", "accounts", "headcount"):
        with pytest.raises(UnreadableFile, match="import settlements"):
            judged(path, kind)


def test_the_command_says_what_is_missing_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "孤儿.csv", [HEADER, ["一", A, "西平县", "2019-01-01", ""]])
    bad = write(tmp_path / "残缺.csv", [["姓名", "身份证号"], *([f"人{n}", number(n)] for n in range(4))])

    code = main(["import", "hardship", str(good), str(bad), "--to", str(tmp_path / "out")])

    said = capsys.readouterr().err
    assert code == 1
    assert "“开始日期”" in said
    assert "姓名、身份证号" in said
    assert "--profile" in said
    assert not (tmp_path / "out").exists()


def test_the_command_refuses_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as wrong:
        main(["import", "nonsense", "a.csv"])
    assert wrong.value.code == 2
    assert main(["import", "claimed", "a.csv", "--group", "orphan", "--to", str(tmp_path)]) == 2
    assert main(["import", "hardship", "a.csv", "--group", "富人", "--to", str(tmp_path)]) == 2
    assert main(["import", "claimed", str(tmp_path / "none.csv"), "--to", str(tmp_path)]) == 1
    assert "打不开" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["orphan", "G6", "孤儿"])
def test_a_group_may_be_named_by_code_number_or_name(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "名单.csv", [HEADER, ["一", A, "西平县", "2019-01-01", ""]])

    assert main(["import", "hardship", str(path), "--group", word, "--dry-run"]) == 0
    assert "（orphan）" in capsys.readouterr().out


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "孤儿.csv",
        [HEADER, ["一", A, "西平县", "2019-01-01", ""], ["二", "", "西平县", "2019-01-01", ""]],
    )

    code = main(["import", "hardship", str(path), "--to", str(tmp_path / "out"), "--dry-run", "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": "孤儿.csv",
        "read": 2,
        "accepted": 1,
        "refused": {"missing": 1},
    }
    assert not (tmp_path / "out").exists()


def test_progress_is_told_in_the_callers_thread_up_to_the_end(tmp_path: Path) -> None:
    line = ["一", A, "西平县", "2019-01-01", ""]
    paths = [write(tmp_path / f"孤儿{n}.csv", [HEADER, line]) for n in (1, 2)]
    told: list[tuple[int, int]] = []
    threads: set[int] = set()

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        threads.add(threading.get_ident())

    read_files("hardship", paths, progress=progress).close()

    size = sum(path.stat().st_size for path in paths)
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert threads == {threading.get_ident()}
