"""The people of a file (整批登记人员): each found again by the blind index, or added with a sealed number.

In: people as a file names them, numbered by the file. Out: a CSV `n, person id` for every one of them.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yiyuan.apps.registry.bulk.copying import copy_out, execute, stage
from yiyuan.apps.registry.encryption import blind_index, seal
from yiyuan.apps.registry.names import pinyin_key
from yiyuan.kernel import identity

COLUMNS = """n integer, id_index uuid, id_number bytea, name text, name_key text, sex text, birth_on date,
    county_code text, township text, household_no text"""
ADD_HOUSEHOLDS = """INSERT INTO registry_household (number, county_code)
SELECT household_no, min(coalesce(county_code, '')) FROM staged_person WHERE household_no IS NOT NULL
GROUP BY household_no ON CONFLICT (number) DO NOTHING"""
# What is known of a person stays; a blank is filled from the newest file that knows.
ADD_PEOPLE = """INSERT INTO registry_person AS p (id_index, id_number, name, name_key, sex, birth_on,
    county_code, township_code, village_code, household_id, recorded_at)
SELECT s.id_index, s.id_number, coalesce(s.name, ''), coalesce(s.name_key, ''), s.sex, s.birth_on,
    coalesce(s.county_code, ''), coalesce(t.code, ''), '', h.id, %s
FROM staged_person s
LEFT JOIN registry_division t ON t.level = 2 AND t.name = s.township AND t.parent_id = s.county_code
LEFT JOIN registry_household h ON h.number = s.household_no
ON CONFLICT (id_index) DO UPDATE SET
    name = CASE WHEN p.name = '' THEN excluded.name ELSE p.name END,
    name_key = CASE WHEN p.name = '' THEN excluded.name_key ELSE p.name_key END,
    township_code = CASE WHEN p.township_code = '' THEN excluded.township_code ELSE p.township_code END,
    household_id = coalesce(p.household_id, excluded.household_id)
WHERE (p.name = '' AND excluded.name <> '') OR (p.township_code = '' AND excluded.township_code <> '')
    OR (p.household_id IS NULL AND excluded.household_id IS NOT NULL)"""
NUMBERS = """COPY (
    SELECT s.n, p.id FROM staged_person s JOIN registry_person p USING (id_index)
) TO STDOUT (FORMAT csv)"""


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person as a file names them, by a valid identity number; `n` is the file's own count of people."""

    n: int
    id_number: str
    name: str | None
    county_code: str | None
    township: str | None
    household_no: str | None


def record_people(people: Iterable[NamedPerson], *, recorded_at: datetime, work: Path) -> Path:
    """Add who is new, fill what was blank, and return a CSV that gives each `n` its person id.

    The file of sealed numbers lies in `work` until the caller removes that folder; repeating adds nobody.
    """
    sealed, numbers = work / "people.csv", work / "person-numbers.csv"
    with sealed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_row(person) for person in people)
    stage("staged_person", COLUMNS, sealed)
    execute(ADD_HOUSEHOLDS, [])
    execute(ADD_PEOPLE, [recorded_at])
    copy_out(NUMBERS, numbers)
    return numbers


def _row(person: NamedPerson) -> tuple[object, ...]:
    number = person.id_number
    return (
        person.n,
        blind_index(number),
        f"\\x{seal(number).hex()}",
        person.name,
        pinyin_key(person.name) if person.name else None,
        identity.sex(number),
        identity.birth_on(number),
        person.county_code,
        person.township,
        person.household_no,
    )
