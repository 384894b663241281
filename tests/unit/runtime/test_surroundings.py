"""What a process finds in its environment: keys bound to the database they belong to."""

from pathlib import Path

import pytest

from yiyuan.runtime.database import CHECKED, DatabaseUrls
from yiyuan.runtime.secrets import FILE_BY_VARIABLE
from yiyuan.runtime.surroundings import process_environment


def _own(server: str) -> DatabaseUrls:
    return DatabaseUrls(f"postgresql://app@{server}", f"postgresql://owner@{server}", "", None)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in (*FILE_BY_VARIABLE, CHECKED):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("YIYUAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_child_is_given_database_keys_and_the_way_to_the_code(home: Path) -> None:
    environment = process_environment(_own("db.example/city"))

    assert environment["DATABASE_URL"] == "postgresql://app@db.example/city"
    assert environment["DATABASE_OWNER_URL"] == "postgresql://owner@db.example/city"
    assert environment["YIYUAN_HOME"] == str(home)
    assert all(environment[variable] for variable in FILE_BY_VARIABLE)
    assert (Path(environment["PYTHONPATH"]) / "yiyuan").is_dir()


def test_a_child_keeps_the_keys_it_was_given_and_makes_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKED, "1")
    monkeypatch.setenv("YIYUAN_FIELD_KEY", "given")

    assert process_environment(_own("db.example/city"))["YIYUAN_FIELD_KEY"] == "given"
    assert not (home / "secrets").exists()


def test_other_keys_for_another_database_do_not_lock_out_the_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = process_environment(_own("db.example/city"))
    with monkeypatch.context() as trial:
        for variable in FILE_BY_VARIABLE:
            trial.setenv(variable, "dHJpYWw=")
        process_environment(_own("db.example/trial"))

    assert process_environment(_own("db.example/city")) == first
