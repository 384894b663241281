"""What the site's pages ask stays on indexes (热点查询的计划), under row-level security, for city and county.

The plans are those PostgreSQL chooses by itself for a small city; sums over proposals and orders are small
enough there to be read whole, and are held to be answerable from an index alone. Those over claims are told
from their parts.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.benchmark.city_world import write_city
from tests.benchmark.hot_queries import EXPLAIN, LITERAL
from tests.benchmark.site_visits import KINDS, Browser, addresses, draw_values

if TYPE_CHECKING:
    from tests.database import CopiedDatabase

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, CLAIMS = 60_000, 5_400
LARGE = (
    "registry_person", "registry_settlement", "registry_hardshipstatus", "registry_account",
    "registry_contact", "registry_namepart", "claims_claim", "claims_claimevent", "screening_proposal",
    "adjudication_decision", "deadlines_clock", "payments_order", "audit_entry",
)  # fmt: skip
# Sums of these are told from an index alone.
FIGURES = {"screening_proposal": "proposal_figures", "payments_order": "order_figures"}
SUMS = ("COUNT(", "SUM(")


def statements(browser: Browser, county: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, statement) of every page, one of a shape."""
    seen = set()
    for kind, address in addresses(draw_values(county, PEOPLE), 8):
        with CaptureQueriesContext(connection) as asked:
            status = browser.get(address)[0]
        assert status in (200, 302), address
        for query in asked:
            sql = str(query["sql"])
            if sql.startswith(("SELECT", "WITH")) and LITERAL.sub("?", sql) not in seen:
                seen.add(LITERAL.sub("?", sql))
                yield kind, sql


def plan(sql: str, setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yiyuan.counties', %s, false)", [setting])
        cursor.execute(EXPLAIN + sql.replace("%", "%%"), [])
        # What the plan holds ready and never runs, behind a county that is asked for, costs nothing.
        lines = (str(row[0]) for row in cursor.fetchall())
        return "\n".join(line for line in lines if "(never executed)" not in line)


@pytest.mark.parametrize("county", ["", "411724"])
def test_no_page_reads_a_large_table_whole(copied_database: "CopiedDatabase", county: str) -> None:
    write_city(copied_database.urls(), people=PEOPLE, claims=CLAIMS)
    browser, setting = Browser(county), county or "*"

    asked = list(statements(browser, county))

    assert {kind for kind, _ in asked} <= set(KINDS)
    assert len(asked) > 40
    for kind, sql in asked:
        found = plan(sql, setting)
        whole = [table for table in LARGE if f"Seq Scan on {table} " in found]
        if not any(word in sql for word in SUMS):
            assert not whole, f"{kind}: {sql}\n{found}"
            continue
        assert set(whole) <= set(FIGURES), f"{kind}: {sql}\n{found}"


@pytest.mark.parametrize("setting", ["*", "411724"])
@pytest.mark.parametrize(
    ("table", "sql"),
    [
        (
            "screening_proposal",
            """SELECT county_code, count(*), sum(benefit_fen) FROM screening_proposal
            WHERE outcome = 'entitled' AND state <> 'lapsed' GROUP BY county_code""",
        ),
        ("payments_order", "SELECT state, count(*), sum(amount_fen) FROM payments_order GROUP BY state"),
    ],
)
def test_sums_can_be_told_from_an_index_alone(table: str, sql: str, setting: str) -> None:
    with connection.cursor() as cursor:
        # An empty table is read whole at any price; the question is whether the index would do.
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    try:
        found = plan(sql, setting)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan")

    assert f"Index Only Scan using {FIGURES[table]}" in found
