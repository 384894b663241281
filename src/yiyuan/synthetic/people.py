"""Households and people of the made-up city (虚构的户与人).

In: a county, how many people it holds, a seeded random source and the day ages are counted on. Out: one
household after another, never a list of all, so that a city of 9.6 million needs no more memory than one of
10,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from yiyuan.kernel.identity import check_character
from yiyuan.synthetic import names, rates
from yiyuan.synthetic.divisions import County, Village

ELDER_AGE = 60
ADULT_AGE = 18
CHILD_AGE_MAX = 14

_SIZE_BOUNDS = list(accumulate(rates.HOUSEHOLD_SIZE_WEIGHTS))
_DAYS_A_YEAR = 365.2425
# Ids of one birthday and sex walk through the 500 sequence numbers in steps that share no factor with 500.
_SEQUENCES = 500
_SEQUENCE_STEP = 37


@dataclass(slots=True)
class Person:
    """A made-up resident."""

    person_id: str
    name: str
    is_female: bool
    birth_on: date
    age: int
    relation: str

    @property
    def sex(self) -> str:
        """The national code: 1 male, 2 female."""
        return "2" if self.is_female else "1"


@dataclass(slots=True)
class Household:
    """People registered together; the first is the head."""

    number: str
    village: Village
    members: list[Person]


class IdMint:
    """Issues ids no other made-up person has, counting up within prefix, birthday and sex."""

    def __init__(self) -> None:
        self._issued: dict[tuple[str, bool], int] = {}
        self._prefix = ""

    def issue(self, prefix: str, birth_on: date, *, is_female: bool) -> str:
        """Return a new valid id of 18 characters.

        :raises ValueError: when a birthday holds more people of one sex than there are sequence numbers.
        """
        stem = f"{prefix}{birth_on:%Y%m%d}"
        issued = self._issued.get((stem, is_female), 0)
        if issued >= _SEQUENCES:
            raise ValueError(f"more than {_SEQUENCES} people of one sex share the birthday in {prefix}")
        self._issued[stem, is_female] = issued + 1
        place = (birth_on.toordinal() * 211 + issued * _SEQUENCE_STEP) % _SEQUENCES
        first_17 = f"{stem}{2 * place + (not is_female):03d}"
        return first_17 + check_character(first_17)

    def forget_others(self, prefix: str) -> None:
        """Drop what was issued under other prefixes than ``prefix``: they are not issued again."""
        if prefix != self._prefix:
            self._issued.clear()
            self._prefix = prefix


class HouseholdMaker:
    """Draws the households of one county."""

    def __init__(self, *, county: County, on: date, random: Random, mint: IdMint) -> None:
        self._county = county
        self._on_ordinal = on.toordinal()
        self._random = random
        self._mint = mint

    def households(self, people: int) -> Iterator[Household]:
        """Yield households until exactly ``people`` members were yielded."""
        random = self._random
        villages = self._county.villages
        number = 0
        while people > 0:
            number += 1
            size = random.choices(rates.HOUSEHOLD_SIZES, cum_weights=_SIZE_BOUNDS)[0]
            members = self._members(min(size, people))
            people -= len(members)
            village = villages[int(random.random() * len(villages))]
            yield Household(f"{self._county.code}{number:07d}", village, members)

    def _members(self, size: int) -> list[Person]:
        family = names.surname(self._random)
        if size == 1:
            return [self._person(family, self._lone_age(), "户主")]
        if size == 2:
            return self._couple_or_parent(family)
        return self._family(family, size)

    def _lone_age(self) -> int:
        return self._elder_age() if self._random.random() < 0.55 else self._adult_age()

    def _couple_or_parent(self, family: str) -> list[Person]:
        chance = self._random.random()
        if chance < 0.37:
            return self._couple(family, self._elder_age())
        if chance < 0.47:
            child_age = self._child_age()
            parent = self._person(family, child_age + 22 + self._below(14), "户主")
            return [parent, self._child(family, child_age)]
        return self._couple(family, self._adult_age())

    def _family(self, family: str, size: int) -> list[Person]:
        """A couple with children and, the larger the household the surer, parents of the head."""
        chance = self._random.random()
        elders = {3: int(chance < 0.2), 4: int(chance < 0.3), 5: 1}.get(size, 2)
        child_ages = sorted((self._child_age() for _ in range(size - 2 - elders)), reverse=True)
        oldest = child_ages[0] if child_ages else self._below(12)
        head_age = oldest + 21 + self._below(17)
        members = self._couple(family, head_age)
        members += [self._child(family, age) for age in child_ages]
        parents = (False, True) if elders == 2 else (self._random.random() < 0.7,) * elders
        for is_mother in parents:
            age = max(ELDER_AGE, min(head_age + 20 + self._below(12), 98))
            members.append(self._person(family, age, "母亲" if is_mother else "父亲", is_female=is_mother))
        return members

    def _couple(self, family: str, age: int) -> list[Person]:
        head = self._person(family, age, "户主", is_female=self._random.random() < 0.12)
        spouse_age = max(ADULT_AGE + 2, age - 3 + self._below(6))
        spouse = self._person(names.surname(self._random), spouse_age, "配偶", is_female=not head.is_female)
        return [head, spouse]

    def _child(self, family: str, age: int) -> Person:
        is_female = self._random.random() < 0.48
        return self._person(family, age, "女儿" if is_female else "儿子", is_female=is_female)

    def _person(self, family: str, age: int, relation: str, *, is_female: bool | None = None) -> Person:
        random = self._random
        if is_female is None:
            is_female = random.random() < 0.52
        ordinal = self._on_ordinal - int(age * _DAYS_A_YEAR) - int(random.random() * 365)
        birth_on = date.fromordinal(ordinal)
        prefix = self._county.id_prefix
        former = self._county.former_id_prefix
        if former is not None and birth_on.year < 1998 and random.random() < 0.6:
            prefix = former
        return Person(
            person_id=self._mint.issue(prefix, birth_on, is_female=is_female),
            name=family + names.given_name(random, is_female=is_female, age=age),
            is_female=is_female,
            birth_on=birth_on,
            age=age,
            relation=relation,
        )

    def _below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def _child_age(self) -> int:
        return self._below(17)

    def _adult_age(self) -> int:
        return ADULT_AGE + 2 + self._below(ELDER_AGE - ADULT_AGE - 2)

    def _elder_age(self) -> int:
        return min(ELDER_AGE + int(self._random.expovariate(1 / 9.5)), 99)
