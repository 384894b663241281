"""Registers of residents (户籍人口): one row a person, with places, household and relation to its head.

In: the raw cells; places by name or code. Out: `person_id`, name, sex, birth, county, township, village,
household, relation, the day of registering and of leaving; each person once.
"""

from yiyuan.exchange.cleaning import day, id_digits, id_number, squeeze, text_literal, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, id_checks, is_filled
from yiyuan.exchange.places import county_code, county_of_id

_NOT_LEFT = "^(无|在册|未注销|空|/|-+|—+)$"


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this register are cleaned and refused."""
    fault, checks = id_checks("number", "person_id")
    default = text_literal(facts.county) if facts.county else "NULL"
    left = f"CASE WHEN {_has_not_left()} THEN NULL ELSE {day('r_left_on', order=facts.date_order)} END"
    values = fault | {
        "person_id": "number",
        "name": trim("r_name"),
        "sex": "CASE WHEN id_digits % 2 = 1 THEN '1' ELSE '2' END",
        "birth_on": day("r_birth_on", order=facts.date_order),
        "county_code": f"coalesce({county_code('r_county', facts.counties)}, {default}, "
        f"{county_of_id('number')})",
        "township": f"coalesce({squeeze('r_township_code')}, {trim('r_township')})",
        "village": f"coalesce({squeeze('r_village_code')}, {trim('r_village')})",
        "household_no": squeeze("r_household_no"),
        "relation": trim("r_relation"),
        "registered_on": day("r_registered_on", order=facts.date_order),
        "left_on": left,
    }
    dates = tuple(
        Check("date", name, f"{name} IS NULL AND {is_filled(f'r_{name}')}")
        for name in ("birth_on", "registered_on")
    )
    gone = Check("date", "left_on", f"left_on IS NULL AND {is_filled('r_left_on')} AND NOT {_has_not_left()}")
    stages = ({"number": id_number("r_person_id")}, {"id_digits": id_digits("number")}, values)
    return Rules(stages=stages, checks=(*checks, *dates, gone))


def _has_not_left() -> str:
    return f"coalesce(regexp_matches({squeeze('r_left_on')}, '{_NOT_LEFT}'), FALSE)"


KIND = Kind(
    name="residents",
    label="户籍人口名册",
    needs=(("person_id",), ("name",), ("household_no", "relation")),
    keys=("person_id",),
    canonical=(
        "person_id",
        "name",
        "sex",
        "birth_on",
        "county_code",
        "township",
        "village",
        "household_no",
        "relation",
        "registered_on",
        "left_on",
    ),
    columns={
        "person_id": "VARCHAR",
        "name": "VARCHAR",
        "sex": "VARCHAR",
        "birth_on": "DATE",
        "county_code": "VARCHAR",
        "township": "VARCHAR",
        "village": "VARCHAR",
        "household_no": "VARCHAR",
        "relation": "VARCHAR",
        "registered_on": "DATE",
        "left_on": "DATE",
    },
    unique=("person_id",),
    rules=rules,
    not_also=("settlements",),
)
