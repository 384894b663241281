"""The same people in quite other files: other headers, orders, encodings, dates and dirt meet the same
truth.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.intake_files.worlds import rows_of, truth_of, write_html, write_text, write_xlsx
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.reading import read_files
from yiyuan.kernel.identity import check_character

WIDE = str.maketrans("0123456789Xx-/.", "０１２３４５６７８９ＸＸ－／．")


def refusals(
    path: Path, kind: str = "hardship", group: str | None = None, profile: Profile | None = None
) -> dict[int, str]:
    with read_files(kind, [path], group=group, profile=profile) as reading:
        refused = dict(reading.connection.execute('SELECT "row", reason FROM refused').fetchall())
        (count,) = reading.files
        assert count.accepted + sum(count.refused.values()) == count.read
    return refused


def statuses(path: Path, group: str | None = None) -> list[tuple[Any, ...]]:
    with read_files("hardship", [path], group=group) as reading:
        return reading.connection.execute(
            'SELECT person_id, "group", county_code, valid_from, valid_to FROM accepted ORDER BY seq'
        ).fetchall()


def original_statuses(file: str) -> list[tuple[Any, ...]]:
    from tests.integration.intake_files.worlds import INTAKE

    return statuses(INTAKE / file)


def spaced(number: str) -> str:
    return f" {number[:6]} {number[6:14]}\u3000{number[14:]}\t" if number.strip() else number


def a_day(text: str) -> date | str:
    """Return the day that one of the forms in the intake set means."""
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 1 and len(text) == 8:
        parts = [text[:4], text[4:6], text[6:]]
    return date(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) > 2 else 1) if text else ""


def written(day: date | str, form: str) -> str:
    if isinstance(day, str):
        return day
    return form.format(y=day.year, m=day.month, d=day.day, serial=(day - date(1899, 12, 30)).days)


def low_income_with_two_row_header_and_subtotals(folder: Path) -> Path:
    rows = rows_of("城乡低保花名册.xls")
    body: list[Sequence[Any]] = []
    for place, row in enumerate(rows):
        body.append(
            [
                place + 1,
                row["县区"],
                row["乡镇办"],
                spaced(row["身份证号"]),
                row["姓名"],
                a_day(row["享受起始月"]),
                a_day(row["停发月"]),
            ]
        )
        if place % 100 == 99:
            body.append(["", f"{row['县区']}小计", "", "", "100人", "", ""])
    head: list[Sequence[Any]] = [
        ["驻马店市2019年城乡最低生活保障对象花名册", "", "", "", "", "", ""],
        ["填报单位：驻马店市民政局", "", "", "", "填报日期：2019年12月5日", "", ""],
        [],
        ["序号", "所在地", "", "保障对象", "", "享受期间", ""],
        ["", "县(市、区)", "乡镇\n(街道)", "公民身份\n号码", "姓  名", "起", "止"],
    ]
    tail: list[Sequence[Any]] = [
        ["合  计", "", "", "", f"{len(rows)}人", "", ""],
        [],
        ["填表人：张三", "", "", "审核人：李四", "", "", ""],
    ]
    return write_xlsx(
        folder / "2019年12月.xlsx",
        {"Sheet1": [*head, *body, *tail]},
        merges=["A1:G1", "B4:C4", "D4:E4", "F4:G4"],
    )


def destitute_as_utf16_with_tabs(folder: Path) -> Path:
    rows = [["供养对象", "证件号", "对象姓名", "所属区县", "起始时间", "退出特困供养时间"]]
    rows += [
        [
            row["供养方式"],
            row["身份证号码"].translate(WIDE),
            row["姓名"],
            row["县区"],
            written(a_day(row["供养开始"]), "{y}年{m}月{d}日"),
            row["供养终止"],
        ]
        for row in rows_of("特困供养人员.csv")
    ]
    return write_text(folder / "特困人员名单.csv", rows, encoding="utf-16", delimiter="\t")


def disabled_with_semicolons_and_long_cards(folder: Path) -> Path:
    rows = [
        ["驻马店市残疾人名册", "", "", "", ""],
        ["残疾人证编号", "残疾类别", "首次发证\n日期", "户籍所在区县", "残疾人姓名"],
    ]
    for place, row in enumerate(rows_of("持证残疾人.xlsx")):
        card = row["残疾证号"] + ("B1" if place % 7 == 0 and len(row["残疾证号"]) == 20 else "")
        rows.append(
            [
                card.lower(),
                "肢体",
                written(a_day(row["发证日期"]), "{y}.{m}.{d} 00:00:00"),
                row["县区"],
                row["姓名"],
            ]
        )
    return write_text(folder / "明细.txt", rows, encoding="gb18030", delimiter=";")


def poor_in_another_order_with_page_headers(folder: Path) -> Path:
    header = [
        "退出贫困日期",
        "识别年月",
        "户主姓名",
        "户籍县",
        "贫困人口姓名",
        "身份证件号码",
        "户主身份证号",
        "家庭编号",
    ]
    rows = [header]
    for place, row in enumerate(rows_of("建档立卡贫困人口名单_2019.xlsx")):
        if place and place % 40 == 0:
            rows += [[""] * 8, header]
        number = row["证件号码"] if place % 3 else row["证件号码"].translate(WIDE)
        rows.append(
            [
                written(a_day(row["退出时间"]), "{y}/{m:02d}/{d:02d} 12:00"),
                written(a_day(row["识别时间"]), "{y}{m:02d}"),
                "王户主",
                row["县(区)"],
                row["姓名"],
                number,
                "411721195304172064",
                row["户编号"],
            ]
        )
    return write_text(folder / "贫困人口.csv", rows, encoding="utf-8-sig", delimiter=",")


def workers_on_numbered_sheets_with_serial_days(folder: Path) -> Path:
    rows = rows_of("困难职工档案.xlsx")
    sheets: dict[str, Sequence[Sequence[Any]]] = {"说明": [["本表由各县区工会填报，如有疑问请联系市总工会"]]}
    for county in dict.fromkeys(row["sheet"] for row in rows):
        body = [
            [
                "",
                row["身份证号"],
                row["职工姓名"],
                int(written(a_day(row["建档日期"]), "{serial}")),
                row["脱困日期"],
            ]
            for row in rows
            if row["sheet"] == county
        ]
        sheets[f"{county}总工会"] = [
            ["附件2"],
            ["备注", "职工身份证号码", "职工姓名", "建档立卡时间", "解困时间"],
            *body,
            ["合计", "", len(body), "", ""],
        ]
    return write_xlsx(folder / "困难职工.xlsx", sheets)


def orphans_as_a_web_page(folder: Path) -> Path:
    rows = [
        ["孤儿基本生活保障花名册"],
        ["序号", "监护人身份证号", "儿童姓名", "儿童身份证号", "户籍所在县（区）", "享受起始年月"],
    ]
    rows += [
        [str(n), "411721195304172064", row["姓名"], "'" + row["身份证号"], row["县区"], "2019-01"]
        for n, row in enumerate(rows_of("孤儿名册.txt"), 1)
    ]
    return write_html(folder / "表三.xls", [*rows, ["制表：民政局", "", "", "", "", ""]])


FORMS: dict[str, Callable[[Path], Path]] = {
    "城乡低保花名册.xls": low_income_with_two_row_header_and_subtotals,
    "特困供养人员.csv": destitute_as_utf16_with_tabs,
    "持证残疾人.xlsx": disabled_with_semicolons_and_long_cards,
    "建档立卡贫困人口名单_2019.xlsx": poor_in_another_order_with_page_headers,
    "困难职工档案.xlsx": workers_on_numbered_sheets_with_serial_days,
    "孤儿名册.txt": orphans_as_a_web_page,
}


@pytest.mark.parametrize(("file", "form"), FORMS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_register_in_another_form_meets_the_same_truth(
    file: str, form: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = form(tmp_path)

    assert refusals(path) == truth_of(file)
    assert statuses(path) == original_statuses(file)


SETTLEMENTS = "住院结算明细_2019.csv"
CHINESE = {
    "setl_id": "结算流水号",
    "psn_no": "人员编号",
    "certno": "参保人证件号码",
    "psn_name": "患者姓名",
    "gend": "性别",
    "brdy": "出生日期",
    "insu_admdvs": "参保地",
    "fixmedins_code": "定点医疗机构代码",
    "begndate": "入院时间",
    "enddate": "出院时间",
    "setl_time": "结算时间",
    "dise_codg": "主要诊断编码(ICD-10)",
    "oth_dise_codg": "其他诊断编码",
    "medfee_sumamt": "住院总费用（元）",
    "fulamt_ownpay_amt": "全自费（元）",
    "overlmt_selfpay": "超限价自付（元）",
    "preselfpay_amt": "乙类先行自付（元）",
    "inscp_scp_amt": "政策范围内费用（元）",
    "hifp_pay": "统筹基金支付（元）",
    "cvlserv_pay": "公务员补助（元）",
    "hifes_pay": "企业补充保险（元）",
    "hifmi_pay": "大病保险支付（元）",
    "hifob_pay": "大额补助（元）",
    "maf_pay": "医疗救助（元）",
    "oth_pay": "其他支付（元）",
    "psn_cash_pay": "个人现金支付（元）",
    "refd_setl_flag": "退费标志",
    "init_setl_id": "被冲正结算流水号",
}
COUNTIES = {
    "411702": "驿城区", "411721": "西平县", "411722": "上蔡县", "411723": "平舆县", "411724": "正阳县",
    "411725": "确山县", "411726": "泌阳县", "411727": "汝南县", "411728": "遂平县", "411729": "新蔡县",
}  # fmt: skip


def settlement_values(path: Path) -> list[tuple[Any, ...]]:
    with read_files("settlements", [path]) as reading:
        return reading.connection.execute(f"SELECT {reading.canonical} FROM accepted ORDER BY seq").fetchall()


def settlements_in_chinese_upside_down(folder: Path) -> Path:
    names = list(CHINESE)
    random.Random(7).shuffle(names)
    rows = [["驻马店市医疗保障局住院费用结算明细表"], [CHINESE[name] for name in names]]
    for place, row in enumerate(rows_of(SETTLEMENTS)):
        cells = dict(row)
        cells["gend"] = {"1": "男", "2": "女"}[row["gend"]]
        cells["insu_admdvs"] = COUNTIES[row["insu_admdvs"]]
        cells["brdy"] = row["brdy"].replace("-", "")
        cells["begndate"] = row["begndate"].replace("-", "/") + " 08:30:00"
        cells["certno"] = row["certno"].translate(WIDE) if place % 11 == 0 else row["certno"]
        if place % 13 == 0:
            cells["medfee_sumamt"] = row["medfee_sumamt"].translate(WIDE)
        rows.append([cells[name] for name in names])
    rows.append(["合计", *[""] * (len(names) - 1)])
    return write_text(folder / "住院.txt", rows, encoding="gb18030", delimiter="|")


def settlements_in_a_workbook_of_two_sheets(folder: Path) -> Path:
    header = [name.upper() for name in CHINESE]
    all_rows = rows_of(SETTLEMENTS)
    parts = {"上半年": all_rows[:2000], "下半年": all_rows[2000:]}
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        sheet: [header, *([_number_if_it_is_one(name, row[name]) for name in CHINESE] for row in rows)]
        for sheet, rows in parts.items()
    }
    return write_xlsx(folder / "2304.xlsx", sheets)


def _number_if_it_is_one(name: str, text: str) -> float | str | date:
    if (
        name.endswith(("_amt", "_pay", "_selfpay", "sumamt"))
        and text.replace(".", "", 1).lstrip("-").isdigit()
    ):
        return float(text)
    if name == "enddate":
        return date.fromisoformat(text)
    return text


@pytest.mark.parametrize(
    "form", [settlements_in_chinese_upside_down, settlements_in_a_workbook_of_two_sheets]
)
def test_settlements_in_another_form_meet_the_same_truth(
    form: Callable[[Path], Path], tmp_path: Path
) -> None:
    from tests.integration.intake_files.worlds import INTAKE

    path = form(tmp_path)

    assert refusals(path, "settlements") == truth_of(SETTLEMENTS)
    assert settlement_values(path) == settlement_values(INTAKE / SETTLEMENTS)


def test_the_refused_rows_can_be_mended_and_brought_again(tmp_path: Path) -> None:
    from yiyuan.exchange.outputs import write_to_mend

    with read_files("hardship", [low_income_with_two_row_header_and_subtotals(tmp_path)]) as reading:
        (path,) = write_to_mend(reading, tmp_path / "to-mend")
        expected = {"length": 4, "check_digit": 4, "missing": 2}
        mendable = {reason: n for reason, n in reading.files[0].refused.items() if reason != "duplicate"}
    assert mendable == expected

    text = path.read_text(encoding="utf-8").replace(spaced("4117241935081696"), spaced("411723194205298575"))
    path.write_text(text, encoding="utf-8")
    with read_files("hardship", [path], group="subsistence_allowance") as again:
        assert again.files[0].refused == expected | {"length": 3}
        assert again.files[0].accepted == 1


def test_amounts_are_fen_where_the_header_says_so(tmp_path: Path) -> None:
    path = tmp_path / "settlements.csv"
    first = "41172419520304001"
    header = "setl_id,person_id,admitted_on,discharged_on,diagnosis_code,inscp_scp_amt{0},hifp_pay{0}\n"
    row = f"S1,{first}{check_character(first)},2019-10-01,2019-10-09,N18.0,{{}},{{}}\n"
    columns = "SELECT inscp_scp_amt_fen, hifp_pay_fen FROM accepted"

    found = []
    for unit, amounts in (("_fen", (124_980, 50)), ("（分）", (124_980, 50)), ("", ("1249.80", "0.50"))):
        path.write_text(header.format(unit) + row.format(*amounts), encoding="utf-8")
        with read_files("settlements", [path]) as reading:
            found += reading.connection.execute(columns).fetchall()

    assert found == [(124_980, 50)] * 3


def test_part_of_a_fen_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "settlements.csv"
    first = "41172419520304001"
    path.write_text(
        "setl_id,person_id,admitted_on,discharged_on,diagnosis_code,inscp_scp_amt_fen,hifp_pay_fen\n"
        f"S1,{first}{check_character(first)},2019-10-01,2019-10-09,N18.0,1249.80,50\n",
        encoding="utf-8",
    )

    assert list(refusals(path, "settlements").values()) == ["amount"]
