"""The made-up city: the same for the same seed, nothing after the business date, rates as published."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from tests.unit.synthetic.conftest import BUSINESS_ON, make_city
from tests.unit.synthetic.reading import data_rows, text_rows

from yiyuan.synthetic.city import CityFile, CityFiles, write_city

KINDS = {"headcount", "hardship", "accounts", "settlements", "claimed", "residents"}


def _truth(city: CityFiles) -> dict[str, dict[str, dict[str, object]]]:
    content: dict[str, dict[str, dict[str, object]]] = json.loads(city.truth.read_text(encoding="utf-8"))
    return content


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first = make_city(tmp_path / "first", people=1_500)

    second = make_city(tmp_path / "second", people=1_500)
    other = make_city(tmp_path / "other", people=1_500, seed=8)

    for mine, same in zip(first.files, second.files, strict=True):
        assert mine.path.read_bytes() == same.path.read_bytes(), mine.path.name
    assert first.truth.read_bytes() == second.truth.read_bytes()
    settlements = (city.of_kind("settlements")[0].path.read_bytes() for city in (first, other))
    assert len(set(settlements)) == 2


def test_every_kind_is_written_and_every_file_name_says_it_is_a_demonstration(city: CityFiles) -> None:
    assert {file.kind for file in city.files} == KINDS
    assert [file.group for file in city.of_kind("hardship")] == [
        "registered_poor", "subsistence_allowance", "destitute_support", "severe_disability",
        "urban_needy_worker", "orphan",
    ]  # fmt: skip
    for file in city.files:
        assert file.path.is_file()
        assert file.path.name.startswith("演示_")


def test_the_residents_are_exactly_as_many_as_asked_for_and_nobody_shares_an_id(city: CityFiles) -> None:
    rows = [row for file in city.of_kind("residents") for row in text_rows(file.path)]

    ids = [row["公民身份号码"] for row in rows if row["公民身份号码"]]

    assert len(rows) == city.people
    assert len(set(ids)) == len(ids)


def test_the_ages_and_households_follow_the_census(city: CityFiles) -> None:
    rows = [row for file in city.of_kind("residents") for row in text_rows(file.path)]
    births = [date.fromisoformat(row["出生日期"]) for row in rows]
    elders = sum(birth <= date(1959, 11, 20) for birth in births) / len(births)
    children = sum(birth > date(2004, 11, 20) for birth in births) / len(births)
    households = len({row["户号"] for row in rows})

    assert elders == pytest.approx(0.198, abs=0.012)
    assert children == pytest.approx(0.251, abs=0.012)
    assert len(rows) / households == pytest.approx(2.93, abs=0.06)


def test_the_registers_hold_the_published_shares(city: CityFiles) -> None:
    files = _truth(city)["files"]
    read = {str(tally["group"]): tally["read"] for tally in files.values() if tally["kind"] == "hardship"}

    assert read["registered_poor"] == pytest.approx(20_000 * 0.0848, rel=0.15)
    assert read["subsistence_allowance"] == pytest.approx(20_000 * 0.0296, rel=0.25)
    assert read["destitute_support"] == pytest.approx(20_000 * 0.0046, rel=0.40)
    assert read["severe_disability"] == pytest.approx(20_000 * 0.0109 * 246 / 185, rel=0.25)


def test_the_truth_counts_the_rows_that_stand_in_the_files(city: CityFiles) -> None:
    files = _truth(city)["files"]

    for file in city.files:
        assert files[file.path.name]["read"] == len(data_rows(file)), file.path.name


def test_accepted_and_refused_add_up_and_the_refused_rows_are_named(city: CityFiles) -> None:
    files = _truth(city)["files"]
    with (city.directory / "truth-refused.csv").open(encoding="utf-8") as content:
        named = list(csv.DictReader(content))

    for name, tally in files.items():
        refused = tally["refused"]
        assert isinstance(refused, dict)
        rows = [row for row in named if row["file"] == name]
        assert isinstance(tally["accepted"], int)
        assert tally["read"] == tally["accepted"] + sum(refused.values())
        assert len(rows) == sum(refused.values())
        assert [int(row["row"]) for row in rows] == sorted(int(row["row"]) for row in rows)


def _written_days(file: CityFile) -> list[str]:
    columns = ("begndate", "enddate", "setl_time", "登记日期", "注销日期", "统计日期")
    return [
        str(row[column])[:10]
        for row in data_rows(file)
        for column in columns
        if str(row.get(column, "")).count("-") == 2
    ]


def test_nothing_lies_after_the_business_date(city: CityFiles) -> None:
    days = [
        day
        for kind in ("settlements", "residents", "headcount")
        for file in city.of_kind(kind)
        for day in _written_days(file)
    ]

    # 2019-13-01 is a planted unreadable date, not a late one.
    late = [day for day in days if day > BUSINESS_ON.isoformat() and day[5:7] <= "12"]

    assert len(days) > city.people
    assert late == []


@pytest.mark.parametrize("people", [999, 9_600_001])
def test_a_city_too_small_or_too_large_is_refused(tmp_path: Path, people: int) -> None:
    with pytest.raises(ValueError, match="人数"):
        write_city(
            tmp_path, people=people, seed=1, business_on=BUSINESS_ON, progress=lambda done, total: None
        )


def test_progress_grows_to_the_whole(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []

    write_city(
        tmp_path, people=5_000, seed=1, business_on=BUSINESS_ON, progress=lambda *call: calls.append(call)
    )

    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert calls[-1] == (5_000, 5_000)
