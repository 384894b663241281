"""Lookups in SQL say what the rules say in Python, one piece at a time."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from yiyuan.batch import sql
from yiyuan.batch.lookups import candidate_count
from yiyuan.batch.people import group_table
from yiyuan.kernel.identity import mask_value
from yiyuan.rules.scheme_file.loading import load_scheme

SCHEME = load_scheme(Path(__file__).parents[3] / "schemes" / "zhumadian-yiyuan")
AWKWARD = (
    "",
    "a",
    "ab",
    "abcd",
    "abcde",
    "O'Brien's",
    '"quoted"',
    "李小明的身份证",
    "a\nb\nc",
    "%_\\",
    "$1 {2}",
    "☃" * 9,
)


def _value(expression: str) -> object:
    with duckdb.connect() as engine:
        return engine.execute(f"SELECT {expression}").fetchall()[0][0]


@pytest.mark.parametrize("text", AWKWARD)
def test_a_text_is_exactly_itself_and_masked_as_the_kernel_masks_it(text: str) -> None:
    assert _value(sql.text(text)) == text
    assert _value(sql.masked(sql.text(text))) == mask_value(text)


def test_a_name_may_hold_a_quote_and_a_word_of_sql() -> None:
    names = ["group", 'a"b']
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE t ({', '.join(sql.name(name) + ' INT' for name in names)})")

        assert [row[0] for row in engine.execute("DESCRIBE t").fetchall()] == names


def test_a_path_names_one_file_although_it_looks_like_a_pattern(tmp_path: Path) -> None:
    for name in ("a[1].csv", "a1.csv", "a*.csv", "ab.csv", "it's?.csv"):
        (tmp_path / name).write_text(f"x\n{name}\n", encoding="utf-8")

    for name in ("a[1].csv", "a*.csv", "it's?.csv"):
        scan = f"read_csv({sql.file(tmp_path / name)}, header = true, columns = {{x: 'VARCHAR'}})"
        assert _value(f"(SELECT x FROM {scan})") == name


def test_days_and_nothing_are_written_as_literals() -> None:
    assert _value(sql.day(date(2019, 1, 2))) == date(2019, 1, 2)
    assert _value(sql.text_or_null(None)) is None
    assert _value(sql.either([])) is False
    assert _value(sql.either(["FALSE", "NULL IS NULL"])) is True


def test_no_code_of_the_scheme_is_listed_under_two_diseases() -> None:
    assert candidate_count(SCHEME.diseases) == 1


def test_prefixes_inside_each_other_are_counted() -> None:
    base = SCHEME.diseases[0]
    nested = [replace(base, prefixes=prefixes) for prefixes in (("C",), ("C34", "D1"), ("C341",), ("D",))]

    assert candidate_count(nested) == 3
    assert candidate_count([]) == 1


def test_places_are_the_scheme_s_groups_in_order() -> None:
    with duckdb.connect() as engine:
        rows = engine.execute(
            f'SELECT place, "group" FROM {group_table(SCHEME.groups)} ORDER BY place'
        ).fetchall()

    assert rows == list(enumerate(group.code for group in SCHEME.groups))
