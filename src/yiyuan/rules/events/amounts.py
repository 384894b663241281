"""Amounts (金额的写法): what a benefit, a limit or a premium comes to, as small nodes put together.

In: an amount of a scheme and a scope. Out: whole fen, never below 0, half a fen up; None where a fact it
turns on is missing. A node with a step leaves a line of the explanation. The form:
`docs/schemes/language.md#amounts`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from yiyuan.kernel.money import share_fen
from yiyuan.rules.algebra import NO_BRANCH
from yiyuan.rules.events.conditions import (
    Condition,
    Missing,
    OpenQuestionError,
    Scope,
    Test,
    as_number,
    holds,
)
from yiyuan.rules.terms import Band, Tier


class Amount(Protocol):
    """What comes to a number of fen in a scope."""

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return whole fen, at least 0; None when a fact is missing, which `missing` then names."""


class Quantity(Protocol):
    """What comes to a number of days, rooms, square metres."""

    def count(self, scope: Scope, missing: Missing) -> int | Fraction | None:
        """Return the number, at least 0; None when a fact is missing."""


def half_up(amount: int | Fraction) -> int:
    """Return the whole fen of a non-negative amount, half a fen up."""
    return (
        amount
        if isinstance(amount, int)
        else (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
    )


@dataclass(frozen=True, slots=True)
class Fixed:
    """A sum the scheme sets."""

    amount_fen: int

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the sum."""
        return self.amount_fen


@dataclass(frozen=True, slots=True)
class Unstated:
    """An amount the text does not give; a case that turns on it is not decided."""

    question: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Raise the question.

        :raises OpenQuestionError: always.
        """
        raise OpenQuestionError(self.question)


@dataclass(frozen=True, slots=True)
class OfFact:
    """An amount the case says."""

    fact: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the fact's amount."""
        found = scope.value(self.fact, missing)
        return None if found is None else max(half_up(as_number(found)), 0)


@dataclass(frozen=True, slots=True)
class Share:
    """A share, or an uplift, of an amount."""

    rate_bp: int
    of: Amount

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the share, half a fen up."""
        base_fen = self.of.fen(scope, missing)
        return None if base_fen is None else share_fen(base_fen, self.rate_bp)


@dataclass(frozen=True, slots=True)
class Priced:
    """A price times a quantity."""

    unit_fen: int
    times: Quantity

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the product, half a fen up."""
        number = self.times.count(scope, missing)
        return None if number is None else half_up(self.unit_fen * number)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to come to an amount, for cases that fulfil its condition."""

    when: Condition | None
    amount: Amount


@dataclass(frozen=True, slots=True)
class First:
    """The first arm whose condition holds; where none does, 0."""

    arms: tuple[Arm, ...]
    step: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the arm's amount; an arm that cannot be told leaves the whole untold."""
        for arm in self.arms:
            applies = True if arm.when is None else holds(arm.when, scope, missing)
            if applies is None:
                return None
            if applies:
                return arm.amount.fen(scope, missing)
        scope.keep(self.step, 0, NO_BRANCH)
        return 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the values of the fact it stands for, and its amount."""

    test: Test
    amount: Amount


@dataclass(frozen=True, slots=True)
class Table:
    """The row that fits the fact; where none fits, 0."""

    fact: str
    rows: tuple[Row, ...]
    step: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the row's amount."""
        if scope.value(self.fact, missing) is None:
            return None
        for row in self.rows:
            fits = holds(row.test, scope, missing)
            if fits is None:
                return None
            if fits:
                return row.amount.fen(scope, missing)
        scope.keep(self.step, 0, NO_BRANCH)
        return 0


@dataclass(frozen=True, slots=True)
class Tiered:
    """The tier that holds the whole amount decides."""

    tiers: tuple[Tier, ...]
    of: Amount
    step: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the tier's share or sum, with a step that names its clause."""
        base_fen = self.of.fen(scope, missing)
        if base_fen is None:
            return None
        for tier in self.tiers:
            if tier.below_fen is None or base_fen < tier.below_fen:
                amount_fen = tier.fixed_fen
                if amount_fen is None:
                    assert tier.rate_bp is not None, "the parser gives every tier a rate or a sum"
                    amount_fen = share_fen(base_fen, tier.rate_bp)
                scope.keep(self.step, amount_fen, tier.clause)
                return amount_fen
        scope.keep(self.step, 0, NO_BRANCH)
        return 0


@dataclass(frozen=True, slots=True)
class Banded:
    """Each band pays its share of the part that lies in it."""

    bands: tuple[Band, ...]
    of: Amount
    step: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the sum of the bands, with a step for each."""
        base_fen = self.of.fen(scope, missing)
        if base_fen is None:
            return None
        total_fen = 0
        for number, band in enumerate(self.bands, start=1):
            top_fen = base_fen if band.below_fen is None else min(base_fen, band.below_fen)
            part_fen = share_fen(max(top_fen - band.from_fen, 0), band.rate_bp)
            scope.keep(f"{self.step}_{number}", part_fen, band.clause)
            total_fen += part_fen
        return total_fen


@dataclass(frozen=True, slots=True)
class Several:
    """The sum, the least or the greatest of several amounts."""

    how: str
    parts: tuple[Amount, ...]

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return it; one part that cannot be told leaves the whole untold."""
        amounts = [part.fen(scope, missing) for part in self.parts]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts):
            return None
        if self.how == "sum":
            return sum(known)
        return min(known) if self.how == "least" else max(known)


