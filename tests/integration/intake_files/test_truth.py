"""The intake set met to the row: what is read, accepted and refused, and why."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tests.integration.intake_files.worlds import INTAKE, truth_of
from yiyuan.exchange.reading import read_files
from yiyuan.interfaces.commands.main import main

REGISTERS = {
    "registered_poor": "建档立卡贫困人口名单_2019.xlsx",
    "subsistence_allowance": "城乡低保花名册.xls",
    "destitute_support": "特困供养人员.csv",
    "severe_disability": "持证残疾人.xlsx",
    "urban_needy_worker": "困难职工档案.xlsx",
    "orphan": "孤儿名册.txt",
}
SCHEME = Path(__file__).parents[3] / "schemes" / "zhumadian-yiyuan"
TRUTH = json.loads((INTAKE / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("group", "file"), REGISTERS.items())
def test_a_register_is_read_to_the_row(group: str, file: str) -> None:
    with read_files("hardship", [INTAKE / file]) as reading:
        refused = dict(reading.connection.execute('SELECT "row", reason FROM refused').fetchall())
        accepted = reading.connection.execute('SELECT DISTINCT "group" FROM accepted').fetchall()

    (count,) = reading.files
    assert {"read": count.read, "accepted": count.accepted, "refused": count.refused} == TRUTH[group]
    assert refused == truth_of(file)
    assert accepted == [(group,)]


def test_the_settlements_are_read_to_the_row() -> None:
    file = "住院结算明细_2019.csv"

    with read_files("settlements", [INTAKE / file]) as reading:
        refused = dict(reading.connection.execute('SELECT "row", reason FROM refused').fetchall())

    (count,) = reading.files
    assert {"read": count.read, "accepted": count.accepted, "refused": count.refused} == TRUTH["settlements"]
    assert refused == truth_of(file)


def test_the_command_writes_canonical_files_and_masks_what_it_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(INTAKE / file) for file in REGISTERS.values()]

    code = main(["import", "hardship", *files, "--to", str(tmp_path), "--json"])

    counts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert [count["file"] for count in counts] == list(REGISTERS.values())
    with (tmp_path / "hardship.csv").open(encoding="utf-8", newline="") as lines:
        accepted = list(csv.DictReader(lines))
    assert list(accepted[0]) == ["person_id", "group", "county_code", "valid_from", "valid_to"]
    assert len(accepted) == sum(TRUTH[group]["accepted"] for group in REGISTERS)
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as lines:
        refused = list(csv.DictReader(lines))
    assert {(row["file"], int(row["row"]), row["reason"]) for row in refused} == {
        (file, row, reason) for file in REGISTERS.values() for row, reason in truth_of(file).items()
    }
    assert all(set(row["value"][2:-2]) <= {"*"} for row in refused)


def test_screening_what_was_read_decides_as_the_truth_does(tmp_path: Path) -> None:
    kinds = {
        "hardship": [*REGISTERS.values()],
        "settlements": ["住院结算明细_2019.csv"],
        "claimed": ["已赔付结算号.csv"],
    }
    for kind, files in kinds.items():
        assert main(["import", kind, *(str(INTAKE / file) for file in files), "--to", str(tmp_path)]) == 0
    inputs = [word for kind in kinds for word in (f"--{kind}", str(tmp_path / f"{kind}.csv"))]

    code = main(["screen", "--scheme", str(SCHEME), *inputs, "--out", str(tmp_path / "out")])

    assert code == 0
    with duckdb.connect() as connection:
        columns = 'setl_id, person_id, outcome, reason, "group", disease, residual_fen, benefit_fen'
        decided = connection.execute(
            f"SELECT {columns} FROM '{tmp_path}/out/decisions.parquet' ORDER BY setl_id"
        ).fetchall()
        truth = connection.execute(
            f"SELECT {columns} FROM read_csv('{INTAKE}/truth-decisions.csv', "
            "types = {'setl_id': 'VARCHAR', 'person_id': 'VARCHAR'}) ORDER BY setl_id"
        ).fetchall()
    assert decided == truth


def test_county_and_dates_are_those_of_the_file() -> None:
    with read_files("hardship", [INTAKE / "城乡低保花名册.xls"]) as reading:
        row = reading.connection.execute(
            "SELECT county_code, CAST(valid_from AS VARCHAR), CAST(valid_to AS VARCHAR), township "
            "FROM accepted WHERE person_id = '411723194205298575'"
        ).fetchone()

    assert row == ("411723", "2018-10-01", "2019-09-01", "双庙乡")


def test_a_sheet_named_after_a_county_gives_the_county() -> None:
    with read_files("hardship", [INTAKE / "困难职工档案.xlsx"]) as reading:
        row = reading.connection.execute(
            "SELECT county_code FROM accepted WHERE person_id = '411725193602195383'"
        ).fetchone()

    assert row == ("411725",)


def test_reading_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("once", "again"):
        assert (
            main(
                [
                    "import",
                    "settlements",
                    str(INTAKE / "住院结算明细_2019.csv"),
                    "--to",
                    str(tmp_path / folder),
                ]
            )
            == 0
        )

    for name in ("settlements.csv", "refused.csv"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
