"""The people of a file (整批登记人员): each found again by the blind index, or added with a sealed number.

In: people as a file names them, numbered by the file. Out: which person each number is.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from yiyuan.apps.registry.bulk.copying import Origin, copy_through, execute, fetch_number, fetch_rows, stage
from yiyuan.apps.registry.encryption import blind_index_hex, seal_all
from yiyuan.apps.registry.models import Division, Person
from yiyuan.apps.registry.names import name_parts, pinyin_key
from yiyuan.kernel import identity

BLOCK_PEOPLE = 200_000
TOWNSHIP = 2
COLUMNS = (
    "id", "id_index", "id_number", "name", "name_key", "sex", "birth_on", "county_code", "township_code",
    "village_code", "household_id", "relation", "left_on", "import_job_id", "recorded_at",
)  # fmt: skip
# Texts that may be empty are no null in the registry.
TEXTS = ("name", "name_key", "sex", "county_code", "township_code", "village_code", "relation")
KNOWN = "SELECT s.n, p.id FROM staged_index s JOIN registry_person p USING (id_index)"
# Numbers are set aside for the file, so that only people known before need to be looked up. Somebody else may
# draw a number in between; then the block has a hole, and null says: draw again.
SET_ASIDE = """SELECT CASE WHEN count(*) = 0 THEN 0 WHEN max(v) - min(v) + 1 = count(*) THEN min(v) - 1 END
FROM (
    SELECT nextval(pg_get_serial_sequence('registry_person', 'id')) AS v FROM generate_series(1, %s)
) AS drawn"""
ADD_HOUSEHOLDS = """INSERT INTO registry_household (number, county_code)
SELECT number, county_code FROM unnest(%s::text[], %s::text[]) AS t(number, county_code)
ON CONFLICT (number) DO NOTHING"""
HOUSEHOLDS = "SELECT number, id FROM registry_household WHERE number = ANY(%s)"
# A column that is blank in the registry and told by the file.
FILLED = {
    "name": "p.name = '' AND s.name <> ''",
    "county_code": "p.county_code = '' AND s.county_code <> ''",
    "township_code": "p.township_code = '' AND s.township_code <> ''",
    "village_code": "p.village_code = '' AND s.village_code <> ''",
    "household_id": "p.household_id IS NULL AND s.household_id IS NOT NULL",
    "relation": "p.relation = '' AND s.relation <> ''",
    "left_on": "p.left_on IS NULL AND s.left_on IS NOT NULL",
}
BLANK_AND_TOLD = " OR ".join(f"({condition})" for condition in FILLED.values())
# Which blanks an import fills is kept, so that they are blank again when it is taken back.
KEEP_FILLED = f"""INSERT INTO registry_filledblank (person_id, import_job_id, columns)
SELECT p.id, %s, concat_ws(',', {", ".join(f"CASE WHEN {c} THEN '{name}' END" for name, c in FILLED.items())})
FROM staged_filling s JOIN registry_person p ON p.id = s.id WHERE {BLANK_AND_TOLD}"""
# What is known of a person stays; a blank is filled from the newest file that knows.
FILL = f"""UPDATE registry_person p SET
    name = CASE WHEN p.name = '' THEN coalesce(s.name, '') ELSE p.name END,
    name_key = CASE WHEN p.name = '' THEN coalesce(s.name_key, '') ELSE p.name_key END,
    county_code = coalesce(nullif(p.county_code, ''), s.county_code, ''),
    township_code = coalesce(nullif(p.township_code, ''), s.township_code, ''),
    village_code = coalesce(nullif(p.village_code, ''), s.village_code, ''),
    household_id = coalesce(p.household_id, s.household_id),
    relation = coalesce(nullif(p.relation, ''), s.relation, ''),
    left_on = coalesce(p.left_on, s.left_on)
FROM staged_filling s WHERE p.id = s.id AND ({BLANK_AND_TOLD})"""
# Where a file names somebody otherwise than we have them, both names stand until a person decides.
DISAGREE = """INSERT INTO registry_namesaid (person_id, name, name_before, import_job_id, said_at)
SELECT s.id, s.name, p.name, %s, %s FROM staged_filling s JOIN registry_person p ON p.id = s.id
WHERE s.name <> '' AND p.name <> '' AND p.name <> s.name ON CONFLICT (person_id, name) DO NOTHING"""
ADD_NAME_PARTS = """INSERT INTO registry_namepart (part, name) SELECT part, name FROM staged_name_part
ON CONFLICT DO NOTHING"""
FILLING = """id bigint, name text, name_key text, county_code text, township_code text, village_code text,
    household_id bigint, relation text, left_on date"""


class NamedPerson(NamedTuple):
    """A person as a file names them, by a valid identity number; `n` counts the file's people from 1."""

    n: int
    id_number: str
    name: str | None
    county_code: str | None
    township: str | None
    household_no: str | None
    village: str | None = None
    relation: str | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonNumbers:
    """Which person each `n` is: `base + n`, but for those in the CSV `known`, who were there before.

    `added` says how many were new.
    """

    base: int
    known: Path
    added: int = 0


