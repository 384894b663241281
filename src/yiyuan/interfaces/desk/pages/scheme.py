"""The scheme in force (方案), for people who read no YAML: every term with its clause and where that stands.

In: nothing but the language. Out: one long page with an index; what is assumed is marked with its origin.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from yiyuan.apps.schemes.queries import list_terms, version_on
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, allow
from yiyuan.interfaces.desk.addresses import chosen
from yiyuan.interfaces.desk.event_sections import event_sections
from yiyuan.interfaces.desk.labels import reason_word
from yiyuan.interfaces.desk.late_words import insurer_of
from yiyuan.interfaces.desk.scheme_labels import (
    assumed_of,
    certifying_bodies_of,
    documents_of,
    is_english,
    name_of,
    place_of,
    publisher_of,
    reading_of,
    text_of,
    trigger_of,
)
from yiyuan.interfaces.desk.templatetags.yiyuan_format import day, percent, yuan
from yiyuan.rules.terms import (
    PAID,
    PAPERS_COMPLETE,
    Band,
    BandReading,
    Clock,
    Disease,
    Liability,
    Reading,
    SchemeVersion,
    Tier,
)

LIMITS: dict[str, Promise] = {
    "death_disability": gettext_lazy("死亡、伤残"),
    "death": gettext_lazy("死亡"),
    "medical": gettext_lazy("医疗"),
    "medical_per_admission": gettext_lazy("每次住院医疗"),
    "property_per_household": gettext_lazy("每户家庭财产"),
}
# The length of a category in the classification of diseases; what follows stands behind a dot.
CATEGORY = 3
SEXES: dict[str, Promise] = {"1": gettext_lazy("只限男性"), "2": gettext_lazy("只限女性")}
# What a clock runs from and until, where that is not complete papers and the payment.
STARTS: dict[str, Promise] = {
    "reported": gettext_lazy("报案以后"),
    "filed": gettext_lazy("申请以后"),
    "assessed": gettext_lazy("核定以后"),
    "agreed": gettext_lazy("达成协议以后"),
    "decided": gettext_lazy("作出决定以后"),
    "confirmed": gettext_lazy("确认以后"),
}
UNTILS: dict[str, Promise] = {
    "assessed": gettext_lazy("核定"),
    "answered": gettext_lazy("答复"),
    "noticed": gettext_lazy("发出通知"),
    "surveyed": gettext_lazy("到场查勘"),
    "visited": gettext_lazy("上门"),
    "advanced": gettext_lazy("先付能确定的部分"),
}
INDEX: tuple[tuple[str, Promise], ...] = (
    ("premium", gettext_lazy("保费和县区")),
    ("groups", gettext_lazy("六类群体")),
    ("medical", gettext_lazy("医疗赔多少")),
    ("diseases", gettext_lazy("约定病种")),
    ("liabilities", gettext_lazy("七项责任")),
    ("clocks", gettext_lazy("几天内赔到")),
    ("contract", gettext_lazy("谁承保、何时报案")),
    ("reasons", gettext_lazy("什么情形不赔")),
    ("further", gettext_lazy("其他条款")),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause as the page quotes it: restated, with its place, its reading and what is assumed in it."""

    id: str
    text: str
    place: str
    reading: str
    assumed: str


@allow(*STAFF)
@require_safe
def show_scheme(request: HttpRequest) -> HttpResponse:
    """Show the version in force today, or the one asked for, and which others there are."""
    versions, today = list_terms(), clock.today()
    by_name = {one.version: one for one in versions}
    terms = by_name[chosen(request, "version", by_name) or version_on(versions, today).version]
    quotes = {clause_id: quote_of(terms, clause_id) for clause_id in terms.clauses}
    parts = event_sections(terms)
    context = {
        "terms": terms,
        "title": terms.title_en if is_english() else terms.title,
        "period": _period(terms),
        "standing": _standing(terms, today),
        "versions": [
            {"label": one.version, "url": f"?version={one.version}", "current": one is terms}
            for one in versions
        ]
        if len(versions) > 1
        else [],
        "index": [
            *((anchor, label) for anchor, label in INDEX if anchor not in _left_out(terms)),
            *((part.id, part.title) for part in parts),
        ],
        "quotes": quotes,
        "period_quote": quotes.get("PERIOD-1"),
        **_premium(terms, quotes),
        "county_columns": _columns(_("县区"), _("户籍人口"), _("谁出保费")),
        "counties": _counties(terms),
        "groups": [name_of(group) for group in terms.groups],
        "group_quotes": _unique(quotes, [group.clause for group in terms.groups]),
        "readings": _readings(terms),
        "medical_quotes": _unique(quotes, _medical_clauses(terms)),
        "disease_columns": _columns(_("病种"), _("诊断编码开头"), _("条件"), _("来历")),
        "disease_origin": _shared_origin(terms),
        "diseases": [_disease_row(disease, _shared_origin(terms)) for disease in terms.diseases],
        "disease_quotes": _unique(quotes, [disease.clause for disease in terms.diseases]),
        "liabilities": [_liability(quotes, liability) for liability in terms.liabilities],
        "clock_columns": _columns(_("哪些责任"), _("金额"), _("资料齐全以后")),
        "clocks": [_clock_row(terms, one) for one in terms.clocks],
        "clock_quotes": _unique(quotes, [one.clause for one in terms.clocks]),
        "filing_years": _filing_years(terms),
        "filing_quotes": _unique(quotes, [one.clause for one in terms.filing]),
        "insurers": insurer_of(terms),
        "reason_columns": _columns(_("情形"), _("依据")),
        "reasons": [(reason_word(code), quotes[clause]) for code, clause in terms.reason_clauses.items()],
        "further": _further(terms, quotes),
        "event_parts": parts,
        "sources": [(source, publisher_of(source)) for source in terms.sources.values()],
    }
    return render(request, "desk/scheme.html", context)


