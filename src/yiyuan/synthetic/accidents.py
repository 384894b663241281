"""Accidents of the published year, made up (虚构的事故): so many, coming to a total by the scheme.

In: people and households, a total in fen, and what the scheme pays for an accident, told by the caller. Out:
accidents with their facts. Which facts a liability asks for follows the scheme of Zhumadian.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yiyuan.synthetic.people import ADULT_AGE, Household, Person

Value = bool | int | str | date | frozenset[str]
Facts = Mapping[str, Value]
Owed = Callable[[str, Facts], int]
_FIRST_DAY, _DAYS = date(2019, 1, 5), 310
_STEP_FEN = 10_000
_ONE_LOSS_IN = 11  # so many accidents, one of them a household's loss
_TRIES = 20_000
_KINDS = ("drowned", "traffic", "traffic_hurt", "group", "group_hurt", "disaster", "rescuer_hurt", "brave")
_WEIGHTS = (20, 22, 18, 11, 10, 5, 8, 6)
_HURT = {"traffic_hurt": "L5", "group_hurt": "L2", "rescuer_hurt": "L6"}
_DIED = {"drowned": "L3", "traffic": "L5", "group": "L2", "disaster": "L4", "brave": "L1"}
_MORE: Mapping[str, Facts] = {
    "L1": {"recognised_by": "county"},
    "L3": {"recognised_by": "township"},
    "L5": {"liable_party": "fled", "fund_dealt_with": True},
    "L6": {"is_rescuer": True},
}
LOSS_LIABILITY, LOSS = "L4", "loss_fen"


@dataclass(frozen=True, slots=True)
class DrawnAccident:
    """One accident: whose, where, what happened; `heir` takes the money of somebody who died."""

    number: str
    liability: str
    on: date
    county_code: str
    person: Person
    facts: Facts
    is_of_household: bool
    died: bool
    heir: str


def draw(
    people: Sequence[tuple[str, Household, Person]], *, total_fen: int, owed: Owed, random: Random
) -> tuple[DrawnAccident, ...]:
    """Return an accident for each of the people, together paid exactly `total_fen` by the scheme.

    :raises ValueError: when no draw comes to the total.
    """
    losses = max(1, len(people) // _ONE_LOSS_IN)
    mixed = random.sample(people, len(people))
    hurt, at_home = mixed[losses:], mixed[:losses]
    most_fen = _most_of_a_loss(owed)
    for _ in range(_TRIES):
        drawn = [_what(person, random) for _county, _household, person in hurt]
        left_fen = total_fen - sum(owed(liability, facts) for liability, facts, _died in drawn)
        if losses * _STEP_FEN <= left_fen <= losses * most_fen:
            break
    else:
        raise ValueError(f"{len(people)} 起事故凑不成 {total_fen} 分")
    sums = _split(left_fen, losses, most_fen, random)
    loss_facts: list[tuple[str, Facts, bool]] = [
        (LOSS_LIABILITY, {"registered_household": True, LOSS: fen}, False) for fen in sums
    ]
    found = zip([*at_home, *hurt], [*loss_facts, *drawn], strict=True)
    return tuple(
        _accident(place, *whose, *what, place <= losses, random)
        for place, (whose, what) in enumerate(found, start=1)
    )


def _most_of_a_loss(owed: Owed) -> int:
    return owed(LOSS_LIABILITY, {"registered_household": True, LOSS: 10**9})


def _what(person: Person, random: Random) -> tuple[str, Facts, bool]:
    kind = random.choices(_KINDS, _WEIGHTS)[0]
    if kind == "drowned" and person.age >= ADULT_AGE - 1:
        kind = "traffic"
    if kind == "rescuer_hurt" and person.age < ADULT_AGE:
        kind = "group_hurt"
    liability = _DIED.get(kind) or _HURT[kind]
    facts: dict[str, Value] = {"residence": "registered", **_MORE.get(liability, {})}
    if liability == "L3":
        facts["birth_on"] = person.birth_on
    if kind in _DIED:
        return liability, {**facts, "died": True}, True
    grade = 1 + int(random.random() * 10)
    hurt: dict[str, Value] = {"disability_grade": grade, "certified_by": frozenset({"judicial"})}
    if liability == "L5":
        hurt["injury"] = "grievous"
    return liability, {**facts, **hurt}, False


def _split(total_fen: int, count: int, most_fen: int, random: Random) -> list[int]:
    """Return so many sums of whole hundreds of yuan, none above the most, that come to the total."""
    sums: list[int] = []
    for left in range(count, 0, -1):
        low = max(_STEP_FEN, total_fen - (left - 1) * most_fen)
        high = min(most_fen, total_fen - (left - 1) * _STEP_FEN)
        one = (
            low + int(random.random() * ((high - low) // _STEP_FEN + 1)) * _STEP_FEN
            if left > 1
            else total_fen
        )
        sums.append(one)
        total_fen -= one
    return sums


def _accident(
    place: int,
    county_code: str,
    household: Household,
    person: Person,
    liability: str,
    facts: Facts,
    died: bool,
    is_of_household: bool,
    random: Random,
) -> DrawnAccident:
    heir = next((one for one in household.members if one is not person and one.age >= ADULT_AGE), None)
    on = _FIRST_DAY + timedelta(days=int(random.random() * _DAYS))
    name = heir.name if heir else f"{person.name[0]}继"
    return DrawnAccident(
        f"SG2019-{place:04d}", liability, on, county_code, person, facts, is_of_household, died, name
    )
