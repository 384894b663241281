"""`./yiyuan scheme replay`: who gains and who loses under a draft, over the files of a screening."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from tests.builders import make_city
from tests.integration.screen.test_command import HEADER, SCHEME, _bill
from tests.integration.test_screening import city_with
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.errors import NothingToScreen
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.apps.screening.replaying import replay_registry
from yiyuan.interfaces.commands.main import main
from yiyuan.rules.scheme_file.loading import load_file


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The scheme in force, written for the year after, for a test to change."""
    folder = tmp_path / "draft"
    folder.mkdir()
    text = (SCHEME / "2019-01-01.yaml").read_text(encoding="utf-8")
    text = text.replace("from: 2019-01-01, to: 2020-01-01", "from: 2020-01-01, to: 2021-01-01")
    assert "2020-01-01, to: 2021" in text
    (folder / "2020-01-01.yaml").write_text(text, encoding="utf-8")
    (folder / "sources.yaml").write_bytes((SCHEME / "sources.yaml").read_bytes())
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    register = [
        "person_id,group,county_code,valid_from,valid_to",
        "甲,orphan,411702,2019-01-01,2019-12-25",
        "乙,severe_disability,411702,2019-01-01,",
    ]
    (tmp_path / "h.csv").write_text("\n".join(register), encoding="utf-8")
    bills = [
        _bill("SETTLE-0001"),
        _bill("SETTLE-0002", on="2019-05-01", amount="100000"),
        _bill("SETTLE-0003", who="乙", amount="99999"),
        _bill("SETTLE-0004", who="丙"),
    ]
    (tmp_path / "s.csv").write_text("\n".join([HEADER, *bills]), encoding="utf-8")
    (tmp_path / "c.csv").write_text("setl_id\nSETTLE-0002\n", encoding="utf-8")
    return tmp_path


