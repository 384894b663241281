"""Parsing a scheme (方案的解读): located values become terms, and every fault of the law as written is named.

In: the sections of a scheme file and its sources. Out: `SchemeVersion`; faults go to the findings, and what
is returned beside findings is never used. The format: `docs/schemes/format.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yiyuan.kernel.period import Period
from yiyuan.rules.diseases import normal_code
from yiyuan.rules.located import UNREADABLE_ON, Section, nearest
from yiyuan.rules.parsing_clocks import parse_clocks
from yiyuan.rules.parsing_money import parse_medical
from yiyuan.rules.parsing_premium import parse_premium
from yiyuan.rules.terms import (
    Clause,
    County,
    Disease,
    Group,
    Liability,
    Limit,
    MedicalTerms,
    Place,
    SchemeVersion,
    Source,
)

SOURCE_KINDS = ("mandate", "gazette", "contract", "press")
CONFIDENCES = ("found", "found-weak", "found-in-part", "recalled", "not-found")
SEXES = ("1", "2")
_TOP_UP = ("medical", "groups", "diseases", "reasons")
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


def parse_sources(top: Section) -> dict[str, Source]:
    """Return the sources by id."""
    sources: dict[str, Source] = {}
    for source_id, entry in top.section("sources").entries():
        kind = _one_of(entry, "kind", SOURCE_KINDS)
        sources[source_id] = Source(
            source_id,
            entry.text("title"),
            kind,
            entry.text("publisher"),
            entry.english("publisher"),
            entry.text("url"),
            entry.text("read_on"),
        )
        entry.close()
    top.close()
    return sources


def parse_scheme(top: Section, sources: Mapping[str, Source], stem: str, sha256: str) -> SchemeVersion:
    """Return the version; its file must be named after the first day it is in force."""
    clauses = _clauses(top.section("clauses"), sources)
    area = top.section_or_none("area")
    top_up = _top_up(top)
    version = SchemeVersion(
        id=top.text("scheme"),
        version=stem,
        title=top.text("title"),
        title_en=top.name_en("title", "title_en"),
        valid=_valid(top.section("valid"), stem),
        clauses=clauses,
        sources=sources,
        counties=_counties(area) if area else (),
        pool_excluded=frozenset(area.texts("pool_excluded")) if area else frozenset(),
        groups=top_up.groups,
        diseases=top_up.diseases,
        liabilities=tuple(_liability(entry) for entry in top.sections("liabilities")),
        medical=top_up.medical,
        reason_clauses=top_up.reasons,
        clocks=parse_clocks(top),
        premium=parse_premium(top.section("premium")) if top.has("premium") else None,
        sha256=sha256,
    )
    background = top.texts("background")
    if area:
        area.close()
    top.has("inherits")
    top.has("not_below")
    top.close()
    _check_citations(top, clauses, background)
    _check_names(top, version)
    return version


@dataclass(frozen=True, slots=True)
class _TopUp:
    medical: MedicalTerms | None
    groups: tuple[Group, ...]
    diseases: tuple[Disease, ...]
    reasons: Mapping[str, str]


def _top_up(top: Section) -> _TopUp:
    # The four belong together: without one of them no settlement can be decided.
    said = [key for key in _TOP_UP if top.has(key)]
    if not said:
        return _TopUp(None, (), (), {})
    if len(said) < len(_TOP_UP):
        missing = "、".join(key for key in _TOP_UP if key not in said)
        top.fault(f"有 {'、'.join(said)}，缺少 {missing}：按结算逐笔核定的医疗保障四段要么都写，要么都不写")
    return _TopUp(
        medical=parse_medical(top.section("medical")) if top.has("medical") else None,
        groups=_groups(top.section("groups")) if top.has("groups") else (),
        diseases=_diseases(top.section("diseases")) if top.has("diseases") else (),
        reasons=_reasons(top.section("reasons")) if top.has("reasons") else {},
    )


def _check_names(top: Section, version: SchemeVersion) -> None:
    liabilities = [liability.code for liability in version.liabilities]
    counties = [county.code for county in version.counties]
    named = [
        ("medical", "责任", [version.medical.liability] if version.medical else [], liabilities),
        ("clocks", "责任", [code for clock in version.clocks for code in clock.liabilities], liabilities),
        ("area", "县区", sorted(version.pool_excluded), counties),
    ]
    for key, what, used, known in named:
        for name in dict.fromkeys(used):
            if name not in known:
                top.findings.add(top.line_of(key), f"{key} 里不认识{what} {name}{nearest(name, known)}")
    timed = {code for clock in version.clocks for code in clock.liabilities}
    for code in liabilities:
        if code not in timed:
            top.findings.add(top.line_of("clocks"), f"责任 {code} 没有赔付时限")


def _check_citations(top: Section, clauses: Mapping[str, Clause], background: tuple[str, ...]) -> None:
    # A clause that no term rests on is either forgotten or background, and the file must say which.
    cited = [*top.findings.cited, *((top.line_of("background"), clause) for clause in background)]
    for line, clause in cited:
        if clause and clause not in clauses:
            top.findings.add(line, f"clauses 里没有条款 {clause}{nearest(clause, list(clauses))}", clause)
    findings = top.findings
    for line, clause in cited:
        if clause in clauses and (clause, findings.place(line)[0]) in findings.lost_clauses:
            findings.remark(line, f"依据的条款 {clause} 被另写了一条：若不是同一条，请给新的换个编号", clause)
    used = {clause for _, clause in cited}
    entries = dict(top.section("clauses").entries())
    for clause in clauses:
        # A clause that was taken over explains what its own file says.
        if clause not in used and findings.is_own(entries[clause].line):
            top.findings.add(
                entries[clause].line, "没有任何条目依据这一条；只作说明的请列入 background", clause
            )


def _valid(section: Section, stem: str) -> Period:
    section.cite()
    from_on, to_on = section.day("from"), section.day_or_none("to")
    section.close()
    if from_on.isoformat() != stem and from_on != UNREADABLE_ON:
        section.fault(f"文件名应是 {from_on}.yaml，与起始日一致", section.line_of("from"))
    if to_on is not None and to_on <= from_on:
        section.fault(f"终止日 {to_on} 应晚于起始日 {from_on}", section.line_of("to"))
        to_on = None
    return Period(from_on, to_on)


def _clauses(section: Section, sources: Mapping[str, Source]) -> dict[str, Clause]:
    clauses: dict[str, Clause] = {}
    for clause_id, entry in section.entries():
        entry.clause = clause_id
        source, assumed = entry.text_or_none("source"), entry.text_or_none("assumed")
        if source is None and assumed is None:
            entry.fault("条款没有出处（source），也没有写推定（assumed）")
        if source is not None and source not in sources:
            entry.fault(
                f"sources.yaml 里没有出处 {source}{nearest(source, list(sources))}", entry.line_of("source")
            )
        place = _place(entry.section("place")) if source is not None else None
        clauses[clause_id] = Clause(
            id=clause_id,
            text=entry.text("text"),
            text_en=entry.name_en("text", "text_en"),
            source=source,
            place=place,
            place_en=entry.english("place"),
            reading=entry.text_or_none("reading"),
            reading_en=entry.english("reading"),
            assumed=assumed,
            assumed_en=entry.english("assumed"),
        )
        entry.close()
    return clauses


def _place(section: Section) -> Place:
    place = Place(
        section.text("document"), section.text_or_none("part") or "", section.text_or_none("item") or ""
    )
    section.close()
    return place


def _counties(area: Section) -> tuple[County, ...]:
    clause = area.cite()
    counties: list[County] = []
    for entry in area.sections("counties"):
        tile = entry.texts("tile")
        if tile and not (len(tile) == 2 and all(number.isdecimal() for number in tile)):
            entry.fault("tile 应是 [列, 行] 两个整数", entry.line_of("tile"))
            tile = ()
        counties.append(
            County(
                code=entry.text("code"),
                name_zh=entry.text("name_zh"),
                tile_column=int(tile[0]) if tile else None,
                tile_row=int(tile[1]) if tile else None,
                registered_persons=entry.integer_or_none("registered_persons"),
                registered_year=entry.integer_or_none("registered_year"),
                payer=entry.text_or_none("payer") or f"{entry.text('name_zh')}人民政府",
                confidence=_one_of(entry, "confidence", CONFIDENCES)
                if entry.has("confidence")
                else CONFIDENCES[0],
                clause=clause,
                assumed=entry.text_or_none("assumed"),
                assumed_en=entry.english("assumed"),
            )
        )
        entry.close()
    _report_twice(area, [county.code for county in counties], "县区代码")
    return tuple(counties)


def _groups(section: Section) -> tuple[Group, ...]:
    clause = section.cite()
    groups: list[Group] = []
    for entry in section.sections("rows"):
        groups.append(Group(entry.text("code"), entry.text("name_zh"), entry.name_en(), clause))
        entry.close()
    section.close()
    _report_twice(section, [group.code for group in groups], "群体")
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
    _report_twice(section, [disease.code for disease in diseases], "病种代码")
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
        sex=_one_of(entry, "sex", SEXES) if entry.has("sex") else None,
        needs_proof=entry.flag("needs_proof"),
        confidence=_one_of(entry, "confidence", CONFIDENCES),
        clause=clause,
        assumed=entry.text_or_none("assumed") or shared,
        assumed_en=assumed_en if entry.has("assumed") else shared_en,
    )


def _liability(entry: Section) -> Liability:
    clause = entry.cite()
    liability = Liability(
        code=entry.text("code"),
        cause=entry.text("cause"),
        name_zh=entry.text("name_zh"),
        name_en=entry.name_en(),
        trigger=entry.text("trigger"),
        trigger_en=entry.english("trigger"),
        limits=tuple(_limit(limit) for limit in entry.sections("limits")),
        documents=entry.texts("documents"),
        documents_en=entry.english_texts("documents"),
        certifying_bodies=entry.texts("certifying_bodies"),
        certifying_bodies_en=entry.english_texts("certifying_bodies"),
        clause=clause,
        assumed=entry.text_or_none("assumed"),
        assumed_en=entry.english("assumed"),
    )
    entry.close()
    return liability


def _limit(entry: Section) -> Limit:
    clause = entry.cite()
    limit = Limit(
        name=entry.text("name"),
        limit_fen=entry.integer("limit_fen", least=1),
        clause=clause,
        assumed=entry.text_or_none("assumed"),
        assumed_en=entry.english("assumed"),
    )
    entry.close()
    return limit


def _reasons(section: Section) -> dict[str, str]:
    clauses = {reason: section.cite_under(reason) for reason in REASONS}
    section.close()
    return clauses


def _one_of(entry: Section, key: str, allowed: tuple[str, ...]) -> str:
    word = entry.text(key)
    if word and word not in allowed:
        entry.fault(f"{key} 不能是“{word}”{nearest(word, allowed)}", entry.line_of(key))
    return word


def _report_twice(section: Section, codes: list[str], what: str) -> None:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        section.fault(f"{what} {code} 写了两次")
