"""What a year brings (一年里发生的事), drawn from a seed: files of each month, screenings, and people's work.

In: the seed, the round, the worlds as they stand. Out: events as plain data, enough to play them again.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.year.acting import Action, offers, refusals
from tests.year.model import LIST_GROUP, World
from tests.year.rules import CHILDREN_ONLY, GROUPS, LISTED, NEEDS_PROOF, NOT_LISTED, Bill, Span

FIRST = date(2019, 1, 7)
DAYS_A_ROUND = 9
REFUSED_SHARE = 0.03  # of what people do is tried although it must be refused
RESIDUALS_FEN = (0, 1, 99_999, 100_000, 124_980, 5_000_000)
DIAGNOSES = (LISTED,) * 6 + (NOT_LISTED, NEEDS_PROOF, CHILDREN_ONLY)
BEFORE = date(2018, 7, 1)


@dataclass
class Files:
    """What one world has in this round's files: (person, …) or (stay, …) rows."""

    periods: list[tuple[int, Span]] = field(default_factory=list)
    listed: dict[int, Span] = field(default_factory=dict)
    stays: list[tuple[str, int, Bill]] = field(default_factory=list)
    reversals: list[tuple[str, str]] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    accounts: list[tuple[str, int, str]] = field(default_factory=list)
    died: list[int] = field(default_factory=list)


@dataclass
class Round:
    """One step of every world. `turns` are people's actions by world, the batches turned, what is heard."""

    number: int
    kinds: tuple[str, ...]
    files: dict[int, Files]
    undone: str = ""
    is_screened: bool = False
    is_applied: bool = False
    turns: list["Turn"] = field(default_factory=list)

    @property
    def on(self) -> date:
        return FIRST + timedelta(days=DAYS_A_ROUND * self.number)


@dataclass
class Turn:
    actions: dict[int, Action]
    batches: dict[str, str]
    is_heard: bool
    is_repeated: bool


def kinds_of(number: int) -> tuple[str, ...]:
    """Return which files come in a round: a month is four rounds."""
    if number == 0:
        return ("hardship", "settlements", "accounts")
    return {
        0: ("settlements", "hardship"),
        1: (),
        2: ("whole_list",) if number % 8 == 2 else ("claimed", "accounts"),
        3: ("mistaken",),
    }[number % 4]


def draw_files(seed: int, number: int, index: int, world: World) -> Files:
    """Return what one world has in the files of a round."""
    random = Random(f"{seed}/{number}/{index}/files")
    files, on = Files(), FIRST + timedelta(days=DAYS_A_ROUND * number)
    for kind in kinds_of(number):
        if kind == "settlements":
            _draw_stays(random, number, world, files, on)
        elif kind == "accounts":
            _draw_accounts(random, number, world, files)
        elif kind == "claimed" and world.stays and random.random() < 0.15:
            files.claimed.append(random.choice(sorted(world.stays)))
        elif kind == "hardship" or (kind == "mistaken" and random.random() < 0.1):
            _draw_periods(random, number, world, files, on)
        elif kind == "whole_list":
            _draw_list(random, world, files, on)
    if number > 8 and random.random() < 0.03:
        files.died.append(random.randrange(world.people))
    return files


def _draw_stays(random: Random, number: int, world: World, files: Files, on: date) -> None:
    for n in range(random.choice((0, 0, 1, 1, 2) if number else (1, 2))):
        bill = Bill(
            diagnosis=random.choice(DIAGNOSES),
            residual_fen=random.choice((*RESIDUALS_FEN, random.randrange(200_000))),
            admitted_on=on - timedelta(days=random.randrange(7, 60)),
            is_birth_known=random.random() < 0.7,
        )
        files.stays.append((f"s{number}.{n}", random.randrange(world.people), bill))
    left = [setl for setl in sorted(world.stays) if not world.is_reversed(setl)]
    if left and random.random() < 0.3:
        files.reversals.append((f"r{number}", random.choice(left)))


def _draw_accounts(random: Random, number: int, world: World, files: Files) -> None:
    for person in range(world.people):
        if random.random() < (0.25 if number else 0.7):
            kind = random.choice(("social_card", "bank_card"))
            files.accounts.append((f"a{number}.{person}", person, kind))


def _draw_periods(random: Random, number: int, world: World, files: Files, on: date) -> None:
    for person in range(world.people):
        known = world.in_force(person)
        if known and random.random() < 0.35:
            # A correction: another end for a start that is known, back in time as often as ahead.
            old = random.choice(known).span
            day = on - timedelta(days=random.randrange(-30, 120))
            end = random.choice((None, day))
            if end is None or end > old.from_on:
                files.periods.append((person, Span(old.group, old.from_on, end)))
        elif random.random() < (0.2 if number else 0.8):
            start = random.choice((BEFORE, on - timedelta(days=random.randrange(90))))
            end = random.choice((None, None, start + timedelta(days=random.randrange(20, 200))))
            files.periods.append((person, Span(random.choice(GROUPS), start, end)))


def _draw_list(random: Random, world: World, files: Files, on: date) -> None:
    month = on.replace(day=1)
    for person in range(world.people):
        held = world.held(person, LIST_GROUP)
        is_in = held is not None and (held.span.to_on is None or held.span.to_on > month)
        chance = random.random()
        if held is not None and is_in and chance < 0.75:
            files.listed[person] = held.span
        elif held is not None and is_in and chance < 0.85:
            start = held.span.from_on + timedelta(days=random.randrange(1, 40))
            files.listed[person] = Span(LIST_GROUP, start, None)
        elif not is_in and chance < 0.15:
            files.listed[person] = Span(LIST_GROUP, on - timedelta(days=random.randrange(60)), None)


def draw_action(seed: int, number: int, turn: int, index: int, world: World) -> Action | None:
    """Return what the people of one world do in one turn, or None where there is nothing to do."""
    random = Random(f"{seed}/{number}/{turn}/{index}")
    found = list(refusals(world) if random.random() < REFUSED_SHARE else offers(world))
    if not found:
        return None
    return random.choices([action for _, action in found], [weight for weight, _ in found])[0]


def draw_turn(seed: int, number: int, turn: int, reserved: set[str]) -> tuple[dict[str, str], bool, bool]:
    """Return what becomes of the reserved batches, whether facts are heard, whether all is said twice."""
    random = Random(f"{seed}/{number}/{turn}/city")
    batches = {
        batch: "voided" if random.random() < 0.15 else "sent"
        for batch in sorted(reserved)
        if random.random() < 0.6
    }
    return batches, random.random() < 0.8, random.random() < 0.1


def draw_undo(seed: int, number: int, jobs: list[str]) -> str:
    """Return which import is to be taken back in a round, or none; now and then one long rested on."""
    random = Random(f"{seed}/{number}/undo")
    if number % 4 == 0 and number and jobs:
        return jobs[-1] if random.random() < 0.6 else random.choice(jobs)
    return ""
