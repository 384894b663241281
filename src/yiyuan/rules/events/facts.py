"""Facts (事实): what a case says of an event, its persons, households and county, read by declared types.

In: the declarations of a scheme and the values a case gives. Out: a `World` whose subjects answer for a fact
by name: in the subject itself, then in what it belongs to, then as worked out from other facts, then as
presumed. None means that nobody has said it. The form: `docs/schemes/language.md#facts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from yiyuan.kernel.period import completed_years

if TYPE_CHECKING:
    from yiyuan.rules.events.conditions import Condition

Value = int | Fraction | bool | str | date | frozenset[str]

MONEY, WHOLE, NUMBER, FLAG = "money", "whole", "number", "flag"
CHOICE, CHOICES, DATE, TEXT = "choice", "choices", "date", "text"
TYPES = (MONEY, WHOLE, NUMBER, FLAG, CHOICE, CHOICES, DATE, TEXT)
PERSON, HOUSEHOLD, EVENT, COUNTY = "person", "household", "event", "county"
SUBJECTS = (PERSON, HOUSEHOLD, EVENT, COUNTY)


@dataclass(frozen=True, slots=True)
class FactName:
    """Stands for the value of another fact, in a bound."""

    name: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range; each end is a value, another fact, or None where it is open."""

    at_least: Value | FactName | None = None
    through: Value | FactName | None = None
    above: Value | FactName | None = None
    below: Value | FactName | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """Completed days, months or years from one date fact to another."""

    unit: str
    from_fact: str
    to_fact: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many persons or households of the case fulfil a condition."""

    over: str
    when: "Condition | None"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a fact over the persons or households of the case."""

    fact: str
    over: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared fact: its type, whose it is, its range, and what holds while a case says nothing."""

    name: str
    type: str
    of: str
    name_zh: str
    name_en: str
    bounds: Bounds = Bounds()
    options: Mapping[str, str] = field(default_factory=dict)
    presumed: Value | None = None
    only_with: "Condition | None" = None
    derived: Between | Count | Sum | None = None


# What every case has of itself: its date of loss, its day of filing, its cause.
CASE_FACTS = {
    "on": Fact("on", DATE, EVENT, "出险日", "date of loss"),
    "filed_on": Fact("filed_on", DATE, EVENT, "申请日", "day of filing"),
    "cause": Fact("cause", TEXT, EVENT, "出险原因", "cause"),
}


class Subject:
    """A person, a household or the event itself, and what the case says of it."""

    __slots__ = ("_worked_out", "above", "id", "kind", "used_fen", "values", "world")

    def __init__(
        self,
        world: "World",
        kind: str,
        id_: str,
        values: Mapping[str, Value],
        above: "Subject | None" = None,
        used_fen: Mapping[str, int] | None = None,
    ) -> None:
        self.world = world
        self.kind = kind
        self.id = id_
        self.values = values
        self.above = above
        self.used_fen = used_fen or {}
        self._worked_out: dict[str, Value | None] = {}

    def value(self, name: str) -> Value | None:
        """Return what is known under the name, None where nothing is; the name is a declared one."""
        subject: Subject | None = self
        while subject is not None:
            found = subject.values.get(name)
            if found is not None:
                return found
            subject = subject.above
        if name in self._worked_out:
            return self._worked_out[name]
        fact = self.world.facts[name]
        found = self.worked_out(fact)
        if found is None:
            found = fact.presumed
        self._worked_out[name] = found
        return found

    def says(self, name: str) -> bool:
        """Return whether the case itself says something under the name, here or in what this belongs to."""
        subject: Subject | None = self
        while subject is not None:
            if name in subject.values:
                return True
            subject = subject.above
        return False

    def unknown(self, name: str) -> tuple[str, ...]:
        """Return the names to ask for when the value is None: of a worked-out span, the dates that lack."""
        derived = self.world.facts[name].derived
        if isinstance(derived, Between):
            ends = (derived.from_fact, derived.to_fact)
            return tuple(end for end in ends if self.value(end) is None)
        return (name,)

    def worked_out(self, fact: Fact) -> Value | None:
        """Return what other facts make of this one, None where it is not worked out or one of them lacks."""
        derived = fact.derived
        if derived is None:
            return None
        if isinstance(derived, Between):
            start, end = self.value(derived.from_fact), self.value(derived.to_fact)
            return span(start, end, derived.unit) if start is not None and end is not None else None
        if isinstance(derived, Count):
            return self.world.count(derived)
        assert isinstance(derived, Sum), "a worked-out fact is a span, a count or a sum"
        return self.world.sum(derived)


class World:
    """All that a case says: the event, its victims and their households."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self.event = Subject(self, EVENT, "", {})
        self.persons: list[Subject] = []
        self.households: list[Subject] = []

    def subjects(self, kind: str) -> Sequence[Subject]:
        """Return the persons, the households, or the event alone."""
        return {PERSON: self.persons, HOUSEHOLD: self.households}.get(kind, [self.event])

    def dates(self) -> dict[str, date | None]:
        """Return the dates the case says of the event and of its only victim, by fact."""
        subjects = [self.event, *(self.persons if len(self.persons) == 1 else ())]
        said: dict[str, date | None] = {}
        for subject in subjects:
            said |= {name: value for name, value in subject.values.items() if isinstance(value, date)}
        return said

    def count(self, derived: Count) -> int | None:
        """Return how many fulfil the condition, None where it cannot be told of one of them."""
        from yiyuan.rules.events.conditions import Scope, holds

        counted = 0
        for subject in self.subjects(derived.over):
            fulfils = True if derived.when is None else holds(derived.when, Scope(subject, {}, ""), [])
            if fulfils is None:
                return None
            counted += fulfils
        return counted

    def sum(self, derived: Sum) -> int | Fraction | None:
        """Return the sum over those the case names, None where one of them lacks the fact."""
        total: int | Fraction = 0
        for subject in self.subjects(derived.over):
            found = subject.value(derived.fact)
            if found is None:
                return None
            assert isinstance(found, int | Fraction), "the parser lets only numbers be summed"
            total += found
        return total


def span(start: Value, end: Value, unit: str) -> int:
    """Return the completed days, months or years from one date to another, negative where it is earlier."""
    assert isinstance(start, date), "the parser lets a span begin with a date only"
    assert isinstance(end, date), "the parser lets a span end with a date only"
    if unit == "days":
        return (end - start).days
    if unit == "years":
        return completed_years(start, end)
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
