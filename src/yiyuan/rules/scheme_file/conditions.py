"""Parsing conditions (条件的解读): `when` mappings become conditions over declared facts.

In: located values and the names a scheme declares. Out: conditions; an unknown fact, option, question or key,
and a value that does not fit its fact's type, are findings with the nearest known word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from yiyuan.kernel.money import AMOUNT_FEN_MAX, yuan
from yiyuan.rules.events.conditions import All, Answered, AnyOf, Condition, Not, Test
from yiyuan.rules.events.facts import (
    CHOICE,
    CHOICES,
    DATE,
    FLAG,
    MONEY,
    NUMBER,
    TEXT,
    WHOLE,
    Bounds,
    Fact,
    FactName,
    Value,
)
from yiyuan.rules.scheme_file.located import Findings, Located, Section, nearest

_ENDS = {"from": "at_least", "through": "through", "above": "above", "below": "below"}
_FLAGS = {"true": True, "false": False}
ORDERED = (MONEY, WHOLE, NUMBER, DATE)


@dataclass(slots=True)
class Names:
    """What a scheme file may name: facts, questions with their options, and named tables."""

    findings: Findings
    facts: Mapping[str, Fact]
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tables: Mapping[str, Located] = field(default_factory=dict)

    def fact(self, name: str, line: int, clause: str | None) -> Fact | None:
        """Return the declared fact, None with a finding where there is none."""
        found = self.facts.get(name)
        if found is None:
            self.findings.add(line, f"没有申明事实 {name}{nearest(name, list(self.facts))}", clause)
        return found


def parse_condition(node: Located, names: Names, clause: str | None) -> Condition:
    """Return the condition; a list means that all of its items must hold."""
    if isinstance(node.value, list):
        return All(tuple(parse_condition(item, names, clause) for item in node.value))
    section = Section(node, names.findings, "条件")
    section.clause = clause
    parts: list[Condition] = []
    for key, value in section.values():
        parts.extend(_part(key, value, names, clause))
    if not parts:
        section.fault("条件是空的")
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _part(key: str, node: Located, names: Names, clause: str | None) -> list[Condition]:
    if key in ("any", "all"):
        if not isinstance(node.value, list) or not node.value:
            names.findings.add(node.line, f"{key} 应是条件的列表", clause)
            return []
        parts = tuple(parse_condition(item, names, clause) for item in node.value)
        return [AnyOf(parts) if key == "any" else All(parts)]
    if key == "not":
        return [Not(parse_condition(node, names, clause))]
    if key == "reading":
        return list(parse_answers(node, names, clause))
    fact = names.fact(key, node.line, clause)
    return [] if fact is None else [parse_test(fact, node, names, clause)]


def parse_answers(node: Located, names: Names, clause: str | None) -> tuple[Answered, ...]:
    """Return the answers `{question: option}` that must be in force."""
    section = Section(node, names.findings, "读法")
    section.clause = clause
    answers: list[Answered] = []
    for question, value in section.values():
        options = names.questions.get(question)
        if options is None:
            section.fault(
                f"questions 里没有 {question}{nearest(question, list(names.questions))}", value.line
            )
        elif str(value.value) not in options:
            section.fault(
                f"{question} 没有答案 {value.value}{nearest(str(value.value), options)}", value.line
            )
        else:
            answers.append(Answered(question, str(value.value)))
    return tuple(answers)


def parse_test(fact: Fact, node: Located, names: Names, clause: str | None) -> Test:
    """Return the test of one fact: a value, a list of values, or a mapping of ends, `is`, `not`, `known`."""
    if not isinstance(node.value, dict):
        return Test(fact.name, among=_values(fact, node, names, clause))
    section = Section(node, names.findings, f"{fact.name} 的条件")
    section.clause = clause
    ends = {
        end: _end(fact, found, names, clause)
        for key, end in _ENDS.items()
        if (found := section.node(key)) is not None
    }
    is_, not_ = section.node("is"), section.node("not")
    test = Test(
        fact.name,
        among=_values(fact, is_, names, clause) if is_ is not None else None,
        outside=_values(fact, not_, names, clause) if not_ is not None else None,
        bounds=Bounds(**ends) if ends else None,
        known=section.flag("known") if section.has("known") else None,
    )
    if ends and fact.type not in ORDERED:
        section.fault(f"{fact.name} 不是数、金额或日期，不能比大小")
    if test == Test(fact.name):
        section.fault(f"{fact.name} 的条件是空的")
    section.close()
    return test


def _values(fact: Fact, node: Located, names: Names, clause: str | None) -> frozenset[Value]:
    items = node.value if isinstance(node.value, list) else [node]
    found = [parse_value(fact, item, names.findings, clause) for item in items]
    if not found:
        names.findings.add(node.line, f"{fact.name} 的列表是空的，永远不成立", clause)
    return frozenset(one for one in found if one is not None)


def _end(fact: Fact, node: Located, names: Names, clause: str | None) -> Value | FactName | None:
    if isinstance(node.value, dict):
        section = Section(node, names.findings, f"{fact.name} 的界")
        section.clause = clause
        name = section.text("fact")
        section.close()
        other = names.fact(name, node.line, clause) if name else None
        if other is not None and (other.type == DATE) != (fact.type == DATE):
            section.fault(f"{fact.name} 和 {name} 不是一类，不能比")
        return FactName(name) if other is not None else None
    return parse_value(fact, node, names.findings, clause)


def parse_value(fact: Fact, node: Located, findings: Findings, clause: str | None) -> Value | None:
    """Return the value by the fact's type, None with a finding where it cannot be read."""
    if isinstance(node.value, dict) or (isinstance(node.value, list) and fact.type != CHOICES):
        findings.add(node.line, f"{fact.name} 应是一个值", clause)
        return None
    if isinstance(node.value, list):
        chosen = [_choice(fact, str(item.value), item.line, findings, clause) for item in node.value]
        return frozenset(one for one in chosen if one is not None)
    text = "" if node.value is None else str(node.value).strip()
    if fact.type in (CHOICE, CHOICES):
        return _choice(fact, text, node.line, findings, clause)
    found = read_value(fact.type, text)
    if fact.type == MONEY and isinstance(found, int) and abs(found) > AMOUNT_FEN_MAX:
        findings.add(
            node.line, f"{fact.name} = {text} 超出范围（绝对值不大于 {yuan(AMOUNT_FEN_MAX)} 元）", clause
        )
        return None
    if found is None:
        findings.add(node.line, f"{fact.name} 应是{_WORDS[fact.type]}，写的是“{text}”", clause)
    return found


def _choice(fact: Fact, text: str, line: int, findings: Findings, clause: str | None) -> str | None:
    if fact.options and text not in fact.options:
        findings.add(line, f"{fact.name} 没有“{text}”这一项{nearest(text, list(fact.options))}", clause)
        return None
    return text


_WORDS = {
    MONEY: "整数分",
    WHOLE: "整数",
    NUMBER: "数，最多三位小数",
    FLAG: " true 或 false",
    DATE: "日期，如 2019-01-01",
    TEXT: "文字",
}


def read_value(type_: str, text: str) -> Value | None:
    """Return the value of a text by type, None where it is none."""
    if type_ == FLAG:
        return _FLAGS.get(text)
    if type_ == TEXT:
        return text or None
    try:
        if type_ == DATE:
            return date.fromisoformat(text)
        plain = text.replace("_", "")
        if type_ == NUMBER and "." in plain:
            whole, places = plain.split(".")
            digits = whole.removeprefix("-") + places
            return Fraction(plain) if len(places) <= 3 and digits.isdecimal() else None
        return int(plain)
    except ValueError:
        return None
