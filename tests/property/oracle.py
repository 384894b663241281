"""A second screening (独立对照), written from the contract alone: loops, no engine, none of our rules.

In: the cells of the input rows as text (None = empty) and a scheme as plain data. Out: decisions, refused
rows and the counts of the manifest. Slow and obvious on purpose; the engine must agree on every column.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

Row = Mapping[str, str | None]

DAYS = ("birth_on", "admitted_on", "discharged_on", "settled_on")
PAYERS = ("hifp_pay_fen", "cvlserv_pay_fen", "hifes_pay_fen", "hifmi_pay_fen", "hifob_pay_fen", "maf_pay_fen")
AMOUNTS = ("medfee_sumamt_fen", "inscp_scp_amt_fen", *PAYERS, "oth_pay_fen")
OUTCOMES = {"entitled": "entitled", "needs_proof": "undetermined", "missing_fact": "undetermined"}


@dataclass
class OracleScheme:
    """The parts of a scheme that decide, as plain data."""

    from_on: date
    to_on: date
    groups: list[str]
    diseases: list[dict[str, Any]]
    outside_pool: set[str]

    @classmethod
    def of_file(cls, file: Path) -> "OracleScheme":
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        return cls(
            raw["valid"]["from"],
            raw["valid"]["to"],
            [group["code"] for group in raw["groups"]["rows"]],
            raw["diseases"]["rows"],
            set(raw["area"]["pool_excluded"]),
        )


@dataclass
class Verdicts:
    """What the oracle found; decisions by settlement id."""

    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[tuple[str, int, str, str | None, str]] = field(default_factory=list)
    read: dict[tuple[str, int], int] = field(default_factory=dict)
    accepted: dict[tuple[str, int], int] = field(default_factory=dict)
    outside_count: int = 0
    outside_residual_fen: int = 0


Files = Sequence[tuple[str, Sequence[Row]]]


def screen(
    scheme: OracleScheme, hardship: Files, settlements: Files, claimed: Files, on: str, reading: str
) -> Verdicts:
    """Decide every settlement, one at a time, in the order of the files."""
    found = Verdicts()
    register = _accept(found, "hardship", hardship, lambda row, _: _hardship_fault(row, scheme))
    bills = _accept(found, "settlements", settlements, _settlement_fault)
    paid = {row["setl_id"] for row in _accept(found, "claimed", claimed, _claimed_fault)}
    people = {row["person_id"] for row in register}
    for bill in bills:
        residual = _residual(bill)
        if bill["person_id"] not in people:
            found.outside_count += 1
            found.outside_residual_fen += residual or 0
            continue
        own = [row for row in register if row["person_id"] == bill["person_id"]]
        decision = _decide(scheme, bill, own, bills, bill["setl_id"] in paid, on)
        decision["benefit_fen"] = _benefit(decision["residual_fen"], reading) if _paid(decision) else 0
        found.decisions[str(bill["setl_id"])] = decision
    return found


def _paid(decision: Mapping[str, Any]) -> bool:
    return bool(decision["reason"] == "entitled")


def _accept(found: Verdicts, table: str, files: Files, fault_of: Any) -> list[Row]:
    kept: list[Row] = []
    seen: set[str] = set()
    for number, (path, rows) in enumerate(files):
        for nth, row in enumerate(rows, start=1):
            fault = fault_of(row, seen)
            if fault is not None:
                column, reason = fault
                value = None if reason == "missing" else row[column]
                found.refused.append((path, nth, column, _mask(value), reason))
                continue
            kept.append(row)
            if "setl_id" in row:
                seen.add(str(row["setl_id"]))
        found.read[table, number] = len(rows)
        found.accepted[table, number] = len(rows) - sum(1 for entry in found.refused if entry[0] == path)
    return kept


def _mask(value: str | None) -> str | None:
    if value is None or len(value) <= 4:
        return value
    return value[:2] + "*" * (len(value) - 4) + value[-2:]


def _hardship_fault(row: Row, scheme: OracleScheme) -> tuple[str, str] | None:
    for column in ("person_id", "group", "valid_from"):
        if not row[column]:
            return column, "missing"
    for column in ("valid_from", "valid_to"):
        if row[column] and not _is_day(str(row[column])):
            return column, "unreadable"
    if row["valid_to"] and _day(row["valid_to"]) <= _day(str(row["valid_from"])):
        return "valid_to", "period"
    return None if row["group"] in scheme.groups else ("group", "group")


def _settlement_fault(row: Row, seen: set[str]) -> tuple[str, str] | None:
    days = [(column, str(row[column])) for column in DAYS if row[column]]
    amounts = [(column, str(row[column])) for column in AMOUNTS if row[column]]
    missing = [column for column in ("setl_id", "person_id") if not row[column]]
    unreadable = [column for column, cell in days if not _is_day(cell)]
    unreadable += [column for column, cell in amounts if re.fullmatch(r"\s*[+-]?[0-9]+\s*", cell) is None]
    if missing or unreadable:
        return (missing[0], "missing") if missing else (unreadable[0], "unreadable")
    too_much = [column for column, cell in amounts if abs(int(cell)) > 10**11]
    if too_much:
        return too_much[0], "amount"
    return ("setl_id", "duplicate") if row["setl_id"] in seen else None


def _claimed_fault(row: Row, seen: set[str]) -> tuple[str, str] | None:
    if not row["setl_id"]:
        return "setl_id", "missing"
    return ("setl_id", "duplicate") if row["setl_id"] in seen else None


def _is_day(cell: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) is None:
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _day(cell: str) -> date:
    return date.fromisoformat(cell)


def _residual(bill: Row) -> int | None:
    if not bill["inscp_scp_amt_fen"]:
        return None
    left = int(bill["inscp_scp_amt_fen"])
    for payer in (*PAYERS, "oth_pay_fen"):
        left -= int(bill[payer] or 0)
    return max(0, left)


def _decide(
    scheme: OracleScheme, bill: Row, own: list[Row], bills: list[Row], is_paid: bool, on: str
) -> dict[str, Any]:
    day = _day(str(bill[on])) if bill[on] else None
    group = _group(scheme, own, day)
    disease, proof, open_fact = _disease(scheme, bill, day)
    decision = {
        "person_id": bill["person_id"],
        "group": group,
        "disease": disease,
        "residual_fen": _residual(bill),
    }

    named = any(other["reverses_setl_id"] == bill["setl_id"] for other in bills)
    county = bill["county_code"]
    rungs = (
        (bool(bill["reverses_setl_id"]) or named, "reversed", None),
        (day is None, "missing_fact", on),
        (day is not None and not scheme.from_on <= day < scheme.to_on, "outside_period", None),
        (bool(scheme.outside_pool) and not county, "missing_fact", "county_code"),
        (county in scheme.outside_pool, "outside_pool", None),
        (group is None, "no_group_on_date", None),
        (open_fact is not None, "missing_fact", open_fact),
        (disease is None, "disease_not_listed", None),
        (proof, "needs_proof", None),
        (decision["residual_fen"] is None, "missing_fact", "inscp_scp_amt_fen"),
        (decision["residual_fen"] == 0, "nothing_left_to_pay", None),
        (is_paid, "already_claimed", None),
        (True, "entitled", None),
    )
    reason, missing = next((reason, missing) for applies, reason, missing in rungs if applies)
    outcome = OUTCOMES.get(reason, "not_entitled")
    return {**decision, "reason": reason, "outcome": outcome, "missing": missing}


def _group(scheme: OracleScheme, own: list[Row], day: date | None) -> str | None:
    for group in scheme.groups:
        for row in own:
            if day is None or row["group"] != group:
                continue
            ends = _day(row["valid_to"]) if row["valid_to"] else None
            if _day(str(row["valid_from"])) <= day and (ends is None or day < ends):
                return group
    return None


def _plain(code: str) -> str:
    return re.sub(r"[.\s]", "", code).upper()


def _disease(scheme: OracleScheme, bill: Row, day: date | None) -> tuple[str | None, bool, str | None]:
    code = _plain(bill["diagnosis_code"] or "")
    if not code:
        return None, False, "diagnosis_code"
    for length in range(len(code), 0, -1):  # the longest prefix first
        for row in scheme.diseases:
            if code[:length] not in [_plain(prefix) for prefix in row["prefixes"]]:
                continue
            if any(code.startswith(_plain(prefix)) for prefix in row.get("exclude_prefixes", [])):
                continue
            counts, open_fact = _row_counts(row, bill, day)
            if open_fact is not None:
                return None, False, open_fact
            if counts:
                return row["code"], bool(row.get("needs_proof")), None
    return None, False, None


def _row_counts(row: Mapping[str, Any], bill: Row, day: date | None) -> tuple[bool, str | None]:
    """Return whether the row counts, and the fact without which it cannot be said."""
    questions: list[tuple[bool | None, str]] = []
    if row.get("max_age") is not None:
        age = _age(_day(bill["birth_on"]), day) if bill["birth_on"] and day else None
        questions.append((None if age is None else age <= row["max_age"], "birth_on"))
    if row.get("sex"):
        questions.append((bill["sex"] == row["sex"] if bill["sex"] else None, "sex"))
    if any(answer is False for answer, _ in questions):
        return False, None
    return True, next((fact for answer, fact in questions if answer is None), None)


def _age(birth: date, day: date) -> int:
    years = day.year - birth.year
    return years if (day.month, day.day) >= (birth.month, birth.day) else years - 1


def _benefit(residual: int, reading: str) -> int:
    half = int(Fraction(residual, 2) + Fraction(1, 2))
    if reading == "flat":
        return half if residual < 100_000 else 80_000
    if reading == "capped":
        return min(half, 80_000)
    first = min(residual, 100_000)
    return min(int(Fraction(first, 2) + Fraction(1, 2)) + max(residual - 100_000, 0), 80_000)
