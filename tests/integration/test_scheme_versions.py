"""The scheme in use follows its files, and those of the plans it takes over."""

import os
from pathlib import Path

import pytest
from django.test import override_settings

from tests.builders import make_city
from tests.unit.rules.plain import CAUSE, HEAD, write
from yiyuan.apps.schemes.queries import get_terms

pytestmark = pytest.mark.django_db

PARENT = """\
clauses: {P-1: {text: 上级, text_en: parent, assumed: 试, assumed_en: test}}
clocks: [{name: pay, bands: [{from_fen: 0, working_days: %d, clause: P-1}]}]
"""


def write_later(folder: Path, text: str, second: int) -> None:
    # A file system may not tell two writes of one moment apart.
    os.utime(write(folder, text), (second, second))


def test_a_changed_parent_is_noticed(tmp_path: Path) -> None:
    make_city()
    write_later(tmp_path / "province", PARENT % 3, 4_000_000_000)
    write(tmp_path / "zhumadian-yiyuan", HEAD + "inherits: ../province/2019-01-01.yaml\n" + CAUSE)

    with override_settings(SCHEMES=tmp_path):
        before = get_terms()
        write_later(tmp_path / "province", PARENT % 5, 4_000_000_100)
        after, again = get_terms(), get_terms()

    assert [clock.working_days for clock in before.clocks] == [3]
    assert [clock.working_days for clock in after.clocks] == [5]
    assert before.sha256 != after.sha256
    assert again is after
