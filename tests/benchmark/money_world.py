"""A ledger of a million postings to measure with (测量用的账): made up, in balance, sealed and anchored.

In: a connection that no row-level security binds, and how many entries. Out: entries of three kinds over the
first ten months of 2019 and nine counties, each with its two postings and its digest.
"""

from typing import Any

import psycopg

from tests.benchmark.claims_world import CITY

COUNTIES = 9
ENTRIES = """INSERT INTO ledger_entry (kind, subject, occurred_at, recorded_at, county_code, programme_from,
    actor_id, request_key, digest)
SELECT kind, subject, at, at, county, '2019-01-01', 'bench', key,
    ledger_digest(kind, subject, at, at, county, '2019-01-01', 'bench', key, NULL,
        CASE WHEN giver < taker THEN ledger_told(giver, '', -fen) || ', ' || ledger_told(taker, '', fen)
        ELSE ledger_told(taker, '', fen) || ', ' || ledger_told(giver, '', -fen) END)
FROM (SELECT n, k.kind, k.giver, k.taker, '县-医-2019-' || n AS subject, k.kind || ':' || n AS key,
    (411721 + n % 9)::text AS county, (50000 + n % 30000)::bigint AS fen,
    TIMESTAMPTZ '2019-01-02 02:00Z' + (n % 300) * interval '1 day' + k.hour * interval '1 hour' AS at
    FROM generate_series(1, %(claims)s) n CROSS JOIN (VALUES ('reserve', 'fund', 'payable', 0),
        ('send', 'payable', 'in_flight', 1), ('pay', 'in_flight', 'paid', 2)) AS k(kind, giver, taker, hour)
) made ORDER BY at, n"""
POSTINGS = """INSERT INTO ledger_posting (entry_id, account_id, insurer, amount_fen)
SELECT e.id, side.account, '', side.fen
FROM (SELECT id, kind, 50000 + substr(subject, 10)::bigint % 30000 AS fen FROM ledger_entry) e
JOIN (VALUES ('reserve', 'fund', 'payable'), ('send', 'payable', 'in_flight'), ('pay', 'in_flight', 'paid'))
    AS k(kind, giver, taker) USING (kind)
CROSS JOIN LATERAL (VALUES (k.giver, -e.fen), (k.taker, e.fen)) AS side(account, fen)"""


def write_ledger(city: "psycopg.Connection[Any]", postings: int) -> int:
    """Fill an empty ledger; return how many postings it has. Its triggers rest: it is in balance."""
    city.execute(CITY)
    city.execute("SET LOCAL session_replication_role = replica")
    city.execute(ENTRIES.replace("%(claims)s", str(postings // 6)))
    made = city.execute(POSTINGS).rowcount
    city.execute("ANALYZE")
    return made
