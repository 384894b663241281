"""The settlements of a file (整批登记住院结算), and the numbers of those claimed elsewhere.

In: CSV files of accepted rows. Out: how many rows were new. A settlement that is known stays as it is.
"""

from pathlib import Path

from yiyuan.apps.registry.bulk.copying import Origin, copy_out, copy_through, execute, stage
from yiyuan.apps.registry.models import Settlement

COLUMNS = (
    "setl_id", "person_id", "county_code", "hospital_code", "birth_on", "sex", "admitted_on", "discharged_on",
    "settled_on", "diagnosis_code", "other_diagnosis_codes", "medfee_sumamt_fen", "inscp_scp_amt_fen",
    "hifp_pay_fen", "cvlserv_pay_fen", "hifes_pay_fen", "hifmi_pay_fen", "hifob_pay_fen", "maf_pay_fen",
    "oth_pay_fen", "reverses_setl_id", "source_row", "import_job_id", "recorded_at",
)  # fmt: skip
# Texts that may be empty are no null in the registry.
TEXTS = ("county_code", "hospital_code", "sex", "diagnosis_code", "other_diagnosis_codes", "reverses_setl_id")
# What a file says of a settlement; the rest is where and when it was said.
SAID_BY_FILE = tuple(name for name in COLUMNS if name not in ("source_row", "import_job_id", "recorded_at"))
KNOWN = f"""COPY (
    SELECT {", ".join(f"r.{name}" for name in SAID_BY_FILE)}
    FROM staged_number s JOIN registry_settlement r USING (setl_id)
) TO STDOUT (FORMAT csv)"""
ADD_CLAIMED = """INSERT INTO registry_claimedsettlement (setl_id, import_job_id, recorded_at)
SELECT DISTINCT setl_id, %s::bigint, %s::timestamptz FROM staged_number ON CONFLICT (setl_id) DO NOTHING"""


def has_settlements() -> bool:
    """Tell whether there is any settlement yet; the first file need not be compared with nothing."""
    return Settlement.objects.exists()


def write_known(numbers: Path, target: Path) -> None:
    """Write those of these settlements that the registry has already, in the order of `SAID_BY_FILE`."""
    stage("staged_number", "setl_id text", numbers)
    copy_out(KNOWN, target)


def record_settlements(file: Path) -> int:
    """Add settlements that are new, in the order of `COLUMNS`; return how many.

    Nothing is looked up here: who calls has left out the numbers that `write_known` names.
    """
    return copy_through("registry_settlement", COLUMNS, file, texts=TEXTS)


def record_claimed(file: Path, origin: Origin) -> int:
    """Keep the settlement numbers paid or in hand elsewhere; return how many were new."""
    stage("staged_number", "setl_id text", file)
    return execute(ADD_CLAIMED, [origin.job_id, origin.recorded_at])
