"""Manifest (筛查清单): what went into a screening and what came out, in one JSON file.

In: the sources, the refused rows, and `decisions.parquet`. Out: the manifest as the contract words it.
Everything but `run` is equal whenever the same inputs are screened by the same scheme.
"""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.decisions import Terms
from yiyuan.batch.inputs import Source

ENGINE = "duckdb"


def input_entries(
    engine: duckdb.DuckDBPyConnection, sources: Mapping[str, Sequence[Source]]
) -> list[dict[str, Any]]:
    """Return an entry per input file: rows read, accepted and refused, which add up."""
    counts = engine.execute('SELECT "table", source_no, count(*) FROM refused GROUP BY ALL').fetchall()
    refused = {(table, number): count for table, number, count in counts}
    return [
        {
            "name": table,
            "path": source.path,
            "sha256": source.sha256,
            "read": source.rows,
            "accepted": source.rows - refused.get((table, number), 0),
            "refused": refused.get((table, number), 0),
        }
        for table, of_table in sources.items()
        for number, source in enumerate(of_table)
    ]


def totals_by(engine: duckdb.DuckDBPyConnection, column: str, decisions: Path) -> dict[str, dict[str, int]]:
    """Return count and sums in fen for each value of the column; an unknown residual adds nothing."""
    rows = engine.execute(
        f"SELECT {column}, count(*), coalesce(sum(residual_fen), 0), coalesce(sum(benefit_fen), 0)"
        f" FROM read_parquet({sql.file(decisions)}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {
        value: {"count": int(count), "residual_fen": int(residual), "benefit_fen": int(benefit)}
        for value, count, residual, benefit in rows
    }


def manifest(
    terms: Terms,
    on: str,
    inputs: list[dict[str, Any]],
    totals: Mapping[str, dict[str, dict[str, int]]],
    residual_fen: int,
) -> dict[str, Any]:
    """Return the manifest but for `run`; `residual_fen` is that of all accepted settlements."""
    scheme = terms.scheme
    decided = totals["by_outcome"].values()
    decisions = sum(total["count"] for total in decided)
    settlements = sum(entry["accepted"] for entry in inputs if entry["name"] == "settlements")
    return {
        "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
        "reading": terms.reading.name,
        "on": on,
        "inputs": inputs,
        "decisions": decisions,
        **totals,
        "outside_register": {
            "count": settlements - decisions,
            "residual_fen": residual_fen - sum(total["residual_fen"] for total in decided),
        },
    }


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    return {
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "sqlglot": version("sqlglot"),
    }
