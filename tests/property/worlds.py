"""Random small worlds (随机小世界): registers, settlements and claimed ids full of what is odd.

In: a seed. Out: the cells of every row, and the files written from them in a form the contract allows.
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet

from tests.property.oracle import AMOUNTS, DAYS, PAYERS, Row

GROUPS = ("registered_poor", "subsistence_allowance", "destitute_support", "severe_disability", "orphan")
FORMS = ("csv", "parquet", "parquet-as-text", "mixed")
CODES = (
    *(
        "C34",
        "c34.900",
        " C 34.9",
        "C91.0",
        "C91.000x001",
        "C91.1",
        "Q21.1",
        "C53.9",
        "D56",
        "D56.3",
        "D56.300",
    ),
    *(
        "D56.1",
        "A15.0",
        "C74.9",
        "I63.9",
        "C81.2",
        "N18.0",
        "N18.5",
        "N18.9",
        "Z99",
        "",
        "  ",
        ".",
        "C",
        "N18",
    ),
    *("Q2", "C81", "Q2 1.0"),
)
PERSONS = (
    "411702199001010011",
    "甲",
    "O'Brien",
    "a,b",
    '"q"',
    "NULL",
    " x",
    "x",
    "41",
    "4117",
    "a\nb",
    "%",
    "NaN",
)
BAD_DAYS = ("2019-02-30", "2019/03/01", "2019-3-1", "abc", "0000-01-01", "2019-13-01", "20190101", "infinity")
BAD_NUMBERS = ("1.5", "1,000", "abc", "1e5", "--5", "0x10", "5 fen", "１")
FAR_NUMBERS = ("100000000001", "-100000000001", "99999999999999999999999", "-9223372036854775808")
TEXTS = (
    "person_id",
    "group",
    "county_code",
    "setl_id",
    "sex",
    "diagnosis_code",
    "reverses_setl_id",
    "hospital_code",
)


@dataclass(frozen=True)
class TableFiles:
    """One option of the command: its files, and the cells that stand in them."""

    files: list[tuple[str, list[Row]]]


@dataclass(frozen=True)
class World:
    """The inputs of one run."""

    hardship: list[tuple[str, list[Row]]]
    settlements: list[tuple[str, list[Row]]]
    claimed: list[tuple[str, list[Row]]]


def make_world(seed: int, folder: Path) -> World:
    """Write the world of that seed and return its cells by file."""
    dice = random.Random(seed)
    form = dice.choice(FORMS)
    settlements = [
        _settlement(dice, number, form != "parquet") for number in range(dice.choice((0, 3, 60, 250)))
    ]
    hardship = [_hardship(dice, form != "parquet") for _ in range(dice.choice((0, 2, 30, 60)))]
    claimed: list[Row] = [
        {"setl_id": dice.choice(("", f"S{dice.randrange(260)}"))} for _ in range(dice.randrange(40))
    ]
    tables = {"hardship": hardship, "settlements": settlements, "claimed": claimed}
    written = {
        name: _write_files(dice, folder, name, rows, form, 1 if name == "claimed" else dice.choice((1, 2, 3)))
        for name, rows in tables.items()
    }
    if dice.random() < 0.2:
        written["claimed"] = []
    return World(written["hardship"], written["settlements"], written["claimed"])


def _day(dice: random.Random, is_text: bool, empty: float) -> str:
    if dice.random() < empty:
        return ""
    if is_text and dice.random() < 0.01:
        return dice.choice(BAD_DAYS)
    edges = ("2019-01-01", "2018-12-31", "2019-12-31", "2020-01-01", "2020-02-29", "2019-02-28", "2019-03-01")
    if dice.random() < 0.3:
        return dice.choice(edges)
    return (date(2018, 11, 1) + timedelta(dice.randrange(480))).isoformat()


def _birth(dice: random.Random, is_text: bool) -> str:
    fixed = (
        "",
        "2004-02-29",
        "2005-02-28",
        "2005-03-01",
        "2004-12-31",
        "2005-01-01",
        "2004-01-01",
        "2030-01-01",
    )
    if dice.random() < 0.5:
        return dice.choice(fixed)
    if is_text and dice.random() < 0.02:
        return dice.choice(BAD_DAYS)
    return (date(2001, 1, 1) + timedelta(dice.randrange(6800))).isoformat()


def _amount(dice: random.Random, is_text: bool, empty: float) -> str:
    draw = dice.random()
    if draw < empty:
        return ""
    if draw < empty + 0.005:
        return dice.choice(
            FAR_NUMBERS if is_text else ("100000000001", "-100000000001", "-9223372036854775808")
        )
    if is_text and draw < empty + 0.01:
        return dice.choice(BAD_NUMBERS)
    if is_text and draw < empty + 0.02:
        return dice.choice(("+7", "-0", "007", " 12 ", "100000000000"))
    return str(
        dice.choice((0, 0, 0, 1, 2, 3, 99_999, 100_000, 100_001, 160_000, dice.randrange(300_000), -500))
    )


def _settlement(dice: random.Random, number: int, is_text: bool) -> Row:
    setl_id = "" if dice.random() < 0.02 else f"S{number if dice.random() < 0.93 else dice.randrange(260)}"
    row = {
        "setl_id": setl_id,
        "person_id": "" if dice.random() < 0.02 else dice.choice((*PERSONS, f"外{dice.randrange(9)}")),
        "county_code": dice.choice(("411702", "411729", "411723", "")),
        "hospital_code": "H1",
        "birth_on": _birth(dice, is_text),
        "sex": dice.choice(("1", "2", "2", "9", "")),
        "admitted_on": _day(dice, is_text, 0.04),
        "discharged_on": _day(dice, is_text, 0.04),
        "settled_on": _day(dice, is_text, 0.04),
        "medfee_sumamt_fen": _amount(dice, is_text, 0.1),
        "inscp_scp_amt_fen": _amount(dice, is_text, 0.05),
        **{payer: _amount(dice, is_text, 0.6) if dice.random() < 0.3 else "0" for payer in PAYERS},
        "oth_pay_fen": "",
        "diagnosis_code": dice.choice(CODES),
        "other_diagnosis_codes": "C34|I10",
        "reverses_setl_id": f"S{dice.randrange(260)}" if dice.random() < 0.03 else "",
    }
    return {column: cell or None for column, cell in row.items()}


def _hardship(dice: random.Random, is_text: bool) -> Row:
    row = {
        "person_id": "" if dice.random() < 0.05 else dice.choice(PERSONS),
        "group": dice.choice((*GROUPS, *GROUPS, "", "veteran", "Registered_poor")),
        "county_code": "411702",
        "valid_from": _day(dice, is_text, 0.03),
        "valid_to": _day(dice, is_text, 0.5),
    }
    return {column: cell or None for column, cell in row.items()}


def _write_files(
    dice: random.Random, folder: Path, name: str, rows: Sequence[Row], form: str, count: int
) -> list[tuple[str, list[Row]]]:
    cuts = sorted(dice.randrange(len(rows) + 1) for _ in range(count - 1))
    parts = [list(rows[a:b]) for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    files: list[tuple[str, list[Row]]] = []
    for number, part in enumerate(parts):
        own = dice.choice(FORMS[:3]) if form == "mixed" else form
        if own == "parquet" and any(_is_only_text(row) for row in part):
            own = "csv"
        path = folder / f"{name} [{number}]'表*?.{'csv' if own == 'csv' else 'parquet'}"
        columns = _columns_of(name)
        dice.shuffle(columns)
        if own == "csv":
            _write_csv(dice, path, columns, part)
        else:
            _write_parquet(path, columns, part, own == "parquet")
        files.append((str(path), part))
    return files


def _columns_of(name: str) -> list[str]:
    dice = random.Random(0)
    example = {"hardship": _hardship(dice, True), "settlements": _settlement(dice, 0, True)}.get(
        name, {"setl_id": ""}
    )
    return list(example)


def _is_only_text(row: Row) -> bool:
    """Return whether some cell can stand in a typed column only as null."""
    for column in (*DAYS, "valid_from", "valid_to"):
        cell = row.get(column)
        if cell and (cell in BAD_DAYS):
            return True
    cells = [row.get(column) or "0" for column in AMOUNTS]
    return any(cell in BAD_NUMBERS or abs(int(cell)) >= 2**63 - 1 + (cell[:1] == "-") * 2 for cell in cells)


def _write_csv(dice: random.Random, path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    line_end = dice.choice(("\n", "\r\n"))
    mark = dice.choice(("", "\ufeff"))
    is_quoted = dice.random() < 0.5
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(mark)
        writer = csv.writer(
            file, lineterminator=line_end, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
        )
        writer.writerow([*columns, "remark"])
        for row in rows:
            writer.writerow([*(row.get(column) or "" for column in columns), 'extra, "column"\nover lines'])


def _write_parquet(path: Path, columns: Sequence[str], rows: Sequence[Row], is_typed: bool) -> None:
    arrays: dict[str, arrow.Array] = {"remark": arrow.array([1.5] * len(rows))}
    for column in columns:
        cells = [row.get(column) for row in rows]
        if is_typed and column in (*DAYS, "valid_from", "valid_to"):
            arrays[column] = arrow.array(
                [date.fromisoformat(c) if c else None for c in cells], arrow.date32()
            )
        elif is_typed and column in AMOUNTS:
            small = all(abs(int(cell or 0)) < 2**31 for cell in cells)
            kind = arrow.int32() if small else arrow.int64()
            arrays[column] = arrow.array([int(cell) if cell else None for cell in cells], kind)
        elif is_typed and not any(cells):
            arrays[column] = arrow.array([None] * len(cells), arrow.int32())
        else:
            arrays[column] = arrow.array(cells, arrow.string())
    parquet.write_table(arrow.table(arrays), path, row_group_size=7)
