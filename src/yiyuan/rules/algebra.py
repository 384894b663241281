"""The few operations a benefit rule may use (赔付规则的运算), so that one rule serves a case and a table.

In: facts by name, amounts in fen. Out: amounts in fen and, for every named step, a line of the explanation.
A rule is written once against `Algebra`. The desk runs it with `DeskAlgebra`, whose values are ints and
which keeps the trace; the batch engine runs the same function over SQL expressions, where each named step is
a column of that name. Docs: `docs/adr/0003-one-rule-two-algebras.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

from yiyuan.kernel.money import AMOUNT_FEN_MAX, share_fen

V = TypeVar("V")  # an amount in fen or a flag: int and bool on the desk, an SQL expression in a batch

NO_BRANCH = (
    "NO-BRANCH"  # stands for a clause where the scheme is silent: nothing is due, and the trace says so
)


class Step(NamedTuple):
    """One line of the explanation: what was computed, what it came to, and the clause it rests on."""

    name: str
    amount_fen: int
    clause: str


class Algebra(Protocol[V]):
    """What a rule may do with amounts. Named operations leave a step; the others leave nothing."""

    def fact(self, name: str) -> V:
        """Return the amount of the named fact; it is never missing here."""

    def fixed(self, amount_fen: int) -> V:
        """Return an amount that the scheme sets."""

    def below(self, amount: V, limit_fen: int) -> V:
        """Return the flag: the amount does not reach the limit."""

    def share(self, amount: V, rate_bp: int) -> V:
        """Return the share of a non-negative amount, half a fen up."""

    def within(self, amount: V, from_fen: int, below_fen: int | None) -> V:
        """Return the part of the amount that lies in a band; without an upper end, all above its start."""

    def less(self, name: str, amount: V, subtrahends: Sequence[V], clause: str) -> V:
        """Return the amount less the others, never below 0; one step."""

    def plus(self, name: str, parts: Sequence[tuple[str, V, str]], clause: str) -> V:
        """Return the sum of the parts (name, amount, clause); a step for each, then one for the sum."""

    def least(self, name: str, arms: Sequence[tuple[V, str]]) -> V:
        """Return the least amount, of equals the first, with its clause; one step."""

    def choose(self, name: str, arms: Sequence[tuple[V | None, V, str]]) -> V:
        """Return the first amount whose flag holds, with its clause; one step.

        An arm is (flag, amount, clause); the flag None holds always. Where no arm holds the amount is 0 and
        the clause NO-BRANCH.
        """


@dataclass(slots=True)
class DeskAlgebra:
    """Evaluate a rule for one case and keep its trace, in the order in which the rule ran."""

    facts: Mapping[str, int]
    trace: list[Step] = field(default_factory=list)

    def fact(self, name: str) -> int:
        """Return the fact in fen.

        :raises KeyError: when the case does not know it; the caller leaves such a case undetermined before.
        """
        amount_fen = self.facts[name]
        assert -AMOUNT_FEN_MAX <= amount_fen <= AMOUNT_FEN_MAX, f"{name} = {amount_fen} is beyond the bound"
        return amount_fen

    def fixed(self, amount_fen: int) -> int:
        """Return the scheme's amount as it is."""
        return amount_fen

    def below(self, amount: int, limit_fen: int) -> int:
        """Return whether the amount does not reach the limit."""
        return amount < limit_fen

    def share(self, amount: int, rate_bp: int) -> int:
        """Return the share in fen, half a fen up."""
        assert amount >= 0, "a share is taken of what is left, which is never negative"
        return share_fen(amount, rate_bp)

    def within(self, amount: int, from_fen: int, below_fen: int | None) -> int:
        """Return the part of the amount in the band, in fen."""
        top_fen = amount if below_fen is None else min(amount, below_fen)
        return max(top_fen - from_fen, 0)

    def less(self, name: str, amount: int, subtrahends: Sequence[int], clause: str) -> int:
        """Return what is left, never below 0, and trace it."""
        return self._step(name, max(amount - sum(subtrahends), 0), clause)

    def plus(self, name: str, parts: Sequence[tuple[str, int, str]], clause: str) -> int:
        """Return the sum, and trace every part and the sum."""
        return self._step(name, sum(self._step(*part) for part in parts), clause)

    def least(self, name: str, arms: Sequence[tuple[int, str]]) -> int:
        """Return the least, of equals the first, and trace it with its clause."""
        amount_fen, clause = min(arms, key=lambda arm: arm[0])
        return self._step(name, amount_fen, clause)

    def choose(self, name: str, arms: Sequence[tuple[int | None, int, str]]) -> int:
        """Return the first arm that holds, and trace it with its clause."""
        for applies, amount_fen, clause in arms:
            if applies is None or applies:
                return self._step(name, amount_fen, clause)
        return self._step(name, 0, NO_BRANCH)

    def _step(self, name: str, amount_fen: int, clause: str) -> int:
        self.trace.append(Step(name, amount_fen, clause))
        return amount_fen
