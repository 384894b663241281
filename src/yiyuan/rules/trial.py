"""What a cause turns on (试算要问的事实): the facts a person is asked for to try a case.

In: a scheme version and one of its liabilities. Out: the declared facts that its cover, its condition, its
benefits, the exclusions and the limits name, the claiming ones first; those that are presumed come last.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from yiyuan.rules.events.facts import CHOICE, DATE, MONEY, PERSON, TEXT, Between, Count, Fact, FactName
from yiyuan.rules.events.pool import COUNTY_CODE
from yiyuan.rules.events.terms import Benefit
from yiyuan.rules.terms import Liability, SchemeVersion

_OF_THE_CASE = ("cause", "on", "filed_on")
ELSEWHERE = "elsewhere"  # the code of a place that is no county of the scheme
SEXES = {"1": "男", "2": "女"}


def facts_asked(version: SchemeVersion, liability: Liability, of: str | None = None) -> list[Fact]:
    """Return the facts that decide this cause, each once; with `of`, those its benefits for such a subject
    ask."""
    if version.medical is not None and version.medical.liability == liability.code:
        return _settlement_facts(version)
    events = version.events
    benefits = [one for one in benefits_of(version, liability) if of in (None, one.of)]
    cause = events.causes.get(liability.code)
    covers = {name for benefit in benefits for name in benefit.cover or ()} | set(
        cause.cover if cause else ()
    )
    parts: list[object] = [
        *(name for benefit in benefits for name in benefit.claimed_with),
        *(
            one.when
            for one in events.cover.values()
            if (not covers or one.name in covers) and of in (None, one.of)
        ),
        cause and cause.when,
        *((benefit.when, benefit.amount) for benefit in benefits),
        *((limit.when, limit.amount) for limit in events.limits if of is None),
        *(one.when for one in events.exclusions if not one.liabilities or liability.code in one.liabilities),
        COUNTY_CODE if version.pool_excluded else None,
    ]
    claiming = {name for benefit in benefits for name in benefit.claimed_with}
    names: dict[str, None] = {}
    for part in parts:
        for name in _said(version, _named(part)):
            names[name] = None
    found = [_with_counties(version, events.facts[name]) for name in names]
    return sorted(found, key=lambda fact: fact.presumed is not None and fact.name not in claiming)


def benefits_of(version: SchemeVersion, liability: Liability) -> list[Benefit]:
    """Return the benefits a liability can pay, in the order of the scheme."""
    return [one for one in version.events.benefits if liability.code in one.liabilities]


def _settlement_facts(version: SchemeVersion) -> list[Fact]:
    groups = {group.code: group.name_zh for group in version.groups} | {"none": "都不是"}
    counties = {county.code: county.name_zh for county in version.counties}
    return [
        Fact("group", CHOICE, PERSON, "入院那天属于哪一类", "group on the day of admission", options=groups),
        Fact("diagnosis_code", TEXT, PERSON, "主要诊断编码", "principal diagnosis code"),
        Fact("residual_fen", MONEY, PERSON, "剩余合规费用", "residual eligible expense"),
        Fact("county_code", CHOICE, PERSON, "结算的县区", "county of the settlement", options=counties),
        Fact("birth_on", DATE, PERSON, "出生日期", "date of birth"),
        Fact("sex", CHOICE, PERSON, "性别", "sex", options=SEXES),
    ]


def _with_counties(version: SchemeVersion, fact: Fact) -> Fact:
    if fact.name != COUNTY_CODE or fact.type != TEXT or not version.counties:
        return fact
    counties = {county.code: county.name_zh for county in version.counties}
    return replace(fact, type=CHOICE, options=counties | {ELSEWHERE: "别的地方"})


def _said(version: SchemeVersion, names: Iterator[str]) -> Iterator[str]:
    """Yield what a case can say of the named facts: of a worked-out one, what it is worked out from."""
    for name in names:
        fact = version.events.facts.get(name)
        if name in _OF_THE_CASE or fact is None:
            continue
        derived = fact.derived
        if isinstance(derived, Between):
            yield from _said(version, iter((derived.from_fact, derived.to_fact)))
        elif isinstance(derived, Count):
            yield from _said(version, _named(derived.when))
        elif derived is not None:
            yield from _said(version, iter((derived.fact,)))
        else:
            yield from _said(version, _named(fact.only_with))
            yield name


def _named(part: object) -> Iterator[str]:
    """Yield the names of facts in a condition, an amount, several of them, or a name itself."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, FactName):
        yield part.name
    else:
        for one in _inside(part):
            yield from _named(one)


def _inside(part: object) -> Iterator[object]:
    # Of the texts inside only those under `fact` name one; others are options, clauses, steps.
    if isinstance(part, tuple):
        yield from (one for one in part if not isinstance(one, str))
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name == "fact" or not isinstance(value, str):
                yield value