@dataclass(frozen=True, slots=True)
class Less:
    """What is left of an amount after others, at least 0."""

    of: Amount
    taken: tuple[Amount, ...]

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return what is left."""
        base_fen = self.of.fen(scope, missing)
        taken = [part.fen(scope, missing) for part in self.taken]
        known = [amount for amount in taken if amount is not None]
        if base_fen is None or len(known) < len(taken):
            return None
        return max(base_fen - sum(known), 0)


@dataclass(frozen=True, slots=True)
class Franchise:
    """All of an amount once it reaches a sum, nothing below it."""

    franchise_fen: int
    of: Amount

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return all or nothing."""
        base_fen = self.of.fen(scope, missing)
        if base_fen is None:
            return None
        return base_fen if base_fen >= self.franchise_fen else 0


@dataclass(frozen=True, slots=True)
class InProportion:
    """An amount times part over whole, at most all of it: under-insurance and the like."""

    part: Amount
    whole: Amount
    of: Amount

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the proportion, half a fen up; a whole of 0 leaves the amount as it is."""
        part_fen, whole_fen = self.part.fen(scope, missing), self.whole.fen(scope, missing)
        base_fen = self.of.fen(scope, missing)
        if part_fen is None or whole_fen is None or base_fen is None:
            return None
        if part_fen >= whole_fen:
            return base_fen
        return half_up(Fraction(base_fen * part_fen, whole_fen))


@dataclass(frozen=True, slots=True)
class Clamped:
    """An amount that may not pass another: `at_most`, `at_least`."""

    of: Amount
    bound: Amount
    is_ceiling: bool

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the amount, or the bound where it passes it."""
        amount_fen, bound_fen = self.of.fen(scope, missing), self.bound.fen(scope, missing)
        if amount_fen is None or bound_fen is None:
            return None
        return min(amount_fen, bound_fen) if self.is_ceiling else max(amount_fen, bound_fen)


@dataclass(frozen=True, slots=True)
class Rounded:
    """An amount in whole steps of so many fen, such as whole yuan."""

    of: Amount
    to_fen: int
    how: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the rounded amount."""
        amount_fen = self.of.fen(scope, missing)
        if amount_fen is None:
            return None
        added_fen = {"down": 0, "up": self.to_fen - 1, "half_up": self.to_fen // 2}[self.how]
        return (amount_fen + added_fen) // self.to_fen * self.to_fen


@dataclass(frozen=True, slots=True)
class Stepped:
    """An amount that leaves a line of the explanation."""

    of: Amount
    step: str
    clause: str

    def fen(self, scope: Scope, missing: Missing) -> int | None:
        """Return the amount and keep the step."""
        amount_fen = self.of.fen(scope, missing)
        if amount_fen is not None:
            scope.keep(self.step, amount_fen, self.clause)
        return amount_fen


@dataclass(frozen=True, slots=True)
class Number:
    """A number the scheme sets."""

    number: int | Fraction

    def count(self, scope: Scope, missing: Missing) -> int | Fraction | None:
        """Return the number."""
        return self.number


@dataclass(frozen=True, slots=True)
class NumberOf:
    """A number the case says: what exceeds `beyond`, `at_most` so many."""

    fact: str
    beyond: int | Fraction = 0
    at_most: int | Fraction | None = None

    def count(self, scope: Scope, missing: Missing) -> int | Fraction | None:
        """Return the number that counts, at least 0."""
        found = scope.value(self.fact, missing)
        if found is None:
            return None
        number = max(as_number(found) - self.beyond, 0)
        return number if self.at_most is None else min(number, self.at_most)


@dataclass(frozen=True, slots=True)
class SeveralNumbers:
    """The sum, the least or the product of several numbers."""

    how: str
    parts: tuple[Quantity, ...]

    def count(self, scope: Scope, missing: Missing) -> int | Fraction | None:
        """Return it; one part that cannot be told leaves the whole untold."""
        total: int | Fraction | None = None
        is_known = True
        for part in self.parts:
            number = part.count(scope, missing)
            if number is None:
                is_known = False
            elif total is None:
                total = number
            else:
                total = _joined(self.how, total, number)
        return total if is_known else None


def _joined(how: str, one: int | Fraction, other: int | Fraction) -> int | Fraction:
    if how == "least":
        return min(one, other)
    return one + other if how == "sum" else one * other
