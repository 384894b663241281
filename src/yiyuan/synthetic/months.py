"""A year of the made-up city, month by month (逐月的演示数据): lists that change, settlements as they come.

In: a directory, how many people, a seed, a year and how many of its months. Out: a folder a month with the
lists as of its last day, the settlements settled in it, who has died or moved; beside them what does not
change. People join and leave the lists, settlements are reversed up to two months later. The same seed gives
the same bytes.
"""

from calendar import monthrange
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiyuan.synthetic.city import PEOPLE_MAX, PEOPLE_MIN, CityFile
from yiyuan.synthetic.divisions import County, load_counties, share_people
from yiyuan.synthetic.hardship import HardshipRegistry, Membership
from yiyuan.synthetic.people import ELDER_AGE, Household, HouseholdMaker, IdMint, Person
from yiyuan.synthetic.registers import LAYOUTS, Entry, Register
from yiyuan.synthetic.residents import RESIDENT_COLUMNS, AccountList, HeadCount, ResidentList
from yiyuan.synthetic.settlements import SettlementList
from yiyuan.synthetic.stays import Stay, Wards
from yiyuan.synthetic.tables import DelimitedFile

# Of those of age with a listed disease, so many do not live to see the money.
DIED_AFTER_A_STAY = 0.06
MOVED = 0.003
NUMBERS_A_MONTH = 10_000_000


@dataclass(frozen=True, slots=True)
class Death:
    """Somebody who died, and who might take their money."""

    person_id: str
    died_on: date
    heir_name: str
    heir_relation: str


@dataclass(frozen=True, slots=True)
class Month:
    """What departments send after a month: whole lists, settlements, changes; and who died in it."""

    ends_on: date
    files: tuple[CityFile, ...]
    deaths: tuple[Death, ...]


@dataclass(frozen=True, slots=True)
class YearFiles:
    """What does not change in the year, and its months in order."""

    ground: tuple[CityFile, ...]
    months: tuple[Month, ...]


def write_year(
    directory: Path, *, people: int, seed: int, year: int, months: int, progress: Callable[[int, int], None]
) -> YearFiles:
    """Write the files of the first `months` of a year and return what was written. Repeating is safe.

    :raises ValueError: there are too few or too many people, or no such number of months.
    """
    if not PEOPLE_MIN <= people <= PEOPLE_MAX:
        raise ValueError(f"人数应在 {PEOPLE_MIN:,} 到 {PEOPLE_MAX:,} 之间，现在是 {people:,}")
    if not 1 <= months <= 12:
        raise ValueError(f"月数应在 1 到 12 之间，现在是 {months}")
    ends = [date(year, month, monthrange(year, month)[1]) for month in range(1, months + 1)]
    with ExitStack() as open_files:
        writer = _YearWriter(directory, people, seed, ends, open_files)
        writer.write(progress)
    return writer.files()


class _MonthWriter:
    """The open files of one month."""

    def __init__(
        self,
        directory: Path,
        ends_on: date,
        seed: int,
        hand_on: Callable[[date, list[str]], None],
        open_files: ExitStack,
    ) -> None:
        self.ends_on = ends_on
        self._seed = seed
        self._directory = directory / f"{ends_on:%Y-%m}"
        self._directory.mkdir(parents=True, exist_ok=True)
        counties = load_counties()
        self._registers = {
            layout.group: open_files.enter_context(
                closing(
                    Register(
                        replace(layout, file_name=_named(layout.file_name, ends_on)),
                        self._directory,
                        counties,
                        _random(seed, layout.group),
                    )
                )
            )
            for layout in LAYOUTS
        }
        self.settlements = open_files.enter_context(
            closing(
                SettlementList(
                    self._directory,
                    on=ends_on,
                    random=_random(seed, f"settlements {ends_on}"),
                    name=f"演示_住院结算明细_{ends_on:%Y-%m}.csv",
                    first_number=ends_on.month * NUMBERS_A_MONTH,
                    hand_on=hand_on,
                )
            )
        )
        self._changes_name = f"演示_户籍变动_{ends_on:%Y-%m}.csv"
        self._changes = open_files.enter_context(
            closing(DelimitedFile(self._directory / self._changes_name, encoding="gb18030"))
        )
        self._changes.write(RESIDENT_COLUMNS)
        self.has_changes = False
        self.deaths: list[Death] = []

    def list_members(self, household: Household, county: County, standing: list[Membership]) -> None:
        """Write those who hold a status at the end of the month."""
        for membership in standing:
            if not membership.holds_on(self.ends_on):
                continue
            register = self._registers[membership.group]
            # A source of their own for each row, so that joiners before them change nothing of it.
            register.draw_from(_random(self._seed, f"{membership.group} {membership.person.person_id}"))
            register.add(Entry(replace(membership, valid_to=None), household, county))

    def add_change(
        self, household: Household, person: Person, county_code: str, left_on: date | None
    ) -> None:
        """Write one who died, or who is registered in another county now."""
        self.has_changes = True
        self._changes.write(
            (
                person.name,
                person.person_id,
                "女" if person.is_female else "男",
                person.birth_on.isoformat(),
                county_code,
                household.village.township_code if left_on else "",
                household.village.code if left_on else "",
                household.number,
                person.relation,
                person.birth_on.isoformat(),
                left_on.isoformat() if left_on else "",
            )
        )

    def end_county(self) -> None:
        """Write the repeated rows and the reversals of the county."""
        for register in self._registers.values():
            register.end_county()
        self.settlements.end_county()

    def month(self) -> Month:
        """Return what was written; the changes only where somebody changed."""
        lists = [
            CityFile(self._directory / register.truth.name, "hardship", group)
            for group, register in self._registers.items()
        ]
        # What was paid elsewhere is left out: this city pays by itself from the first month.
        bills = [CityFile(self._directory / self.settlements.truth.name, "settlements", None)]
        changes = [CityFile(self._directory / self._changes_name, "residents", None)]
        return Month(
            self.ends_on, (*lists, *bills, *(changes if self.has_changes else [])), tuple(self.deaths)
        )


