"""The batch engine decides random worlds exactly as a second program written from the contract does."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from tests.property import oracle
from tests.property.worlds import World, make_world
from yiyuan.batch.run import DATE_COLUMNS, ScreenRequest, screen
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import SchemeVersion

SCHEME = Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan"
READINGS = ("flat", "capped", "banded")
WORLDS = 60


def _variant(scheme: SchemeVersion, plain: oracle.OracleScheme) -> tuple[SchemeVersion, oracle.OracleScheme]:
    """Return the scheme with a county outside the pool and diseases whose prefixes lie inside each other."""
    base = replace(scheme.diseases[0], exclude_prefixes=(), max_age=None, sex=None, needs_proof=False)
    added = (
        replace(base, code="V1", prefixes=("N18",), max_age=14),
        replace(base, code="V2", prefixes=("C8", "C34"), sex="1", max_age=20),
        replace(base, code="V3", prefixes=("C349",), sex="2", needs_proof=True),
        replace(base, code="V4", prefixes=("C",), exclude_prefixes=("C3", "C9")),
    )
    rows: list[dict[str, Any]] = [
        {"code": "V1", "prefixes": ["N18"], "max_age": 14},
        {"code": "V2", "prefixes": ["C8", "C34"], "sex": "1", "max_age": 20},
        {"code": "V3", "prefixes": ["C34.9"], "sex": "2", "needs_proof": True},
        {"code": "V4", "prefixes": ["C"], "exclude_prefixes": ["C3", "C9"]},
    ]
    wide = replace(scheme, diseases=(*scheme.diseases, *added), pool_excluded=frozenset({"411729"}))
    return wide, replace(plain, diseases=[*plain.diseases, *rows], outside_pool={"411729"})


def _paths(files: list[tuple[str, list[oracle.Row]]]) -> tuple[str, ...]:
    return tuple(path for path, _ in files)


def _request(scheme: SchemeVersion, world: World, out: Path, on: str, reading: str) -> ScreenRequest:
    return ScreenRequest(
        scheme,
        _paths(world.hardship),
        _paths(world.settlements),
        _paths(world.claimed),
        out,
        on=on,
        reading=reading,
    )


def _rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(file).to_pylist()
    return sorted(rows, key=lambda row: str(row.get("setl_id")))


def _sums(decisions: dict[str, dict[str, Any]], key: str) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in decisions.values():
        total = sums.setdefault(row[key], {"count": 0, "residual_fen": 0, "benefit_fen": 0})
        total["count"] += 1
        total["residual_fen"] += row["residual_fen"] or 0
        total["benefit_fen"] += row["benefit_fen"]
    return sums


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_random_world_is_decided_as_the_oracle_decides_it(seed: int, tmp_path: Path) -> None:
    scheme = load_scheme(SCHEME)
    plain = oracle.OracleScheme.of_file(SCHEME / "2019-01-01.yaml")
    if seed % 3 == 0:
        scheme, plain = _variant(scheme, plain)
    on, reading = list(DATE_COLUMNS)[seed % 3 if seed % 2 else 0], READINGS[seed % 5 % 3]
    world = make_world(seed, tmp_path)

    found = screen(_request(scheme, world, tmp_path / "结 果", on, reading))

    truth = oracle.screen(plain, world.hardship, world.settlements, world.claimed, DATE_COLUMNS[on], reading)
    decisions = {row.pop("setl_id"): row for row in _rows(tmp_path / "结 果" / "decisions.parquet")}
    clauses = {setl_id: row.pop("clause") for setl_id, row in decisions.items()}
    assert decisions == truth.decisions
    assert all(clauses.values()), "every decision rests on a clause"
    refused = [
        tuple(row.values()) for row in parquet.read_table(tmp_path / "结 果" / "refused.parquet").to_pylist()
    ]
    assert refused == truth.refused
    entries = {(name, row["path"]): row for row in found["inputs"] for name in [row["name"]]}
    files = (("hardship", world.hardship), ("settlements", world.settlements), ("claimed", world.claimed))
    for name, of_table in files:
        for number, (path, _) in enumerate(of_table):
            entry = entries[name, path]
            assert (entry["read"], entry["accepted"]) == (
                truth.read[name, number],
                truth.accepted[name, number],
            )
            assert entry["accepted"] + entry["refused"] == entry["read"]
    assert found["by_reason"] == _sums(truth.decisions, "reason")
    assert found["by_outcome"] == _sums(truth.decisions, "outcome")
    outside = {"count": truth.outside_count, "residual_fen": truth.outside_residual_fen}
    assert found["outside_register"] == outside
    assert found["decisions"] == len(truth.decisions)


def test_the_worlds_meet_every_reason_and_every_refusal(tmp_path: Path) -> None:
    plain = oracle.OracleScheme.of_file(SCHEME / "2019-01-01.yaml")
    _, wide = _variant(load_scheme(SCHEME), plain)
    reasons, refusals, missing = set(), set(), set()

    for seed in range(WORLDS):
        (tmp_path / str(seed)).mkdir()
        world = make_world(seed, tmp_path / str(seed))
        truth = oracle.screen(wide, world.hardship, world.settlements, world.claimed, "admitted_on", "flat")
        reasons |= {row["reason"] for row in truth.decisions.values()}
        missing |= {row["missing"] for row in truth.decisions.values()}
        refusals |= {entry[4] for entry in truth.refused}

    assert len(reasons) == 10
    assert refusals == {"missing", "unreadable", "period", "group", "amount", "duplicate"}
    facts = {None, "admitted_on", "county_code", "diagnosis_code", "birth_on", "sex", "inscp_scp_amt_fen"}
    assert missing == facts


def test_running_again_changes_nothing_but_run(tmp_path: Path) -> None:
    world = make_world(4, tmp_path)
    request = _request(load_scheme(SCHEME), world, tmp_path / "out", "admission", "flat")

    first = screen(request)
    rows = _rows(tmp_path / "out" / "decisions.parquet")
    second = screen(request)

    assert {key: value for key, value in first.items() if key != "run"} == {
        key: value for key, value in second.items() if key != "run"
    }
    assert json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")) == second
    assert _rows(tmp_path / "out" / "decisions.parquet") == rows
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "decisions.parquet",
        "manifest.json",
        "refused.parquet",
    ]


def _one_year_older(scheme: SchemeVersion) -> SchemeVersion:
    diseases = (replace(one, max_age=one.max_age and one.max_age + 1) for one in scheme.diseases)
    return replace(scheme, diseases=tuple(diseases))


def _one_day_longer(scheme: SchemeVersion) -> SchemeVersion:
    return replace(scheme, valid=replace(scheme.valid, to_on=date(2020, 1, 2)))


def _groups_turned(scheme: SchemeVersion) -> SchemeVersion:
    return replace(scheme, groups=scheme.groups[::-1])


@pytest.mark.parametrize("mutate", [_one_year_older, _one_day_longer, _groups_turned])
def test_a_planted_fault_is_noticed(mutate: Callable[[SchemeVersion], SchemeVersion], tmp_path: Path) -> None:
    plain = oracle.OracleScheme.of_file(SCHEME / "2019-01-01.yaml")

    def is_noticed(seed: int) -> bool:
        folder = tmp_path / str(seed)
        folder.mkdir()
        world = make_world(seed, folder)
        screen(_request(mutate(load_scheme(SCHEME)), world, folder / "out", "admission", "flat"))
        truth = oracle.screen(plain, world.hardship, world.settlements, world.claimed, "admitted_on", "flat")
        found = {row.pop("setl_id"): row for row in _rows(folder / "out" / "decisions.parquet")}
        return [{**row, "clause": ""} for row in found.values()] != [
            {**truth.decisions[setl_id], "clause": ""} for setl_id in found
        ]

    assert any(is_noticed(seed) for seed in range(WORLDS))
