"""The registry as canonical tables for screening (筛查输入): people as opaque numbers, no names, no ids.

Out: `hardship.csv`, `settlements.csv`, `claimed.csv` in the forms of the canonical tables.
"""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection

SETTLEMENT_COLUMNS = (
    "setl_id",
    "person_id",
    "county_code",
    "hospital_code",
    "birth_on",
    "sex",
    "admitted_on",
    "discharged_on",
    "settled_on",
    "diagnosis_code",
    "other_diagnosis_codes",
    "medfee_sumamt_fen",
    "inscp_scp_amt_fen",
    "hifp_pay_fen",
    "cvlserv_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "hifob_pay_fen",
    "maf_pay_fen",
    "oth_pay_fen",
    "reverses_setl_id",
)

HARDSHIP_SQL = """COPY (
    SELECT person_id, "group", county_code, valid_from, valid_to FROM registry_hardshipstatus
    WHERE superseded_at IS NULL ORDER BY id
) TO STDOUT (FORMAT csv, HEADER)"""
SETTLEMENTS_SQL = f"""COPY (
    SELECT {", ".join(SETTLEMENT_COLUMNS)} FROM registry_settlement ORDER BY id
) TO STDOUT (FORMAT csv, HEADER)"""
CLAIMED_SQL = """COPY (
    SELECT setl_id FROM registry_claimedsettlement ORDER BY id
) TO STDOUT (FORMAT csv, HEADER)"""


@dataclass(frozen=True, slots=True)
class RegistryFiles:
    """Where the canonical tables were written."""

    hardship: Path
    settlements: Path
    claimed: Path


def write_registry(directory: Path) -> RegistryFiles:
    """Write the three tables into `directory`; repeating it overwrites them with what is known now."""
    files = RegistryFiles(
        directory / "hardship.csv", directory / "settlements.csv", directory / "claimed.csv"
    )
    _write(HARDSHIP_SQL, files.hardship)
    _write(SETTLEMENTS_SQL, files.settlements)
    _write(CLAIMED_SQL, files.claimed)
    return files


def _write(sql: str, path: Path) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as rows, path.open("wb") as file:
        for block in rows:
            file.write(block)
