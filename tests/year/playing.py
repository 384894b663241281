"""Playing a year (过一年): events drawn and said to the model and to the product, compared after every step.

In: a seed and which worlds. Out: the history; or a `Divergence` with it. A history that diverges is shortened
by playing parts of it again, until nothing more can be left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from django.db import transaction

from tests.year.acting import do, hear, is_allowed, turn_batch
from tests.year.city import LIGHTHOUSE, PEOPLE, City, Said
from tests.year.comparing import People, differences
from tests.year.drawing import (
    BEFORE,
    Files,
    Round,
    Turn,
    draw_action,
    draw_files,
    draw_turn,
    draw_undo,
    kinds_of,
)
from tests.year.model import LIST_GROUP, Period, Stay, World
from tests.year.rules import NOT_LISTED, Bill, Span

BEACON = Span(LIST_GROUP, BEFORE, None)
BEACON_BILL = Bill(NOT_LISTED, 1, BEFORE)
SHORTENING_S = 150.0
History = list[Round]


class Divergence(AssertionError):
    """Model and product differ; `history` is what led there."""

    def __init__(self, lines: Sequence[tuple[int, str]], history: History) -> None:
        super().__init__("\n".join(f"world {world}: {line}" for world, line in lines[:20]))
        self.worlds = sorted({world for world, _ in lines if world >= 0})
        self.history = history


@dataclass
class _List:
    """A whole list that waits to be applied: its rows and what it changes, by world."""

    job: str
    changes: dict[int, list[tuple[str, int, Period | None]]]
    rows: dict[int, dict[int, Span]]


class Year:
    """One city's year in the making."""

    def __init__(self, seed: int, indexes: Iterable[int], folder: Path, turns: int = 1) -> None:
        self.seed, self.turns = seed, turns
        self.worlds = {index: World(PEOPLE) for index in indexes}
        self.city = City(folder)
        self.people = People()
        self.history: History = []
        self.jobs: list[str] = []
        self.waiting: _List | None = None

    def play(self, rounds: int, recorded: History | None = None) -> History:
        """Play rounds, drawn or as recorded, and return their history.

        :raises Divergence: the model and the product differ, or the product refused what is allowed.
        """
        for number in range(rounds):
            self.step(number, recorded[number] if recorded else None)
        return self.history

    def step(self, number: int, recorded: Round | None = None) -> None:
        played = self._begin(number, recorded)
        self.history.append(played)
        try:
            self._play(played, recorded)
        except AssertionError as error:
            raise Divergence([(-1, str(error))], self.history) from error
        except Exception as error:
            text = f"the product raised {type(error).__name__}: {error}"
            raise Divergence([(-1, text)], self.history) from error
        if lines := differences(self.worlds, self.people):
            raise Divergence(lines, self.history)

    def _begin(self, number: int, recorded: Round | None) -> Round:
        if recorded is not None:
            files = {i: f for i, f in recorded.files.items() if i in self.worlds}
            return replace(recorded, files=deepcopy(files), turns=[])
        # What is taken back goes before the files of the round, which are drawn from what is known then.
        return Round(
            number,
            kinds_of(number),
            {},
            undone=draw_undo(self.seed, number, self.jobs),
            is_screened=number % 4 in (1, 3),
            is_applied=number % 8 == 3,
        )

    def _play(self, played: Round, recorded: Round | None) -> None:
        self.city.set_day(played.on)
        if played.undone in self.jobs:
            self._undo(played.undone)
        if recorded is None:
            drawn = ((i, draw_files(self.seed, played.number, i, w)) for i, w in self.worlds.items())
            played.files = dict(drawn)
        for kind in played.kinds:
            FILES[kind](self, played, f"{played.number}:{kind}")
        for index, files in played.files.items():
            self.worlds[index].dead.update(files.died)
        if played.is_applied and self.waiting is not None:
            self._apply(self.waiting)
        if played.is_screened:
            self._screen()
        for turn in range(len(recorded.turns) if recorded else self.turns):
            self._turn(played, turn, recorded.turns[turn] if recorded else None)

    # Files

    def _bring(self, kind: str, job: str, rows: Sequence[str]) -> None:
        if rows:
            self.city.bring(kind, job, rows)
            self.jobs.append(job)
        for world in self.worlds.values():
            world.compare(job)

    def bring_hardship(self, played: Round, job: str) -> None:
        rows = [] if played.number else [self.city.period_row(LIGHTHOUSE, 0, BEACON)]
        for index, files in played.files.items():
            for person, span in files.periods:
                rows.append(self.city.period_row(index, person, span))
                self.worlds[index].record_period(person, span, job)
        self._bring("hardship", job, rows)

    def bring_settlements(self, played: Round, job: str) -> None:
        rows = [] if played.number else [self.city.stay_row(LIGHTHOUSE, "s0.0", 0, BEACON_BILL)]
        for index, files in played.files.items():
            world = self.worlds[index]
            for setl, person, bill in files.stays:
                rows.append(self.city.stay_row(index, setl, person, bill))
                world.record_stay(setl, Stay(person, bill, job))
            for setl, of in files.reversals:
                if of in world.stays:
                    stay = world.stays[of]
                    rows.append(self.city.stay_row(index, setl, stay.person, stay.bill, reverses=of))
                    world.reversals[setl] = (of, job)
        self._bring("settlements", job, rows)

    def bring_accounts(self, played: Round, job: str) -> None:
        rows = []
        for index, files in played.files.items():
            for name, person, kind in files.accounts:
                rows.append(self.city.account_row(index, name, person, kind))
                self.worlds[index].accounts[name] = (person, kind, job)
        self._bring("accounts", job, rows)

    def bring_claimed(self, played: Round, job: str) -> None:
        rows = []
        for index, files in played.files.items():
            for setl in files.claimed:
                rows.append(f"W{index}-{setl}")
                self.worlds[index].claimed.setdefault(setl, job)
        self._bring("claimed", job, rows)

    def bring_list(self, played: Round, job: str) -> None:
        month = played.on.replace(day=1)
        rows, changes = [self.city.period_row(LIGHTHOUSE, 0, BEACON)], {}
        for index, files in played.files.items():
            world = self.worlds[index]
            changes[index] = world.compare_list(files.listed, month)
            for person, span in files.listed.items():
                rows.append(self.city.period_row(index, person, span))
                world.record_period(person, span, job)
            world.compare(job)
        self.city.bring("hardship", job, rows, is_whole_list=True)
        self.jobs.append(job)
        self.people.look(self.worlds)
        self.waiting = _List(job, changes, {i: files.listed for i, files in played.files.items()})
        should = sorted(
            ((kind, self.people.pk(i, p)) for i, some in changes.items() for kind, p, _ in some), key=str
        )
        found = self.city.list_changes(job)
        assert found == should, f"the list changes {found}, should change {should}"

    def _apply(self, waiting: _List) -> None:
        self.waiting = None
        if waiting.job not in self.jobs:
            self.city.refuse_to_apply(waiting.job)
            return
        month = self.city.at.date().replace(day=1)
        as_of = self.history[int(waiting.job.partition(":")[0])].on.replace(day=1)
        assert as_of <= month, "lists are applied after they came"
        should = 0
        for index, changes in waiting.changes.items():
            world = self.worlds[index]
            should += world.apply_list(changes, waiting.rows[index], as_of, waiting.job)
            world.compare(waiting.job)
        ended = self.city.apply(waiting.job)
        assert ended == should, f"the list ended {ended}, should end {should}"

    def _undo(self, job: str) -> None:
        should: dict[str, int] = {}
        for world in self.worlds.values():
            for why, number in world.obstacles(job).items():
                should[why] = should.get(why, 0) + number
        found = self.city.undo(job)
        if not any(should.values()):
            assert found == {}, f"nothing rests on {job}, but {found} was said"
            self.jobs.remove(job)
            for world in self.worlds.values():
                world.undo(job)
                world.compare()
            return
        why = next(why for why, number in should.items() if number)
        assert why in found, f"{should} rests on {job}, but {found} was said"
        assert why == "corrected_since" or found[why] == should[why], f"{should} rests on {job}: {found}"

    def _screen(self) -> None:
        should = {
            f"W{index}-{setl}": kind
            for index, world in self.worlds.items()
            for setl, kind in world.screen().items()
        }
        found = self.city.screen()
        assert found == should, f"the run changed {found}, should change {should}"

    # People

    def _turn(self, played: Round, number: int, recorded: Turn | None) -> None:
        turn = recorded or self._draw_turn(played.number, number)
        turn = replace(turn, actions={i: a for i, a in turn.actions.items() if i in self.worlds})
        played.turns.append(turn)
        if turn.is_heard:
            for world in self.worlds.values():
                hear(world)
            self.city.hear()
        for batch, state in turn.batches.items():
            if batch in self.city.batches:
                self.city.turn(batch, state, turn_batch(self.worlds.values(), batch, state))
        if recorded is None:
            self._draw_actions(turn, played.number, number)
        batch = f"{played.number}.{number}"
        said = [
            Said(i, a) for i, a in turn.actions.items() if recorded is None or is_allowed(self.worlds[i], a)
        ]
        turn.actions = {one.world: one.action for one in said}
        for one in said:
            do(self.worlds[one.world], one.action, batch)
        self.city.say(said, batch, is_repeated=turn.is_repeated)

    def _draw_turn(self, number: int, turn: int) -> Turn:
        reserved = {
            order.batch
            for world in self.worlds.values()
            for claim in world.claims.values()
            for order in claim.orders
            if order.state == "reserved"
        }
        return Turn({}, *draw_turn(self.seed, number, turn, reserved))

    def _draw_actions(self, turn: Turn, number: int, which: int) -> None:
        for index, world in self.worlds.items():
            action = draw_action(self.seed, number, which, index, world)
            if action is not None:
                turn.actions[index] = action


