"""Zones (统计区): what a Parquet file's own statistics say of a column, so that sound ones need no check.

In: a file. Out: for each column whether it has nulls or empty texts, and between which values it lies.
Where the file is silent the zone is open: everything must then be looked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from yiyuan.kernel.money import AMOUNT_FEN_MAX

_LAST_DAY = "9999-12-31"
_FIRST_DAY = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Zone:
    """What is known of a column; the default is: nothing."""

    is_all_null: bool = False
    is_never_empty: bool = False
    is_within_amounts: bool = False
    is_within_days: bool = False


# A row group counts against a column unless its own numbers clear it.
_STATISTICS = """
SELECT path_in_schema,
       bool_and(is_null),
       bool_and(coalesce(stats_null_count = 0 AND stats_min_value <> '', FALSE)),
       bool_and(is_null OR coalesce(TRY_CAST(stats_min_value AS HUGEINT) >= -{most}
                                    AND TRY_CAST(stats_max_value AS HUGEINT) <= {most}, FALSE)),
       bool_and(is_null OR coalesce(stats_min_value >= '{first}' AND length(stats_min_value) = 10
                                    AND stats_max_value <= '{last}' AND length(stats_max_value) = 10, FALSE))
FROM (SELECT *, coalesce(stats_null_count = num_values, FALSE) AS is_null FROM parquet_metadata({file}))
GROUP BY path_in_schema
"""


def read_zones(engine: duckdb.DuckDBPyConnection, file: str) -> Mapping[str, Zone]:
    """Return the zone of every column of the Parquet file; a file without row groups has none."""
    query = _STATISTICS.format(most=AMOUNT_FEN_MAX, first=_FIRST_DAY, last=_LAST_DAY, file=file)
    return {row[0]: Zone(*row[1:]) for row in engine.execute(query).fetchall()}
