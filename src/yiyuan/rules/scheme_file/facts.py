"""Parsing facts (事实申明的解读): the `facts` section becomes declared facts.

In: the section, and the facts that are there already (the standard ones). Out: facts by name; faults are
findings.
"""

import re
from collections.abc import Mapping

from yiyuan.rules.events.conditions import All, AnyOf, Condition, Not, Test
from yiyuan.rules.events.facts import (
    CASE_FACTS,
    CHOICE,
    CHOICES,
    DATE,
    EVENT,
    HOUSEHOLD,
    MONEY,
    NUMBER,
    PERSON,
    SUBJECTS,
    TYPES,
    WHOLE,
    Between,
    Bounds,
    Count,
    Fact,
    FactName,
    Sum,
    Value,
)
from yiyuan.rules.scheme_file.conditions import ORDERED, Names, parse_condition, parse_value
from yiyuan.rules.scheme_file.located import Located, Section, nearest

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SPANS = {"days_between": "days", "months_between": "months", "years_between": "years"}
_ENDS = {"from": "at_least", "through": "through", "above": "above", "below": "below"}
RESERVED = frozenset({"any", "all", "not", "reading", "id", "household", "used_fen"})
_GROUPS = {"persons": PERSON, "households": HOUSEHOLD}


def parse_facts(section: Section, names: Names) -> dict[str, Fact]:
    """Return the section's facts added to those the names hold; they may name each other in any order."""
    known = dict(names.facts)
    facts = known | {name: _outline(name, entry) for name, entry in section.entries()}
    names.facts = facts
    for name, entry in section.entries():
        if not _NAME.fullmatch(name) or name in RESERVED:
            listed = "、".join(sorted(RESERVED))
            entry.fault(f"事实名“{name}”应是小写字母开头的字母、数字和下划线，且不是 {listed}")
        if name in CASE_FACTS:
            entry.fault(f"{name} 是每个案例自带的，不用申明")
        facts[name] = _fact(name, entry, names)
        entry.close()
    for name, entry in section.entries():
        way = _way_back(name, facts)
        if way:
            entry.fault(f"only_with 绕回了自己：{' → '.join(way)}", entry.line_of("only_with"))
    return facts


def _way_back(name: str, facts: Mapping[str, Fact]) -> list[str]:
    """Return the facts through which one can only be said with itself, empty where there is no such way."""
    ways = [[name]]
    seen = {name}
    while ways:
        way = ways.pop()
        for beside in sorted(_named_in(facts[way[-1]].only_with)):
            if beside == name:
                return [*way, name]
            if beside in facts and beside not in seen:
                seen.add(beside)
                ways.append([*way, beside])
    return []


def _named_in(condition: Condition | None) -> set[str]:
    if isinstance(condition, Test):
        return {condition.fact}
    if isinstance(condition, Not):
        return _named_in(condition.part)
    parts = condition.parts if isinstance(condition, All | AnyOf) else ()
    return {name for part in parts for name in _named_in(part)}


def _outline(name: str, entry: Section) -> Fact:
    # Name, type and options alone, for conditions and bounds that stand before the fact itself.
    quiet = entry.quietly()
    type_ = quiet.text_or_none("type") or (MONEY if name.endswith("_fen") else WHOLE)
    return Fact(name, type_, quiet.text_or_none("of") or PERSON, name, name, options=parse_options(quiet))


def _fact(name: str, entry: Section, names: Names) -> Fact:
    of = _one_of(entry, "of", SUBJECTS, PERSON)
    name_zh = entry.text_or_none("name_zh") or name
    name_en = entry.text_or_none("name_en") or name_zh
    span = next((key for key in _SPANS if entry.has(key)), None)
    if span is not None:
        ends = entry.texts(span)
        if len(ends) != 2 or not all(_is_date(end, entry, names, span) for end in ends):
            entry.fault(f"{span} 应是两个日期事实 [从, 到]", entry.line_of(span))
            ends = ("on", "on")
        return Fact(name, WHOLE, of, name_zh, name_en, derived=Between(_SPANS[span], *ends))
    if entry.has("count"):
        over = _GROUPS.get(_one_of(entry, "count", tuple(_GROUPS), "persons"), PERSON)
        node = entry.node("when")
        when = parse_condition(node, names, None) if node is not None else None
        return Fact(name, WHOLE, EVENT, name_zh, name_en, derived=Count(over, when))
    if entry.has("sum"):
        return _sum(name, name_zh, name_en, entry, names)
    return _typed(Fact(name, _one_of(entry, "type", TYPES, ""), of, name_zh, name_en), entry, names)