FILES: Mapping[str, Callable[[Year, Round, str], None]] = {
    "hardship": Year.bring_hardship,
    "mistaken": Year.bring_hardship,
    "settlements": Year.bring_settlements,
    "accounts": Year.bring_accounts,
    "claimed": Year.bring_claimed,
    "whole_list": Year.bring_list,
}


def play_year(seed: int, indexes: Iterable[int], rounds: int, folder: Path, *, turns: int = 1) -> History:
    """Play a year that leaves nothing behind in the database; return its history. People act `turns` a round.

    :raises Divergence: the model and the product differ.
    """
    with transaction.atomic():
        try:
            return Year(seed, indexes, folder, turns).play(rounds)
        finally:
            transaction.set_rollback(True)


def find_divergence(seed: int, indexes: Iterable[int], history: History, folder: Path) -> Divergence | None:
    """Play a recorded history with these worlds only; return how it diverges, or None."""
    with transaction.atomic():
        try:
            Year(seed, indexes, folder).play(len(history), history)
        except Divergence as found:
            return found
        finally:
            transaction.set_rollback(True)
    return None


def shorten(
    seed: int, found: Divergence, worlds: Sequence[int], folder: Path, *, seconds: float = SHORTENING_S
) -> Divergence:
    """Return the shortest divergence that leaving out worlds, rounds and events one by one comes to."""
    end = monotonic() + seconds
    best, indexes = _narrow(seed, found, list(worlds), folder)
    for number in reversed(range(len(best.history))):
        for without in _without(best.history, number):
            if monotonic() > end:
                return best
            again = find_divergence(seed, indexes, without, folder)
            if again is not None:
                best = again
    return best


