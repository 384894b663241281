"""Where a city keeps its things, for root and for everybody else."""

import os
from pathlib import Path

import pytest

from yiyuan.runtime import places
from yiyuan.runtime.places import environment_folder, find_places, is_reachable_by_others, make_passable


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    monkeypatch.setattr(places, "CHECKOUT", folder)
    monkeypatch.setattr(places, "SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.delenv("YIYUAN_HOME", raising=False)
    return folder


def _as(monkeypatch: pytest.MonkeyPatch, user_id: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user_id)


def test_an_ordinary_user_keeps_everything_in_the_checkout(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 1000)

    found = find_places()

    assert (found.home, found.server) == (checkout / ".yiyuan", checkout / ".yiyuan")
    assert environment_folder() == checkout / ".venv"


def test_root_keeps_a_city_of_each_checkout_in_the_system_folder(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 0)

    first = find_places().home
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "another")

    assert first.parent == tmp_path / "system"
    assert find_places().home != first


def test_a_read_only_checkout_is_left_alone(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 1000)
    monkeypatch.setattr(places, "is_writable", lambda folder: folder != checkout)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    home = find_places().home

    assert home.parent == tmp_path / "data" / "yiyuan"
    assert environment_folder() == home / "venv"


def test_a_named_home_takes_the_environment_too(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIYUAN_HOME", str(tmp_path / "home"))

    assert find_places().home == tmp_path / "home"
    assert environment_folder() == tmp_path / "home" / "venv"


def test_as_root_the_server_leaves_a_closed_home_and_nothing_is_opened_up(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("YIYUAN_HOME", str(closed))

    found = find_places()

    assert found.home == closed
    assert found.server.parent == tmp_path / "system"
    assert closed.stat().st_mode & 0o777 == 0o700


def test_data_stays_where_it_is_when_the_home_is_closed_later(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 0)
    home = tmp_path / "home"
    (home / "city").mkdir(parents=True)
    home.chmod(0o700)
    monkeypatch.setenv("YIYUAN_HOME", str(home))

    assert find_places().server == home


def test_only_missing_folders_are_made_passable(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    old = os.umask(0o077)
    try:
        made = make_passable(closed / "a" / "b")
    finally:
        os.umask(old)

    assert made.stat().st_mode & 0o777 == 0o755
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not is_reachable_by_others(made)
