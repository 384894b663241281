"""A scheme file edited at random: the fault and its line are named, or a worked case comes out otherwise."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from tests.property.mutations import Edit, edits
from yiyuan.rules.checking import check_scheme
from yiyuan.rules.holidays import BASE_FILE, load_holidays

SCHEMES = Path(__file__).parents[2] / "schemes"
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)
NAMES = ("huangping-yiyuan", "zhashui-yiyuan", "rizhao-minsheng", "zhumadian-yiyuan")
EDITS, SEED = 125, 20260101
DEFAULTS = {"starts": "papers_complete", "late": "question"}
CHANGED = re.compile(r"(\w+): ([\w_]+) → (\d+|\(nothing\))")


@pytest.fixture(params=NAMES)
def version_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    directory: Path = copytree(SCHEMES / request.param, tmp_path / request.param)
    (file,) = directory.glob("2*.yaml")
    return file


@pytest.mark.slow
def test_every_edit_is_refused_with_a_line_or_changes_a_worked_case(version_file: Path) -> None:
    text = version_file.read_text("utf-8")
    before = set(check_scheme(version_file.parent, HOLIDAYS).remarks)

    unnoticed = []
    for edit in islice(edits(text, SEED), EDITS):
        version_file.write_text(edit.text, "utf-8")
        report = check_scheme(version_file.parent, HOLIDAYS)
        assert all(re.search(r":\d+", str(fault)) for fault in report.faults), report.faults
        if not report.faults and set(report.remarks) <= before and not _changes_nothing(edit, text):
            unnoticed.append(f"{edit.line}: {edit.what}")

    assert unnoticed == []


def _changes_nothing(edit: Edit, text: str) -> bool:
    """What is left out and taken as said; a sum above an equal limit; a clock that is not payment's."""
    found = CHANGED.fullmatch(edit.what)
    if found is None:
        return False
    key, old, new = found[1], found[2], found[3]
    if new == "(nothing)":
        is_of_payment = "until:" not in text.splitlines()[edit.line - 1]
        return DEFAULTS.get(key) == old or (key == "starts" and not is_of_payment)
    return key == "fixed_fen" and int(new) > int(old.replace("_", "")) and f"limit_fen: {old}" in text


@pytest.mark.slow
def test_broken_lines_never_break_the_check(version_file: Path) -> None:
    text = version_file.read_text("utf-8")

    for broken in islice(_broken(text, Random(SEED)), EDITS):
        version_file.write_text(broken, "utf-8")

        report = check_scheme(version_file.parent, HOLIDAYS)

        assert report.versions in (0, 1)


def _broken(text: str, chance: Random) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    while True:
        number = chance.randrange(len(lines))
        line = lines[number]
        other = chance.choice(
            (line[: chance.randrange(len(line))] + "\n", line + line, f"  {line}", line.lstrip(), "", "- {\n")
        )
        yield "".join([*lines[:number], other, *lines[number + 1 :]])
