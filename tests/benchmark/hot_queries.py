"""The hottest queries of the staff site (最常用的查询) with their plans, at the size of a given city.

In: a city written by `city_world`, an officer's county or none. Out: for each kind of page its dearest
statements, each with the plan PostgreSQL chose under row-level security; kept in `benchmarks/plans/`.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext

KEPT = 20
ASKED = 12
EXPLAIN = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) "
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b")


@dataclass(frozen=True, slots=True)
class HotQuery:
    """A statement as a page said it, the page, its share of the time, and its plan."""

    kind: str
    address: str
    seconds: float
    sql: str
    plan: str


def find_hot_queries(browser: Any, asked: Iterator[tuple[str, str]], setting: str) -> Sequence[HotQuery]:
    """Return the dearest statements of these pages, one of a shape, dearest first, at most `KEPT`."""
    dearest: dict[str, tuple[float, str, str, str]] = {}
    total: dict[str, float] = {}
    for kind, address in asked:
        with CaptureQueriesContext(connection) as captured:
            browser.get(address)
        for query in captured:
            sql, seconds = str(query["sql"]), float(query["time"])
            if not sql.startswith(("SELECT", "WITH")) or "set_config" in sql:
                continue
            shape = LITERAL.sub("?", sql)
            total[shape] = total.get(shape, 0.0) + seconds
            dearest[shape] = max(dearest.get(shape, (0.0, "", "", "")), (seconds, kind, address, sql))
    hottest = sorted(total, key=lambda shape: -total[shape])[:KEPT]
    return [
        HotQuery(kind, address, seconds, sql, explain(sql, setting))
        for seconds, kind, address, sql in (dearest[shape] for shape in hottest)
    ]


def explain(sql: str, setting: str) -> str:
    """Return the plan of a statement, run with the counties an officer sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yiyuan.counties', %s, false)", [setting])
        cursor.execute(EXPLAIN + sql.replace("%", "%%"), [])
        return "\n".join(str(row[0]) for row in cursor.fetchall())


def as_page(found: Mapping[str, Sequence[Mapping[str, Any]]], city: str) -> str:
    """Return the plans as a page to keep: what each officer's dearest statements are, and how they run."""
    lines = [
        f"# The hottest queries and their plans: {city}",
        "",
        "Written by `./yiyuan bench site`; the plans are PostgreSQL's own, with row-level security on.",
        "`rows` are those that came out; a scan that reads more says so in `Rows Removed`.",
    ]
    for officer, queries in found.items():
        lines += ["", f"## An officer of the {officer}"]
        for place, query in enumerate(queries, start=1):
            lines += [
                "",
                f"### {place}. {query['kind']} — {query['seconds'] * 1000:.0f} ms at most",
                "",
                *("```sql", query["sql"], "```", "", "```", query["plan"], "```"),
            ]
    return "\n".join(lines) + "\n"


def main(county: str, people: int) -> None:
    """Ask each kind of page some times and print the hot queries as a JSON list."""
    django.setup()
    from tests.benchmark.site_visits import Browser, addresses, draw_values

    with connection.cursor() as cursor:
        cursor.execute("SET yiyuan.counties = '*'")
    values = draw_values(county, people)
    connection.close()
    browser = Browser(county)
    for _kind, address in addresses(values, 2):
        browser.get(address)
    found = find_hot_queries(browser, addresses(values, ASKED), county or "*")
    print(json.dumps([asdict(query) for query in found], ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
