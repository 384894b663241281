"""Inpatient settlements (住院结算明细): one row a settlement, in the names of national interface 2304 or
others.

In: the raw cells, amounts in yuan, or in fen where the header says so (`..._fen`, （分）) as our canonical
files do. Out: the canonical columns, amounts in fen; a payer that is empty is 0. A row that is refused says
which cell, first fault first; the same settlement accepted before is a duplicate.
"""

import re

from yiyuan.exchange.cleaning import (
    AMOUNT_FEN_MAX,
    day,
    fen,
    id_digits,
    id_number,
    plain_amount,
    squeeze,
    text_literal,
    trim,
)
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, id_checks, is_blank, is_filled
from yiyuan.exchange.places import county_code

PARTS = ("inscp_scp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
PAYERS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay")
AMOUNTS = ("medfee_sumamt", *PARTS, *PAYERS)
# The two amounts nothing else can prove; an empty part of the total is 0 where the total then agrees.
NEEDED_AMOUNTS = ("medfee_sumamt", "inscp_scp_amt")
# Each amount ends at a bar or at the end: a third decimal must not pass as an amount of its own.
_PLAIN = r"(-?[0-9]{1,9}(\.[0-9]{1,2})?(\||$))*"
# What systems write where a settlement cancels none.
_NO_REVERSAL = "^(0+|null|none|nan|无|/|-+|—+)$"
_SAYS_FEN = re.compile(r"_fen$|[（(]分[）)]", re.IGNORECASE)


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this file are cleaned and refused."""
    raw_amounts = ", ".join(f"r_{amount}" for amount in AMOUNTS)
    id_aux, id_list = id_checks("person_id", "person_id")
    aux = {
        "plain": f"regexp_full_match(concat_ws('|', {raw_amounts}), {text_literal(_PLAIN)})",
        "setl_id": f"ltrim({_code('r_setl_id')}, '''’‘`')",
        "person_id": id_number("r_person_id"),
        "reverses_setl_id": _reverses(),
        "discharged_on": day("r_discharged_on", order=facts.date_order),
        "admitted_on": day("r_admitted_on", order=facts.date_order),
    }
    values = (
        id_aux
        | {f"{amount}_fen": _amount(amount, facts.header_of.get(amount, "")) for amount in AMOUNTS}
        | {
            "county_code": f"coalesce({county_code('r_county', facts.counties)}, "
            f"{text_literal(facts.county) if facts.county else 'NULL'})",
            "hospital_code": squeeze("r_hospital_code"),
            "birth_on": day("r_birth_on", order=facts.date_order),
            "sex": _sex(),
            "settled_on": day("r_settled_on", order=facts.date_order),
            "diagnosis_code": _code("r_diagnosis_code"),
            "other_diagnosis_codes": _codes("r_other_diagnosis_codes"),
            "person_name": trim("r_name"),
            "hospital_name": trim("r_hospital_name"),
        }
    )
    return Rules(stages=(aux, {"id_digits": id_digits("person_id")}, values), checks=_checks(facts, id_list))


def _amount(amount: str, header: str) -> str:
    raw = f"r_{amount}"
    direct = f"CAST(CAST({raw} AS DECIMAL(13, 2)) * 100::DECIMAL(3, 0) AS BIGINT)"
    value = f"CASE WHEN plain THEN {direct} ELSE {fen(raw)} END"
    if _SAYS_FEN.search(header.strip()):
        value = _whole_fen(raw)
    return (
        f"coalesce({value}, CASE WHEN {is_blank(raw)} THEN 0 END)" if amount not in NEEDED_AMOUNTS else value
    )


def _whole_fen(raw: str) -> str:
    whole = f"TRY_CAST(replace({plain_amount(raw)}, ',', '') AS DECIMAL(16, 2))"
    return f"CASE WHEN {whole} = trunc({whole}) AND abs({whole}) <= {AMOUNT_FEN_MAX} THEN {whole}::BIGINT END"


def _reverses() -> str:
    text = _code("r_reverses_setl_id")
    return (
        "CASE WHEN r_reverses_setl_id IS NULL THEN NULL "
        f"WHEN regexp_matches(lower({text}), '{_NO_REVERSAL}') THEN NULL ELSE {text} END"
    )


def _code(raw: str) -> str:
    """Return a code without blanks; where the spreadsheet holds an error (#N/A) nothing is known."""
    return f"CASE WHEN NOT starts_with({raw}, '#') THEN {squeeze(raw)} END"


def _sex() -> str:
    return (
        "CASE WHEN r_sex IN ('1', '2') THEN r_sex "
        f"ELSE list_transform([lower({squeeze('r_sex')})], lambda t: "
        "CASE WHEN t IN ('1', '1.0', '01', '男', '男性', 'm', 'male') OR starts_with(t, '1-') THEN '1' "
        "WHEN t IN ('2', '2.0', '02', '女', '女性', 'f', 'female') OR starts_with(t, '2-') THEN '2' "
        "END)[1] END"
    )


def _codes(raw: str) -> str:
    parts = rf"regexp_replace({raw}, '[\s,;，；、/|]+', '|', 'g')"
    return f"CASE WHEN {raw} IS NULL THEN NULL ELSE nullif(trim({parts}, '|'), '') END"


def _checks(facts: SheetFacts, id_list: tuple[Check, ...]) -> tuple[Check, ...]:
    checks = [
        Check("missing", "setl_id", "setl_id IS NULL"),
        Check("unreadable", "setl_id", "regexp_matches(setl_id, '^[0-9.]+E[+][0-9]+$')"),
    ]
    dates = [name for name in ("admitted_on", "discharged_on", "settled_on") if name in facts.found]
    checks += [Check("date", name, f"{name} IS NULL") for name in dates]
    # A missing birth is a missing fact, which the scheme may never ask for; an unreadable one is refused.
    checks.append(Check("date", "birth_on", f"birth_on IS NULL AND {is_filled('r_birth_on')}"))
    for amount in AMOUNTS:
        if amount in facts.found:
            checks.append(Check("amount", amount, f"{amount}_fen IS NULL"))
            checks.append(Check("amount", amount, f"{amount}_fen < 0 AND reverses_setl_id IS NULL"))
    checks += [Check("check_digit", "person_id", check.when) for check in id_list]
    checks.append(Check("discharged_before_admission", "discharged_on", "discharged_on < admitted_on"))
    if facts.found.issuperset(("medfee_sumamt", *PARTS)):
        total = " + ".join(f"{part}_fen" for part in PARTS)
        detail = f"CAST(CAST({total} AS DECIMAL(18, 0)) / 100 AS DECIMAL(18, 2))"
        checks.append(
            Check(
                "total_mismatch",
                "medfee_sumamt",
                f"medfee_sumamt_fen <> {total}",
                f"'合计为 ' || CAST({detail} AS VARCHAR) || ' 元'",
            )
        )
    return tuple(checks)


KIND = Kind(
    name="settlements",
    label="住院结算明细",
    needs=(
        ("setl_id",),
        ("person_id",),
        ("admitted_on",),
        ("discharged_on",),
        ("diagnosis_code",),
        ("inscp_scp_amt",),
        ("hifp_pay",),
    ),
    keys=("setl_id", "person_id"),
    canonical=(
        "setl_id",
        "person_id",
        "county_code",
        "hospital_code",
        "birth_on",
        "sex",
        "admitted_on",
        "discharged_on",
        "settled_on",
        "medfee_sumamt_fen",
        "inscp_scp_amt_fen",
        *(f"{payer}_fen" for payer in PAYERS),
        "diagnosis_code",
        "other_diagnosis_codes",
        "reverses_setl_id",
    ),
    columns={
        "setl_id": "VARCHAR",
        "person_id": "VARCHAR",
        "county_code": "VARCHAR",
        "hospital_code": "VARCHAR",
        "birth_on": "DATE",
        "sex": "VARCHAR",
        "admitted_on": "DATE",
        "discharged_on": "DATE",
        "settled_on": "DATE",
        **{f"{amount}_fen": "BIGINT" for amount in AMOUNTS},
        "diagnosis_code": "VARCHAR",
        "other_diagnosis_codes": "VARCHAR",
        "reverses_setl_id": "VARCHAR",
        "person_name": "VARCHAR",
        "hospital_name": "VARCHAR",
    },
    unique=("setl_id",),
    rules=rules,
    optional_notes=AMOUNTS,
)
