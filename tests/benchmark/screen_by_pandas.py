"""`bench screen`, the common rival: the same screening as an analyst would write it in pandas.

In: the same files as the rival in SQL. Out: the same `decisions.parquet` and `refused.parquet`. Columns
are read as Arrow arrays, so that texts cost as little as pandas allows, and no row is met by a Python
loop.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet

GROUPS = (
    *("registered_poor", "subsistence_allowance", "destitute_support"),
    *("severe_disability", "urban_needy_worker", "orphan"),
)
PAYERS = (
    *("hifp_pay_fen", "cvlserv_pay_fen", "hifes_pay_fen", "hifmi_pay_fen"),
    *("hifob_pay_fen", "maf_pay_fen", "oth_pay_fen"),
)
AMOUNTS = ("medfee_sumamt_fen", "inscp_scp_amt_fen", *PAYERS)
COLUMNS = (
    *("setl_id", "person_id", "birth_on", "sex", "admitted_on", *AMOUNTS),
    *("diagnosis_code", "reverses_setl_id"),
)
UNDETERMINED = ("missing_fact", "needs_proof")


def screen(hardship: Path, settlements: Path, claimed: Path, diseases: Path, out: Path) -> None:
    """Write decisions and refused rows."""
    out.mkdir(parents=True, exist_ok=True)
    register = pd.read_parquet(hardship, dtype_backend="pyarrow")
    bills = pd.read_parquet(settlements, columns=list(COLUMNS), dtype_backend="pyarrow")
    bad_register, bad_bills = _register_faults(register), _bill_faults(bills)
    _write_refused({hardship: (register, bad_register), settlements: (bills, bad_bills)}, out)
    bills, register = bills[bad_bills.isna()], register[bad_register.isna()]
    cancelled = bills["reverses_setl_id"].dropna().unique()
    bills = bills[bills["person_id"].isin(register["person_id"].unique())]
    bills = _with_group(bills, register).merge(_codes(bills, diseases), on="diagnosis_code", how="left")
    paid = pd.read_parquet(claimed, dtype_backend="pyarrow")["setl_id"]
    decided = _decide(bills, cancelled, paid)
    decided.to_parquet(out / "decisions.parquet", index=False)


def _register_faults(rows: pd.DataFrame) -> pd.Series:
    return _first(
        rows,
        {
            "person_id missing": rows["person_id"].isna(),
            "group missing": rows["group"].isna(),
            "valid_from missing": rows["valid_from"].isna(),
            "valid_to period": (rows["valid_to"] <= rows["valid_from"]).fillna(False),
            "group group": ~rows["group"].isin(GROUPS),
        },
    )


def _bill_faults(rows: pd.DataFrame) -> pd.Series:
    faults = {"setl_id missing": rows["setl_id"].isna(), "person_id missing": rows["person_id"].isna()}
    faults |= {f"{name} amount": (rows[name].abs() > 10**11).fillna(False) for name in AMOUNTS}
    found = _first(rows, faults)
    later = rows.loc[found.isna(), "setl_id"].duplicated()
    found.loc[later.index[later]] = "setl_id duplicate"
    return found


def _first(rows: pd.DataFrame, faults: dict[str, pd.Series]) -> pd.Series:
    names = [np.array(name, dtype=object) for name in faults]
    tests = [fault.to_numpy(dtype=bool) for fault in faults.values()]
    chosen = np.select(tests, names, default=np.array("", dtype=object))
    return pd.Series(chosen, index=rows.index).replace("", None)


def _write_refused(tables: dict[Path, tuple[pd.DataFrame, pd.Series]], out: Path) -> None:
    parts = []
    for path, (rows, faults) in tables.items():
        found = faults.dropna()
        words = found.str.split(" ", expand=True)
        values = [rows.at[at, column] for at, column in zip(found.index, words[0], strict=True)]
        shown = [
            _masked(None if reason == "missing" else value)
            for value, reason in zip(values, words[1], strict=True)
        ]
        parts.append(
            pd.DataFrame(
                {
                    "input": str(path),
                    "row": found.index + 1,
                    "column": words[0],
                    "value": shown,
                    "reason": words[1],
                }
            )
        )
    pd.concat(parts).to_parquet(out / "refused.parquet", index=False)


def _masked(value: object) -> str | None:
    text = None if value is None else str(value)
    return text if text is None or len(text) <= 4 else text[:2] + "*" * (len(text) - 4) + text[-2:]


def _with_group(bills: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    place = register["group"].map({group: place for place, group in enumerate(GROUPS)})
    statuses = register[["person_id", "valid_from", "valid_to"]].assign(place=place)
    met = bills[["person_id", "admitted_on"]].reset_index().merge(statuses, on="person_id")
    holds = (met["admitted_on"] >= met["valid_from"]) & (
        met["valid_to"].isna() | (met["admitted_on"] < met["valid_to"])
    )
    least = met[holds.fillna(False)].groupby("index")["place"].min()
    return bills.assign(group=least.map(dict(enumerate(GROUPS))).reindex(bills.index))


def _codes(bills: pd.DataFrame, diseases: Path) -> pd.DataFrame:
    listed = parquet.read_table(diseases).to_pylist()
    found = []
    for raw in bills["diagnosis_code"].dropna().unique():
        plain = raw.replace(".", "").replace(" ", "").upper()
        for row in listed:
            left_out = row["except_prefix"] and plain.startswith(row["except_prefix"])
            if plain.startswith(row["prefix"]) and not left_out:
                found.append([raw, row["code"], row["max_age"], row["sex"], row["needs_proof"]])
    columns = ["diagnosis_code", "listed", "max_age", "needed_sex", "needs_proof"]
    return pd.DataFrame(found, columns=columns).convert_dtypes(dtype_backend="pyarrow")


def _decide(bills: pd.DataFrame, cancelled: object, paid: pd.Series) -> pd.DataFrame:
    on, birth = pd.to_datetime(bills["admitted_on"]), pd.to_datetime(bills["birth_on"])
    had = (on.dt.month * 100 + on.dt.day) >= (birth.dt.month * 100 + birth.dt.day)
    age = on.dt.year - birth.dt.year - (~had.fillna(False)).astype(int)
    limited, sexed = bills["max_age"].notna(), bills["needed_sex"].notna()
    out_by_age = (limited & (age > bills["max_age"]).fillna(False)).astype(bool)
    out_by_sex = (sexed & (bills["sex"] != bills["needed_sex"]).fillna(False)).astype(bool)
    is_listed = bills["listed"].notna() & ~out_by_age & ~out_by_sex
    no_birth, no_sex = is_listed & limited & age.isna(), is_listed & sexed & bills["sex"].isna()
    left = bills["inscp_scp_amt_fen"] - sum(bills[payer].fillna(0) for payer in PAYERS)
    residual = left.clip(lower=0)
    rungs = {
        "reversed": bills["reverses_setl_id"].notna() | bills["setl_id"].isin(cancelled),
        "missing_fact admitted_on": on.isna(),
        "outside_period": (on < "2019-01-01") | (on >= "2020-01-01"),
        "no_group_on_date": bills["group"].isna(),
        "missing_fact diagnosis_code": bills["diagnosis_code"].isna(),
        "missing_fact birth_on": no_birth,
        "missing_fact sex": no_sex,
        "disease_not_listed": ~is_listed,
        "needs_proof": bills["needs_proof"].fillna(False),
        "missing_fact inscp_scp_amt_fen": residual.isna(),
        "nothing_left_to_pay": (residual == 0).fillna(False),
        "already_claimed": bills["setl_id"].isin(paid),
    }
    verdict = _first(bills, rungs).fillna("entitled").str.split(" ", expand=True)
    reason = verdict[0]
    half = (residual.fillna(0) * 5000 + 5000) // 10000
    benefit = half.where(residual < 100000, 80000).where(reason == "entitled", 0)
    outcome = np.where(
        reason == "entitled", "entitled", np.where(reason.isin(UNDETERMINED), "undetermined", "not_entitled")
    )
    return pd.DataFrame(
        {
            "setl_id": bills["setl_id"],
            "person_id": bills["person_id"],
            "outcome": outcome,
            "reason": reason,
            "group": bills["group"],
            "disease": bills["listed"].where(is_listed & ~no_birth & ~no_sex),
            "residual_fen": residual,
            "benefit_fen": benefit,
            "clause": _clauses(reason, verdict[1], residual),
            "missing": verdict[1],
        }
    )


def _clauses(reason: pd.Series, missing: pd.Series, residual: pd.Series) -> pd.Series:
    clauses = {"reversed": "REVERSE-1", "outside_period": "PERIOD-1", "no_group_on_date": "GROUP-1"}
    clauses |= {"nothing_left_to_pay": "MED-1", "already_claimed": "ONCE-1"}
    found = reason.map(clauses).fillna("MED-2")
    found = found.mask(missing == "admitted_on", "PERIOD-1").mask(missing == "inscp_scp_amt_fen", "MED-1")
    tier = pd.Series(np.where((residual < 100000).fillna(False), "MED-1A", "MED-1B"), index=found.index)
    return found.mask(reason == "entitled", tier)


if __name__ == "__main__":
    given = [Path(word) for word in sys.argv[1:6]]
    screen(given[0], given[1], given[2], given[3], given[4])