def _left_out(terms: SchemeVersion) -> Sequence[str]:
    """Return the parts of the page that a scheme without the top-up has nothing to say in."""
    return () if terms.medical is not None else ("groups", "medical", "diseases", "reasons")


def _premium(terms: SchemeVersion, quotes: Mapping[str, Quote]) -> dict[str, object]:
    premium = terms.premium
    if premium is None:
        return {"premium_yuan": "", "premium_parts": [], "premium_quotes": []}
    rate_fen = premium.rate_fen_per_person_year
    return {
        "premium_yuan": "" if rate_fen is None else yuan(rate_fen),
        "premium_parts": [] if rate_fen is not None else [name_of(part) for part in premium.parts],
        "premium_quotes": _unique(quotes, _premium_clauses(terms)),
    }


def _premium_clauses(terms: SchemeVersion) -> Sequence[str]:
    if terms.premium is None:
        return []
    return [
        terms.premium.clause,
        *(part.clause for part in terms.premium.parts),
        *(payer.clause for payer in terms.premium.payers),
        *(ceiling.clause for ceiling in terms.premium.ceilings),
    ]


def _columns(*labels: str) -> Sequence[dict[str, str]]:
    return [{"label": label} for label in labels]


def _standing(terms: SchemeVersion, today: date) -> str:
    if terms.valid.contains(today):
        return _("今天入院的按这一版")
    if today < terms.valid.from_on:
        return _("还没有到生效日，今天入院的不按这一版")
    return _("年度已结束；那一年入院的，报得再晚也按这一版")


def _period(terms: SchemeVersion) -> str:
    if terms.valid.to_on is None:
        return _("%(from)s 起有效") % {"from": day(terms.valid.from_on)}
    last: date = terms.valid.to_on - timedelta(days=1)
    return _("%(from)s 到 %(last)s 有效") % {"from": day(terms.valid.from_on), "last": day(last)}


def quote_of(terms: SchemeVersion, clause_id: str) -> Quote:
    """Return a clause of the version as pages quote it."""
    clause = terms.clauses[clause_id]
    return Quote(clause.id, text_of(clause), place_of(clause), reading_of(clause), assumed_of(clause))


def _filing_years(terms: SchemeVersion) -> int:
    """Return within how many years a claim is filed, 0 where the scheme sets no years."""
    return next((one.within for one in terms.filing if one.unit == "years" and one.from_fact == "on"), 0)


def _unique(quotes: Mapping[str, Quote], clauses: Sequence[str]) -> Sequence[Quote]:
    return [quotes[clause] for clause in dict.fromkeys(clauses)]


def _counties(terms: SchemeVersion) -> Sequence[dict[str, object]]:
    return [
        {"county": county, "assumed": assumed_of(county), "is_outside": county.code in terms.pool_excluded}
        for county in terms.counties
    ]


def _medical_clauses(terms: SchemeVersion) -> Sequence[str]:
    if terms.medical is None:
        return []
    clauses = [terms.medical.residual_clause]
    for reading in terms.medical.readings.values():
        clauses += [part.clause for part in _parts(reading)]
    return clauses


def _parts(reading: Reading) -> Sequence[Tier] | Sequence[Band]:
    return reading.bands if isinstance(reading, BandReading) else reading.tiers


def _readings(terms: SchemeVersion) -> Sequence[dict[str, object]]:
    if terms.medical is None:
        return []
    chosen = terms.medical.default_reading
    ordered = sorted(terms.medical.readings.items(), key=lambda item: item[0] != chosen)
    return [
        {"name": name_of(reading), "lines": _reading_lines(reading), "is_adopted": name == chosen}
        for name, reading in ordered
    ]


