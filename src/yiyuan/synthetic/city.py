"""A made-up city as its departments' files (演示城市): registers, settlements, accounts, head counts,
residents.

In: a directory, how many people, a seed and the business date. Out: files as messy as real ones, the truth
beside them, and a list that names each file with its kind. People are drawn household by household and
forgotten again: memory does not grow with the city. The same seed gives the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from yiyuan.synthetic.divisions import County, load_counties, share_people
from yiyuan.synthetic.hardship import HardshipRegistry, Membership
from yiyuan.synthetic.people import Household, HouseholdMaker, IdMint, Person
from yiyuan.synthetic.registers import LAYOUTS, Entry, Register
from yiyuan.synthetic.residents import AccountList, HeadCount, ResidentList
from yiyuan.synthetic.settlements import SettlementList
from yiyuan.synthetic.stays import Wards
from yiyuan.synthetic.truth import TRUTH, FileTruth, read_files_of, write_truth

PEOPLE_MIN = 1_000
PEOPLE_MAX = 9_600_000
_REPORT_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class CityFile:
    """One department file: its kind as ``import`` knows it, and the register where it is one."""

    path: Path
    kind: str
    group: str | None


@dataclass(frozen=True, slots=True)
class CityFiles:
    """Everything written for one city."""

    directory: Path
    people: int
    seed: int
    business_on: date
    files: tuple[CityFile, ...]
    truth: Path

    def of_kind(self, kind: str) -> tuple[CityFile, ...]:
        """Return the files of one kind, in the order they are best imported."""
        return tuple(file for file in self.files if file.kind == kind)


def write_city(
    directory: Path, *, people: int, seed: int, business_on: date, progress: Callable[[int, int], None]
) -> CityFiles:
    """Write the department files of a city of ``people`` into ``directory`` and return what was written.

    ``progress`` is called with people done and people in all. Repeating with the same arguments writes the
    same files; where they are complete already they are taken as they are.

    :raises ValueError: when ``people`` is below 1,000 or above 9.6 million.
    """
    if not PEOPLE_MIN <= people <= PEOPLE_MAX:
        raise ValueError(f"人数应在 {PEOPLE_MIN:,} 到 {PEOPLE_MAX:,} 之间，现在是 {people:,}")
    city: dict[str, object] = {"people": people, "seed": seed, "business_on": business_on.isoformat()}
    if (written := read_files_of(directory, city)) is not None:
        progress(people, people)
        return _city_files(directory, people, seed, business_on, written)
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        writer = _CityWriter(directory, people, seed, business_on, open_files)
        for done in writer.write_people():
            progress(done, people)
    truths = writer.truths()
    write_truth(directory, files=truths, decisions=writer.settlements.decisions, city=city)
    written = [(file.name, file.kind, file.group) for file in truths]
    return _city_files(directory, people, seed, business_on, written)


def _city_files(
    directory: Path, people: int, seed: int, business_on: date, written: Sequence[tuple[str, str, str | None]]
) -> CityFiles:
    files = tuple(CityFile(directory / name, kind, group) for name, kind, group in written)
    return CityFiles(directory, people, seed, business_on, files, directory / TRUTH)


class _CityWriter:
    """Holds the files open while people pass by."""

    def __init__(self, directory: Path, people: int, seed: int, on: date, open_files: ExitStack) -> None:
        self._directory = directory
        self._seed = seed
        self._on = on
        self._counties = load_counties()
        self._people = share_people(self._counties, people)
        self._hardship = HardshipRegistry(
            counties=self._counties, people=people, on=on, random=self._random("hardship")
        )
        self._registers = {
            layout.group: open_files.enter_context(
                closing(Register(layout, directory, self._counties, self._random(layout.group)))
            )
            for layout in LAYOUTS
        }
        self.settlements = open_files.enter_context(
            closing(SettlementList(directory, on=on, random=self._random("settlements")))
        )
        self._accounts = open_files.enter_context(
            closing(AccountList(directory, random=self._random("accounts")))
        )
        self._head_count = open_files.enter_context(closing(HeadCount(directory, on=on)))
        self._resident_truths: list[FileTruth] = []

    def write_people(self) -> Iterator[int]:
        """Write county after county, yielding now and then how many people are done."""
        mint = IdMint()
        done = 0
        # Counties that share an id prefix follow each other, so that the mint may forget all other prefixes.
        for county in sorted(self._counties, key=lambda county: (county.id_prefix, county.code)):
            mint.forget_others(county.id_prefix)
            for written in self._write_county(county, mint):
                yield done + written
            done += self._people[county.code]
            yield done

    def truths(self) -> list[FileTruth]:
        """Return the tallies of all files, in the order they are best imported."""
        return [
            self._head_count.truth,
            *(register.truth for register in self._registers.values()),
            self._accounts.truth,
            self.settlements.truth,
            self.settlements.claimed_truth,
            *self._resident_truths,
        ]

    def _write_county(self, county: County, mint: IdMint) -> Iterator[int]:
        maker = HouseholdMaker(
            county=county, on=self._on, random=self._random(f"people {county.code}"), mint=mint
        )
        wards = Wards(county_code=county.code, on=self._on, random=self._random(f"stays {county.code}"))
        year_start = date(self._on.year, 1, 1)
        written = persons = households = 0
        residents = ResidentList(
            self._directory, county, on=self._on, random=self._random(f"residents {county.code}")
        )
        with closing(residents):
            for household in maker.households(self._people[county.code]):
                self._write_household(county, household, wards, residents)
                households += 1
                persons += sum(person.birth_on < year_start for person in household.members)
                before, written = written, written + len(household.members)
                if written // _REPORT_EVERY > before // _REPORT_EVERY:
                    yield written
        self._resident_truths.append(residents.truth)
        for register in self._registers.values():
            register.end_county()
        self.settlements.end_county()
        self._head_count.add_county(county, persons=persons, households=households)

    def _write_household(
        self, county: County, household: Household, wards: Wards, residents: ResidentList
    ) -> None:
        memberships = self._hardship.memberships(household)
        accepted = [
            membership
            for membership in memberships
            if self._registers[membership.group].add(Entry(membership, household, county))
        ]
        in_hardship = _people_of(memberships)
        for person in household.members:
            of_person = [membership for membership in accepted if membership.person is person]
            is_known = person.person_id in in_hardship
            for stay in wards.stays(person, in_hardship=is_known):
                self.settlements.add(stay, county.code, of_person)
                is_known = True
            residents.add(household, person, may_leave=not is_known)
        if in_hardship:
            self._accounts.add_household(household, list(in_hardship.values()))

    def _random(self, purpose: str) -> Random:
        """A source of its own for each purpose, so that a change in one leaves the others as they were."""
        return Random(f"{self._seed} {purpose}")  # noqa: S311 (a made-up city must be the same for the same seed)


def _people_of(memberships: list[Membership]) -> dict[str, Person]:
    return {membership.person.person_id: membership.person for membership in memberships}
