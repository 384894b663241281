"""Results as text (结果转文本): the decisions of a run as CSV, for a database that takes text.

In: `decisions.parquet`. Out: the same rows as CSV with a header, empty for null.
"""

from pathlib import Path

import duckdb

from yiyuan.batch import sql


def write_decisions_csv(decisions: Path, target: Path) -> None:
    """Write the rows of `decisions` into `target`; writing again replaces it."""
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT * FROM read_parquet({sql.text(str(decisions))})) TO {sql.text(str(target))}"
            " (FORMAT csv, HEADER)"
        )
