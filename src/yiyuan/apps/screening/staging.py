"""What a run decides, staged in the database (筛查结论暂存): each admission by the version that covers it.

In: a work folder and the scheme's versions. Out: the temporary table `staged_decision`, one row a settlement,
and the manifest. A stay that no version covers is told by the newest: it lies outside the period.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from yiyuan.apps.registry.export import RegistryFiles, write_registry
from yiyuan.apps.screening.errors import NothingToScreen
from yiyuan.batch.run import DECISIONS, ScreenRequest, screen
from yiyuan.batch.tables import write_decisions_csv
from yiyuan.rules.terms import SchemeVersion

COLUMNS = """setl_id text, person_id bigint, outcome text, reason text, "group" text, disease text,
    residual_fen bigint, benefit_fen bigint, clause text, missing text"""
BLOCK_BYTES = 1 << 20
PICK_SQL = """INSERT INTO staged_decision
SELECT v.* FROM staged_version v JOIN registry_settlement s USING (setl_id)
WHERE s.admitted_on <@ %s::daterange OR (%s AND (s.admitted_on <@ ANY(%s::daterange[])) IS NOT TRUE)"""
TOTALS_SQL = """SELECT {column}, count(*), coalesce(sum(residual_fen), 0)::bigint, sum(benefit_fen)::bigint
FROM staged_decision GROUP BY 1 ORDER BY 1"""


def stage_decisions(work: Path, versions: Sequence[SchemeVersion]) -> dict[str, Any]:
    """Screen the registry under every version, stage the decisions, and return the manifest.

    With several versions it names them all under `versions`, and its totals are over what each decided.

    :raises NothingToScreen: there is no hardship register or no settlement yet.
    """
    files = write_registry(work)
    _make_table("staged_decision")
    manifest: dict[str, Any] = {}
    for terms in versions:
        manifest = _screen(work / terms.version, files, terms)
        decisions = work / terms.version / "decisions.csv"
        if len(versions) == 1:
            _copy("staged_decision", decisions)
            return manifest
        _make_table("staged_version")
        _copy("staged_version", decisions)
        _pick(terms, versions)
    manifest["versions"] = [{"version": one.version, "sha256": one.sha256} for one in versions]
    return {**manifest, **_totals()}


def _screen(work: Path, files: RegistryFiles, terms: SchemeVersion) -> dict[str, Any]:
    manifest = screen(
        ScreenRequest(
            scheme=terms,
            hardship=(str(files.hardship),),
            settlements=(str(files.settlements),),
            claimed=(str(files.claimed),),
            out=work,
        )
    )
    inputs = {entry["name"]: entry["read"] for entry in manifest["inputs"]}
    for entry in manifest["inputs"]:
        # The registry was written out to a folder that is gone when the run ends; its name says more.
        entry["path"] = Path(entry["path"]).name
    if not inputs.get("hardship") or not inputs.get("settlements"):
        raise NothingToScreen
    write_decisions_csv(work / DECISIONS, work / "decisions.csv")
    return manifest


def _make_table(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}; CREATE TEMP TABLE {name} ({COLUMNS}) ON COMMIT DROP")


def _copy(table: str, decisions: Path) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as rows,
        decisions.open("rb") as file,
    ):
        while block := file.read(BLOCK_BYTES):
            rows.write(block)


def _pick(terms: SchemeVersion, versions: Sequence[SchemeVersion]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            PICK_SQL, [_range(terms), terms is versions[-1], [_range(version) for version in versions]]
        )


def _range(terms: SchemeVersion) -> str:
    return f"[{terms.valid.from_on},{terms.valid.to_on or ''})"


def _totals() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for column in ("outcome", "reason"):
            cursor.execute(TOTALS_SQL.format(column=column))
            found[f"by_{column}"] = {
                name: {"count": count, "residual_fen": residual_fen, "benefit_fen": benefit_fen}
                for name, count, residual_fen, benefit_fen in cursor.fetchall()
            }
    found["decisions"] = sum(total["count"] for total in found["by_outcome"].values())
    return found
