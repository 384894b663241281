"""The only writer of the ledger (会计分录): entries are added and reversed (冲正), never changed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from yiyuan.apps.ledger.chart import PATHS, EntryKind
from yiyuan.apps.ledger.errors import NothingToReverse
from yiyuan.apps.rows import execute_over
from yiyuan.kernel.actor import Actor

# One statement for any number of entries: each gains its two postings by its key.
ENTRY_COLUMNS = {
    "kind": "text", "subject": "text", "giver": "text", "taker": "text", "amount_fen": "bigint",
    "request_key": "text", "county_code": "text", "programme_from": "date", "giver_insurer": "text",
    "taker_insurer": "text",
}  # fmt: skip
POST_SQL = """WITH given AS (SELECT * FROM {given}), posted AS (
    INSERT INTO ledger_entry (kind, subject, occurred_at, recorded_at, actor_id, request_key, county_code,
        programme_from)
    SELECT kind, subject, %s, now(), %s, request_key, county_code, programme_from FROM given
    ON CONFLICT (request_key) DO NOTHING RETURNING id, request_key
), sides AS (
    INSERT INTO ledger_posting (entry_id, account_id, insurer, amount_fen)
    SELECT posted.id, side.account_id, side.insurer, side.amount_fen
    FROM posted JOIN given USING (request_key)
    CROSS JOIN LATERAL (VALUES (giver, giver_insurer, -amount_fen), (taker, taker_insurer, amount_fen))
        AS side(account_id, insurer, amount_fen)
)
SELECT id FROM posted"""
REVERSE_SQL = """WITH found AS (
    SELECT e.id, e.subject, e.county_code, e.programme_from FROM ledger_entry e
    WHERE e.subject = %s AND e.kind = %s
        AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses_id = e.id)
    ORDER BY e.id DESC LIMIT 1
), posted AS (
    INSERT INTO ledger_entry (kind, subject, occurred_at, recorded_at, actor_id, request_key, reverses_id,
        county_code, programme_from)
    SELECT %s, subject, %s, now(), %s, %s, id, county_code, programme_from FROM found
    RETURNING id, reverses_id
)
INSERT INTO ledger_posting (entry_id, account_id, insurer, amount_fen)
SELECT posted.id, p.account_id, p.insurer, -p.amount_fen
FROM posted JOIN ledger_posting p ON p.entry_id = posted.reverses_id"""


class NewEntry(NamedTuple):
    """What moves: `amount_fen` along the path of its kind, for a claim, under a key that posts it once.

    A blank county is the whole city. `programme_from` is the first day of the scheme version whose contract
    pays. An insurer is named on the side it concerns.
    """

    kind: EntryKind
    subject: str
    amount_fen: int
    request_key: str
    county_code: str = ""
    programme_from: date | None = None
    giver_insurer: str = ""
    taker_insurer: str = ""


def post_entries(*, entries: Sequence[NewEntry], actor: Actor, occurred_at: datetime) -> int:
    """Post entries in the caller's transaction; return how many were new.

    A key that is posted already is left as it is, so that repeating is safe.
    """
    assert all(entry.amount_fen > 0 for entry in entries), "money moves forward along its path"
    posted = execute_over(
        POST_SQL,
        ENTRY_COLUMNS,
        (
            (str(kind), subject, str(PATHS[kind][0]), str(PATHS[kind][1]), amount_fen, request_key, *of_whom)
            for kind, subject, amount_fen, request_key, *of_whom in entries
        ),
        after=[occurred_at, actor.id],
    )
    return len(posted)


def reverse_entry(
    *, subject: str, posted: EntryKind, kind: EntryKind, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Post, as `kind`, what takes back a claim's last entry of kind `posted`, in the caller's transaction.

    :raises NothingToReverse: there is none, or it has been reversed.
    """
    with connection.cursor() as cursor:
        cursor.execute(REVERSE_SQL, [subject, str(posted), str(kind), occurred_at, actor.id, request_key])
        if not cursor.rowcount:
            raise NothingToReverse(f"{subject}: {posted}")
