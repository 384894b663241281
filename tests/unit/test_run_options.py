"""Options of `./yiyuan run` that exclude each other: told plainly, before anything is started."""

import argparse

import pytest

from yiyuan.interfaces.commands import run


@pytest.mark.parametrize("words", [["--people", "5000"], ["--months", "3"], ["--people", "100000"]])
def test_the_published_year_takes_no_people_and_no_months(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    run.configure(parser)

    code = run.run(parser.parse_args(["--published-year", *words]))

    assert code == 2
    assert "--published-year" in capsys.readouterr().err
