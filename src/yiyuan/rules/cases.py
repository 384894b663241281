"""Case files (案例文件): cases with their facts and, where worked by hand, what must come out.

In: located values of a YAML list. Out: `Case`s; whatever is wrong becomes a finding with its line. The facts
that may be named: `docs/schemes/facts.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.kernel.period import Period
from yiyuan.rules.eligibility import Spell
from yiyuan.rules.scheme_file.located import UNREADABLE_ON, FaultyCaseError, Findings, Located, Section
from yiyuan.rules.terms import SETTLEMENT_AMOUNTS

# Columns of a settlement that decide nothing here: a case may carry them over as they stand.
_UNUSED = (
    "hospital_code",
    "medfee_sumamt_fen",
    "other_diagnosis_codes",
    "admitted_on",
    "discharged_on",
    "settled_on",
)
NO_GROUP = "none"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case; None where a fact is missing, and `spells` None where the group is unknown."""

    setl_id: str
    person_id: str | None
    spells: tuple[Spell, ...] | None
    group: str | None  # a group said to hold on the date, without its period
    county_code: str | None
    diagnosis_code: str | None
    birth_on: date | None
    sex: str | None
    amounts_fen: Mapping[str, int]
    residual_fen: int | None
    is_claimed: bool
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a person worked out by hand; None where the case does not say."""

    benefit_fen: int | None
    by_benefit: Mapping[str, int] | None
    by_person: Mapping[str, int] | None
    outcome: str | None
    due_on: date | None
    due_at: datetime | None
    clauses: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the date of loss, the days its clock needs, its facts, and what was worked out by hand.

    The facts are kept as they stand: which of them there may be is for the scheme to say.
    """

    name: str
    file: str
    line: int
    on: date
    filed_on: date | None
    papers_complete_on: date | None
    papers_complete_at: datetime | None
    calendar_known_on: date | None
    reading: str | None
    answers: Mapping[str, str]
    facts: Located
    used_fen: Mapping[str, int | Mapping[str, int]]
    expect: Expectation | None

    def says(self, fact: str) -> bool:
        """Return whether the case says something under this name at the top of its facts."""
        return isinstance(self.facts.value, dict) and fact in self.facts.value

    def causes(self) -> tuple[str, ...]:
        """Return the causes the case names; empty when it names none."""
        return causes_in(Section(self.facts, Findings(self.file), "facts"))


def causes_in(section: Section) -> tuple[str, ...]:
    """Return the causes that facts name, one under `cause` or several under `causes`."""
    if section.has("causes"):
        return section.texts("causes")
    cause = section.node("cause")
    if cause is not None and isinstance(cause.value, list):
        section.fault("几个原因请写在 causes 里", cause.line)
        return section.texts("cause")
    return (section.text("cause"),) if cause is not None else ()


def parse_cases(node: Located, findings: Findings) -> list[Case]:
    """Return the cases of the list, in its order."""
    if not isinstance(node.value, list):
        findings.add(node.line, "案例文件应是列表，每一项以“- case: 名称”开头")
        return []
    cases = [_case(Section(item, findings, "案例")) for item in node.value]
    names = [case.name for case in cases]
    for case in cases:
        if names.count(case.name) > 1:
            findings.add(case.line, f"案例名“{case.name}”用了不止一次")
    return cases


def _case(entry: Section) -> Case:
    entry.clause = entry.text("case") or None
    reading = entry.node("reading")
    answers = entry.section("reading").values() if reading and isinstance(reading.value, dict) else ()
    case = Case(
        name=entry.text("case"),
        file=entry.findings.file,
        line=entry.line,
        on=entry.day("on"),
        filed_on=entry.day_or_none("filed_on"),
        papers_complete_on=_papers_complete_on(entry),
        papers_complete_at=entry.moment_or_none("papers_complete_at"),
        calendar_known_on=entry.day_or_none("calendar_known_on"),
        reading=None if answers else entry.text_or_none("reading"),
        answers={question: str(answer.value) for question, answer in answers},
        facts=entry.node("facts") or Located({}, entry.line),
        used_fen=_used(_inside(entry, "used_fen")),
        expect=_expectation(_inside(entry, "expect")) if entry.has("expect") else None,
    )
    entry.close()
    return case


