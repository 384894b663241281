"""The commands around the processes: words that are others' stay whole, and failures have a code."""

import argparse
import subprocess
from typing import Any

import pytest

from yiyuan.interfaces.commands import check, main, manage, refusals, run, test
from yiyuan.kernel.errors import YiyuanError


@pytest.mark.parametrize(
    "words",
    [["-k", "secrets", "-x"], ["--help"], ["-h"], ["tests/unit", "-q", "--", "-z"], ["--port", "1"], []],
)
@pytest.mark.parametrize("command", ["manage", "test"])
def test_words_for_django_and_pytest_arrive_as_they_were_written(
    words: list[str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def remember(options: argparse.Namespace) -> int:
        seen.append(options.words)
        return 0

    monkeypatch.setattr({"manage": manage, "test": test}[command], "run", remember)

    assert main.main([command, *words]) == 0
    assert [[word for word in seen[0] if word != "--"]] == [[word for word in words if word != "--"]]


@pytest.mark.parametrize(
    "words", [["--port", "0"], ["--port", "x"], ["--people", "0"], ["--today", "2019-02-30"], ["--nosuch"]]
)
def test_wrong_use_of_run_ends_with_two_and_starts_nothing(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "run", lambda _options: pytest.fail("started"))

    with pytest.raises(SystemExit) as end:
        main.main(["run", *words])

    assert end.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_a_missing_browser_fails_in_ci_and_is_said_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[Any] = []

    def start(command: list[str], **_: object) -> "subprocess.CompletedProcess[bytes]":
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("yiyuan.interfaces.commands.test.subprocess.run", start)
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    monkeypatch.setenv("CI", "true")
    assert main.main(["test"]) == 1
    assert started == []
    monkeypatch.delenv("CI")
    assert main.main(["test", "-q"]) == 0

    assert started[0][-1] == "-q"
    told = capsys.readouterr()
    assert "CI needs the browser tests" in told.err
    assert "browser tests are left out" in told.out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-x", "-k", "money"],
        ["tests/unit", "-q"],
        ["tests/unit/desk", "tests/architecture/test_house.py"],
    ],
)
def test_files_are_shared_out_among_the_processors(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    assert test.in_parallel(words)[:2] == ["--numprocesses=4", "--dist=loadfile"]


def test_processes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)

    assert test.in_parallel([])[0] == "--numprocesses=8"


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["-n", "3"],
            ["-n3"],
            ["-n0"],
            ["-nauto"],
            ["--numprocesses=1"],
            ["--dist", "load"],
            ["-p", "no:xdist"],
        ),
        *(["--pdb"], ["-s"], ["--capture=no"], ["tests/unit", "--pdb"], ["--collect-only", "-q"], ["--help"]),
        *(["tests/architecture/test_house.py"], ["-x", "tests/architecture/test_house.py::test_it"]),
        ["tests/unit", "tests/nowhere"],
    ],
)
def test_who_says_how_or_asks_for_one_file_gets_no_other_processes(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    assert test.in_parallel(words) == []


def test_one_processor_shares_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)

    assert test.in_parallel([]) == []


@pytest.mark.parametrize(("pytests", "ours"), [(0, 0), (1, 1), (2, 1), (4, 2), (5, 1)])
def test_pytests_codes_become_ours(pytests: int, ours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "yiyuan.interfaces.commands.test.subprocess.run",
        lambda command, **_: subprocess.CompletedProcess(command, pytests),
    )

    assert main.main(["test"]) == ours


def test_a_refusal_is_one_plain_message(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> int:
        raise YiyuanError("端口已被占用")

    assert refusals.told_plainly(refuse) == 1
    assert capsys.readouterr().err == "端口已被占用\n"


def test_check_has_every_part_the_house_asks_for() -> None:
    commands = [" ".join(part.command) for part in check.parts()]

    for tool in (
        "ruff format --check",
        "ruff check",
        "mypy",
        "lint-imports",
        "makemigrations --check",
        "tests/property",
        "scheme check",
    ):
        assert any(tool in command for command in commands), tool
