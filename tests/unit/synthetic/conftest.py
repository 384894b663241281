"""One small city, written once for all tests of this folder."""

from datetime import date
from pathlib import Path

import pytest

from yiyuan.synthetic.city import CityFiles, write_city

BUSINESS_ON = date(2019, 11, 20)


def make_city(directory: Path, *, people: int = 20_000, seed: int = 7) -> CityFiles:
    return write_city(
        directory, people=people, seed=seed, business_on=BUSINESS_ON, progress=lambda done, total: None
    )


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityFiles:
    return make_city(tmp_path_factory.mktemp("city"))
