"""Terms of events in plain words (条款的白话): conditions and amounts for people who read no YAML.

In: conditions and amounts of a scheme with its facts. Out: short phrases in the language of the page.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.interfaces.desk.templatetags.yiyuan_format import percent, yuan
from yiyuan.rules.events import amounts
from yiyuan.rules.events.conditions import All, AnyOf, Condition, Not, Test
from yiyuan.rules.events.facts import MONEY, Bounds, Fact, FactName
from yiyuan.rules.terms import Band, SchemeVersion, Tier


class Wording:
    """Says the terms of one scheme version."""

    def __init__(self, terms: SchemeVersion) -> None:
        self.facts: Mapping[str, Fact] = terms.events.facts
        self.causes = {one.cause: _named(one) for one in terms.liabilities}

    def condition(self, condition: Condition | None) -> str:
        """Return the condition in words, an empty text where there is none."""
        if condition is None:
            return ""
        if isinstance(condition, All):
            return _("，并且").join(self.condition(part) for part in condition.parts)
        if isinstance(condition, AnyOf):
            return _("（%(parts)s）") % {"parts": _("，或者").join(map(self.condition, condition.parts))}
        if isinstance(condition, Not):
            return _("不是（%(part)s）") % {"part": self.condition(condition.part)}
        if isinstance(condition, Test):
            return self._test(condition)
        return _("按答复 %(question)s = %(option)s") % {
            "question": condition.question,
            "option": condition.option,
        }

    def _test(self, test: Test) -> str:
        name = self.fact(test.fact)
        if test.known is not None:
            return (
                _("说明了%(fact)s") % {"fact": name} if test.known else _("没有说%(fact)s") % {"fact": name}
            )
        parts = []
        if test.among is not None:
            parts.append(self._values(test.fact, test.among))
        if test.outside is not None:
            parts.append(_("不是%(values)s") % {"values": self._values(test.fact, test.outside)})
        if test.bounds is not None:
            parts.append(self._bounds(test.fact, test.bounds))
        return _("%(fact)s：%(values)s") % {"fact": name, "values": _("，").join(parts)}

    def fact(self, name: str) -> str:
        """Return how a fact is called."""
        if name == "cause":
            return _("出险原因")
        fact = self.facts.get(name)
        return _named(fact) if fact else name

    def _values(self, fact: str, values: frozenset[Any]) -> str:
        return _("、").join(self._value(fact, value) for value in sorted(values, key=str))

    def _value(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return _("是") if value else _("不是")
        if isinstance(value, FactName):
            return self.fact(value.name)
        if name == "cause":
            return self.causes.get(str(value), str(value))
        fact = self.facts.get(name)
        if fact is not None and fact.type == MONEY and isinstance(value, int):
            return _("%(sum)s 元") % {"sum": yuan(value)}
        if fact is None or is_english():
            # Options have no English in the language; their codes are English words.
            return str(value).replace("_", " ")
        return str(fact.options.get(str(value), value))

    def _bounds(self, name: str, bounds: Bounds) -> str:
        ends = (
            (bounds.at_least, _("满 %(end)s")),
            (bounds.above, _("超过 %(end)s")),
            (bounds.through, _("不超过 %(end)s")),
            (bounds.below, _("不到 %(end)s")),
        )
        said = [words % {"end": self._value(name, end)} for end, words in ends if end is not None]
        return _("、").join(said)

    def amount(self, amount: Any) -> str:
        """Return the amount in words."""
        say = _AMOUNTS.get(type(amount))
        return say(self, amount) if say else ""

    def quantity(self, quantity: Any) -> str:
        """Return the quantity in words."""
        if isinstance(quantity, amounts.Number):
            return _number(quantity.number)
        if isinstance(quantity, amounts.NumberOf):
            words = self.fact(quantity.fact)
            if quantity.beyond:
                words = _("%(what)s超过 %(n)s 的部分") % {"what": words, "n": _number(quantity.beyond)}
            if quantity.at_most is not None:
                words = _("%(what)s（最多 %(n)s）") % {"what": words, "n": _number(quantity.at_most)}
            return words
        joint = {"sum": " + ", "product": " × ", "least": _("、")}[quantity.how]
        joined = joint.join(self.quantity(part) for part in quantity.parts)
        return _("%(parts)s 里最小的") % {"parts": joined} if quantity.how == "least" else f"({joined})"

    def arms(self, first: amounts.First) -> str:
        """Return the arms of a choice, each with its condition."""
        otherwise = _("其余")
        said = [
            _("%(when)s，赔 %(amount)s")
            % {
                "when": otherwise if arm.when is None else self.condition(arm.when),
                "amount": self.amount(arm.amount),
            }
            for arm in first.arms
        ]
        return _("；").join(said)

    def rows(self, table: amounts.Table) -> str:
        """Return the rows of a table."""
        said = [
            _("%(when)s，赔 %(amount)s") % {"when": self._test(row.test), "amount": self.amount(row.amount)}
            for row in table.rows
        ]
        return _("；").join(said)


def _named(term: Any) -> str:
    return str((is_english() and term.name_en) or term.name_zh or term.name)


def _number(number: int | Fraction) -> str:
    return str(number) if isinstance(number, int) else f"{float(number):g}"


def _stretch(part: Tier | Band) -> str:
    if part.below_fen is None:
        return _("满 %(from)s 元") % {"from": yuan(part.from_fen)}
    return _("满 %(from)s 元、不到 %(below)s 元") % {
        "from": yuan(part.from_fen),
        "below": yuan(part.below_fen),
    }


def _steps(parts: Sequence[Any]) -> str:
    said = []
    for part in parts:
        fixed = getattr(part, "fixed_fen", None)
        pays = _("%(sum)s 元") % {"sum": yuan(fixed)} if fixed is not None else f"{percent(part.rate_bp)}%"
        said.append(_("%(when)s，赔 %(amount)s") % {"when": _stretch(part), "amount": pays})
    return _("；").join(said)


def _several(wording: Wording, several: amounts.Several) -> str:
    parts = [wording.amount(part) for part in several.parts]
    if several.how == "sum":
        return " + ".join(parts)
    words = _("%(parts)s 里最小的") if several.how == "least" else _("%(parts)s 里最大的")
    return words % {"parts": _("、").join(parts)}


def _clamped(wording: Wording, one: amounts.Clamped) -> str:
    words = _("%(amount)s，最多 %(bound)s") if one.is_ceiling else _("%(amount)s，最少 %(bound)s")
    return words % {"amount": wording.amount(one.of), "bound": wording.amount(one.bound)}


_AMOUNTS: Mapping[type, Callable[[Wording, Any], str]] = {
    amounts.Fixed: lambda _wording, one: _("%(sum)s 元") % {"sum": yuan(one.amount_fen)},
    amounts.Unstated: lambda _wording, one: _("方案没有写（%(question)s）") % {"question": one.question},
    amounts.OfFact: lambda wording, one: wording.fact(one.fact),
    amounts.Share: lambda wording, one: (
        _("%(amount)s 的 %(rate)s%%") % {"amount": wording.amount(one.of), "rate": percent(one.rate_bp)}
    ),
    amounts.Priced: lambda wording, one: (
        _("%(unit)s 元 × %(times)s") % {"unit": yuan(one.unit_fen), "times": wording.quantity(one.times)}
    ),
    amounts.First: lambda wording, one: wording.arms(one),
    amounts.Table: lambda wording, one: wording.rows(one),
    amounts.Tiered: lambda wording, one: (
        _("按%(base)s一档定全额：%(parts)s") % {"base": wording.amount(one.of), "parts": _steps(one.tiers)}
    ),
    amounts.Banded: lambda wording, one: (
        _("按%(base)s分段：%(parts)s") % {"base": wording.amount(one.of), "parts": _steps(one.bands)}
    ),
    amounts.Several: _several,
    amounts.Less: lambda wording, one: (
        _("%(amount)s 减去 %(taken)s")
        % {"amount": wording.amount(one.of), "taken": _("、").join(map(wording.amount, one.taken))}
    ),
    amounts.Franchise: lambda wording, one: (
        _("%(amount)s（满 %(sum)s 元才赔，赔全部）")
        % {"amount": wording.amount(one.of), "sum": yuan(one.franchise_fen)}
    ),
    amounts.InProportion: lambda wording, one: (
        _("%(amount)s × %(part)s ÷ %(whole)s")
        % {
            "amount": wording.amount(one.of),
            "part": wording.amount(one.part),
            "whole": wording.amount(one.whole),
        }
    ),
    amounts.Clamped: _clamped,
    amounts.Rounded: lambda wording, one: (
        _("%(amount)s，取整到 %(unit)s 元") % {"amount": wording.amount(one.of), "unit": yuan(one.to_fen)}
    ),
    amounts.Stepped: lambda wording, one: wording.amount(one.of),
}
