"""Hardship registers (困难群体名册): six departments' lists as person, group, county and period of status.

In: the raw cells of a list. Out: `person_id`, `group`, `county_code`, `valid_from`, `valid_to` (half-open,
null = still valid) and, for the database, name, place, household, phone and disability level as written.
"""

import re

from yiyuan.exchange.cleaning import day, id_digits, id_number, squeeze, text_literal, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, id_checks, is_blank, is_filled
from yiyuan.exchange.places import county_code, county_of_id
from yiyuan.exchange.registers import group_of_cell, register_of, registers

# What departments write where a status has no end.
_NO_END = "^(无|长期|永久|至今|现在|在册|在享|未退出|未停发|空|/|-+|—+|－+|(9999|2099|2999).*)$"
# The severest first: who has several disabilities has the level of the severest (GB/T 26341).
_LEVELS = (
    ("1", "[一壹1Ⅰ]|(^|[^IVX])I"),
    ("2", "[二贰2Ⅱ]|(^|[^IVX])II"),
    ("3", "[三叁3Ⅲ]|(^|[^IVX])III"),
    ("4", "[四肆4Ⅳ]|(^|[^IVX])IV"),
)


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this list are cleaned and refused."""
    aux, cell = _number(facts)
    length = "CASE WHEN is_card THEN length(number) IN (20, 22) ELSE length(number) = 18 END"
    fault, checks = id_checks("number", cell, length)
    start = "r_valid_from"
    values = fault | {
        "person_id": "substr(number, 1, 18)",
        "group": text_literal(facts.group) if facts.group else group_of_cell("r_group"),
        "county_code": _county(facts),
        "valid_from": day(start, order=facts.date_order, year_alone=True),
        "valid_to": f"CASE WHEN {_no_end()} THEN NULL "
        f"ELSE {day('r_valid_to', order=facts.date_order, year_alone=True)} END",
        "name": trim("r_name"),
        "county_name": trim("r_county"),
        "township": trim("r_township"),
        "village": trim("r_village"),
        "household_no": squeeze("r_household_no"),
        "phone": squeeze("r_phone"),
    }
    if "valid_from" not in facts.found and facts.valid_from:
        values["valid_from"] = f"DATE '{facts.valid_from.isoformat()}'"
    return Rules(
        stages=(aux, {"id_digits": id_digits("number")}, values | {"disability_level": _level()}),
        checks=checks,
        late=_late_checks(facts),
    )


def _number(facts: SheetFacts) -> tuple[dict[str, str], str]:
    """Return the cleaned number and whether it is a card's: the id column first, the card where that is
    empty.
    """
    own = "person_id" if "person_id" in facts.found else "head_person_id"
    if "card_no" not in facts.found:
        return {"number": id_number(f"r_{own}"), "is_card": str(facts.cards).upper()}, own
    if own not in facts.found:
        return {"number": id_number("r_card_no"), "is_card": str(facts.cards).upper()}, "card_no"
    empty = is_blank(f"r_{own}")
    number = f"CASE WHEN {empty} THEN {id_number('r_card_no')} ELSE {id_number(f'r_{own}')} END"
    is_card = f"{empty} AND {is_filled('r_card_no')}"
    return {"number": number, "is_card": f"({is_card}) OR {str(facts.cards).upper()}"}, own


def _county(facts: SheetFacts) -> str:
    default = text_literal(facts.county) if facts.county else "NULL"
    return f"coalesce({county_code('r_county', facts.counties)}, {default}, {county_of_id('number')})"


def _level() -> str:
    """Return the disability level 1–4: the card's twentieth character, else what the column says."""
    card = id_number("r_card_no")
    said = squeeze("r_level")
    branches = " ".join(
        f"WHEN regexp_matches(t, '({signs})(\\.0)?(级|$)') THEN '{level}'" for level, signs in _LEVELS
    )
    return (
        "coalesce(CASE WHEN is_card THEN substr(number, 20, 1) "
        f"WHEN length({card}) IN (20, 22) THEN substr({card}, 20, 1) END, "
        f"list_transform([upper({said})], lambda t: CASE {branches} END)[1])"
    )


def _late_checks(facts: SheetFacts) -> tuple[Check, ...]:
    register = register_of(facts.group) if facts.group else None
    checks = []
    if register is None and facts.group is None:
        checks.append(Check("group", "group", '"group" IS NULL'))
    covered = register.covered_levels if register else _levels_of_any()
    if covered:
        level_cell = "level" if "level" in facts.found else "card_no"
        mine = "TRUE" if register else "\"group\" = 'severe_disability'"
        listed = ", ".join(f"'{level}'" for level in covered)
        checks.append(
            Check("not_covered_level", level_cell, f"{mine} AND disability_level NOT IN ({listed})")
        )
        if not _says_covered(facts):
            unknown = f"{mine} AND disability_level IS NULL"
            checks.append(Check("length", "card_no", f"{unknown} AND {is_filled('r_card_no')}"))
            checks.append(Check("missing", level_cell, unknown))
    if "valid_from" in facts.found or facts.valid_from is None:
        checks.append(Check("missing", "valid_from", is_blank("r_valid_from")))
    checks += [
        Check("date", "valid_from", "valid_from IS NULL"),
        Check("date", "valid_to", f"valid_to IS NULL AND {is_filled('r_valid_to')} AND NOT {_no_end()}"),
        Check("period", "valid_to", "valid_to <= valid_from"),
    ]
    return tuple(checks)


def _no_end() -> str:
    return f"coalesce(regexp_matches({squeeze('r_valid_to')}, '{_NO_END}'), FALSE)"


def _levels_of_any() -> tuple[int, ...]:
    return next((register.covered_levels for register in registers() if register.covered_levels), ())


def _says_covered(facts: SheetFacts) -> bool:
    """Tell whether title, sheet or file say that only covered levels are listed (重度)."""
    words = next(
        (register.words_of_covered_levels for register in registers() if register.covered_levels), ""
    )
    around = f"{facts.title} {facts.sheet} {facts.file}"
    return bool(words and re.search(words, around))


KIND = Kind(
    name="hardship",
    label="困难群体名册",
    needs=(("person_id", "card_no", "head_person_id"), ("valid_from",)),
    keys=("person_id", "card_no", "head_person_id"),
    canonical=("person_id", "group", "county_code", "valid_from", "valid_to"),
    columns={
        "person_id": "VARCHAR",
        "group": "VARCHAR",
        "county_code": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "name": "VARCHAR",
        "county_name": "VARCHAR",
        "township": "VARCHAR",
        "village": "VARCHAR",
        "household_no": "VARCHAR",
        "phone": "VARCHAR",
        "disability_level": "VARCHAR",
    },
    unique=("file_no", "group", "person_id"),
    rules=rules,
    not_also=("settlements",),
)
