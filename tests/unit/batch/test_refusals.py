"""Refused rows: a row with several faults is refused for the first reason in the contract's order."""

from pathlib import Path

import duckdb
import pytest

from yiyuan.batch.canonical import HARDSHIP, SETTLEMENTS, Table
from yiyuan.batch.inputs import open_source
from yiyuan.batch.refusals import create_refused, refuse

REGISTER = "person_id,group,valid_from,valid_to"
BILL = "setl_id,person_id,admitted_on,medfee_sumamt_fen,inscp_scp_amt_fen,reverses_setl_id"
BEYOND = "100000000001"
ENDLESS = "9" * 30


@pytest.mark.parametrize(
    ("table", "header", "row", "column", "reason"),
    [
        (HARDSHIP, REGISTER, "a,nobody,,2019-02-30", "valid_from", "missing"),
        (HARDSHIP, REGISTER, "a,nobody,2019-01-01,2019-02-30", "valid_to", "unreadable"),
        (HARDSHIP, REGISTER, "a,nobody,2019-01-01,2019-01-01", "valid_to", "period"),
        (HARDSHIP, REGISTER, "a,nobody,2019-01-01,2019-01-02", "group", "group"),
        (SETTLEMENTS, BILL, f"S,,2019-02-30,{BEYOND},x,", "person_id", "missing"),
        (SETTLEMENTS, BILL, f"S,a,2019-02-30,{BEYOND},x,", "admitted_on", "unreadable"),
        (SETTLEMENTS, BILL, f"S,a,2019-02-28,{BEYOND},x,", "inscp_scp_amt_fen", "unreadable"),
        (SETTLEMENTS, BILL, f"S,a,2019-02-28,{ENDLESS},x,", "inscp_scp_amt_fen", "unreadable"),
        (SETTLEMENTS, BILL, f"S,a,2019-02-28,1,{ENDLESS},", "inscp_scp_amt_fen", "amount"),
        (SETTLEMENTS, BILL, f"first,a,2019-02-28,-{BEYOND},1,", "medfee_sumamt_fen", "amount"),
        (SETTLEMENTS, BILL, "first,a,2019-02-28,1,1,", "setl_id", "duplicate"),
    ],
)
def test_the_first_reason_that_applies_is_given(
    table: Table, header: str, row: str, column: str, reason: str, tmp_path: Path
) -> None:
    good = "first,orphan,2019-01-01," if table is HARDSHIP else "first,a,2019-02-28,1,1,"
    file = tmp_path / "input.csv"
    file.write_text(f"{header}\n{good}\n{row}\n", encoding="utf-8")

    with duckdb.connect() as engine:
        create_refused(engine)
        source = open_source(engine, table, str(file), "", frozenset(), tmp_path / "rewritten.parquet")
        cancels = "reverses_setl_id" if table is SETTLEMENTS else None
        refuse(engine, table, [source], ("orphan",), cancels)
        found = engine.execute('SELECT row_no, "column", reason FROM refused').fetchall()

    assert found == [(2, column, reason)]
