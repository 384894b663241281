"""Random dirt in every cell: refused for the reasons a plain program finds, written from the rules."""

import random
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.intake_files.worlds import write_text
from yiyuan.exchange.reading import read_files

ROWS = 3000
WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
DISTRICTS = ["411721", "412825", "411702"]
PARTS = ["inscp_scp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"]
PAYERS = ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay"]
FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"]
MONTHS = ["%Y.%m", "%Y%m", "%Y年%m月", "%Y-%m"]


def is_id(text: str) -> str | None:
    """Return the first fault by the rule, written with sums of powers of two instead of a table."""
    if not text:
        return "missing"
    if len(text) != 18:
        return "length"
    try:
        datetime.strptime(text[6:14], "%Y%m%d")
        assert re.fullmatch(r"[0-9]{8}", text[6:14])
    except (ValueError, AssertionError):
        return "birth_date"
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return "check_digit"
    weighed = sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=False))
    last = 10 if text[17] == "X" else int(text[17])
    return None if (weighed + last) % 11 == 1 else "check_digit"


def an_id(draw: random.Random) -> str:
    while True:
        born = date(1930, 1, 1) + timedelta(days=draw.randrange(32000))
        stem = f"{draw.choice(DISTRICTS)}{born:%Y%m%d}{draw.randrange(1000):03d}"
        for last in "0123456789X":
            if is_id(stem + last) is None:
                return stem + last


def spoiled(draw: random.Random, number: str) -> tuple[str, str]:
    """Return a number as written and as it is once cleaned; one in three is broken."""
    kind = draw.randrange(30)
    if kind == 0:
        return draw.choice([("", ""), (" ", ""), ("'", ""), ("\u3000", "")])
    if kind < 3:
        number = number[: draw.choice([15, 16, 17])]
    elif kind < 5:
        number = number[:10] + draw.choice(["13", "00", "2A"]) + number[12:]
    elif kind < 7:
        number = number[:12] + draw.choice(["32", "00"]) + number[14:]
    elif kind < 9:
        place = draw.randrange(14, 17)
        number = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    elif kind < 10:
        number = number[:3] + "O" + number[4:]
    dirt = draw.randrange(8)
    written = [
        number,
        number.lower(),
        "'" + number,
        f" {number[:6]} {number[6:14]} {number[14:]} ",
        number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")),
        number + "\t",
        "\u00a0" + number,
        number,
    ][dirt]
    return written, number


def a_date(draw: random.Random, day: date) -> tuple[str, date | None]:
    kind = draw.randrange(60)
    if kind == 0:
        return draw.choice(
            ["2019-02-30", "2019/13/01", "20190231", "不详", "2019年2月31日", "0000-00-00"]
        ), None
    if kind < 4:
        return day.strftime(draw.choice(MONTHS)), day.replace(day=1)
    if kind < 8:
        return str((day - date(1899, 12, 30)).days), day
    return datetime(day.year, day.month, day.day, 13, 5).strftime(draw.choice(FORMS)), day


