"""Parsing a scheme (方案的解读): located values become terms, and every fault of the law as written is named.

In: the sections of a scheme file and its sources. Out: `SchemeVersion`; faults go to the findings, and what
is returned beside findings is never used. The format: `docs/schemes/format.md`.
"""

from collections.abc import Mapping, Sequence

from yiyuan.kernel.period import Period
from yiyuan.rules.events.facts import COUNTY, Fact, Value
from yiyuan.rules.events.terms import CauseTerms
from yiyuan.rules.scheme_file.clocks import parse_clocks, parse_filing
from yiyuan.rules.scheme_file.conditions import Names, parse_value
from yiyuan.rules.scheme_file.events import parse_cause, parse_events, parse_names
from yiyuan.rules.scheme_file.located import SCHEME_FORM, UNREADABLE_ON, Section, nearest
from yiyuan.rules.scheme_file.papers import parse_papers
from yiyuan.rules.scheme_file.premium import (
    parse_call_back,
    parse_insurers,
    parse_premium,
    parse_reserve,
    parse_risk_sharing,
)
from yiyuan.rules.scheme_file.top_up import CONFIDENCES, parse_top_up
from yiyuan.rules.terms import (
    PAID,
    Clause,
    County,
    Liability,
    Limit,
    Place,
    SchemeVersion,
    Source,
)

SOURCE_KINDS = ("mandate", "gazette", "contract", "press")


def parse_sources(top: Section) -> dict[str, Source]:
    """Return the sources by id."""
    sources: dict[str, Source] = {}
    for source_id, entry in top.section("sources").entries():
        kind = entry.word("kind", SOURCE_KINDS)
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


def parse_scheme(
    top: Section, sources: Mapping[str, Source], standard: Mapping[str, Fact], stem: str, sha256: str
) -> SchemeVersion:
    """Return the version; its file must be named after the first day it is in force."""
    clauses = _clauses(top.section("clauses"), sources)
    area = top.section_or_none("area")
    names, questions = parse_names(top, standard)
    counties = _counties(area, names) if area else ()
    causes: dict[str, CauseTerms] = {}
    liabilities = tuple(_liability(entry, names, causes) for entry in top.sections("liabilities"))
    top_up = parse_top_up(top)
    medical = top_up.medical
    pool_excluded = frozenset(area.texts("pool_excluded")) if area else frozenset()
    insurers, risk = top.section_or_none("insurers"), top.section_or_none("risk_sharing")
    premium, reserve = top.section_or_none("premium"), top.section_or_none("reserve")
    call_back = top.section_or_none("call_back")
    version = SchemeVersion(
        id=top.name_text("scheme", SCHEME_FORM),
        version=stem,
        title=top.text("title"),
        title_en=top.name_en("title", "title_en"),
        valid=_valid(top.section("valid"), stem),
        clauses=clauses,
        sources=sources,
        counties=counties,
        pool_excluded=pool_excluded,
        groups=top_up.groups,
        diseases=top_up.diseases,
        liabilities=liabilities,
        medical=medical,
        reason_clauses=top_up.reasons,
        clocks=parse_clocks(top),
        premium=parse_premium(premium, names) if premium else None,
        events=parse_events(
            top, names, questions, liabilities, causes, medical.liability if medical else None
        ),
        insurers=parse_insurers(insurers, [one.code for one in counties], pool_excluded)
        if insurers
        else None,
        risk_sharing=parse_risk_sharing(risk) if risk else None,
        reserve=parse_reserve(reserve) if reserve else None,
        call_back_from_fen=parse_call_back(call_back) if call_back else None,
        filing=parse_filing(top, names),
        papers=parse_papers(top, names),
        sha256=sha256,
        files=tuple(top.findings.inherited),
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


def _check_names(top: Section, version: SchemeVersion) -> None:
    codes = [liability.code for liability in version.liabilities]
    counties = [county.code for county in version.counties]
    benefits = [benefit.name for benefit in version.events.benefits] + (
        ["medical"] if version.medical else []
    )
    narrowed = (("clocks", version.clocks), ("filing", version.filing), ("papers", version.papers))
    paid = (("clocks", version.clocks), ("papers", version.papers))
    named: list[tuple[str, str, Sequence[str], Sequence[str]]] = [
        ("medical", "责任", [version.medical.liability] if version.medical else [], codes),
        ("area", "县区", sorted(version.pool_excluded), counties),
        *((key, "责任", [code for row in rows for code in row.liabilities], codes) for key, rows in narrowed),
        *((key, "赔付项目", [name for row in rows for name in row.benefits], benefits) for key, rows in paid),
    ]
    for key, what, used, known in named:
        for name in dict.fromkeys(used):
            if name not in known:
                top.findings.add(top.line_of(key), f"{key} 里不认识{what} {name}{nearest(name, known)}")
    _check_clocks(top, version)


def _check_clocks(top: Section, version: SchemeVersion) -> None:
    # The desk promises a day for every claim of the top-up; elsewhere a plan may be silent, as many are.
    paid = [clock for clock in version.clocks if clock.until == PAID]
    everywhere = any(not clock.liabilities for clock in paid)
    timed = {code for clock in paid for code in clock.liabilities}
    for liability in version.liabilities:
        if everywhere or liability.code in timed:
            continue
        text = f"责任 {liability.code} 没有赔付时限；法律规定的时限可用 inherits: [statutory] 取来"
        if version.medical is not None and version.medical.liability == liability.code:
            top.findings.add(top.line_of("clocks"), text)
        else:
            top.findings.remark(top.line_of("clocks"), text)


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
    if to_on == UNREADABLE_ON:
        to_on = None
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


def _counties(area: Section, names: Names) -> tuple[County, ...]:
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
                confidence=entry.word("confidence", CONFIDENCES, CONFIDENCES[0]),
                clause=clause,
                assumed=entry.text_or_none("assumed"),
                assumed_en=entry.english("assumed"),
                facts=_county_facts(entry.section_or_none("facts"), names),
            )
        )
        entry.close()
    area.report_twice([county.code for county in counties], "县区代码")
    return tuple(counties)


def _county_facts(section: Section | None, names: Names) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    for name, node in section.values() if section else ():
        fact = names.fact(name, node.line, None)
        if fact is None:
            continue
        if fact.of != COUNTY:
            names.findings.add(node.line, f"{name} 不是县区的事实（of: county）")
        value = parse_value(fact, node, names.findings, None)
        if value is not None:
            facts[name] = value
    return facts


def _liability(entry: Section, names: Names, causes: dict[str, CauseTerms]) -> Liability:
    clause = entry.cite()
    causes[entry.text("code")] = parse_cause(entry, names)
    liability = Liability(
        code=entry.text("code"),
        cause=entry.name_text("cause"),
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