def _sum(name: str, name_zh: str, name_en: str, entry: Section, names: Names) -> Fact:
    summed = names.fact(entry.text("sum"), entry.line_of("sum"), None)
    over = _GROUPS.get(_one_of(entry, "over", tuple(_GROUPS), "persons"), PERSON)
    if summed is not None and summed.type not in (MONEY, WHOLE, NUMBER):
        entry.fault(f"{summed.name} 不是数或金额，不能相加", entry.line_of("sum"))
    type_ = MONEY if summed is not None and summed.type == MONEY else NUMBER
    return Fact(name, type_, EVENT, name_zh, name_en, derived=Sum(summed.name if summed else name, over))


def _typed(fact: Fact, entry: Section, names: Names) -> Fact:
    if fact.type == MONEY and not fact.name.endswith("_fen"):
        entry.fault(f"金额事实的名字应以 _fen 结尾（{fact.name}_fen）")
    options = parse_options(entry)
    if fact.type == CHOICE and not options:
        entry.fault(f"{fact.name} 是选项（choice），应写 options")
    if options and fact.type not in (CHOICE, CHOICES):
        entry.fault(f"{fact.name} 不是选项，不用写 options", entry.line_of("options"))
    typed = Fact(fact.name, fact.type, fact.of, fact.name_zh, fact.name_en, options=options)
    presumed: Value | None = None
    node = entry.node("presumed")
    if node is not None and fact.type:
        presumed = parse_value(typed, node, names.findings, None)
    bounds = _bounds(typed, entry, names)
    beside = entry.node("only_with")
    only_with = parse_condition(beside, names, None) if beside is not None else None
    return Fact(
        fact.name, fact.type, fact.of, fact.name_zh, fact.name_en, bounds, options, presumed, only_with
    )


def _bounds(fact: Fact, entry: Section, names: Names) -> Bounds:
    ends: dict[str, Value | FactName | None] = {}
    for key, field in _ENDS.items():
        node = entry.node(key)
        if node is None:
            continue
        if fact.type not in ORDERED:
            entry.fault(f"{fact.name} 不是数、金额或日期，没有范围", node.line)
        elif isinstance(node.value, dict):
            inner = Section(node, names.findings, key)
            other = names.fact(inner.text("fact"), node.line, None)
            inner.close()
            ends[field] = FactName(other.name) if other is not None else None
        else:
            ends[field] = parse_value(fact, node, names.findings, None)
    if fact.type in (MONEY, WHOLE, NUMBER) and "at_least" not in ends and "above" not in ends:
        ends["at_least"] = 0
    return Bounds(**ends)


def parse_options(entry: Section) -> Mapping[str, str]:
    """Return the options by code, a list of codes standing for itself; empty where there are none."""
    node = entry.node("options")
    if node is None:
        return {}
    if isinstance(node.value, list):
        return {str(item.value): str(item.value) for item in node.value}
    options: dict[str, str] = {}
    for code, name in entry.section("options").values():
        options[code] = _text(name, code)
    return options


def _text(node: Located, otherwise: str) -> str:
    return node.value if isinstance(node.value, str) else otherwise


def _is_date(name: str, entry: Section, names: Names, key: str) -> bool:
    fact = names.fact(name, entry.line_of(key), None)
    return fact is not None and fact.type == DATE


def _one_of(entry: Section, key: str, allowed: tuple[str, ...], otherwise: str) -> str:
    word = entry.text_or_none(key)
    if word is None:
        if not otherwise:
            entry.fault(f"{entry.name} 没有写 {key}（{'、'.join(allowed)}）")
        return otherwise
    if word not in allowed:
        entry.fault(f"{key} 不能是“{word}”{nearest(word, allowed)}", entry.line_of(key))
        return otherwise or allowed[0]
    return word
