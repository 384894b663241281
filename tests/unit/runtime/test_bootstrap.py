"""First use: an environment made once, remade when half-made, brought up to date when the lock changes."""

import threading
import time
from pathlib import Path

import pytest

from yiyuan.runtime import bootstrap
from yiyuan.runtime.bootstrap import DEVELOPMENT, MAKING, RUNTIME, is_prepared, prepare, python_of


class Installer:
    """Stands in for pip: makes a Python, and remembers how often it was asked."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.found_fresh: list[bool] = []

    def __call__(self, folder: Path, lock: Path) -> None:
        self.found_fresh.append(not python_of(folder).exists())
        time.sleep(0.05)
        python_of(folder).parent.mkdir(exist_ok=True)
        python_of(folder).touch()
        self.made.append(lock.stem)


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    for name in (RUNTIME, DEVELOPMENT):
        (tmp_path / f"{name}.lock").write_text(f"{name}==1\n")
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path)
    stand_in = Installer()
    monkeypatch.setattr(bootstrap, "install", stand_in)
    return stand_in


def test_the_second_use_installs_nothing(installer: Installer, tmp_path: Path) -> None:
    prepare(tmp_path / "venv", RUNTIME)

    assert is_prepared(tmp_path / "venv", RUNTIME)
    assert not is_prepared(tmp_path / "venv", DEVELOPMENT)
    prepare(tmp_path / "venv", RUNTIME)
    assert installer.made == ["runtime"]


def test_what_developers_need_includes_what_the_city_needs(installer: Installer, tmp_path: Path) -> None:
    prepare(tmp_path / "venv", DEVELOPMENT)

    assert is_prepared(tmp_path / "venv", RUNTIME)


def test_a_changed_lock_is_installed_over_what_is_there(installer: Installer, tmp_path: Path) -> None:
    prepare(tmp_path / "venv", RUNTIME)
    (tmp_path / "runtime.lock").write_text("runtime==2\n")

    assert not is_prepared(tmp_path / "venv", RUNTIME)
    prepare(tmp_path / "venv", RUNTIME)

    assert is_prepared(tmp_path / "venv", RUNTIME)
    assert installer.found_fresh == [True, False]


def test_a_half_made_environment_is_made_anew(
    installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path, lock: Path) -> None:
        installer(folder, lock)
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "install", killed)
    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path / "venv", RUNTIME)
    monkeypatch.setattr(bootstrap, "install", installer)

    assert not is_prepared(tmp_path / "venv", RUNTIME)
    prepare(tmp_path / "venv", RUNTIME)

    assert is_prepared(tmp_path / "venv", RUNTIME)
    assert installer.found_fresh == [True, True]
    assert not (tmp_path / "venv" / MAKING).exists()


def test_an_environment_whose_python_went_away_is_made_anew(installer: Installer, tmp_path: Path) -> None:
    prepare(tmp_path / "venv", RUNTIME)
    python_of(tmp_path / "venv").unlink()
    python_of(tmp_path / "venv").symlink_to(tmp_path / "python-that-was-removed")

    assert not is_prepared(tmp_path / "venv", RUNTIME)
    prepare(tmp_path / "venv", RUNTIME)

    assert installer.found_fresh == [True, True]


def test_of_two_at_once_one_installs_and_the_other_waits(
    installer: Installer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = [threading.Thread(target=prepare, args=(tmp_path / "venv", RUNTIME)) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert installer.made == ["runtime"]
    assert "等待它完成" in capsys.readouterr().err


def test_of_two_checkouts_with_one_environment_one_installs_and_the_other_waits(
    installer: Installer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "venv").symlink_to(tmp_path / "venv")
    folders = (tmp_path / "venv", tmp_path / "another" / "venv")
    threads = [threading.Thread(target=prepare, args=(folder, RUNTIME)) for folder in folders]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert installer.made == ["runtime"]
    assert "等待它完成" in capsys.readouterr().err