@dataclass(frozen=True, slots=True)
class _Places:
    divisions: Mapping[tuple[str, str], str]
    households: Mapping[str, int]

    def township(self, person: "NamedPerson") -> str:
        """Return the code of the township, which files give by name or by code."""
        return self.divisions.get((person.county_code or "", person.township or ""), "")

    def village(self, person: "NamedPerson") -> str:
        """Return the code of the village, which files give by name or by code."""
        return self.divisions.get((self.township(person), person.village or ""), "") if person.village else ""


def record_people(people: Iterable[NamedPerson], *, count: int, origin: Origin, work: Path) -> PersonNumbers:
    """Add who is new, fill what was blank, and tell which person each `n` up to `count` is.

    The files in `work` hold sealed numbers only; repeating adds nobody.
    """
    while (base := fetch_number(SET_ASIDE, [count])) is None:
        pass
    divisions = _divisions()
    is_empty = not Person.objects.exists()
    known_people, known_count = work / "known-people.csv", 0
    everyone, names = iter(people), set[str]()
    with known_people.open("w", encoding="utf-8", newline="") as known_file:
        while block := list(islice(everyone, BLOCK_PEOPLE)):
            indexes = [blind_index_hex(person.id_number) for person in block]
            known = {} if is_empty else _find_known(block, indexes, work)
            places = _Places(divisions, _households(block))
            _add(block, indexes, known, places, base, origin, work)
            _fill(block, known, places, origin, work)
            _add_name_parts({person.name for person in block if person.name} - names, work)
            names.update(person.name for person in block if person.name)
            csv.writer(known_file).writerows(known.items())
            known_count += len(known)
    return PersonNumbers(base, known_people, count - known_count)


def find_people(id_numbers: Iterable[str], work: Path) -> Iterator[int]:
    """Yield the numbers of those of these people who are registered already; nobody is added."""
    everyone = iter(id_numbers)
    while block := list(islice(everyone, BLOCK_PEOPLE)):
        named = [NamedPerson(n, number, None, None, None, None) for n, number in enumerate(block)]
        yield from _find_known(named, [blind_index_hex(number) for number in block], work).values()


def _divisions() -> Mapping[tuple[str, str], str]:
    """Return (code of what it lies in, name or code) → code, of townships and villages."""
    rows = Division.objects.filter(level__gte=TOWNSHIP).values_list("parent_id", "name", "code")
    found: dict[tuple[str, str], str] = {}
    for parent, name, code in rows:
        found[parent or "", name] = found[parent or "", code] = code
    return found


def _find_known(block: Sequence[NamedPerson], indexes: Sequence[str], work: Path) -> dict[int, int]:
    file = work / "indexes.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows((person.n, index) for person, index in zip(block, indexes, strict=True))
    stage("staged_index", "n integer, id_index uuid", file)
    return dict(fetch_rows(KNOWN, []))


def _households(block: Sequence[NamedPerson]) -> Mapping[str, int]:
    counties = {p.household_no: p.county_code or "" for p in block if p.household_no}
    if not counties:
        return {}
    execute(ADD_HOUSEHOLDS, [list(counties), list(counties.values())])
    return dict(fetch_rows(HOUSEHOLDS, [list(counties)]))


def _add(
    block: Sequence[NamedPerson],
    indexes: Sequence[str],
    known: Mapping[int, int],
    places: _Places,
    base: int,
    origin: Origin,
    work: Path,
) -> None:
    file = work / "people.csv"
    at = origin.recorded_at.isoformat()
    added = [(p, index) for p, index in zip(block, indexes, strict=True) if p.n not in known]
    sealed = seal_all([person.id_number for person, _ in added])
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(
            (
                base + person.n,
                index,
                "\\x" + number.hex(),
                person.name or "",
                pinyin_key(person.name) if person.name else "",
                identity.sex(person.id_number),
                person.id_number[6:14],
                person.county_code or "",
                places.township(person),
                places.village(person),
                places.households.get(person.household_no or ""),
                person.relation or "",
                person.left_on,
                origin.job_id,
                at,
            )
            for (person, index), number in zip(added, sealed, strict=True)
        )
    copy_through("registry_person", COLUMNS, file, texts=TEXTS)


def _fill(
    block: Sequence[NamedPerson], known: Mapping[int, int], places: _Places, origin: Origin, work: Path
) -> None:
    if not known:
        return
    file = work / "filling.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(
            (
                known[person.n],
                person.name,
                pinyin_key(person.name) if person.name else None,
                person.county_code,
                places.township(person),
                places.village(person),
                places.households.get(person.household_no or ""),
                person.relation,
                person.left_on,
            )
            for person in block
            if person.n in known
        )
    stage("staged_filling", FILLING, file)
    execute(KEEP_FILLED, [origin.job_id])
    execute(FILL, [])
    execute(DISAGREE, [origin.job_id, origin.recorded_at])


def _add_name_parts(names: Iterable[str], work: Path) -> None:
    file = work / "name-parts.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        # Sorted, so that neighbours in the index are written together.
        csv.writer(target).writerows(sorted((part, name) for name in names for part in name_parts(name)))
    stage("staged_name_part", "part text, name text", file)
    execute(ADD_NAME_PARTS, [])
