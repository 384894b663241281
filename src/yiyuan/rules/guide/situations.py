"""Situations (举例的情形): facts under which a benefit is due, found from the scheme's own conditions.

In: the terms of events and a benefit under a liability. Out: sets of facts, one for each way in which the
amount may be reached: each row of a table, each arm. The engine's `holds` judges every guess, so a situation
never claims what a condition does not say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from yiyuan.rules.events.amounts import First, Table
from yiyuan.rules.events.conditions import (
    All,
    Answered,
    AnyOf,
    Condition,
    Not,
    OpenQuestionError,
    Scope,
    Test,
    holds,
)
from yiyuan.rules.events.facts import (
    CHOICE,
    CHOICES,
    DATE,
    EVENT,
    FLAG,
    MONEY,
    TEXT,
    Bounds,
    Fact,
    FactName,
    Subject,
    Value,
    World,
)
from yiyuan.rules.events.terms import Benefit, EventTerms
from yiyuan.rules.terms import Liability

Said = Mapping[str, Value]
TYPICAL_FEN = 1_000_000
BRANCHES_MAX = 24
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seeker:
    """Looks for facts under one cause and the answers in force, on one day of loss."""

    terms: EventTerms
    cause: str
    on: date
    avoided: frozenset[str] = frozenset()  # facts that would claim another benefit too

    def holds(self, condition: Condition, said: Said) -> bool | None:
        """Return the engine's answer; None too where the scheme leaves the question open."""
        world = World(self.terms.facts)
        world.event = Subject(world, EVENT, "", {"on": self.on, **said})
        try:
            return holds(condition, Scope(world.event, self.terms.answers(), self.cause), [])
        except OpenQuestionError:
            return None

    def satisfy(self, condition: Condition, said: Said, *, want: bool = True) -> Said | None:
        """Return the facts with those added under which the condition holds (or not); None if there are
        none."""
        if self.holds(condition, said) is want:
            return said
        if isinstance(condition, Not):
            return self.satisfy(condition.part, said, want=not want)
        if isinstance(condition, All | AnyOf):
            needs_every_part = isinstance(condition, All) is want
            return self._parts(condition.parts, said, want=want, needs_every_part=needs_every_part)
        if isinstance(condition, Answered):
            return said if condition.question not in self.terms.answers() else None
        return self._guess(condition, said, want=want)

    def _guess(self, test: Test, said: Said, *, want: bool) -> Said | None:
        known = said.get(test.fact)
        is_fixed = known is not None and not isinstance(known, frozenset)
        if is_fixed or test.fact in self.avoided or test.fact not in self.terms.facts:
            return None
        among = sorted(test.among or (), key=lambda value: _place(self.terms.facts[test.fact], value))
        for value in self.values(test.fact, [*among, *_ends(test.bounds, said)]):
            joined = known | value if isinstance(known, frozenset) and isinstance(value, frozenset) else value
            trial = {**said, test.fact: joined}
            if self.holds(test, trial) is want:
                return trial
        return None

    def _parts(
        self, parts: Sequence[Condition], said: Said, *, want: bool, needs_every_part: bool
    ) -> Said | None:
        if not needs_every_part:
            found = (self.satisfy(part, said, want=want) for part in parts)
            return next((one for one in found if one is not None), None)
        reached: Said | None = said
        for part in parts:
            reached = None if reached is None else self.satisfy(part, reached, want=want)
        return reached

    def values(self, name: str, guesses: Iterable[Value] = ()) -> Iterator[Value]:
        """Yield values that the fact may have, the likeliest first; `guesses` are tried before its own."""
        fact = self.terms.facts[name]
        for value in (*guesses, *_own_values(fact, self.on)):
            if _is_inside(value, fact.bounds):
                yield frozenset({value}) if fact.type == CHOICES and isinstance(value, str) else value

    def base(self, benefit: Benefit, liability: Liability) -> Said | None:
        """Return facts under which the benefit is claimed and no condition of it fails."""
        others = {name for one in self.terms.benefits for name in one.claimed_with}
        avoiding = replace(self, avoided=frozenset(others.difference(benefit.claimed_with)))
        said = avoiding.past_hurdles(benefit, liability)
        if said is None:
            said = self.past_hurdles(benefit, liability)
        if said is None or not benefit.claimed_with or any(name in said for name in benefit.claimed_with):
            return said
        first = next((name for name in benefit.claimed_with if self.holds_true(name, benefit)), None)
        name = first or benefit.claimed_with[0]
        value = next(self.values(name), None)
        return None if value is None else {**said, name: value}

    def past_hurdles(self, benefit: Benefit, liability: Liability) -> Said | None:
        """Return facts under which no condition fails, None where none are found."""
        said: Said | None = {}
        for condition, want in _hurdles(self.terms, benefit, liability):
            said = None if said is None else self.satisfy(condition, said, want=want)
        return said

    def holds_true(self, name: str, benefit: Benefit) -> bool:
        """Return whether the benefit's amount itself turns on the fact that claims it."""
        return name in set(facts_of(benefit.amount))

    def branches(self, node: object, said: Said) -> list[Said]:
        """Return a situation for each arm and row of an amount that can be reached from these facts."""
        if isinstance(node, First):
            return self._arms(node, said)
        if isinstance(node, Table):
            rows = [(self.satisfy(row.test, said), row.amount) for row in node.rows]
            found = [one for fits, amount in rows if fits is not None for one in self.branches(amount, fits)]
            return found[:BRANCHES_MAX] or [said]
        reached = [said]
        for part in _parts_of(node):
            reached = [one for before in reached for one in self.branches(part, before)][:BRANCHES_MAX]
        return reached

    def _arms(self, node: First, said: Said) -> list[Said]:
        found: list[Said] = []
        rest: Said | None = said
        for arm in node.arms:
            if rest is None:
                break
            fits = rest if arm.when is None else self.satisfy(arm.when, rest)
            if fits is not None:
                found.extend(self.branches(arm.amount, fits))
            rest = None if arm.when is None else self.satisfy(arm.when, rest, want=False)
        return found[:BRANCHES_MAX] or [said]


