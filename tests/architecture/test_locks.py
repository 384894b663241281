"""The lock files: every package pinned by its checksum, and the two agree."""

import re
from pathlib import Path

import pytest

from yiyuan.runtime.places import CHECKOUT

REQUIREMENTS = CHECKOUT / "requirements"
LOCKS = ["runtime", "development", "pip"]


def _pins(lock: str) -> dict[str, str]:
    text = _text(REQUIREMENTS / f"{lock}.lock")
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").replace("\\\n", "")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_checksum(lock: str) -> None:
    lines = [
        line for line in _text(REQUIREMENTS / f"{lock}.lock").splitlines() if re.match(r"[\w.-]+==", line)
    ]

    assert lines
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def test_developers_run_the_very_packages_a_city_runs() -> None:
    runtime, development = _pins("runtime"), _pins("development")

    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["runtime", "development"])
def test_every_package_that_is_asked_for_is_locked(lock: str) -> None:
    asked = (REQUIREMENTS / f"{lock}.in").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z][\w.-]*)", asked, re.MULTILINE)

    assert names
    assert [name for name in names if name.lower() not in _pins(lock)] == []