def _replay(files: Path, draft: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    given = ["--hardship", str(files / "h.csv"), "--settlements", str(files / "s.csv")]
    given += ["--claimed", str(files / "c.csv"), "--against", str(SCHEME), "--json"]
    assert main(["scheme", "replay", str(draft), *given, *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def _change(draft: Path, before: str, after: str) -> None:
    file = draft / "2020-01-01.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_draft_that_says_the_same_moves_nothing(
    files: Path, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _replay(files, draft, capsys)

    assert list(found["by_change"]) == ["same"]
    assert found["total"]["count"] == 3
    assert found["total"]["before_fen"] == found["total"]["after_fen"] > 0
    assert found["biggest"] == {"gain": [], "lose": []}
    # What was paid is replayed, and counted apart.
    assert found["claimed"]["count"] == 1
    assert found["claimed"]["before_fen"] > 0


def test_a_group_left_out_loses_and_a_larger_sum_gains(
    files: Path, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _change(
        draft,
        "rate_bp: 5000, clause: MED-1A}\n        - {from_fen: 100_000, fixed",
        "rate_bp: 6000, clause: MED-1A}\n        - {from_fen: 100_000, fixed",
    )
    _change(draft, "code: severe_disability,", "code: severe_disability_2,")

    found = _replay(files, draft, capsys, "--out", str(files / "out"))

    assert {kind: sums["count"] for kind, sums in found["by_change"].items()} == {
        "more": 1,
        "no_longer_entitled": 1,
        "same": 1,
    }
    assert found["total"]["change_fen"] == 9_999 - 50_000
    assert (found["total"]["gain_fen"], found["total"]["loss_fen"]) == (9_999, -50_000)
    assert {key: sums["change_fen"] for key, sums in found["by_month"].items()} == {
        "2019-03": -40_001,
        "2019-05": 0,
    }
    assert {key: sums["change_fen"] for key, sums in found["by_group"].items()} == {
        "orphan": 9_999,
        "severe_disability": -50_000,
    }
    assert found["by_county"]["411702"]["change_fen"] == -40_001
    assert [one["setl_id"] for one in found["biggest"]["lose"]] == ["SE*******03"]
    assert found["by_outcome"]["entitled>not_entitled"]["count"] == 1
    kept = json.loads((files / "out" / "replay.json").read_text(encoding="utf-8"))
    assert kept == found
    rows = parquet.read_table(files / "out" / "changes.parquet").to_pylist()
    assert [row["setl_id"] for row in rows] == ["SETTLE-0001", "SETTLE-0002", "SETTLE-0003"]


def test_the_table_names_what_changed(files: Path, draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _change(
        draft,
        "rate_bp: 5000, clause: MED-1A}\n        - {from_fen: 100_000, fixed",
        "rate_bp: 6000, clause: MED-1A}\n        - {from_fen: 100_000, fixed",
    )
    given = ["--hardship", str(files / "h.csv"), "--settlements", str(files / "s.csv")]

    assert main(["scheme", "replay", str(draft), "--against", str(SCHEME), *given]) == 0

    said = capsys.readouterr().out
    assert "赔得多了" in said
    assert "SETTLE-0001" not in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--hardship", "h.csv"], 2, "要一起写"),
        (["--hardship", "h.csv", "--settlements", "s.csv"], 1, "--against"),
        (["--cases", "c.yaml", "--hardship", "h.csv", "--settlements", "s.csv"], 2, "只写一种"),
    ],
)
def test_wrong_use_is_told(
    draft: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["scheme", "replay", str(draft), *words]) == code

    assert said in capsys.readouterr().err


def test_event_cases_are_replayed_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = Path(__file__).parents[2] / "schemes-of-others" / "qingshi-tutorial"
    new = tmp_path / "2028-01-01.yaml"
    text = (old / "2027-01-01.yaml").read_text(encoding="utf-8")
    for before, after in (
        ("from: 2027-01-01, to: 2028-01-01", "from: 2028-01-01, to: 2029-01-01"),
        ("- {fixed_fen: 6_000_000}", "- {fixed_fen: 5_000_000}"),
    ):
        assert before in text
        text = text.replace(before, after)
    new.write_text(text, encoding="utf-8")
    (tmp_path / "sources.yaml").write_bytes((old / "sources.yaml").read_bytes())
    given = ["--against", str(old), "--cases", str(old / "golden" / "cases.yaml"), "--json"]

    assert main(["scheme", "replay", str(new), *given]) == 0

    cases = {one["case"]: one for one in json.loads(capsys.readouterr().out)["cases"]}
    assert len(cases) == 12
    assert cases["洪水中身亡，6 万元"]["before"] == {"outcome": "entitled", "benefit_fen": 6_000_000}
    assert cases["洪水中身亡，6 万元"]["change_fen"] == -1_000_000
    assert cases["见义勇为七级伤残加医疗"]["change_fen"] == 0
    assert not any(one["refused"] for one in cases.values())


def test_settlements_are_not_replayed_under_a_scheme_without_the_top_up(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tutorial = Path(__file__).parents[2] / "schemes-of-others" / "qingshi-tutorial"
    given = ["--hardship", str(files / "h.csv"), "--settlements", str(files / "s.csv")]

    assert main(["scheme", "replay", str(tutorial), "--against", str(SCHEME), *given]) == 1

    assert "--cases" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_citys_own_data_is_replayed_and_nothing_is_written(draft: Path) -> None:
    city_with(124_980)
    _change(draft, "fixed_fen: 80_000,", "fixed_fen: 90_000,")
    new = load_file(draft / "2020-01-01.yaml")

    found = replay_registry(old=get_terms(), new=new)

    assert found["total"]["change_fen"] == 10_000
    assert list(found["by_county"]) == ["411724"]
    assert not Run.objects.exists()
    assert not Proposal.objects.exists()


@pytest.mark.django_db
def test_an_empty_city_has_nothing_to_replay(draft: Path) -> None:
    make_city()

    with pytest.raises(NothingToScreen):
        replay_registry(old=get_terms(), new=load_file(draft / "2020-01-01.yaml"))
