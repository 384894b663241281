"""Long queries that say how far they are (查询进度).

In: a query and a function told the share done, 0 to 1. Out: the query's effect; the function is called
in the caller's own thread, so it may use what belongs to that thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import duckdb

TOLD_EVERY_S = 0.3


def let_watch(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the connection measure how far its queries are; repeating changes nothing."""
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")


def execute_watched(connection: duckdb.DuckDBPyConnection, query: str, tell: Callable[[float], None]) -> None:
    """Run the query to its end, telling its share done now and then; an interrupt stops it.

    :raises duckdb.Error: when the query fails.
    """
    with ThreadPoolExecutor(max_workers=1) as runner:
        running = runner.submit(connection.execute, query)
        try:
            while not wait([running], timeout=TOLD_EVERY_S).done:
                tell(max(connection.query_progress(), 0.0) / 100)
        except BaseException:
            connection.interrupt()
            raise
        running.result()