def facts_of(node: object) -> Iterator[str]:
    """Yield the names of the facts that an amount reads, conditions left out."""
    name = getattr(node, "fact", None)
    if isinstance(name, str):
        yield name
    for part in _parts_of(node):
        yield from facts_of(part)


def nodes_of(node: object) -> Iterator[object]:
    """Yield an amount and everything it is put together from."""
    yield node
    for part in _parts_of(node):
        yield from nodes_of(part)


def _parts_of(node: object) -> Iterator[object]:
    if not is_dataclass(node):
        return
    for field in fields(node):
        if field.name in ("when", "test", "tiers", "bands"):
            continue
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                yield part


def _hurdles(terms: EventTerms, benefit: Benefit, liability: Liability) -> Iterator[tuple[Condition, bool]]:
    cause = terms.causes[liability.code]
    wanted = cause.cover if benefit.cover is None else benefit.cover
    covers = tuple(terms.cover[name].when for name in wanted if terms.cover[name].of == benefit.of)
    if benefit.when is not None:
        yield benefit.when, True
    if cause.when is not None:
        yield cause.when, True
    if covers:
        yield AnyOf(covers), True
    for exclusion in terms.exclusions:
        concerned = not exclusion.liabilities or liability.code in exclusion.liabilities
        if concerned and (not exclusion.benefits or benefit.name in exclusion.benefits):
            yield exclusion.when, False


def _ends(bounds: Bounds | None, said: Said) -> Iterator[Value]:
    if bounds is None:
        return
    for end in (bounds.at_least, bounds.through, bounds.above, bounds.below):
        value = said.get(end.name) if isinstance(end, FactName) else end
        if isinstance(value, date):
            yield from (value, value + _DAY, value - _DAY)
        elif isinstance(value, int | Fraction) and not isinstance(value, bool):
            yield from (value, value + 1, value - 1)
        elif isinstance(end, FactName):
            yield TYPICAL_FEN // 2


def _own_values(fact: Fact, on: date) -> list[Value]:
    if fact.type == FLAG:
        return [True, False]
    if fact.type in (CHOICE, CHOICES):
        return list(fact.options)
    if fact.type == DATE:
        return [on, on + _DAY, on - _DAY]
    if fact.type == TEXT:
        return ["1"]
    if fact.type == MONEY:
        return [TYPICAL_FEN, 0]
    low = fact.bounds.at_least
    return [1, 3, 10, *([low] if isinstance(low, int | Fraction) else []), 0]


def _place(fact: Fact, value: Value) -> tuple[int, str]:
    """Return where a value stands among the fact's options, or by its size."""
    options = list(fact.options)
    if value in options:
        return options.index(str(value)), ""
    return len(options), f"{float(value):020.3f}" if isinstance(value, int | Fraction) else str(value)


def _is_inside(value: Value, bounds: Bounds) -> bool:
    """Return whether the fact's own fixed range allows the value; other facts are left to the engine."""
    if not isinstance(value, int | Fraction):
        return True
    low, high = bounds.at_least, bounds.through
    is_above = not isinstance(low, int | Fraction) or value >= low
    return is_above and (not isinstance(high, int | Fraction) or value <= high)
