"""Bank accounts of beneficiaries (银行账户、一卡通): whose they are, and whose guardian holds one.

In: the raw cells. Out: `person_id` (the holder), `bank_name`, `account_no` (digits), `holder_name`, `kind`
(`social_card` or `bank_card`), `guardian_of` (null, or the person the holder is guardian of).
"""

from yiyuan.exchange.cleaning import id_digits, id_fault, id_number, squeeze, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, id_checks, is_filled

_SOCIAL_WORDS = "社保|社会保障|一卡通|social"
_DIGITS = "^[0-9]{8,32}$"


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this list are cleaned and refused."""
    own, guardian, ward = (
        id_number("r_person_id"),
        id_number("r_guardian_person_id"),
        id_number("r_guardian_of"),
    )
    if "person_id" not in facts.found:
        own, guardian = guardian, "NULL"
    # A list of children names the guardian beside the child: the account is the guardian's, unless it is in
    # the child's own name.
    childs_own = f"coalesce({trim('r_holder_name')} = {trim('r_name')}, FALSE)"
    guarded = f"{is_filled('r_guardian_person_id')} AND {guardian} <> {own} AND NOT {childs_own}"
    aux = {
        "person_id": f"CASE WHEN {guarded} THEN {guardian} ELSE {own} END",
        "guardian_of": f"CASE WHEN {guarded} THEN {own} ELSE {ward} END",
    }
    fault, checks = id_checks("person_id", "person_id")
    digits = {"id_digits": id_digits("person_id"), "guardian_digits": id_digits("guardian_of")}
    ward_fault = id_fault("guardian_of", "guardian_digits")
    values = fault | {
        "guardian_fault": f"CASE WHEN guardian_of IS NOT NULL THEN {ward_fault} END",
        "bank_name": trim("r_bank_name"),
        "account_no": f"nullif(regexp_replace({squeeze('r_account_no')}, '[-''’‘`=\"]', '', 'g'), '')",
        "holder_name": f"coalesce({trim('r_holder_name')}, {trim('r_name')})",
        "kind": _kind(facts),
        "name": trim("r_name"),
    }
    more = (
        Check("missing", "account_no", "account_no IS NULL"),
        Check("unreadable", "account_no", f"NOT regexp_matches(account_no, '{_DIGITS}')"),
        *(
            Check(reason, "guardian_of", f"guardian_fault = '{reason}'")
            for reason in ("length", "birth_date", "check_digit")
        ),
    )
    return Rules(stages=(aux, digits, values), checks=(*checks, *more))


def _kind(facts: SheetFacts) -> str:
    """Return the kind of account: what the column says, else what title and headers say, else a bank card."""
    told = f"{facts.title} {facts.sheet} {facts.file} {facts.header_of.get('account_no', '')}"
    default = "social_card" if any(word in told for word in _SOCIAL_WORDS.split("|")) else "bank_card"
    said = squeeze("r_account_kind")
    return (
        f"CASE WHEN {said} IS NULL THEN '{default}' WHEN regexp_matches({said}, '{_SOCIAL_WORDS}') "
        "THEN 'social_card' ELSE 'bank_card' END"
    )


KIND = Kind(
    name="accounts",
    label="银行账户",
    needs=(("person_id", "guardian_person_id"), ("account_no",)),
    keys=("person_id", "account_no"),
    canonical=("person_id", "bank_name", "account_no", "holder_name", "kind", "guardian_of"),
    columns={
        "person_id": "VARCHAR",
        "bank_name": "VARCHAR",
        "account_no": "VARCHAR",
        "holder_name": "VARCHAR",
        "kind": "VARCHAR",
        "guardian_of": "VARCHAR",
        "name": "VARCHAR",
    },
    unique=("person_id", "account_no", "guardian_of"),
    rules=rules,
    not_also=("settlements",),
)
