"""Wording (说法): facts, conditions and amounts of a scheme in plain words.

In: terms of a scheme and a language. Out: short phrases; empty where the terms cannot be said shorter than by
their examples. Boundaries are 满 and 不到.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from yiyuan.kernel.money import BASIS_POINTS
from yiyuan.rules.events.amounts import (
    Amount,
    Arm,
    Banded,
    Clamped,
    First,
    Fixed,
    Franchise,
    InProportion,
    Less,
    Number,
    NumberOf,
    OfFact,
    Priced,
    Quantity,
    Rounded,
    Several,
    Share,
    Stepped,
    Tiered,
)
from yiyuan.rules.events.conditions import All, AnyOf, Condition, Not, Test
from yiyuan.rules.events.facts import CHOICE, CHOICES, DATE, FLAG, MONEY, Bounds, Fact, FactName, Value
from yiyuan.rules.guide.tongue import Tongue

UNIT_MAX_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """Says what a scheme means, in one language."""

    tongue: Tongue
    facts: Mapping[str, Fact]
    causes: Mapping[str, str]  # the names of the causes

    def fact(self, fact: Fact) -> tuple[str, str]:
        """Return a fact's name and its unit; a longer remark in brackets is left out."""
        name = self.tongue.name(fact)
        for opening, closing in (("（", "）"), (" (", ")")):
            head, found, tail = name.partition(opening)
            if found and tail.endswith(closing):
                inner = tail.removesuffix(closing)
                return head, inner if len(inner) <= UNIT_MAX_CHARACTERS else ""
        return name, ""

    def said(self, name: str, value: Value) -> str:
        """Return what a case says under a fact."""
        fact = self.facts[name]
        words, unit = self.fact(fact)
        if fact.type == FLAG:
            return words if value is True else self.tongue(f"不是“{words}”", f"not “{words}”")
        if fact.type in (CHOICE, CHOICES):
            return self.options(fact, value if isinstance(value, frozenset) else frozenset({value}))
        return self.tongue(f"{words} ", f"{words}: ") + self.value(fact, value) + (f" {unit}" if unit else "")

    def options(self, fact: Fact, values: frozenset[Value]) -> str:
        """Return options by their names, in the order of the fact."""
        words, _ = self.fact(fact)
        codes = [code for code in fact.options if code in values] or sorted(map(str, values))
        names = [self.tongue(fact.options.get(code, code), code.replace("_", " ")) for code in codes]
        return self.tongue(f"{words}：", f"{words}: ") + self.tongue("、", ", ").join(names)

    def value(self, fact: Fact, value: Value) -> str:
        """Return a value as people write it."""
        if fact.type == MONEY and isinstance(value, int):
            return self.tongue.money(value)
        if isinstance(value, date):
            return self.tongue.day(value)
        if isinstance(value, Fraction):
            return f"{float(value):g}"
        return str(value)

    def condition(self, condition: Condition) -> str:
        """Return a condition in words, empty where one of its parts turns on an answer to a question."""
        if isinstance(condition, Test):
            return self._test(condition)
        if isinstance(condition, All):
            return self.tongue("，", ", ").join(filter(None, map(self.condition, condition.parts)))
        if isinstance(condition, AnyOf):
            return self.tongue("，或者", ", or ").join(filter(None, map(self.condition, condition.parts)))
        if isinstance(condition, Not):
            inner = self.condition(condition.part)
            return self.tongue(f"不是“{inner}”", f"not “{inner}”") if inner else ""
        return ""

    def _test(self, test: Test) -> str:
        if test.fact == "cause" and test.among is not None:
            names = self.tongue.listed(
                self.causes.get(str(one), str(one)) for one in sorted(map(str, test.among))
            )
            return self.tongue(f"原因是{names}", f"the cause is {names}")
        fact = self.facts.get(test.fact)
        if fact is None or test.known is not None:
            return ""
        parts = []
        if test.among is not None:
            is_listed = fact.type in (CHOICE, CHOICES)
            said = (
                [self.options(fact, test.among)]
                if is_listed
                else [self.said(test.fact, one) for one in test.among]
            )
            parts.append(self.tongue("或", " or ").join(said))
        if test.outside is not None:
            inner = self.options(fact, test.outside)
            parts.append(self.tongue(f"不是“{inner}”", f"not “{inner}”"))
        if test.bounds is not None:
            parts.append(self._bounds(fact, test.bounds))
        return self.tongue("，", ", ").join(parts)

    def _bounds(self, fact: Fact, bounds: Bounds) -> str:
        name, unit = self.fact(fact)
        words = (
            (bounds.at_least, ("满 {}", "{} or more") if fact.type != DATE else ("从 {} 起", "from {}")),
            (bounds.above, ("超过 {}", "more than {}")),
            (
                bounds.through,
                ("不超过 {}", "at most {}") if fact.type != DATE else ("到 {} 为止", "until {}"),
            ),
            (bounds.below, ("不到 {}", "less than {}")),
        )
        said = [self.tongue(*both).format(self._end(fact, end)) for end, both in words if end is not None]
        joined = self.tongue("、", ", ").join(said)
        return self.tongue(f"{name} ", f"{name}: ") + joined + (f" {unit}" if unit else "")

    def _end(self, fact: Fact, end: Value | FactName) -> str:
        if isinstance(end, FactName):
            return self.fact(self.facts[end.name])[0] if end.name in self.facts else end.name
        return self.value(fact, end)

    def amount(self, amount: Amount) -> str:
        """Return an amount in words, empty where its examples say it better."""
        if isinstance(amount, Fixed):
            return self.tongue.money(amount.amount_fen)
        if isinstance(amount, OfFact):
            return self.fact(self.facts[amount.fact])[0] if amount.fact in self.facts else ""
        if isinstance(amount, Stepped):
            return self.amount(amount.of)
        if isinstance(amount, Share):
            of = self.amount(amount.of)
            rate = self.tongue.percent(amount.rate_bp)
            return self.tongue(f"{of}的 {rate}", f"{rate} of: {of}") if of else ""
        if isinstance(amount, Priced):
            times = self.quantity(amount.times)
            price = self.tongue.money(amount.unit_fen)
            return self.tongue(f"{price} × {times}", f"{price} × {times}") if times else ""
        return self._composed(amount)

    def _composed(self, amount: Amount) -> str:
        if isinstance(amount, Clamped):
            of, bound = self.amount(amount.of), self.amount(amount.bound)
            edge = self.tongue("最多", "at most") if amount.is_ceiling else self.tongue("至少", "at least")
            return self.tongue(f"{of}，{edge} {bound}", f"{of}, {edge} {bound}") if of and bound else ""
        if isinstance(amount, Several):
            parts = [self.amount(part) for part in amount.parts]
            joint = {
                "sum": self.tongue(" 加 ", " plus "),
                "least": self.tongue(" 和 ", " or "),
                "greatest": self.tongue(" 和 ", " or "),
            }[amount.how]
            tail = {
                "sum": "",
                "least": self.tongue("，取少的", ", whichever is less"),
                "greatest": self.tongue("，取多的", ", whichever is more"),
            }[amount.how]
            return joint.join(parts) + tail if all(parts) else ""
        if isinstance(amount, First) and len(amount.arms) == 1:
            return self.amount(amount.arms[0].amount)
        return self._taken_from(amount)

    def _taken_from(self, amount: Amount) -> str:
        if isinstance(amount, Less):
            of, taken = self.amount(amount.of), [self.amount(one) for one in amount.taken]
            less = self.tongue("、", " and ").join(taken)
            return self.tongue(f"{of}减去 {less}", f"{of}, less {less}") if of and all(taken) else ""
        if isinstance(amount, Franchise):
            of, edge = self.amount(amount.of), self.tongue.money(amount.franchise_fen)
            words = self.tongue(f"{of}，不到 {edge} 的不赔", f"{of}, nothing where it is less than {edge}")
            return words if of else ""
        if isinstance(amount, InProportion):
            part, whole = self.amount(amount.part), self.amount(amount.whole)
            of = self.amount(amount.of) or self.tongue("例子里的全额", "the full sum of the examples")
            words = self.tongue(
                f"{of}，按 {part} ÷ {whole} 的比例，最多赔足",
                f"{of} × {part} ÷ {whole}, never more than all of it",
            )
            return words if part and whole else ""
        return ""

    def deductible(self, amount: Amount) -> str:
        """Return what is taken off before anything is paid, empty where nothing fixed is."""
        if not isinstance(amount, Less):
            return ""
        taken = [self.tongue.money(one.amount_fen) for one in amount.taken if isinstance(one, Fixed)]
        sums = self.tongue.listed(taken)
        return self.tongue(f"先扣掉 {sums} 免赔额", f"{sums} are deducted first") if taken else ""

    def uplift(self, arm: Arm) -> str:
        """Return to whom an uplift applies and how much, empty where the arm pays no more than the rest."""
        amount = arm.amount
        while isinstance(amount, Stepped | Clamped | Rounded):
            amount = amount.of
        whom = "" if arm.when is None else self.condition(arm.when)
        if not whom or not isinstance(amount, Share) or amount.rate_bp <= BASIS_POINTS:
            return ""
        more = self.tongue.percent(amount.rate_bp - BASIS_POINTS)
        return self.tongue(f"{whom}的，多赔 {more}", f"{whom}: {more} more is paid")

    def quantity(self, quantity: Quantity) -> str:
        """Return a quantity in words, empty where its examples say it better."""
        if isinstance(quantity, Number):
            return str(quantity.number)
        if not isinstance(quantity, NumberOf) or quantity.fact not in self.facts:
            return ""
        name, _ = self.fact(self.facts[quantity.fact])
        if quantity.beyond:
            name = self.tongue(f"{name}超过 {quantity.beyond} 的部分", f"{name} beyond {quantity.beyond}")
        if quantity.at_most is not None:
            name = self.tongue(f"{name}（最多算 {quantity.at_most}）", f"{name} ({quantity.at_most} at most)")
        return name

    def stretches(self, amount: object) -> list[tuple[str, str]]:
        """Return tiers and bands in words, each with its clause."""
        said: list[tuple[str, str]] = []
        if isinstance(amount, Tiered):
            for tier in amount.tiers:
                span = self.tongue.stretch(tier.from_fen, tier.below_fen)
                paid = (
                    self.tongue.money(tier.fixed_fen)
                    if tier.fixed_fen is not None
                    else self.tongue.percent(tier.rate_bp or 0)
                )
                said.append((self.tongue(f"{span}的，赔 {paid}", f"{span}: {paid} is paid"), tier.clause))
        if isinstance(amount, Banded):
            for band in amount.bands:
                span = self.tongue.stretch(band.from_fen, band.below_fen) or self.tongue("全部", "all of it")
                rate = self.tongue.percent(band.rate_bp)
                said.append(
                    (
                        self.tongue(f"{span}的那一段，赔 {rate}", f"the part in {span}: {rate} is paid"),
                        band.clause,
                    )
                )
        return said
