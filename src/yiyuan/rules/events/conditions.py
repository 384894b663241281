"""Conditions (条件): mappings of facts to tests, asked of a subject; a missing fact is neither true nor
false.

In: a condition of a scheme and a scope (a subject with the cause it is asked for and the answers to the
scheme's questions). Out: True, False, or None together with the facts the answer turns on. A fact that cannot
change the answer is never asked for. The form: `docs/schemes/language.md#conditions`.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from yiyuan.rules.algebra import Step
from yiyuan.rules.events.facts import Bounds, FactName, Subject, Value

Missing = list[tuple[Subject, str]]


class OpenQuestionError(Exception):
    """The answer turns on a question that the scheme leaves undecided."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


class Scope:
    """Whom a condition or an amount is asked of, under which cause and which answers; keeps the steps."""

    __slots__ = ("answers", "cause", "prefix", "steps", "subject")

    def __init__(self, subject: Subject, answers: Mapping[str, str], cause: str, prefix: str = "") -> None:
        self.subject = subject
        self.answers = answers
        self.cause = cause
        self.prefix = prefix
        self.steps: list[Step] = []

    def value(self, name: str, missing: Missing) -> Value | None:
        """Return the value of the fact; where there is none, note what to ask for and return None."""
        if name == "cause":
            return self.cause
        found = self.subject.value(name)
        if found is None:
            missing.extend((self.subject, lacking) for lacking in self.subject.unknown(name))
        return found

    def answer(self, question: str) -> str:
        """Return the answer in force.

        :raises OpenQuestionError: when the scheme leaves the question undecided.
        """
        if question not in self.answers:
            raise OpenQuestionError(question)
        return self.answers[question]

    def keep(self, step: str, amount_fen: int, clause: str) -> None:
        """Keep a line of the explanation."""
        self.steps.append(Step(self.prefix + step, amount_fen, clause))


@dataclass(frozen=True, slots=True)
class Test:
    """What must hold of one fact: among the values, outside others, inside bounds, known at all."""

    fact: str
    among: frozenset[Value] | None = None
    outside: frozenset[Value] | None = None
    bounds: Bounds | None = None
    known: bool | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Holds under one answer to a question of the scheme."""

    question: str
    option: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = Test | Answered | All | AnyOf | Not


def holds(condition: Condition, scope: Scope, missing: Missing) -> bool | None:
    """Return whether the condition holds, None where that cannot be told; then `missing` grows.

    :raises OpenQuestionError: when the answer turns on an undecided question.
    """
    if isinstance(condition, Test):
        return _test_holds(condition, scope, missing)
    if isinstance(condition, All):
        return _joined(condition.parts, scope, missing, ends_on=False)
    if isinstance(condition, AnyOf):
        return _joined(condition.parts, scope, missing, ends_on=True)
    if isinstance(condition, Not):
        inner = holds(condition.part, scope, missing)
        return None if inner is None else not inner
    return scope.answer(condition.question) == condition.option


def _joined(parts: tuple[Condition, ...], scope: Scope, missing: Missing, *, ends_on: bool) -> bool | None:
    # One part may settle the whole whatever the others say; an open question is put off until it must be
    # asked.
    asked: Missing = []
    is_open = False
    waiting: OpenQuestionError | None = None
    for part in parts:
        try:
            found = holds(part, scope, asked)
        except OpenQuestionError as question:
            waiting = waiting or question
            continue
        if found is ends_on:
            return ends_on
        is_open = is_open or found is None
    if waiting is not None:
        raise waiting
    if is_open:
        missing.extend(asked)
        return None
    return not ends_on


def _test_holds(test: Test, scope: Scope, missing: Missing) -> bool | None:
    if test.known is not None:
        return (scope.value(test.fact, []) is not None) is test.known
    found = scope.value(test.fact, missing)
    if found is None:
        return None
    if test.among is not None and not _is_among(found, test.among):
        return False
    if test.outside is not None and _is_among(found, test.outside):
        return False
    return True if test.bounds is None else within(found, test.bounds, scope, missing)


def _is_among(found: Value, values: frozenset[Value]) -> bool:
    if isinstance(found, frozenset):
        return not found.isdisjoint(values)
    return found in values


def within(found: Value, bounds: Bounds, scope: Scope, missing: Missing) -> bool | None:
    """Return whether the value lies in the bounds, None where a fact that bounds it is missing."""
    asked: Missing = []
    for end, is_kept in (
        (bounds.at_least, operator.ge),
        (bounds.through, operator.le),
        (bounds.above, operator.gt),
        (bounds.below, operator.lt),
    ):
        if end is None:
            continue
        value = scope.value(end.name, asked) if isinstance(end, FactName) else end
        if value is not None and not is_kept(found, value):
            return False
    if asked:
        missing.extend(asked)
        return None
    return True


def as_number(value: Value) -> int | Fraction:
    """Return a value the parser has let stand as a number."""
    assert isinstance(value, int | Fraction), "the parser lets only numbers stand here"
    return value
