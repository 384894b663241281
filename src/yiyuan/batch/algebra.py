"""Rules over tables (批量运算): the rule that the desk runs on numbers builds SQLGlot expressions here.

In: the names of a table's fact columns, none of them null. Out: for every step of the rule two columns in
the order of the steps, `<step>` in fen and `<step>_clause`. A step may use the columns before it, so each
is put around the query of the last. Docs: `docs/adr/0005-engine-of-the-batch.md`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from sqlglot import exp
from sqlglot.expressions import Expr
from sqlglot.generator import Generator

from yiyuan.kernel.money import BASIS_POINTS
from yiyuan.rules.algebra import NO_BRANCH

DUCKDB = "duckdb"


class _DuckdbText(Generator):
    """Print what a rule may build; of it DuckDB writes only the whole-number division in its own way.

    SQLGlot's whole DuckDB dialect prints the same, but importing it costs as much processor time as screening
    50,000 settlements.
    """

    TRANSFORMS: ClassVar[dict[type[Expr], Callable[..., str]]] = {
        **Generator.TRANSFORMS,
        exp.IntDiv: lambda self, node: self.binary(node, "//"),
    }


@dataclass(slots=True)
class TableAlgebra:
    """Compile a rule to columns; an SQL expression stands where the desk has an amount or a flag."""

    steps: list[tuple[str, Expr]] = field(default_factory=list)

    def fact(self, name: str) -> Expr:
        """Return the fact's column."""
        return exp.column(name)

    def fixed(self, amount_fen: int) -> Expr:
        """Return the scheme's amount; a whole number of 64 bits, as every amount of a table is."""
        return exp.cast(exp.convert(amount_fen), "BIGINT")

    def below(self, amount: Expr, limit_fen: int) -> Expr:
        """Return the flag: the amount does not reach the limit."""
        return exp.LT(this=amount.copy(), expression=exp.convert(limit_fen))

    def share(self, amount: Expr, rate_bp: int) -> Expr:
        """Return the share of a non-negative amount, half a fen up, in whole numbers all the way."""
        scaled = exp.Mul(this=amount.copy(), expression=exp.convert(rate_bp))
        raised = exp.Add(this=scaled, expression=exp.convert(BASIS_POINTS // 2))
        return exp.IntDiv(this=exp.paren(raised), expression=exp.convert(BASIS_POINTS))

    def within(self, amount: Expr, from_fen: int, below_fen: int | None) -> Expr:
        """Return the part of the amount in the band."""
        top = amount.copy() if below_fen is None else _least(amount, exp.convert(below_fen))
        return _never_negative(exp.Sub(this=top, expression=exp.convert(from_fen)))

    def less(self, name: str, amount: Expr, subtrahends: Sequence[Expr], clause: str) -> Expr:
        """Return what is left, never below 0; one step."""
        left = amount.copy()
        for subtrahend in subtrahends:
            left = exp.Sub(this=left, expression=subtrahend.copy())
        return self._step(name, _never_negative(left), exp.convert(clause))

    def plus(self, name: str, parts: Sequence[tuple[str, Expr, str]], clause: str) -> Expr:
        """Return the sum; a step for each part, then one for the sum."""
        columns = [self._step(part, amount, exp.convert(text)) for part, amount, text in parts]
        total = columns[0]
        for column in columns[1:]:
            total = exp.Add(this=total, expression=column)
        return self._step(name, total, exp.convert(clause))

    def least(self, name: str, arms: Sequence[tuple[Expr, str]]) -> Expr:
        """Return the least, of equals the first, with its clause; one step."""
        (amount, first), *others = arms
        clause: Expr = exp.convert(first)
        for other, text in others:
            is_less = exp.LT(this=other.copy(), expression=amount.copy())
            clause = exp.Case().when(is_less, exp.convert(text)).else_(clause)
            amount = _least(amount, other)
        return self._step(name, amount, clause)

    def choose(self, name: str, arms: Sequence[tuple[Expr | None, Expr, str]]) -> Expr:
        """Return the first amount whose flag holds, with its clause; one step."""
        amount, clause = exp.Case(), exp.Case()
        for applies, value, text in arms:
            flag = exp.true() if applies is None else applies
            amount = amount.when(flag.copy(), value.copy())
            clause = clause.when(flag.copy(), exp.convert(text))
        return self._step(name, amount.else_(self.fixed(0)), clause.else_(exp.convert(NO_BRANCH)))

    def around(self, query: str, dialect: str = DUCKDB) -> str:
        """Return the query with a column for every step, and one for its clause, behind its own."""
        for name, value in self.steps:
            text = _DuckdbText().generate(value) if dialect == DUCKDB else value.sql(dialect)
            query = f"SELECT *, {text} AS {name} FROM ({query})"
        return query

    def _step(self, name: str, amount: Expr, clause: Expr) -> Expr:
        self.steps.append((f"{name}_clause", clause))
        self.steps.append((name, amount))
        return exp.column(name)


def _least(one: Expr, other: Expr) -> Expr:
    # No operand is ever null here, so the plain function is exact and the cheapest.
    return exp.Least(this=one.copy(), expressions=[other.copy()], ignore_nulls=True)


def _never_negative(amount: Expr) -> Expr:
    return exp.Greatest(this=amount, expressions=[exp.convert(0)], ignore_nulls=True)