def money(draw: random.Random, fen: int) -> tuple[str, Decimal | None]:
    yuan = Decimal(fen) / 100
    kind = draw.randrange(150)
    if kind == 0:
        return draw.choice(["1.2.3", "—", "NaN", "abc", "12.345", "1,23.00", "1e5"]), None
    if kind < 30:
        return f"{yuan:,.2f}", yuan
    if kind < 40:
        return f" {yuan:.2f} ", yuan
    return f"{yuan:.2f}" if fen % 100 or kind % 2 else str(fen // 100), yuan


def settlement(draw: random.Random, number: int) -> tuple[dict[str, str], str | None, str]:
    """Return the cells, the reason by the rules before duplicates, and the settlement's number."""
    setl_id = f"41{draw.randrange(ROWS * 3):012d}"
    sign = -1 if number % 17 == 0 else 1
    reverses = "4100000001" if sign < 0 and draw.random() < 0.7 else ""
    begin = date(2019, 1, 1) + timedelta(days=draw.randrange(365))
    end = begin + timedelta(days=draw.randrange(-1, 20))
    cells = {"setl_id": setl_id, "init_setl_id": reverses, "dise_codg": "C16.900", "insu_admdvs": "411721"}
    dates = {}
    for name, day in (("begndate", begin), ("enddate", end), ("setl_time", end), ("brdy", date(1950, 5, 6))):
        cells[name], dates[name] = a_date(draw, day)
    parts = {name: sign * draw.randrange(500000) for name in PARTS}
    total = sum(parts.values()) + (1 if draw.random() < 0.03 else 0)
    amounts: dict[str, Decimal | None] = {}
    for name, fen in {
        **parts,
        "medfee_sumamt": total,
        **{p: sign * draw.randrange(1000) for p in PAYERS},
    }.items():
        cells[name], amounts[name] = money(draw, fen)
        if name in PAYERS and draw.random() < 0.2:
            cells[name], amounts[name] = "", Decimal(0)
    cells["certno"], cleaned = spoiled(draw, an_id(draw))
    return cells, _settlement_fault(dates, amounts, cleaned, reverses), setl_id


def _settlement_fault(
    dates: dict[str, date | None], amounts: dict[str, Decimal | None], number: str, reverses: str
) -> str | None:
    if any(day is None for day in dates.values()):
        return "date"
    known = [amount for amount in amounts.values() if amount is not None]
    if len(known) < len(amounts) or (min(known) < 0 and not reverses):
        return "amount"
    if is_id(number):
        return "check_digit"
    begin, end = dates["begndate"], dates["enddate"]
    if begin is not None and end is not None and end < begin:
        return "discharged_before_admission"
    if amounts["medfee_sumamt"] != sum((amounts[name] or Decimal(0) for name in PARTS), Decimal(0)):
        return "total_mismatch"
    return None


@pytest.mark.parametrize("seed", [1, 2])
def test_settlements_with_random_dirt(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    expected: dict[int, str] = {}
    accepted: set[str] = set()
    lines: list[list[str]] = []
    for row in range(1, ROWS + 1):
        cells, reason, setl_id = settlement(draw, row)
        if not lines:
            lines.append(list(cells))
        lines.append([cells[name] for name in lines[0]])
        if reason is None and setl_id in accepted:
            reason = "duplicate"
        if reason:
            expected[row] = reason
        else:
            accepted.add(setl_id)
    path = write_text(
        tmp_path / "a.csv", lines, encoding=["gb18030", "utf-16"][seed - 1], delimiter=",\t"[seed - 1]
    )

    with read_files("settlements", [path]) as reading:
        found = dict(reading.connection.execute('SELECT "row", reason FROM refused').fetchall())
        kept = {row[0] for row in reading.connection.execute("SELECT setl_id FROM accepted").fetchall()}

    assert found == expected
    assert kept == accepted
    assert len(set(expected.values())) == 6


@pytest.mark.parametrize("seed", [3, 4])
def test_a_register_with_random_dirt(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    people = [an_id(draw) for _ in range(ROWS // 2)]
    expected: dict[int, str] = {}
    seen: set[str] = set()
    statuses: list[tuple[str, date, date | None]] = []
    lines = [["姓名", "残疾人证号", "发证日期", "注销日期"]]
    for row in range(1, ROWS + 1):
        written, cleaned = spoiled(draw, draw.choice(people))
        tail = f"{draw.randrange(1, 8)}{draw.randrange(1, 5)}{draw.choice(['', '', '', '01', 'B2', '1'])}"
        start, began = a_date(draw, date(2015, 1, 1) + timedelta(days=draw.randrange(1000)))
        end, ended = a_date(draw, date(2019, 1, 1) + timedelta(days=draw.randrange(300)))
        if draw.random() < 0.7:
            end, ended = "", None
        if cleaned:
            written, cleaned = written + tail, cleaned + tail
        lines.append([f"人{row}", written, start, end])
        reason = _register_fault(cleaned, seen)
        if reason is None and began is None:
            reason = "date"
        if reason is None and end and ended is None:
            reason = "date"
        if reason:
            expected[row] = reason
        else:
            assert began is not None
            statuses.append((cleaned[:18], began, ended))
    path = write_text(tmp_path / "残疾人.txt", lines, encoding="utf-8-sig", delimiter="|")

    with read_files("hardship", [path]) as reading:
        found = dict(reading.connection.execute('SELECT "row", reason FROM refused').fetchall())
        kept = reading.connection.execute(
            "SELECT person_id, valid_from, valid_to FROM accepted ORDER BY seq"
        ).fetchall()

    assert found == expected
    assert kept == statuses


def _register_fault(number: str, seen: set[str]) -> str | None:
    if not number:
        return "missing"
    if len(number) not in (20, 22):
        return "length"
    if fault := is_id(number[:18]):
        return fault
    if number[:18] in seen:
        return "duplicate"
    seen.add(number[:18])
    return "not_covered_level" if number[19] in "34" else None