def _narrow(seed: int, found: Divergence, worlds: list[int], folder: Path) -> tuple[Divergence, list[int]]:
    """Return the divergence with as few worlds as halving leaves, and which they are."""
    for some in ([world] for world in found.worlds[:2]):
        if again := find_divergence(seed, some, found.history, folder):
            return again, some
    while len(worlds) > 1:
        half = len(worlds) // 2
        for some in (worlds[:half], worlds[half:]):
            if again := find_divergence(seed, some, found.history, folder):
                found, worlds = again, some
                break
        else:
            break
    return found, worlds


def _without(history: History, number: int) -> Iterable[History]:
    """Yield histories that have nothing in one round, then those that lack one part of it."""
    if number >= len(history):
        return
    one = history[number]
    silent = [replace(turn, actions={}) for turn in one.turns]
    nothing = {index: Files() for index in one.files}
    yield _with(history, replace(one, files=nothing, turns=silent, undone="", is_applied=False))
    yield _with(history, replace(one, files=nothing))
    yield _with(history, replace(one, turns=silent))
    for place, turn in enumerate(one.turns):
        if turn.actions:
            turns = [silent[n] if n == place else other for n, other in enumerate(one.turns)]
            yield _with(history, replace(one, turns=turns))


def _with(history: History, changed: Round) -> History:
    return [changed if one.number == changed.number else one for one in history]


def tell(seed: int, history: History) -> str:
    """Return a history in lines that a person reads, empty rounds left out."""
    lines = [f"seed {seed}, {len(history)} rounds"]
    for one in history:
        parts = [f"takes back {one.undone}"] if one.undone else []
        for index, files in one.files.items():
            parts += [f"world {index}: {name} {rows}" for name, rows in vars(files).items() if rows]
        parts += [
            word
            for word, is_so in (("applies the list", one.is_applied), ("screens", one.is_screened))
            if is_so
        ]
        for turn in one.turns:
            parts += [f"batch {batch} is {state}" for batch, state in turn.batches.items()]
            parts += ["facts are heard"] if turn.is_heard else []
            parts += [f"world {index}: {' '.join(action)}" for index, action in turn.actions.items()]
        lines.append(f"{one.number} ({one.on}): " + "; ".join(parts))
    return "\n".join(lines)
