"""Every worked case of every scheme comes out as it was worked by hand."""

from pathlib import Path

import pytest

from yiyuan.rules.assessment import assess, choose_version, mismatches
from yiyuan.rules.cases import Case
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_cases, load_versions

SCHEMES = Path(__file__).parents[2] / "schemes"
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)
DIRECTORIES = sorted(file.parent for file in SCHEMES.glob("*/sources.yaml"))
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
