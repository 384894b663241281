"""The facts of an event case (事故案例的事实): located values become a world of victims, households and
event.

In: the `facts` of a case, its dates, and the declared facts. Out: a `World`, and which causes the case names.
A fact that is unknown, unreadable, out of its range or against another one is refused with its name and line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.rules.cases import causes_in
from yiyuan.rules.events.conditions import All, Condition, Scope, Test, as_number, holds, within
from yiyuan.rules.events.facts import (
    EVENT,
    HOUSEHOLD,
    PERSON,
    Between,
    Bounds,
    Fact,
    FactName,
    Subject,
    Value,
    World,
)
from yiyuan.rules.scheme_file.conditions import parse_value
from yiyuan.rules.scheme_file.located import Findings, Located, Section, nearest

_LISTS = {"persons": PERSON, "households": HOUSEHOLD}
_CAUSES = ("cause", "causes")
_IDS = {PERSON: "person_id", HOUSEHOLD: "household_id"}


@dataclass(slots=True)
class EventCase:
    """What a case says of an event, and the causes it names."""

    world: World
    causes: tuple[str, ...]


def read_event_case(
    node: Located, facts: Mapping[str, Fact], findings: Findings, on: date, filed_on: date | None
) -> EventCase:
    """Return the world of the case; beside findings it is never used."""
    section = Section(node, findings, "facts")
    reader = _Reader(facts, findings)
    lists = {key: reader.list_of(section, key) for key in _LISTS}
    causes = causes_in(section)
    ids = {kind: section.text_or_none(key) or "" for kind, key in _IDS.items()}
    values = reader.values((key, value) for key, value in section.values() if key not in _TOP_KEYS)
    world = World(facts)
    own: dict[str, Value] = {"on": on}
    if filed_on is not None:
        own["filed_on"] = filed_on
    world.event = Subject(world, EVENT, "", own | values)
    _fill(world, lists, ids, values, reader)
    reader.check_ranges(world)
    return EventCase(world, causes)


_TOP_KEYS = frozenset({*_LISTS, *_CAUSES, *_IDS.values()})


def _fill(
    world: World,
    lists: Mapping[str, list[Section] | None],
    ids: Mapping[str, str],
    values: Mapping[str, Value],
    reader: "_Reader",
) -> None:
    households = lists["households"]
    if households is not None:
        world.households = [reader.subject(world, HOUSEHOLD, entry, world.event) for entry in households]
    elif ids[HOUSEHOLD] or any(world.facts[name].of == HOUSEHOLD for name in values):
        world.households = [Subject(world, HOUSEHOLD, ids[HOUSEHOLD], {}, world.event)]
    homes = {home.id: home for home in world.households}
    persons = lists["persons"]
    if persons is not None:
        world.persons = [reader.subject(world, PERSON, entry, world.event, homes) for entry in persons]
    elif ids[PERSON] or not world.households or any(world.facts[name].of == PERSON for name in values):
        above = world.households[0] if len(world.households) == 1 else world.event
        world.persons = [Subject(world, PERSON, ids[PERSON], {}, above)]
    reader.report_twice([subject.id for subject in (*world.persons, *world.households)])


class _Reader:
    def __init__(self, facts: Mapping[str, Fact], findings: Findings) -> None:
        self.facts = facts
        self.findings = findings
        self.lines: dict[tuple[str, str], int] = {}
        self.line = 1

    def list_of(self, section: Section, key: str) -> list[Section] | None:
        self.line = section.line
        if not section.has(key):
            return None
        return list(section.sections(key))

    def values(self, items: Iterator[tuple[str, Located]], id_: str = "") -> dict[str, Value]:
        read: dict[str, Value] = {}
        for key, node in items:
            fact = self.facts.get(key)
            self.lines[id_, key] = node.line
            if fact is None:
                self.findings.add(node.line, f"不认识事实“{key}”{nearest(key, list(self.facts))}")
            elif node.value is not None:
                value = parse_value(fact, node, self.findings, None)
                if value is not None:
                    read[key] = value
        return read

    def subject(
        self,
        world: World,
        kind: str,
        entry: Section,
        event: Subject,
        homes: Mapping[str, Subject] | None = None,
    ) -> Subject:
        id_ = entry.text("id")
        used_fen = read_used(entry.section("used_fen")) if entry.has("used_fen") else {}
        above = event
        home = entry.text_or_none("household")
        if home is not None and homes is not None:
            above = homes.get(home) or Subject(world, HOUSEHOLD, home, {}, event)
        skipped = ("id", "household", "used_fen")
        values = self.values(((key, value) for key, value in entry.values() if key not in skipped), id_)
        return Subject(world, kind, id_, values, above, used_fen)

    def report_twice(self, ids: list[str]) -> None:
        seen: set[str] = set()
        for id_ in ids:
            if id_ and id_ in seen:
                self.findings.add(self.line, f"编号 {id_} 用了不止一次，每个人、每户应有自己的编号")
            seen.add(id_)

    def check_ranges(self, world: World) -> None:
        for subject in (*world.persons, *world.households, world.event):
            scope = Scope(subject, {}, "")
            for name, value in subject.values.items():
                fact = self.facts[name]
                line = self.lines.get((subject.id, name), self.line)
                said = f"{subject.id} 的{name} = {shown(value)}" if subject.id else f"{name} = {shown(value)}"
                if within(value, fact.bounds, scope, []) is False:
                    self.findings.add(line, f"{said}，应{_range(fact.bounds, scope)}")
                against = _against(fact, value, subject)
                if against is not None:
                    self.findings.add(line, f"{said}，{against}")


def _against(fact: Fact, value: Value, subject: Subject) -> str | None:
    # What else the case says that this value cannot stand beside, in words.
    worked_out = subject.worked_out(fact)
    if isinstance(fact.derived, Between):
        if worked_out is not None and worked_out != value:
            return f"按 {fact.derived.from_fact} 到 {fact.derived.to_fact} 算是 {worked_out}"
    elif isinstance(worked_out, int | Fraction) and as_number(value) < worked_out:
        # An event may have more victims than the case lists, never fewer.
        return f"案例里已有 {worked_out}"
    if fact.only_with is not None and _is_denied(fact.only_with, subject):
        return "与案例写的别的事实矛盾"
    return None


def _is_denied(condition: Condition, subject: Subject) -> bool:
    # What is only presumed contradicts nothing.
    tests = condition.parts if isinstance(condition, All) else (condition,)
    return any(
        isinstance(test, Test)
        and subject.says(test.fact)
        and holds(test, Scope(subject, {}, ""), []) is False
        for test in tests
    )


def read_used(section: Section) -> dict[str, int]:
    """Return what earlier claims have used, by limit, in fen."""
    return {name: section.integer(name, 0, AMOUNT_FEN_MAX) for name, _ in section.values()}


def shown(value: object) -> str:
    """Return a value as a case file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return "、".join(sorted(map(str, value)))
    return str(value)


def _range(bounds: Bounds, scope: Scope) -> str:
    words = (
        (bounds.at_least, "不小于 "),
        (bounds.above, "大于 "),
        (bounds.through, "不大于 "),
        (bounds.below, "小于 "),
    )
    return "、".join(f"{word}{_end(end, scope)}" for end, word in words if end is not None)


def _end(end: Value | FactName, scope: Scope) -> str:
    if isinstance(end, FactName):
        return f"{end.name}（{shown(scope.value(end.name, []))}）"
    return shown(end)
