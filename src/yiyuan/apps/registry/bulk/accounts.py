"""The accounts of a file (整批登记收款账户), numbers sealed; and the counties' head counts.

In: accounts with their people as database numbers; a CSV of head counts. Out: how many rows were written.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yiyuan.apps.registry.bulk.copying import Origin, execute, stage
from yiyuan.apps.registry.encryption import blind_index, seal

TAIL_DIGITS = 4
COLUMNS = """person_id bigint, bank_name text, account_no bytea, account_index uuid, account_tail text,
    holder_name text, kind text, guardian_of_id bigint"""
ADD = """INSERT INTO registry_account (person_id, bank_name, account_no, account_index, account_tail,
    holder_name, kind, guardian_of_id, import_job_id, recorded_at)
SELECT person_id, coalesce(bank_name, ''), account_no, account_index, account_tail, coalesce(holder_name, ''),
    kind, guardian_of_id, %s, %s FROM staged_account
ON CONFLICT (person_id, account_index, guardian_of_id) WHERE superseded_at IS NULL DO NOTHING"""
HEAD_COUNT_COLUMNS = """county_code text, "on" date, persons integer, households integer, source text"""
CORRECT_HEAD_COUNTS = """UPDATE registry_headcount h SET superseded_at = %s, superseded_by_job_id = %s
FROM staged_head_count s
WHERE h.superseded_at IS NULL AND h.county_code = s.county_code AND h."on" = s."on"
    AND (h.persons, h.households) IS DISTINCT FROM (s.persons, s.households)"""
ADD_HEAD_COUNTS = """INSERT INTO registry_headcount (county_code, "on", persons, households, source,
    import_job_id, recorded_at)
SELECT DISTINCT ON (county_code, "on") county_code, "on", persons, households, coalesce(source, ''), %s, %s
FROM staged_head_count ORDER BY county_code, "on"
ON CONFLICT (county_code, "on") WHERE superseded_at IS NULL DO NOTHING"""


@dataclass(frozen=True, slots=True)
class ReadAccount:
    """An account as a file gives it, its people by their database numbers."""

    person_id: int
    bank_name: str | None
    account_no: str
    holder_name: str | None
    kind: str
    guardian_of_id: int | None


def record_accounts(accounts: Iterable[ReadAccount], origin: Origin, work: Path) -> int:
    """Add accounts that are new; return how many. Repeating it adds none."""
    sealed = work / "accounts.csv"
    with sealed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_row(account) for account in accounts)
    stage("staged_account", COLUMNS, sealed)
    return execute(ADD, [origin.job_id, origin.recorded_at])


def record_head_counts(file: Path, origin: Origin) -> int:
    """Keep the counties' figures, a corrected one beside the old; return how many rows were written."""
    stage("staged_head_count", HEAD_COUNT_COLUMNS, file)
    execute(CORRECT_HEAD_COUNTS, [origin.recorded_at, origin.job_id])
    return execute(ADD_HEAD_COUNTS, [origin.job_id, origin.recorded_at])


def _row(account: ReadAccount) -> tuple[object, ...]:
    return (
        account.person_id,
        account.bank_name,
        f"\\x{seal(account.account_no).hex()}",
        blind_index(account.account_no),
        account.account_no[-TAIL_DIGITS:],
        account.holder_name,
        account.kind,
        account.guardian_of_id,
    )
