"""One edit of what decides cases is refused with its file, or changes a worked case."""

from itertools import islice
from pathlib import Path
from shutil import copytree

import pytest

from tests.property.mutations import edits
from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.rules.assessment import assess, mismatches
from yiyuan.rules.cases import Case
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_cases, read_file, version_files
from yiyuan.rules.terms import SchemeVersion

SCHEMES = Path(__file__).parents[2] / "schemes"
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)


def _changes(version: SchemeVersion, case: Case) -> bool:
    try:
        return bool(mismatches(assess(version, case, HOLIDAYS), case))
    except (CaseError, SchemeError):
        return True


@pytest.mark.parametrize("scheme", ["huangping-yiyuan", "zhashui-yiyuan"])
def test_an_edit_is_refused_or_changes_a_worked_case(scheme: str, tmp_path: Path) -> None:
    directory = tmp_path / scheme
    copytree(SCHEMES / scheme, directory)
    file = version_files(directory)[0]
    text = file.read_text(encoding="utf-8")
    cases = [case for golden in sorted(directory.glob("golden/*.yaml")) for case in load_cases(golden)]
    survivors = []

    for edit in islice(edits(text, seed=1), 100):
        file.write_text(edit.text, encoding="utf-8")
        try:
            version, findings = read_file(file)
        except SchemeError:
            continue
        if version is None:
            assert findings.found, edit
        elif not any(_changes(version, case) for case in cases):
            survivors.append(f"{edit.line}: {edit.what}")

    assert survivors == []
