"""Registered head counts (户籍人口数): persons and households of a county on a day, with who says so.

In: the raw cells; the day may stand in the title, persons may be counted in 万人. Out: `county_code`, `on`,
`persons`, `households`, `source`.
"""

import re

from yiyuan.exchange.cleaning import day, plain_amount, text_literal, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, is_filled
from yiyuan.exchange.places import county_code

_NUMBER = r"[0-9,]{1,15}(\.[0-9]{1,6})?(万)?[人户]?"
_TITLE_DAY = re.compile(
    r"(\d{4})\s*年\s*(?:(\d{1,2})\s*月)?\s*(?:(\d{1,2})\s*日)?|(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
)


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this table are cleaned and refused."""
    told = _day_in(f"{facts.title} {facts.sheet} {facts.file}")
    default = f"DATE '{told}'" if told else "NULL"
    values = {
        "county_code": f"coalesce({county_code('r_county', facts.counties)}, NULL)",
        "on": day("r_on", order=facts.date_order, year_alone=True) if "on" in facts.found else default,
        "persons": _count("persons", facts),
        "households": _count("households", facts),
        "source": f"coalesce({trim('r_source')}, {text_literal(facts.source or facts.file)})",
    }
    checks = (
        Check("missing", "county", "county_code IS NULL AND NOT " + is_filled("r_county")),
        Check("county", "county", "county_code IS NULL"),
        Check("date", "on", '"on" IS NULL'),
        Check("unreadable", "persons", "persons IS NULL OR persons < 0"),
        Check("unreadable", "households", f"households IS NULL AND {is_filled('r_households')}"),
    )
    return Rules(stages=(values,), checks=checks)


def _count(name: str, facts: SheetFacts) -> str:
    """Return a whole number; a header or a cell that says 万 counts tens of thousands."""
    text = plain_amount(f"r_{name}")
    in_wan = str("万" in facts.header_of.get(name, "")).upper()
    digits = "regexp_replace(t, '[^0-9.]', '', 'g')"
    scaled = (
        f"CAST({digits} AS DECIMAL(18, 6)) * CASE WHEN {in_wan} OR contains(t, '万') THEN 10000 ELSE 1 END"
    )
    whole = f"CASE WHEN ({scaled}) % 1 = 0 THEN CAST({scaled} AS BIGINT) END"
    return (
        f"list_transform([{text}], lambda t: CASE WHEN regexp_full_match(t, '{_NUMBER}') THEN {whole} END)[1]"
    )


def _day_in(text: str) -> str | None:
    """Return the day a title names as ISO text: a month or a year alone stands for its first day."""
    found = _TITLE_DAY.search(text)
    if not found:
        return None
    year, month, day_of_month, *iso = found.groups()
    if iso[0]:
        return f"{iso[0]}-{int(iso[1]):02d}-{int(iso[2]):02d}"
    return f"{year}-{int(month or 1):02d}-{int(day_of_month or 1):02d}"


KIND = Kind(
    name="headcount",
    label="户籍人口数",
    needs=(("county",), ("persons",)),
    keys=("county",),
    canonical=("county_code", "on", "persons", "households", "source"),
    columns={
        "county_code": "VARCHAR",
        "on": "DATE",
        "persons": "BIGINT",
        "households": "BIGINT",
        "source": "VARCHAR",
    },
    unique=("county_code", "on"),
    rules=rules,
    not_also=("settlements",),
)
