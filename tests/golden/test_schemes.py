"""Every worked case of every scheme comes out as it was worked by hand."""

from pathlib import Path

import pytest

from yiyuan.rules.assessment import assess, choose_version
from yiyuan.rules.cases import Case
from yiyuan.rules.expectations import mismatches
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_cases, load_versions

ROOT = Path(__file__).parents[2]
SCHEMES = ROOT / "schemes"
OTHERS = ROOT / "tests" / "schemes-of-others"
TUTORIAL = ROOT / "docs" / "schemes" / "tutorial.md"
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)
DIRECTORIES = sorted(file.parent for place in (SCHEMES, OTHERS) for file in place.glob("*/sources.yaml"))
VERSIONS = {directory: load_versions(directory) for directory in DIRECTORIES}
CASES = [
    pytest.param(directory, case, id=f"{directory.name}:{case.name}")
    for directory in DIRECTORIES
    for file in sorted((directory / "golden").glob("*.yaml"))
    for case in load_cases(file)
]


@pytest.mark.parametrize(("directory", "case"), CASES)
def test_the_case_comes_out_as_worked_by_hand(directory: Path, case: Case) -> None:
    version = choose_version(VERSIONS[directory], case)

    assert case.expect is not None
    assert mismatches(assess(version, case, HOLIDAYS), case) == []


def test_every_scheme_has_worked_cases() -> None:
    assert {parameters.values[0] for parameters in CASES} == set(DIRECTORIES)
    assert len(CASES) >= 20


def test_the_tutorial_ends_with_the_scheme_that_is_tested() -> None:
    tutorial = TUTORIAL.read_text(encoding="utf-8")
    directory = OTHERS / "qingshi-tutorial"

    for file in (*directory.glob("2*.yaml"), *directory.glob("golden/*.yaml")):
        assert file.read_text(encoding="utf-8") in tutorial, file