def _reading_lines(reading: Reading) -> Sequence[str]:
    if isinstance(reading, BandReading):
        lines = [
            _("剩余费用里 %(range)s 的那一段，赔 %(rate)s%%")
            % {"range": _range(band.from_fen, band.below_fen), "rate": percent(band.rate_bp)}
            for band in reading.bands
        ]
        return [*lines, _("合计最多 %(sum)s 元") % {"sum": yuan(reading.limit.limit_fen)}]
    lines = []
    for tier in reading.tiers:
        span = _range(tier.from_fen, tier.below_fen)
        if tier.fixed_fen is not None:
            lines.append(
                _("剩余费用 %(range)s，赔 %(sum)s 元") % {"range": span, "sum": yuan(tier.fixed_fen)}
            )
        else:
            lines.append(
                _("剩余费用 %(range)s，赔 %(rate)s%%") % {"range": span, "rate": percent(tier.rate_bp)}
            )
    return lines


def _range(from_fen: int, below_fen: int | None) -> str:
    if below_fen is None:
        return _("满 %(from)s 元") % {"from": yuan(from_fen)} if from_fen else _("不论多少")
    if not from_fen:
        return _("不到 %(below)s 元") % {"below": yuan(below_fen)}
    return _("满 %(from)s 元、不到 %(below)s 元") % {"from": yuan(from_fen), "below": yuan(below_fen)}


def _shared_origin(terms: SchemeVersion) -> str:
    """Return where most of the table's assumptions come from, to be said once above it."""
    origins = Counter(assumed_of(disease) for disease in terms.diseases if disease.assumed)
    return origins.most_common(1)[0][0] if origins else ""


def _disease_row(disease: Disease, shared_origin: str) -> dict[str, object]:
    conditions = []
    if disease.max_age is not None:
        conditions.append(_("%(age)d 岁及以下") % {"age": disease.max_age})
    if disease.sex:
        conditions.append(str(SEXES[disease.sex]))
    if disease.exclude_prefixes:
        conditions.append(_("不含 %(codes)s") % {"codes": _codes(disease.exclude_prefixes)})
    if disease.needs_proof:
        conditions.append(_("要看证明"))
    return {
        "disease": disease,
        "name": name_of(disease),
        "codes": _codes(disease.prefixes),
        "conditions": _("，").join(conditions),
        "is_assumed": bool(disease.assumed),
        "origin": assumed_of(disease) if assumed_of(disease) != shared_origin else "",
    }


def _codes(prefixes: Sequence[str]) -> str:
    """Return diagnosis codes as papers write them, with the dot after the third character."""
    dotted = (
        f"{code[:CATEGORY]}.{code[CATEGORY:]}" if len(code) > CATEGORY and "." not in code else code
        for code in prefixes
    )
    return _("、").join(dotted)


def _liability(quotes: Mapping[str, Quote], liability: Liability) -> dict[str, object]:
    clauses = [liability.clause, *(limit.clause for limit in liability.limits)]
    return {
        "liability": liability,
        "name": name_of(liability),
        "trigger": trigger_of(liability),
        "documents": documents_of(liability),
        "certifying_bodies": _("、").join(certifying_bodies_of(liability)),
        "assumed": assumed_of(liability),
        "limits": [
            (str(LIMITS.get(limit.name, limit.name)), yuan(limit.limit_fen), assumed_of(limit))
            for limit in liability.limits
        ],
        "quotes": _unique(quotes, clauses),
    }


def _clock_row(terms: SchemeVersion, one: Clock) -> dict[str, object]:
    names = {liability.code: name_of(liability) for liability in terms.liabilities}
    return {
        "names": _("、").join(names[code] for code in one.liabilities) or _("所有责任"),
        "range": _range(one.from_fen, one.below_fen),
        "limit": _limit_words(one),
        "from_when": "" if one.starts == PAPERS_COMPLETE else str(STARTS[one.starts]),
        "until": "" if one.until == PAID else str(UNTILS[one.until]),
    }


def _limit_words(one: Clock) -> str:
    words: str
    if one.minutes is not None:
        words = ngettext("%(n)d 分钟内", "%(n)d 分钟内", one.minutes) % {"n": one.minutes}
    elif one.working_days is not None:
        words = ngettext("%(days)d 个工作日内", "%(days)d 个工作日内", one.working_days)
        words %= {"days": one.working_days}
    elif one.calendar_days:
        words = ngettext("第 %(days)d 天，遇休息日顺延", "第 %(days)d 天，遇休息日顺延", one.calendar_days)
        words %= {"days": one.calendar_days}
    else:
        words = _("当天，遇休息日顺延")
    return words


def _further(terms: SchemeVersion, quotes: Mapping[str, Quote]) -> Sequence[Quote]:
    """Return the clauses that no term on the page rests on: organisation, tender, outreach, aim."""
    used = {
        *_premium_clauses(terms),
        *(group.clause for group in terms.groups),
        *_medical_clauses(terms),
        *(disease.clause for disease in terms.diseases),
        *(one.clause for one in terms.clocks),
        *terms.reason_clauses.values(),
        *(one.clause for one in terms.filing),
        *(liability.clause for liability in terms.liabilities),
        *(limit.clause for liability in terms.liabilities for limit in liability.limits),
    }
    return [quote for clause_id, quote in quotes.items() if clause_id not in used]


routes: list[URLPattern] = [path("scheme/", show_scheme, name="scheme")]