class _YearWriter:
    """Draws people household by household and tells every month of them."""

    def __init__(
        self, directory: Path, people: int, seed: int, ends: list[date], open_files: ExitStack
    ) -> None:
        self._directory = directory
        self._people = people
        self._seed = seed
        self._on = ends[-1]
        self._counties = load_counties()
        self._months = [_MonthWriter(directory, end, seed, self._reverse, open_files) for end in ends]
        self._hardship = HardshipRegistry(
            counties=self._counties, people=people, on=self._on, random=_random(seed, "hardship")
        )
        self._chance = _random(seed, "deaths and moves")
        self._accounts = open_files.enter_context(
            closing(AccountList(directory, random=_random(seed, "accounts")))
        )
        self._head_count = open_files.enter_context(closing(HeadCount(directory, on=self._on)))
        self._residents: list[CityFile] = []

    def write(self, progress: Callable[[int, int], None]) -> None:
        """Write county after county."""
        mint, done = IdMint(), 0
        shares = share_people(self._counties, self._people)
        for county in sorted(self._counties, key=lambda county: (county.id_prefix, county.code)):
            mint.forget_others(county.id_prefix)
            self._write_county(county, mint, shares[county.code])
            done += shares[county.code]
            progress(done, self._people)

    def files(self) -> YearFiles:
        """Return what was written."""
        ground = (
            CityFile(self._directory / self._head_count.truth.name, "headcount", None),
            CityFile(self._directory / self._accounts.truth.name, "accounts", None),
            *self._residents,
        )
        return YearFiles(ground, tuple(month.month() for month in self._months))

    def _write_county(self, county: County, mint: IdMint, people: int) -> None:
        maker = HouseholdMaker(
            county=county, on=self._on, random=_random(self._seed, f"people {county.code}"), mint=mint
        )
        stays = _random(self._seed, f"stays {county.code}")
        wards = Wards(county_code=county.code, on=self._on, random=stays)
        residents = ResidentList(
            self._directory, county, on=self._on, random=_random(self._seed, f"residents {county.code}")
        )
        persons = households = 0
        with closing(residents):
            for household in maker.households(people):
                self._write_household(county, household, wards)
                households += 1
                persons += len(household.members)
                for person in household.members:
                    residents.add(household, person, may_leave=False)
        self._residents.append(CityFile(self._directory / residents.truth.name, "residents", None))
        for month in self._months:
            month.end_county()
        self._head_count.add_county(county, persons=persons, households=households)

    def _write_household(self, county: County, household: Household, wards: Wards) -> None:
        memberships = self._hardship.memberships(household)
        in_hardship = {one.person.person_id: one.person for one in memberships}
        for person in household.members:
            stays = sorted(
                wards.stays(person, in_hardship=person.person_id in in_hardship),
                key=lambda stay: stay.settled_on,
            )
            of_person = [one for one in memberships if one.person is person]
            if of_person:
                self._live(county, household, person, stays, of_person)
            for stay in stays:
                if month := self._month_of(stay.settled_on):
                    month.settlements.add(stay, county.code, of_person)
        for month in self._months:
            month.list_members(household, county, memberships)
        if in_hardship:
            self._accounts.add_household(household, list(in_hardship.values()))

    def _live(
        self,
        county: County,
        household: Household,
        person: Person,
        stays: list[Stay],
        memberships: list[Membership],
    ) -> None:
        """Let somebody die after a stay, or move to another county; a status ends the month after a death."""
        chance = self._chance.random()
        if chance > 1 - MOVED:
            others = [one for one in self._counties if one is not county]
            other = others[int(self._chance.random() * len(others))]
            month = self._months[int(self._chance.random() * len(self._months))]
            month.add_change(household, person, other.code, None)
            return
        if not stays or not stays[-1].diagnosis.is_listed or person.age < ELDER_AGE:
            return
        if chance >= DIED_AFTER_A_STAY:
            return
        died_on = stays[-1].settled_on + timedelta(days=1 + int(self._chance.random() * 10))
        if (found := self._month_of(died_on)) is None:
            return
        found.add_change(household, person, county.code, died_on)
        heir = next((one for one in household.members if one is not person), None)
        found.deaths.append(
            Death(person.person_id, died_on, heir.name if heir else f"{person.name[0]}继", "子女")
        )
        for membership in memberships:
            ends_on = (died_on.replace(day=1) + timedelta(days=32)).replace(day=1)
            if membership.valid_from < ends_on:
                membership.valid_to = min(membership.valid_to or ends_on, ends_on)

    def _reverse(self, on: date, cells: list[str]) -> None:
        if month := self._month_of(on):
            month.settlements.take(cells)

    def _month_of(self, day: date) -> _MonthWriter | None:
        first = self._months[0].ends_on.replace(day=1)
        if day < first or day > self._on:
            return None
        return self._months[day.month - 1]


def _named(file_name: str, ends_on: date) -> str:
    stem, dot, suffix = file_name.rpartition(".")
    return f"{stem}_{ends_on:%Y-%m}{dot}{suffix}"


def _random(seed: int, purpose: str) -> Random:
    """A source of its own for each purpose, so that a change in one leaves the others as they were."""
    return Random(f"{seed} {purpose}")  # noqa: S311 (a made-up city must be the same for the same seed)
