"""The scheme in force and its parts, read once."""

from pathlib import Path

import pytest

from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import SchemeVersion

SCHEMES = Path(__file__).parents[3] / "schemes"


@pytest.fixture(scope="session")
def zhumadian_directory() -> Path:
    return SCHEMES / "zhumadian-yiyuan"


@pytest.fixture(scope="session")
def zhumadian(zhumadian_directory: Path) -> SchemeVersion:
    return load_scheme(zhumadian_directory)


@pytest.fixture(scope="session")
def holidays() -> tuple[HolidayRow, ...]:
    return load_holidays(SCHEMES / BASE_FILE)
