"""Who of the made-up city stands in which hardship register, and since when (困难群体).

In: a household and a seeded random source. Out: memberships with half-open periods: ``valid_to`` is the
first day on which the status no longer holds, none while it lasts. No date lies after the business date.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from yiyuan.synthetic import rates
from yiyuan.synthetic.divisions import County
from yiyuan.synthetic.people import ADULT_AGE, ELDER_AGE, Household, Person

POOR = "registered_poor"
SUBSISTENCE = "subsistence_allowance"
DESTITUTE = "destitute_support"
DISABILITY = "severe_disability"
WORKER = "urban_needy_worker"
ORPHAN = "orphan"
GROUPS = (POOR, SUBSISTENCE, DESTITUTE, DISABILITY, WORKER, ORPHAN)

COVERED_LEVELS = (1, 2)
_OTHER_LEVELS = (3, 4)


@dataclass(slots=True)
class Membership:
    """One person's status in one register."""

    group: str
    person: Person
    valid_from: date
    valid_to: date | None
    disability_kind: int = 0
    disability_level: int = 0

    def holds_on(self, day: date) -> bool:
        """Say whether the status holds on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(slots=True)
class Period:
    """From when to when a status holds; an empty end means it still does."""

    valid_from: date
    valid_to: date | None


class HardshipRegistry:
    """Draws who is in hardship, household by household, at the rates of ``rates``."""

    def __init__(self, *, counties: tuple[County, ...], people: int, on: date, random: Random) -> None:
        population = sum(county.synthetic_population for county in counties)
        rural = sum(county.synthetic_population * county.rural_share for county in counties) / population
        self._on = on
        self._random = random
        # Only rural households are registered as poor, only urban adults as needy workers.
        self._poor = rates.POOR / rural
        fewest = rates.FEWEST_OF_A_SMALL_GROUP / people
        self._worker = max(rates.NEEDY_WORKERS, fewest) / ((1 - rural) * 0.55)
        self._orphan = max(rates.ORPHANS, fewest) / 0.25

    def memberships(self, household: Household) -> list[Membership]:
        """Return every membership of the household's members, in the order of the registers."""
        random = self._random
        is_poor = household.village.is_rural and random.random() < self._poor
        subsistence_rate = rates.SUBSISTENCE_AMONG_POOR if is_poor else rates.SUBSISTENCE_AMONG_OTHERS
        has_subsistence = random.random() < subsistence_rate
        found = []
        if is_poor:
            found += self._share(household, POOR, self._poor_period())
        if self._is_destitute(household, is_poor=is_poor):
            found += self._share(household, DESTITUTE, self._period(5, 4, rates.DESTITUTE_ENDED))
        elif has_subsistence:
            found += self._share(household, SUBSISTENCE, self._period(2, 2, rates.SUBSISTENCE_ENDED))
        in_hardship = bool(found)
        for person in household.members:
            self._add_disability(found, person, in_hardship=in_hardship)
            self._add_worker_or_orphan(found, person, household)
        return found

    def _is_destitute(self, household: Household, *, is_poor: bool) -> bool:
        alone = len(household.members) == 1 and household.members[0].age >= ELDER_AGE
        if not alone:
            return False
        rate = rates.DESTITUTE_AMONG_LONE_ELDERS_POOR if is_poor else rates.DESTITUTE_AMONG_LONE_ELDERS_OTHERS
        return self._random.random() < rate

    def _share(self, household: Household, group: str, period: Period) -> list[Membership]:
        """The whole household holds the status; a child born into it holds it from birth."""
        drawn = (self._membership(group, person, period) for person in household.members)
        return [membership for membership in drawn if membership is not None]

    def _add_disability(self, found: list[Membership], person: Person, *, in_hardship: bool) -> None:
        random = self._random
        rate = rates.SEVERE_DISABILITY_AMONG_HARDSHIP if in_hardship else rates.SEVERE_DISABILITY_AMONG_OTHERS
        chance = random.random()
        if chance >= rate * (1 + rates.MODERATE_DISABILITY_PER_SEVERE):
            return
        levels = COVERED_LEVELS if chance < rate else _OTHER_LEVELS
        membership = self._membership(DISABILITY, person, self._period(9, 8, rates.DISABILITY_CANCELLED))
        if membership is not None:
            membership.disability_kind = 1 + int(random.random() * 7)
            membership.disability_level = levels[int(random.random() * 2)]
            found.append(membership)

    def _add_worker_or_orphan(self, found: list[Membership], person: Person, household: Household) -> None:
        chance = self._random.random()
        membership = None
        if person.age < ADULT_AGE:
            # An orphan lives with other kin, so never counts as the child of a registered couple.
            if chance < self._orphan:
                person.relation = "其他亲属"
                membership = self._membership(ORPHAN, person, self._period(4, 3, 0.0))
        elif person.age < ELDER_AGE and not household.village.is_rural and chance < self._worker:
            membership = self._membership(WORKER, person, self._period(2, 2, rates.WORKER_ENDED))
        if membership is not None:
            found.append(membership)

    def _membership(self, group: str, person: Person, period: Period) -> Membership | None:
        """A status cannot begin before birth, so a child born after its end never held it."""
        if period.valid_to is not None and person.birth_on >= period.valid_to:
            return None
        return Membership(group, person, max(period.valid_from, person.birth_on), period.valid_to)

    def _poor_period(self) -> Period:
        period = self._period(5, 4, rates.POOR_STATUS_ENDED)
        if period.valid_from.year < self._on.year and self._random.random() < 0.6:
            # Most poor households were registered in one campaign.
            period.valid_from = date(self._on.year - 3, 1, 1)
        return period

    def _period(self, years_back: int, years: int, ended: float) -> Period:
        """Draw a period that began on the first of a month some years ago; ends lie in the last two years."""
        random = self._random
        this_year = self._on.year
        chance = random.random()
        if chance < rates.JOINED_IN_THE_YEAR:
            return Period(date(this_year, 1 + int(random.random() * self._on.month), 1), None)
        valid_from = date(
            this_year - years_back + int(random.random() * years), 1 + int(random.random() * 12), 1
        )
        if chance > 1 - ended:
            months = (this_year - 1) * 12 + int(random.random() * (12 + self._on.month))
            valid_to = date(months // 12, months % 12 + 1, 1)
            if valid_to > valid_from:
                return Period(valid_from, valid_to)
        return Period(valid_from, None)
