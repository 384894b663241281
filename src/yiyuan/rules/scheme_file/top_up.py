"""Parsing the top-up (逐笔核定的医疗保障的解读): groups, diseases, reasons, and the medical benefit itself.

In: the sections `medical`, `groups`, `diseases` and `reasons` of a scheme file. Out: their terms; a scheme
leaves out all four or none. The form: `docs/schemes/format.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yiyuan.rules.diseases import normal_code
from yiyuan.rules.scheme_file.located import Section
from yiyuan.rules.scheme_file.stretches import parse_medical
from yiyuan.rules.terms import Disease, Group, MedicalTerms

CONFIDENCES = ("found", "found-weak", "found-in-part", "recalled", "not-found")
SEXES = ("1", "2")
REASONS = (
    "reversed",
    "outside_period",
    "outside_pool",
    "no_group_on_date",
    "disease_not_listed",
    "needs_proof",
    "nothing_left_to_pay",
    "already_claimed",
)
_SECTIONS = ("medical", "groups", "diseases", "reasons")


@dataclass(frozen=True, slots=True)
class TopUp:
    """What decides a settlement; a scheme without the top-up has none of it."""

    medical: MedicalTerms | None
    groups: tuple[Group, ...]
    diseases: tuple[Disease, ...]
    reasons: Mapping[str, str]


def parse_top_up(top: Section) -> TopUp:
    """Return the four sections, which stand together or not at all."""
    said = [key for key in _SECTIONS if top.has(key)]
    if not said:
        return TopUp(None, (), (), {})
    if len(said) < len(_SECTIONS):
        missing = "、".join(key for key in _SECTIONS if key not in said)
        top.fault(f"有 {'、'.join(said)}，缺少 {missing}：按结算逐笔核定的医疗保障四段要么都写，要么都不写")
    return TopUp(
        medical=parse_medical(top.section("medical")) if top.has("medical") else None,
        groups=_groups(top.section("groups")) if top.has("groups") else (),
        diseases=_diseases(top.section("diseases")) if top.has("diseases") else (),
        reasons=_reasons(top.section("reasons")) if top.has("reasons") else {},
    )


def _groups(section: Section) -> tuple[Group, ...]:
    clause = section.cite()
    groups: list[Group] = []
    for entry in section.sections("rows"):
        groups.append(Group(entry.text("code"), entry.text("name_zh"), entry.name_en(), clause))
        entry.close()
    section.close()
    section.report_twice([group.code for group in groups], "群体")
    return tuple(groups)


def _diseases(section: Section) -> tuple[Disease, ...]:
    clause = section.cite()
    shared, shared_en = section.text_or_none("assumed"), section.english("assumed")
    diseases: list[Disease] = []
    first_line: dict[str, int] = {}
    for entry in section.sections("rows"):
        entry.clause = clause
        disease = _disease(entry, clause, shared, shared_en)
        for prefix in disease.prefixes:
            if prefix in first_line:
                first = section.findings.place(first_line[prefix])[1]
                entry.fault(f"前缀 {prefix} 在第 {first} 行已用过，一个前缀只能归一种病")
            first_line.setdefault(prefix, entry.line)
        diseases.append(disease)
        entry.close()
    section.close()
    section.report_twice([disease.code for disease in diseases], "病种代码")
    return tuple(diseases)


def _disease(entry: Section, clause: str, shared: str | None, shared_en: str | None) -> Disease:
    prefixes = tuple(normal_code(prefix) for prefix in entry.texts("prefixes"))
    if not prefixes or "" in prefixes:
        entry.fault("病种至少要有一个诊断编码前缀（prefixes），不能是空的", entry.line_of("prefixes"))
    assumed_en = entry.english("assumed")
    return Disease(
        code=entry.text("code"),
        name_zh=entry.text("name_zh"),
        name_en=entry.name_en(),
        prefixes=prefixes,
        exclude_prefixes=tuple(normal_code(prefix) for prefix in entry.texts("exclude_prefixes")),
        max_age=entry.integer_or_none("max_age"),
        sex=entry.word("sex", SEXES) if entry.has("sex") else None,
        needs_proof=entry.flag("needs_proof"),
        confidence=entry.word("confidence", CONFIDENCES),
        clause=clause,
        assumed=entry.text_or_none("assumed") or shared,
        assumed_en=assumed_en if entry.has("assumed") else shared_en,
    )


def _reasons(section: Section) -> dict[str, str]:
    clauses = {reason: section.cite_under(reason) for reason in REASONS}
    section.close()
    return clauses
