"""A made-up city is imported and screened: importer and engine find what the city knows of itself."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from yiyuan.interfaces.commands.main import main
from yiyuan.synthetic.city import CityFile, CityFiles, write_city

SCHEME = Path(__file__).resolve().parents[2] / "schemes" / "zhumadian-yiyuan"

KINDS = ("headcount", "hardship", "accounts", "settlements", "claimed", "residents")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityFiles:
    return write_city(
        tmp_path_factory.mktemp("city"),
        people=12_000,
        seed=3,
        business_on=date(2019, 11, 20),
        progress=lambda done, total: None,
    )


def _import(
    files: tuple[CityFile, ...], to: Path, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, object]]:
    paths = [str(file.path) for file in files]
    assert main(["import", files[0].kind, *paths, "--to", str(to), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def _truth_refused(city: CityFiles, name: str) -> list[tuple[int, str]]:
    with (city.directory / "truth-refused.csv").open(encoding="utf-8") as content:
        return [(int(row["row"]), row["reason"]) for row in csv.DictReader(content) if row["file"] == name]


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_read_to_the_row(
    city: CityFiles, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = json.loads(city.truth.read_text(encoding="utf-8"))["files"]
    files = city.of_kind(kind)

    reports = _import(files, tmp_path, capsys)

    assert len(reports) == len(files)
    for file, report in zip(files, reports, strict=True):
        expected = truth[file.path.name]
        found = {name: report[name] for name in ("read", "accepted", "refused")}
        assert found == {name: expected[name] for name in found}, file.path.name
    with (tmp_path / "refused.csv").open(encoding="utf-8") as content:
        refused = list(csv.DictReader(content))
    for file in files:
        mine = [
            (int(row["row"]), row["reason"]) for row in refused if Path(row["file"]).name == file.path.name
        ]
        assert sorted(mine) == _truth_refused(city, file.path.name), file.path.name


def test_the_screening_decides_what_the_city_knows(
    city: CityFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("hardship", "settlements", "claimed"):
        _import(city.of_kind(kind), tmp_path, capsys)
    words = ["screen", "--scheme", str(SCHEME), "--out", str(tmp_path / "out")]
    for kind in ("hardship", "settlements", "claimed"):
        words += [f"--{kind}", str(tmp_path / f"{kind}.csv")]

    assert main(words) == 0

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    truth = json.loads(city.truth.read_text(encoding="utf-8"))["decisions"]
    found = {reason: tally["count"] for reason, tally in manifest["by_reason"].items() if tally["count"]}
    assert found == truth["by_reason"]
    assert manifest["decisions"] == truth["decisions"]
    assert manifest["by_reason"]["entitled"]["residual_fen"] == truth["entitled_residual_fen"]