def _papers_complete_on(entry: Section) -> date | None:
    on, at = entry.day_or_none("papers_complete_on"), entry.moment_or_none("papers_complete_at")
    if on is not None and at is not None and at.date() != on:
        entry.fault(f"papers_complete_at 是 {at.date()}，papers_complete_on 是 {on}，应是同一天")
    return at.date() if at is not None else on


def _inside(entry: Section, key: str) -> Section:
    # What a case leaves out is missing, which is an answer and no fault.
    inner = entry.section(key) if entry.has(key) else Section(Located({}, entry.line), entry.findings, key)
    inner.clause = entry.clause
    return inner


def settlement_facts(case: Case) -> Facts:
    """Return the facts of a case that is decided as one inpatient settlement.

    :raises CaseError: when one is unknown or cannot be read; file and line are named.
    """
    findings = Findings(case.file)
    section = Section(case.facts, findings, "facts")
    section.clause = case.name
    facts = _facts(section)
    raise_faults(findings)
    return facts


def raise_faults(findings: Findings) -> None:
    """Raise what was found, if anything.

    :raises CaseError: with every finding, a line each.
    """
    if findings.found:
        raise FaultyCaseError(findings.found)


def _facts(section: Section) -> Facts:
    for column in _UNUSED:
        section.has(column)
    section.has("cause")
    reverses, is_reversed = section.text_or_none("reverses_setl_id"), section.flag("reversed")
    facts = Facts(
        setl_id=section.text_or_none("setl_id") or "",
        person_id=section.text_or_none("person_id"),
        spells=_spells(section) if section.has("groups") else None,
        group=section.text_or_none("group"),
        county_code=section.text_or_none("county_code"),
        diagnosis_code=section.text_or_none("diagnosis_code"),
        birth_on=section.day_or_none("birth_on"),
        sex=section.text_or_none("sex"),
        amounts_fen={
            column: section.integer(column, -AMOUNT_FEN_MAX, AMOUNT_FEN_MAX)
            for column in SETTLEMENT_AMOUNTS
            if section.has(column)
        },
        residual_fen=section.integer_or_none("residual_fen", 0, AMOUNT_FEN_MAX),
        is_claimed=section.flag("already_claimed"),
        is_reversed=is_reversed or bool(reverses),
    )
    if facts.residual_fen is not None and facts.amounts_fen:
        section.fault("residual_fen 是剩余合规费用的简写，不能与合规费用、各支付方同时写")
    section.close()
    return facts


def _spells(section: Section) -> tuple[Spell, ...]:
    spells: list[Spell] = []
    for entry in section.sections("groups"):
        entry.clause = section.clause
        group, from_on, to_on = entry.text("group"), entry.day("valid_from"), entry.day_or_none("valid_to")
        entry.close()
        if from_on == UNREADABLE_ON or to_on == UNREADABLE_ON:
            continue
        if to_on is not None and to_on <= from_on:
            entry.fault(f"valid_to {to_on} 应晚于 valid_from {from_on}")
            continue
        spells.append(Spell(group, Period(from_on, to_on)))
    return tuple(spells)


def _expectation(section: Section) -> Expectation:
    expectation = Expectation(
        benefit_fen=section.integer_or_none("benefit_fen"),
        by_benefit=_amounts(section.section("by_benefit")) if section.has("by_benefit") else None,
        by_person=_amounts(section.section("by_person")) if section.has("by_person") else None,
        outcome=section.text_or_none("outcome"),
        due_on=section.day_or_none("due_on"),
        due_at=section.moment_or_none("due_at"),
        clauses=section.texts("clauses") if section.has("clauses") else None,
    )
    section.close()
    return expectation


def _used(section: Section) -> dict[str, int | Mapping[str, int]]:
    used: dict[str, int | Mapping[str, int]] = {}
    for name, node in section.values():
        used[name] = (
            _amounts(section.section(name))
            if isinstance(node.value, dict)
            else section.integer(name, 0, AMOUNT_FEN_MAX)
        )
    return used


def _amounts(section: Section) -> dict[str, int]:
    return {name: section.integer(name, 0, AMOUNT_FEN_MAX) for name, _ in section.values()}
