"""What is known about settlements that are to be decided (待核事实): facts, hardship periods, accounts.

In: settlement numbers. Out: one `CaseFacts` each, all of them in one query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from yiyuan.apps.registry.queries import (
    AMOUNT_COLUMNS,
    SOCIAL_CARD,
    AccountView,
    SettlementFacts,
    StatusView,
)

FACTS_SQL = f"""SELECT s.setl_id, s.person_id, s.county_code, s.hospital_code, s.birth_on, s.sex,
    s.admitted_on, s.discharged_on, s.settled_on, s.diagnosis_code, s.import_job_id, s.source_row,
    s.reverses_setl_id <> '' OR EXISTS (SELECT FROM registry_reversal r WHERE r.setl_id = s.setl_id),
    EXISTS (SELECT FROM registry_claimedsettlement k WHERE k.setl_id = s.setl_id),
    (SELECT d.name FROM registry_division d WHERE d.code = s.county_code),
    (SELECT json_agg(json_build_array(
        h."group", h.valid_from, h.valid_to, h.recorded_at, h.import_job_id, h.source_row
    ) ORDER BY h.valid_from, h.id) FROM registry_hardshipstatus h
    WHERE h.person_id = s.person_id AND h.superseded_at IS NULL),
    (SELECT json_agg(json_build_array(
        a.id, a.person_id, a.bank_name, a.account_tail, a.holder_name, a.kind, a.guardian_of_id IS NOT NULL
    ) ORDER BY a.guardian_of_id IS NULL, a.kind <> '{SOCIAL_CARD}', a.id) FROM registry_account a
    WHERE a.superseded_at IS NULL
        AND (a.guardian_of_id = s.person_id OR (a.person_id = s.person_id AND a.guardian_of_id IS NULL))),
    {", ".join(f"s.{name}" for name in AMOUNT_COLUMNS)}
FROM registry_settlement s WHERE s.setl_id = ANY(%s)"""
PLAIN = 17  # how many columns stand before the amounts


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One settlement with its person's hardship periods and accounts, the account to use first."""

    facts: SettlementFacts
    county_name: str
    statuses: tuple[StatusView, ...]
    accounts: tuple[AccountView, ...]


def list_cases(setl_ids: Sequence[str]) -> Mapping[str, CaseFacts]:
    """Return what is known now about these settlements; a number that no file has brought is left out."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, [list(setl_ids)])
        return {row[0]: _case(row) for row in cursor.fetchall()}


def _case(row: tuple[object, ...]) -> CaseFacts:
    (
        setl_id, person_id, county_code, hospital_code, birth_on, sex, admitted_on, discharged_on, settled_on,
        diagnosis_code, import_job_id, source_row, is_reversed, is_claimed, county_name, statuses, accounts,
    ) = row[:PLAIN]  # fmt: skip
    amounts = zip(AMOUNT_COLUMNS, row[PLAIN:], strict=True)
    facts = SettlementFacts(
        setl_id=str(setl_id),
        person_id=_number(person_id),
        county_code=str(county_code),
        hospital_code=str(hospital_code),
        birth_on=_day(birth_on),
        sex=str(sex) or None,
        admitted_on=_day(admitted_on),
        discharged_on=_day(discharged_on),
        settled_on=_day(settled_on),
        diagnosis_code=str(diagnosis_code) or None,
        amounts_fen={name: _number(amount) for name, amount in amounts if amount is not None},
        is_reversed=bool(is_reversed),
        is_claimed=bool(is_claimed),
        import_job_id=_number(import_job_id),
        source_row=_number(source_row),
    )
    return CaseFacts(
        facts=facts,
        county_name=str(county_name or county_code),
        statuses=tuple(_status(status) for status in _list(statuses)),
        accounts=tuple(AccountView(*account) for account in _list(accounts)),
    )


def _status(status: Sequence[object]) -> StatusView:
    group, valid_from, valid_to, recorded_at, import_job_id, source_row = status
    return StatusView(
        group=str(group),
        valid_from=date.fromisoformat(str(valid_from)),
        valid_to=date.fromisoformat(str(valid_to)) if valid_to else None,
        recorded_at=datetime.fromisoformat(str(recorded_at)),
        import_job_id=_number(import_job_id),
        source_row=_number(source_row),
    )


def _list(value: object) -> Sequence[Sequence[Any]]:
    assert value is None or isinstance(value, list), "json_agg makes a list, or nothing of nothing"
    return value or ()


def _number(value: object) -> int:
    assert isinstance(value, int), "the column is a whole number"
    return value


def _day(value: object) -> date | None:
    assert value is None or isinstance(value, date), "the column is a date"
    return value
