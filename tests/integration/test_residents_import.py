"""A made-up city's registers of residents come into the registry: everybody once, in place and household."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from tests.builders import AT, CLERK, key
from yiyuan.apps.intake.running import ImportResult, import_file
from yiyuan.apps.intake.services import undo_import
from yiyuan.apps.registry.models import Division, Household, Person
from yiyuan.interfaces.commands.first_city import ground_divisions
from yiyuan.kernel.identity import sex
from yiyuan.synthetic.city import CityFiles, write_city

pytestmark = pytest.mark.django_db

PEOPLE = 12_000


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityFiles:
    return write_city(
        tmp_path_factory.mktemp("city"),
        people=PEOPLE,
        seed=3,
        business_on=date(2019, 11, 20),
        progress=lambda done, total: None,
    )


def bring(path: Path, kind: str, group: str = "") -> ImportResult:
    return import_file(path=path, kind=kind, group=group, actor=CLERK, occurred_at=AT, request_key=key())


def make_divisions() -> None:
    Division.objects.bulk_create(
        Division(code=new.code, name=new.name, level=new.level, parent_id=new.parent_code)
        for new in ground_divisions()
    )


def test_everybody_is_registered_with_place_household_and_relation(city: CityFiles) -> None:
    make_divisions()
    truth = json.loads(city.truth.read_text(encoding="utf-8"))["files"]

    results = {file.path.name: bring(file.path, "residents") for file in city.of_kind("residents")}

    for name, result in results.items():
        assert (result.read, result.accepted) == (truth[name]["read"], truth[name]["accepted"]), name
        assert result.changed == result.accepted
    assert Person.objects.count() == sum(result.accepted for result in results.values()) > PEOPLE * 0.9
    (first, *_) = city.of_kind("residents")
    with first.path.open(encoding="gb18030", newline="") as rows:
        written = {row["公民身份号码"]: row for row in csv.DictReader(rows)}
    for person in Person.objects.filter(county_code=first.path.name.split("_")[2])[:200]:
        row = written.get(str(person.id_number))
        if row is None:
            continue  # written with blanks or full-width digits, and cleaned
        assert (person.name, person.township_code, person.village_code, person.relation) == (
            row["姓名"],
            row["乡镇代码"],
            row["村(社区)代码"],
            row["与户主关系"],
        )
        assert person.sex == sex(str(person.id_number))
        assert (str(person.left_on) if person.left_on else "") == row["注销日期"]
        assert person.household is not None
        assert person.household.number == row["户号"]


def test_a_register_fills_what_a_list_left_blank_and_adds_nobody_twice(city: CityFiles) -> None:
    make_divisions()
    (poor, *_) = city.of_kind("hardship")
    bring(poor.path, "hardship", poor.group or "")
    known = set(Person.objects.values_list("id_index", flat=True))

    for file in city.of_kind("residents"):
        bring(file.path, "residents")

    filled = Person.objects.filter(id_index__in=known)
    assert filled.count() == len(known)
    assert filled.exclude(relation="").exclude(village_code="").count() > len(known) * 0.9


def test_a_register_is_taken_back_but_for_those_another_file_names(city: CityFiles) -> None:
    make_divisions()
    first = city.of_kind("residents")[0]
    job = bring(first.path, "residents")
    (poor, *_) = city.of_kind("hardship")
    bring(poor.path, "hardship", poor.group or "")
    named = set(Person.objects.filter(hardship__isnull=False).values_list("pk", flat=True))

    undo_import(job_id=job.job_id, reason="传错了", actor=CLERK, occurred_at=AT, request_key=key())

    assert set(Person.objects.values_list("pk", flat=True)) == named
    assert Household.objects.exists()
