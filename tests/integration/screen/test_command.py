"""`./yiyuan screen` as its users meet it: exit codes, plain messages, the three results."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from yiyuan.interfaces.commands.main import main

CHECKOUT = Path(__file__).parents[3]
SCHEME = CHECKOUT / "schemes" / "zhumadian-yiyuan"
PAYERS = "hifp_pay_fen,cvlserv_pay_fen,hifes_pay_fen,hifmi_pay_fen,hifob_pay_fen,maf_pay_fen,oth_pay_fen"
HEADER = (
    "setl_id,person_id,county_code,hospital_code,birth_on,sex,admitted_on,discharged_on,settled_on,"
    f"medfee_sumamt_fen,inscp_scp_amt_fen,{PAYERS},diagnosis_code,other_diagnosis_codes,reverses_setl_id"
)
BILL = (
    "{id},{who},411702,H1,1960-05-04,2,{on},2019-12-30,2020-01-09,{total},{amount},0,,,,,,,C34.9,,{cancels}"
)


def _bill(setl_id: str, who: str = "甲", on: str = "2019-03-01", amount: str = "99999", **more: str) -> str:
    fields = {"id": setl_id, "who": who, "on": on, "amount": amount, "total": "1", "cancels": "", **more}
    return BILL.format(**fields)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    register = ["person_id,group,county_code,valid_from,valid_to", "甲,orphan,411702,2019-01-01,2019-12-25"]
    (tmp_path / "h.csv").write_text("\n".join(register), encoding="utf-8")
    (tmp_path / "s.csv").write_text("\n".join([HEADER, _bill("S1")]), encoding="utf-8")
    return tmp_path


def _screen(files: Path, *more: str, settlements: tuple[str, ...] = ("s.csv",)) -> int:
    paths = [str(files / name) for name in settlements]
    given = ["--scheme", str(SCHEME), "--hardship", str(files / "h.csv"), "--settlements", *paths]
    return main(["screen", *given, "--out", str(files / "out"), *more])


def _rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(file).to_pylist()
    return rows


def test_a_run_writes_three_results_and_says_what_it_found(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _screen(files) == 0

    assert sorted(path.name for path in (files / "out").iterdir()) == [
        *("decisions.parquet", "manifest.json", "refused.parquet"),
    ]
    assert _rows(files / "out" / "decisions.parquet") == [
        {
            "setl_id": "S1",
            "person_id": "甲",
            "outcome": "entitled",
            "reason": "entitled",
            "group": "orphan",
            "disease": "D08",
            "residual_fen": 99999,
            "benefit_fen": 50000,
            "clause": "MED-1A",
            "missing": None,
        }
    ]
    said = capsys.readouterr().out
    assert "500.00 元" in said
    assert "读 1，收 1，拒 0" in said


def test_the_columns_of_the_results_are_those_of_the_contract(files: Path) -> None:
    assert _screen(files) == 0

    decisions = parquet.read_schema(files / "out" / "decisions.parquet")
    texts = ("setl_id", "person_id", "outcome", "reason", "group", "disease")
    assert decisions.names == [*texts, "residual_fen", "benefit_fen", "clause", "missing"]
    assert {str(decisions.field(name).type) for name in ("residual_fen", "benefit_fen")} == {"int64"}
    refused = parquet.read_schema(files / "out" / "refused.parquet")
    assert refused.names == ["input", "row", "column", "value", "reason"]
    manifest = json.loads((files / "out" / "manifest.json").read_text(encoding="utf-8"))
    keys = [
        "scheme",
        "reading",
        "on",
        "inputs",
        "decisions",
        "by_outcome",
        "by_reason",
        "outside_register",
        "run",
    ]
    assert list(manifest) == keys
    assert list(manifest["inputs"][0]) == ["name", "path", "sha256", "read", "accepted", "refused"]
    assert [manifest["scheme"]["id"], manifest["reading"], manifest["on"]] == [
        "zhumadian-yiyuan",
        "flat",
        "admission",
    ]


def test_refused_rows_are_named_in_the_order_of_the_files(files: Path) -> None:
    first = [_bill("S1"), _bill("", who=""), _bill("S2", total="x" * 7, amount="99999999999999999999999")]
    second = [_bill("S1", on="2019-02-30"), _bill("S1"), _bill("S2"), _bill("S2", amount="100000000001")]
    (files / "s.csv").write_text("\n".join([HEADER, *first]), encoding="utf-8")
    (files / "t.csv").write_text("\n".join([HEADER, *second]), encoding="utf-8")

    assert _screen(files, settlements=("s.csv", "t.csv")) == 0

    s, t = str(files / "s.csv"), str(files / "t.csv")
    assert [tuple(row.values()) for row in _rows(files / "out" / "refused.parquet")] == [
        (s, 2, "setl_id", None, "missing"),
        (s, 3, "medfee_sumamt_fen", "xx***xx", "unreadable"),
        (t, 1, "admitted_on", "20******30", "unreadable"),
        (t, 2, "setl_id", "S1", "duplicate"),
        (t, 4, "inscp_scp_amt_fen", "10********01", "amount"),
    ]
    manifest = json.loads((files / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [(entry["read"], entry["accepted"]) for entry in manifest["inputs"]] == [(1, 1), (3, 1), (4, 1)]


def test_a_scheme_without_the_top_up_is_refused_plainly(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scheme = CHECKOUT / "schemes" / "huangping-yiyuan"

    assert _screen(files, "--scheme", str(scheme)) == 1

    assert "没有按结算逐笔核定的医疗保障" in capsys.readouterr().err
    assert not (files / "out").exists()


def test_the_same_file_twice_is_all_duplicates(files: Path) -> None:
    assert _screen(files, settlements=("s.csv", "s.csv")) == 0

    assert [row["reason"] for row in _rows(files / "out" / "refused.parquet")] == ["duplicate"]


@pytest.mark.parametrize(
    ("on", "reason"),
    [("admission", "entitled"), ("discharge", "no_group_on_date"), ("settlement", "outside_period")],
)
def test_the_date_that_counts_can_be_chosen(files: Path, on: str, reason: str) -> None:
    assert _screen(files, "--on", on) == 0

    assert [row["reason"] for row in _rows(files / "out" / "decisions.parquet")] == [reason]


@pytest.mark.parametrize(
    ("reading", "benefit_fen"), [("flat", 80_000), ("capped", 65_000), ("banded", 80_000)]
)
def test_the_reading_can_be_chosen(files: Path, reading: str, benefit_fen: int) -> None:
    (files / "s.csv").write_text("\n".join([HEADER, _bill("S1", amount="130000")]), encoding="utf-8")

    assert _screen(files, "--reading", reading, "--version", "2019-01-01") == 0

    assert [row["benefit_fen"] for row in _rows(files / "out" / "decisions.parquet")] == [benefit_fen]


def test_claimed_may_be_given_empty(files: Path) -> None:
    (files / "c.csv").write_text("setl_id\n", encoding="utf-8")

    assert _screen(files, "--claimed", str(files / "c.csv")) == 0
    assert _screen(files, "--claimed") == 0


def test_options_given_twice_add_up(files: Path) -> None:
    (files / "t.csv").write_text("\n".join([HEADER, _bill("S2")]), encoding="utf-8")

    assert _screen(files, "--settlements", str(files / "t.csv")) == 0

    assert len(_rows(files / "out" / "decisions.parquet")) == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--version", "2031-01-01"], 1, "2031-01-01"),
        (["--scheme", "nowhere"], 1, "nowhere"),
        (["--hardship", "nowhere.csv"], 1, "nowhere.csv"),
        (["--engine", "spark"], 1, "spark"),
        (["--reading", "generous"], 2, "generous"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(
    files: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    assert _screen(files, *words) == code

    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
    assert not (files / "out" / "decisions.parquet").exists()


@pytest.mark.parametrize(
    "words", [["--on", "birth"], ["--version", "soon"], ["--engine", "abacus"], ["--wrong"]]
)
def test_wrong_use_ends_with_2(files: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _screen(files, *words)

    assert ended.value.code == 2


def test_a_failed_run_leaves_the_last_results_as_they_were(files: Path) -> None:
    assert _screen(files) == 0
    before = {path.name: path.read_bytes() for path in (files / "out").iterdir()}
    (files / "s.csv").write_text("setl_id\nS1\n", encoding="utf-8")

    assert _screen(files) == 1

    assert {path.name: path.read_bytes() for path in (files / "out").iterdir()} == before


def test_a_folder_that_cannot_be_made_is_said_plainly(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "out").write_text("a file", encoding="utf-8")

    assert _screen(files) == 1

    assert "out" in capsys.readouterr().err


def test_the_program_runs_from_a_shell_with_paths_relative_to_it(files: Path) -> None:
    words = ["--scheme", str(SCHEME), "--hardship", "h.csv", "--settlements", "./s.csv", "--out", "结果/一"]
    command = [sys.executable, "-m", "yiyuan", "screen", *words]

    ended = subprocess.run(
        command, cwd=files, env={"PYTHONPATH": str(CHECKOUT / "src")}, capture_output=True, check=False
    )

    assert ended.returncode == 0, ended.stderr.decode()
    manifest = json.loads((files / "结果" / "一" / "manifest.json").read_text(encoding="utf-8"))
    assert [entry["path"] for entry in manifest["inputs"]] == ["h.csv", "./s.csv"]


def test_a_log_in_an_old_character_set_does_not_make_a_done_run_fail(files: Path) -> None:
    given = [
        "--scheme",
        str(SCHEME),
        "--hardship",
        str(files / "h.csv"),
        "--settlements",
        str(files / "s.csv"),
    ]
    command = [sys.executable, "-m", "yiyuan", "screen", *given, "--out", str(files / "out")]
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(CHECKOUT / "src")}

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=narrow)

    assert (done.returncode, done.stderr) == (0, "")
    assert "500.00" in done.stdout
