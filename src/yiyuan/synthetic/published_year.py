"""The published year of 2019 as made-up rows (公布的年度): stays and accidents that come to its totals.

In: a plan with the totals, a seed, and two rules given by the caller: what a residual pays, what an accident
pays. Out: files of people, lists, accounts and stays of a month, and the accidents. The totals are published;
every single row is drawn by seed and invented. The same seed gives the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import log
from pathlib import Path
from random import Random

from yiyuan.synthetic import accidents, hardship
from yiyuan.synthetic.accidents import DrawnAccident, Owed
from yiyuan.synthetic.city import CityFile
from yiyuan.synthetic.diagnoses import draw_listed
from yiyuan.synthetic.divisions import County, load_counties
from yiyuan.synthetic.hardship import Membership
from yiyuan.synthetic.people import ADULT_AGE, Household, HouseholdMaker, IdMint, Person
from yiyuan.synthetic.registers import LAYOUTS, Entry
from yiyuan.synthetic.residents import ACCOUNT_COLUMNS, RESIDENT_COLUMNS, luhn_digit
from yiyuan.synthetic.settlements import COLUMNS, amount_cells
from yiyuan.synthetic.stays import Amounts
from yiyuan.synthetic.tables import DelimitedFile

YEAR = 2019
MONTHS = 12
CUT_DAY = 15  # what is settled up to here is dealt with in the same month
STAYS_BEGIN = date(YEAR, 1, 2)
IN_REGISTER_SINCE = date(YEAR - 1, 1, 1)
_LOG_MEDIAN, _SIGMA = log(115_000), 0.7  # of what is left of a stay, in fen
_LEAST_FEN, _MOST_FEN = 4_000, 900_000
_TRIES = 200_000
_GROUPS = (hardship.POOR, hardship.SUBSISTENCE, hardship.DESTITUTE)
_GROUP_WEIGHTS = (60, 30, 10)
_PEOPLE_A_CLAIM = 3
Pays = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Plan:
    """The totals of a year; sums in fen."""

    medical_claims: int
    medical_fen: int
    other_claims: int
    other_fen: int
    premium_fen: int


# What was published of 2019 (the single rows were not).
PUBLISHED = Plan(
    medical_claims=8_031,
    medical_fen=474_670_000,
    other_claims=55,
    other_fen=323_040_000,
    premium_fen=801_710_000,
)


@dataclass(slots=True)
class _Claimant:
    county: County
    household: Household
    person: Person
    group: str


@dataclass(frozen=True, slots=True)
class PublishedFiles:
    """What is imported first, the stays of each month, and the accidents."""

    ground: tuple[CityFile, ...]
    months: tuple[CityFile, ...]
    accidents: tuple[DrawnAccident, ...]


@dataclass(slots=True)
class _Drawn:
    claimants: list[_Claimant] = field(default_factory=list)
    households: list[tuple[County, Household]] = field(default_factory=list)


def draw_residuals(count: int, total_fen: int, pays: Pays, random: Random) -> list[int]:
    """Return what is left of so many stays, in fen, so that what the rule pays on them is exactly the total.

    :raises ValueError: when no draw comes to the total.
    """
    residuals = [_residual(random) for _ in range(count)]
    diff = total_fen - sum(map(pays, residuals))
    for _ in range(_TRIES):
        place = int(random.random() * count)
        old = residuals[place]
        # Close to the total one stay takes up what is missing: a share of what is left is paid.
        for new in (old + 2 * diff, _residual(random)):
            if not _LEAST_FEN <= new <= _MOST_FEN:
                continue
            after = diff - pays(new) + pays(old)
            if abs(after) < abs(diff):
                residuals[place], diff = new, after
                break
        if diff == 0:
            return residuals
    raise ValueError(f"{count} 次住院凑不成 {total_fen} 分")


def _residual(random: Random) -> int:
    return min(max(int(random.lognormvariate(_LOG_MEDIAN, _SIGMA)), _LEAST_FEN), _MOST_FEN)


def write_published_year(
    directory: Path, *, plan: Plan, outside: Sequence[str], seed: int, pays: Pays, owed: Owed
) -> PublishedFiles:
    """Write the files of the year and return them with the accidents. Repeating gives the same bytes.

    `outside` are the counties in which nobody claims.

    :raises ValueError: when no draw comes to the totals.
    """
    directory.mkdir(parents=True, exist_ok=True)
    drawn = _draw_people(plan, outside, seed)
    residuals = draw_residuals(plan.medical_claims, plan.medical_fen, pays, _random(seed, "residuals"))
    hurt = drawn.claimants[plan.medical_claims :]
    return PublishedFiles(
        ground=tuple(_write_ground(directory, drawn)),
        months=tuple(_write_months(directory, drawn.claimants, residuals, seed)),
        accidents=accidents.draw(
            [(one.county.code, one.household, one.person) for one in hurt],
            total_fen=plan.other_fen,
            owed=owed,
            random=_random(seed, "accidents"),
        ),
    )


def _draw_people(plan: Plan, outside: Sequence[str], seed: int) -> _Drawn:
    counties = [one for one in load_counties() if one.code not in outside]
    counties.sort(key=lambda county: (county.id_prefix, county.code))
    drawn, mint, sick, hurt = _Drawn(), IdMint(), list[_Claimant](), list[_Claimant]()
    for county, medical, other in zip(
        counties, _parts(counties, plan.medical_claims), _parts(counties, plan.other_claims), strict=True
    ):
        mint.forget_others(county.id_prefix)
        random = _random(seed, f"people {county.code}")
        maker = HouseholdMaker(county=county, on=date(YEAR, 12, 31), random=random, mint=mint)
        people = max(medical + other, 1) * _PEOPLE_A_CLAIM
        found = list(maker.households(people))
        drawn.households.extend((county, household) for household in found)
        members = [(household, person) for household in found for person in household.members]
        # Somebody born within the year was not in hospital before.
        members = [one for one in members if one[1].birth_on.year < YEAR and _has_adult(one[0])]
        random.shuffle(members)
        for place, (household, person) in enumerate(members[: medical + other]):
            group = random.choices(_GROUPS, _GROUP_WEIGHTS)[0]
            (sick if place < medical else hurt).append(_Claimant(county, household, person, group))
    drawn.claimants = [*sick, *hurt]
    return drawn


def _has_adult(household: Household) -> bool:
    return any(member.age >= ADULT_AGE for member in household.members)


def _parts(counties: Sequence[County], count: int) -> list[int]:
    total = sum(county.synthetic_population for county in counties)
    before, parts = 0, []
    for county in counties:
        after = before + county.synthetic_population
        parts.append(count * after // total - count * before // total)
        before = after
    return parts


def _write_ground(directory: Path, drawn: _Drawn) -> Iterator[CityFile]:
    name = directory / "演示_户籍人口_公布的年度.csv"
    with closing(DelimitedFile(name, encoding="gb18030")) as residents:
        residents.write(RESIDENT_COLUMNS)
        for county, household in drawn.households:
            for person in household.members:
                residents.write(_resident(county, household, person))
    yield CityFile(name, "residents", None)
    yield _write_accounts(directory, drawn.claimants)
    with ExitStack() as files:
        lists = {group: _open_list(directory, group, files) for group in _GROUPS}
        for one in drawn.claimants:
            layout, file, _ = lists[one.group]
            membership = Membership(one.group, one.person, IN_REGISTER_SINCE, None)
            entry = Entry(membership, one.household, one.county)
            file.write(layout.cells(entry, one.person.person_id, IN_REGISTER_SINCE.isoformat(), ""))
    for group, (_, _, path) in lists.items():
        yield CityFile(path, "hardship", group)


def _open_list(directory: Path, group: str, files: ExitStack):  # type: ignore[no-untyped-def]
    layout = next(one for one in LAYOUTS if one.group == group)
    path = (directory / layout.file_name).with_suffix(".csv")
    file = files.enter_context(closing(DelimitedFile(path, encoding="utf-8-sig")))
    file.write(layout.columns)
    return layout, file, path


def _resident(county: County, household: Household, person: Person) -> tuple[str, ...]:
    return (
        person.name,
        person.person_id,
        "女" if person.is_female else "男",
        person.birth_on.isoformat(),
        county.code,
        household.village.township_code,
        household.village.code,
        household.number,
        person.relation,
        person.birth_on.isoformat(),
        "",
    )


def _write_accounts(directory: Path, claimants: Sequence[_Claimant]) -> CityFile:
    path = directory / "演示_惠农一卡通账户.csv"
    numbers: dict[str, str] = {}
    with closing(DelimitedFile(path, encoding="utf-8-sig")) as file:
        file.write(ACCOUNT_COLUMNS)
        for one in claimants:
            owner = one.person
            if owner.age < ADULT_AGE:
                owner = next(member for member in one.household.members if member.age >= ADULT_AGE)
            first_18 = f"620000{(len(numbers) + 1) * 7919 % 10**12:012d}"
            account_no = numbers.setdefault(owner.person_id, first_18 + luhn_digit(first_18))
            guarded = "" if owner is one.person else one.person.person_id
            file.write((owner.person_id, "农村商业银行", account_no, owner.name, "社保卡", guarded))
    return CityFile(path, "accounts", None)


def _write_months(
    directory: Path, claimants: Sequence[_Claimant], residuals: Sequence[int], seed: int
) -> Iterator[CityFile]:
    random = _random(seed, "stays")
    rows: dict[int, list[list[str]]] = {month: [] for month in range(1, MONTHS + 1)}
    for place, (one, residual_fen) in enumerate(zip(claimants, residuals, strict=False)):
        month, cells = _stay(place, one, residual_fen, random)
        rows[month].append(cells)
    for month, lines in rows.items():
        path = directory / f"演示_住院结算明细_{YEAR}-{month:02d}.csv"
        with closing(DelimitedFile(path, encoding="gb18030")) as file:
            file.write(COLUMNS)
            for cells in lines:
                file.write(cells)
        yield CityFile(path, "settlements", None)


def _stay(place: int, one: _Claimant, residual_fen: int, random: Random) -> tuple[int, list[str]]:
    month = 1 + int(random.random() * MONTHS)
    ends_on = date(YEAR, month, CUT_DAY)
    days = 2 + int(random.random() * 8)
    settled_on = max(ends_on - timedelta(days=int(random.random() * 28)), STAYS_BEGIN + timedelta(days=days))
    settled_on = min(settled_on, ends_on)
    admitted_on = settled_on - timedelta(days=days)
    diagnosis = draw_listed(random, age=one.person.age, is_female=one.person.is_female)
    while diagnosis.needs_proof:
        diagnosis = draw_listed(random, age=one.person.age, is_female=one.person.is_female)
    cells = [
        f"4117{YEAR}{place:08d}", f"{place:016d}", one.person.person_id, one.person.name, one.person.sex,
        one.person.birth_on.isoformat(), one.county.code, f"H{one.county.code}{1 + place % 60:05d}",
        admitted_on.isoformat(), settled_on.isoformat(), f"{settled_on.isoformat()} 10:00:00",
        diagnosis.code, "", *amount_cells(_amounts(residual_fen, random), 1), "0", "",
    ]  # fmt: skip
    return month, cells


def _amounts(residual_fen: int, random: Random) -> Amounts:
    eligible = int(residual_fen / (0.06 + random.random() * 0.12))
    self_paid, over_cap, paid_first = (int(eligible * random.random() * part) for part in (0.1, 0.03, 0.08))
    basic = int(eligible * (0.55 + random.random() * 0.2))
    left = eligible - basic - residual_fen
    serious = int(left * (0.2 + random.random() * 0.4))
    return Amounts(
        total_fen=eligible + self_paid + over_cap + paid_first,
        self_paid_fen=self_paid,
        over_cap_fen=over_cap,
        paid_first_fen=paid_first,
        eligible_fen=eligible,
        basic_fen=basic,
        serious_illness_fen=serious,
        medical_assistance_fen=left - serious,
    )


def _random(seed: int, purpose: str) -> Random:
    """A source of its own for each purpose, so that a change in one leaves the others as they were."""
    return Random(f"{seed} published {purpose}")  # noqa: S311 (made-up rows must be the same for the same seed)
