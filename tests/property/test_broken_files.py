"""A scheme file cut short, doubled or shifted anywhere is reported, and never stops the check."""

from pathlib import Path
from random import Random
from shutil import copytree

from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.scheme_file.loading import read_file, version_files

SCHEMES = Path(__file__).parents[2] / "schemes"
EDITS = 500


def _cut(lines: list[str], spot: int) -> list[str]:
    return [*lines[:spot], lines[spot][: len(lines[spot]) // 2]]


def _double(lines: list[str], spot: int) -> list[str]:
    return [*lines[: spot + 1], *lines[spot:]]


def _shift(lines: list[str], spot: int) -> list[str]:
    return [*lines[:spot], f"  {lines[spot]}", *lines[spot + 1 :]]


def test_500_broken_files_only_ever_give_findings(tmp_path: Path) -> None:
    copytree(SCHEMES / "huangping-yiyuan", tmp_path / "scheme")
    file = version_files(tmp_path / "scheme")[0]
    lines = file.read_text(encoding="utf-8").splitlines()
    chance = Random(20190101)
    refused = 0

    for _ in range(EDITS):
        broken = chance.choice((_cut, _double, _shift))(lines, chance.randrange(len(lines)))
        file.write_text("\n".join(broken) + "\n", encoding="utf-8")
        try:
            _, findings = read_file(file)
        except SchemeError as error:
            found = [str(error)]
        else:
            found = [str(finding) for finding in findings.found]
        refused += bool(found)
        assert all(".yaml" in text for text in found)

    assert refused > EDITS // 2
