"""Registers of residents and notices of holidays: understood by meaning, refused by the row."""

import csv
from pathlib import Path

import pytest

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.outputs import write_accepted
from yiyuan.exchange.reading import read_files
from yiyuan.rules.holidays import load_holidays

BASE = Path(__file__).resolve().parents[3] / "schemes" / "base" / "holidays" / "cn-public-holidays.csv"
A, B = "411724195203040029", "411724201003040014"


def test_the_notices_we_ship_are_read_as_they_are(tmp_path: Path) -> None:
    with read_files("holidays", [BASE]) as reading:
        write_accepted(reading, tmp_path / "out.csv")
        (count,) = reading.files

    assert (count.read, count.accepted) == (len(load_holidays(BASE)), len(load_holidays(BASE)))
    assert load_holidays(tmp_path / "out.csv") == load_holidays(BASE)


def test_a_notice_in_a_clerks_words(tmp_path: Path) -> None:
    file = tmp_path / "2019五一.csv"
    file.write_text(
        "年度,版本,发布日期,日期,节日,放假或上班\n"
        "2019,第2版,2019年3月22日,2019-05-02,劳动节,放假\n"
        "2019,第2版,2019年3月22日,2019-04-28,劳动节,上班\n"
        "2019,第2版,2019年3月22日,2021-04-28,劳动节,上班\n"
        "2019,第2版,2019年3月22日,2019-05-05,劳动节,也许\n",
        encoding="utf-8",
    )

    with read_files("holidays", [file]) as reading:
        write_accepted(reading, tmp_path / "out.csv")
        refused = reading.files[0].refused

    assert [(row.version, str(row.on), row.kind) for row in load_holidays(tmp_path / "out.csv")] == [
        (2, "2019-05-02", "off"),
        (2, "2019-04-28", "work"),
    ]
    assert refused == {"date": 1, "day_kind": 1}


def test_residents_by_meaning(tmp_path: Path) -> None:
    file = tmp_path / "户籍.csv"
    file.write_text(
        "与户主关系,户号,姓名,公民身份号码,县区,乡镇,村(社区),注销日期\n"
        f"户主,H1,马秀兰,{A},正阳县,熊寨镇,王楼村,\n"
        f"孙子,H1,马小军,{B},正阳县,熊寨镇,王楼村,2019-10-02\n"
        f"孙子,H1,马小军,{B},正阳县,熊寨镇,王楼村,\n",
        encoding="utf-8",
    )

    with read_files("residents", [file]) as reading:
        write_accepted(reading, tmp_path / "out.csv")
        refused = reading.files[0].refused

    with (tmp_path / "out.csv").open(encoding="utf-8") as rows:
        people = list(csv.DictReader(rows))
    assert [(p["name"], p["sex"], p["relation"], p["left_on"]) for p in people] == [
        ("马秀兰", "2", "户主", ""),
        ("马小军", "1", "孙子", "2019-10-02"),
    ]
    assert refused == {"duplicate": 1}


def test_settlements_in_the_box_of_residents_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "结算.csv"
    file.write_text(
        "结算号,身份证号,姓名,入院日期,出院日期,主诊断编码,政策范围内费用,统筹基金支付,户号\n"
        f"S1,{A},马秀兰,2019-10-28,2019-11-12,N18.0,100,50,H1\n",
        encoding="utf-8",
    )

    with pytest.raises(UnreadableFile):
        read_files("residents", [file])
