"""Parsing the premium (保费、承保的解读): parts, payers, instalments, insurers, risk sharing, reserve.

In: the sections of a scheme file and the names it declares. Out: terms of the contract. Shares that leave
something unassigned, or give away more than there is, are findings with the clause.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from yiyuan.kernel.money import AMOUNT_FEN_MAX, BASIS_POINTS
from yiyuan.rules.contract_terms import (
    BUDGET,
    PAID_BY,
    PER,
    PREMIUM,
    REST,
    SCHEME,
    SURPLUS,
    TOTAL,
    Ceiling,
    Instalment,
    Insurer,
    Insurers,
    Payer,
    PremiumPart,
    PremiumTerms,
    Reserve,
    RiskBand,
    RiskSharing,
)
from yiyuan.rules.events.amounts import Amount, Fixed, NumberOf, Priced, Unstated
from yiyuan.rules.events.conditions import Condition, Test
from yiyuan.rules.events.facts import COUNTY, MONEY, NUMBER, WHOLE, Fact
from yiyuan.rules.insurers import carriers
from yiyuan.rules.remarks import walk
from yiyuan.rules.scheme_file.amounts import RATE_BP_MAX, Context, parse_amount, parse_unstated
from yiyuan.rules.scheme_file.conditions import Names, parse_condition
from yiyuan.rules.scheme_file.county_facts import check_counties
from yiyuan.rules.scheme_file.located import Section, nearest

PEOPLE = "people"
PERSONS = Fact("persons", WHOLE, COUNTY, "人数", "Persons")
_DUE = re.compile(r"(\d{2})-(\d{2})")
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BAND_KEYS = ("from_bp", "below_bp", "clause")


def parse_premium(section: Section, names: Names) -> PremiumTerms:
    """Return the premium: a rate a person, or parts; who pays it; when; and up to where."""
    clause = section.cite()
    rate_fen = section.integer_or_none("rate_fen_per_person_year", least=1)
    if section.has("parts") == section.has("rate_fen_per_person_year"):
        section.fault("应写 rate_fen_per_person_year（每人一个数）或 parts（分项）其中一个")
    parts = [_part(entry, names, clause) for entry in section.sections("parts")]
    if rate_fen is not None:
        parts = [_people(rate_fen, clause)]
    payers = [
        _payer(entry, names, [part.name for part in parts], clause) for entry in section.sections("payers")
    ]
    terms = PremiumTerms(
        rate_fen_per_person_year=rate_fen,
        clause=clause,
        parts=tuple(parts),
        payers=tuple(payers),
        instalments=_instalments(section),
        ceilings=tuple(_ceiling(entry, payers, clause) for entry in section.sections("ceilings")),
        facts={PERSONS.name: PERSONS} | {n: fact for n, fact in names.facts.items() if fact.of == COUNTY},
    )
    section.report_twice([part.name for part in parts], "保费分项")
    check_counties(section, terms, names)
    _check_payers(section, payers)
    _check_whole(section, terms)
    section.close()
    return terms


def _check_whole(section: Section, terms: PremiumTerms) -> None:
    # One sum for the whole scheme has no county, so nothing that tells counties apart can split it.
    whole = [part.name for part in terms.parts if part.per == SCHEME and part.paid_by == BUDGET]
    for payer in terms.payers if whole else ():
        told = sorted(
            name for name in _tested(payer.when) if name in terms.facts and not _adds_up(name, terms)
        )
        if told:
            section.fault(
                f"{payer.clause} 的付款方 {payer.payer} 按县区的 {'、'.join(told)} 定，"
                f"{'、'.join(whole)} 却是全方案一笔（per: scheme）："
                "请把这一项改为 per: county，或让付款方不看县区",
                section.line_of("payers"),
            )


def _tested(term: object) -> set[str]:
    return {node.fact for node in walk(term) if isinstance(node, Test)}


def _adds_up(name: str, terms: PremiumTerms) -> bool:
    return terms.facts[name].type in (MONEY, NUMBER, WHOLE)


def _people(rate_fen: int, clause: str) -> PremiumPart:
    return PremiumPart(
        name=PEOPLE,
        name_zh="人口保费",
        name_en="per person",
        amount=Priced(rate_fen, NumberOf(PERSONS.name)),
        per=PER[0],
        paid_by=PAID_BY[0],
        voluntary=False,
        when=None,
        clause=clause,
    )


def _part(entry: Section, names: Names, whole: str) -> PremiumPart:
    clause = _clause(entry, whole)
    name = entry.name_text("name")
    name_zh = entry.text_or_none("name_zh") or name
    node = entry.node("amount")
    if node is None:
        entry.fault(f"{entry.name} 缺少 amount")
    part = PremiumPart(
        name=name,
        name_zh=name_zh,
        name_en=entry.text_or_none("name_en") or name_zh,
        amount=Fixed(0) if node is None else parse_amount(node, Context(names, name, clause)),
        per=entry.word("per", PER, PER[0]),
        paid_by=entry.word("paid_by", PAID_BY, PAID_BY[0]),
        voluntary=entry.flag("voluntary"),
        when=_condition(entry, names),
        clause=clause,
    )
    if part.voluntary and part.paid_by != PAID_BY[1]:
        entry.fault(
            "voluntary: true 的一项由居民自愿交，请同时写 paid_by: household", entry.line_of("voluntary")
        )
    entry.close()
    return part


def _clause(entry: Section, whole: str) -> str:
    # What names no clause of its own rests on that of the premium.
    if entry.has("clause"):
        return entry.cite()
    entry.clause = whole
    return whole


def _payer(entry: Section, names: Names, parts: Sequence[str], whole: str) -> Payer:
    clause = _clause(entry, whole)
    name = entry.text("payer")
    ways = [key for key in ("share_bp", "amount", "rest", "undecided") if entry.has(key)]
    if len(ways) != 1:
        found = f"写了 {'、'.join(ways)}" if ways else "一个也没写"
        entry.fault(
            f"付款方 {name} 应写 share_bp（比例）、amount（一笔钱）、rest: true（余下的）或 "
            f"undecided（哪个问题没有写定）其中一个，{found}"
        )
    context = Context(names, name, clause)
    node, base = entry.node("of"), None
    if node is not None and isinstance(node.value, str):
        base = node.value
        if base not in (TOTAL, REST, *parts):
            entry.fault(f"of 里不认识“{base}”{nearest(base, (TOTAL, REST, *parts))}", node.line)
        node = None
    elif node is None:
        base = TOTAL
    payer = Payer(
        payer=name,
        name_zh=entry.text_or_none("name_zh") or "",
        name_en=entry.text_or_none("name_en") or "",
        when=_condition(entry, names),
        share_bp=entry.integer_or_none("share_bp", 1, RATE_BP_MAX),
        base=base,
        base_amount=None if node is None else parse_amount(node, context),
        amount=_sum(entry, context),
        at_most_fen=entry.integer_or_none("at_most_fen", 0, AMOUNT_FEN_MAX),
        takes_rest=entry.flag("rest"),
        clause=clause,
    )
    entry.close()
    return payer


def _sum(entry: Section, context: Context) -> Amount | None:
    if entry.has("undecided"):
        return parse_unstated(entry, context)
    node = entry.node("amount")
    return None if node is None else parse_amount(node, context)


def _check_payers(section: Section, payers: Sequence[Payer]) -> None:
    # What hangs on facts of a county can only be seen when its bill is made; all else is told here.
    line = section.line_of("payers")
    for number, payer in enumerate(payers[:-1], start=1):
        if payer.takes_rest and payer.when is None:
            after = "、".join(one.payer for one in payers[number:])
            section.fault(f"付款方 {payer.payer} 已付余下的全部，之后的 {after} 永远不用付", line)
            return
    if any(payer.when is not None or _is_unforeseen(payer) for payer in payers):
        _check_open_end(section, payers)
        return
    left, given = Fraction(1), Fraction(0)
    for payer in payers:
        share = left if payer.takes_rest else _share(payer, left)
        given, left = given + share, left - share
    if payers and given != 1:
        short = f"还有 {_percent(1 - given)} % 没有人付" if given < 1 else f"多出 {_percent(given - 1)} %"
        section.fault(f"{section.clause} 的付款方合计 {_percent(given)} %，{short}", line)


def _share(payer: Payer, left: Fraction) -> Fraction:
    assert payer.share_bp is not None, "a payer without a share is unforeseen"
    share = Fraction(payer.share_bp, BASIS_POINTS)
    return share * left if payer.base == REST else share


def _is_unforeseen(payer: Payer) -> bool:
    is_of_whole = payer.base in (TOTAL, REST) and payer.share_bp is not None and payer.at_most_fen is None
    return not (payer.takes_rest or is_of_whole)


def _check_open_end(section: Section, payers: Sequence[Payer]) -> None:
    if any(isinstance(payer.amount, Unstated) for payer in payers):
        return
    last = payers[-1]
    takes_all = last.takes_rest or (last.base == REST and last.share_bp == BASIS_POINTS)
    if any(payer.when is not None for payer in payers) or takes_all:
        return
    section.fault(
        f"{section.clause} 的付款方里有的按一笔钱或分项付，余下的没有人付：最后一个付款方请写 rest: true",
        section.line_of("payers"),
    )


def _instalments(section: Section) -> tuple[Instalment, ...]:
    instalments: list[Instalment] = []
    for entry in section.sections("instalments"):
        found = _DUE.fullmatch(entry.text("due"))
        month, day = (int(found[1]), int(found[2])) if found else (0, 0)
        if not (1 <= month <= len(_DAYS_OF_MONTH) and 1 <= day <= _DAYS_OF_MONTH[month - 1]):
            entry.fault("due 应是月-日，如 03-31", entry.line_of("due"))
        instalments.append(Instalment(entry.integer("share_bp", 1, BASIS_POINTS), month, day))
        if entry.has("clause"):
            entry.cite()
        entry.close()
    total = sum(one.share_bp for one in instalments)
    if instalments and total != BASIS_POINTS:
        off = Fraction(total - BASIS_POINTS, BASIS_POINTS)
        short = f"还有 {_percent(-off)} % 没有期限" if off < 0 else f"多出 {_percent(off)} %"
        section.fault(
            f"{section.clause} 的分期合计 {_percent(Fraction(total, BASIS_POINTS))} %，{short}",
            section.line_of("instalments"),
        )
    return tuple(instalments)


def _ceiling(entry: Section, payers: Sequence[Payer], whole: str) -> Ceiling:
    clause, payer = _clause(entry, whole), entry.text("payer")
    known = list(dict.fromkeys(one.payer for one in payers))
    if known and payer not in known:
        entry.fault(f"付款方里没有 {payer}{nearest(payer, known)}", entry.line_of("payer"))
    ceiling = Ceiling(payer, entry.integer("limit_fen", 1, AMOUNT_FEN_MAX), clause)
    entry.close()
    return ceiling


def parse_insurers(
    section: Section, counties: Sequence[str], outside: frozenset[str] = frozenset()
) -> Insurers:
    """Return who carries the risk; the shares of each county must sum to the whole, and one must lead.

    A county outside the pool needs no insurer.
    """
    clause = section.cite()
    insurers = Insurers(tuple(_insurer(entry, counties) for entry in section.sections("rows")), clause)
    if not insurers.rows:
        section.fault("rows 里一家承保人也没有")
    section.report_twice([one.name for one in insurers.rows], "承保人")
    named = {code for one in insurers.rows for code in one.counties}
    insured = [county for county in counties or sorted(named) if county not in outside]
    for county in [*insured, *([] if named and counties else [None])]:
        whose = f"县区 {county} 的" if county else ""
        carrying = carriers(insurers, county)
        total = sum(one.share_bp for one in carrying)
        if insurers.rows and (carrying or county is not None) and total != BASIS_POINTS:
            off = Fraction(total - BASIS_POINTS, BASIS_POINTS)
            short = f"还有 {_percent(-off)} % 没有人承保" if off < 0 else f"多出 {_percent(off)} %"
            section.fault(f"{whose}承保份额合计 {_percent(Fraction(total, BASIS_POINTS))} %，{short}")
        leads = [one.name for one in carrying if one.lead]
        if len(carrying) > 1 and len(leads) != 1:
            found = f"写了 {'、'.join(leads)}" if leads else "一家也没写"
            section.fault(f"{whose}几家共保应有一家牵头（lead: true），{found}")
    section.close()
    return insurers


def _insurer(entry: Section, counties: Sequence[str]) -> Insurer:
    name = entry.text("name")
    name_zh = entry.text_or_none("name_zh") or name
    named = entry.texts("counties")
    for county in named:
        if counties and county not in counties:
            entry.fault(f"area 里没有县区 {county}{nearest(county, counties)}", entry.line_of("counties"))
    insurer = Insurer(
        name=name,
        name_zh=name_zh,
        name_en=entry.text_or_none("name_en") or name_zh,
        share_bp=entry.integer("share_bp", 1, BASIS_POINTS) if entry.has("share_bp") else BASIS_POINTS,
        lead=entry.flag("lead"),
        counties=frozenset(named),
    )
    if entry.has("clause"):
        entry.cite()
    entry.close()
    return insurer


def parse_risk_sharing(section: Section) -> RiskSharing:
    """Return the bands by loss ratio, which cover every ratio from 0 without gap or overlap."""
    clause = section.cite()
    bands: list[RiskBand] = []
    below_bp: int | None = 0
    for entry in section.sections("bands"):
        band = _risk_band(entry, clause)
        if below_bp is None:
            entry.fault("上一档没有上限，这一档永远用不到")
        elif band.from_bp != below_bp:
            what = "没有条款管" if band.from_bp > below_bp else "有两档同时管"
            entry.fault(f"赔付率 {_range(below_bp, band.from_bp)} {what}")
        below_bp = band.below_bp
        bands.append(band)
    if below_bp is not None:
        section.fault(
            f"赔付率满 {_percent(Fraction(below_bp, BASIS_POINTS))} % 之后没有条款管，最后一档不写 below_bp"
        )
    section.close()
    return RiskSharing(tuple(bands), clause)


def _risk_band(entry: Section, clause: str) -> RiskBand:
    entry.clause = clause
    if entry.has("clause"):
        clause = entry.cite()
    from_bp = entry.integer("from_bp", 0, RATE_BP_MAX)
    below_bp = entry.integer_or_none("below_bp", 1, RATE_BP_MAX)
    if below_bp is not None and below_bp <= from_bp:
        entry.fault(f"这一档从 {from_bp} 起，到 {below_bp} 前止，是空的")
    bearers = [key for key, _ in entry.quietly().values() if key.endswith("_bp") and key not in _BAND_KEYS]
    shares = tuple((key.removesuffix("_bp"), entry.integer(key, 0, BASIS_POINTS)) for key in bearers)
    total = sum(share for _, share in shares)
    if total != BASIS_POINTS:
        off = Fraction(total - BASIS_POINTS, BASIS_POINTS)
        short = f"还有 {_percent(-off)} % 没有人担" if off < 0 else f"多出 {_percent(off)} %"
        entry.fault(f"这一档分担合计 {_percent(Fraction(total, BASIS_POINTS))} %，{short}")
    entry.close()
    return RiskBand(from_bp, below_bp, shares, clause)


def parse_call_back(section: Section) -> int:
    """Return from which amount in fen a payment goes out only with a call back noted."""
    section.cite()
    from_fen = section.integer("from_fen", 1)
    section.close()
    return from_fen


def parse_reserve(section: Section) -> Reserve:
    """Return what is set aside."""
    clause = section.cite()
    reserve = Reserve(
        share_bp=section.integer("share_bp", 1, BASIS_POINTS),
        of=section.word("of", (PREMIUM, SURPLUS), PREMIUM),
        limit_fen=section.integer_or_none("limit_fen", 1, AMOUNT_FEN_MAX),
        clause=clause,
    )
    section.close()
    return reserve


def _condition(entry: Section, names: Names) -> Condition | None:
    node = entry.node("when")
    return None if node is None else parse_condition(node, names, entry.clause)


def _range(from_bp: int, to_bp: int) -> str:
    low, high = sorted((from_bp, to_bp))
    return f"{_percent(Fraction(low, BASIS_POINTS))} % 到 {_percent(Fraction(high, BASIS_POINTS))} %"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.2f}".rstrip("0").rstrip(".")
