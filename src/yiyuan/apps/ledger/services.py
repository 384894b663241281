"""The only writer of the ledger (会计分录): entries are added and reversed (冲正), never changed."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from django.db import IntegrityError, connection

from yiyuan.apps.ledger.chart import PATHS, EntryKind
from yiyuan.apps.ledger.errors import BudgetSpent, NothingToReverse, PeriodClosed
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
        programme_from, digest)
    SELECT kind, subject, at.occurred_at, now(), at.actor_id, request_key, county_code, programme_from,
        ledger_digest(kind, subject, at.occurred_at, now(), county_code, programme_from, at.actor_id,
            request_key, NULL, CASE
                WHEN (giver COLLATE "C", giver_insurer COLLATE "C") < (taker, taker_insurer)
                THEN ledger_told(giver, giver_insurer, -amount_fen) || ', '
                    || ledger_told(taker, taker_insurer, amount_fen)
                ELSE ledger_told(taker, taker_insurer, amount_fen) || ', '
                    || ledger_told(giver, giver_insurer, -amount_fen)
            END)
    FROM given CROSS JOIN (VALUES (%s::timestamptz, %s::text)) AS at(occurred_at, actor_id)
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
    SELECT e.id, e.subject, e.county_code, e.programme_from, (
        SELECT string_agg(ledger_told(p.account_id, p.insurer, -p.amount_fen), ', '
            ORDER BY p.account_id COLLATE "C", p.insurer COLLATE "C")
        FROM ledger_posting p WHERE p.entry_id = e.id
    ) AS postings FROM ledger_entry e
    WHERE e.subject = %s AND e.kind = %s
        AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses_id = e.id)
    ORDER BY e.id DESC LIMIT 1
), posted AS (
    INSERT INTO ledger_entry (kind, subject, occurred_at, recorded_at, actor_id, request_key, reverses_id,
        county_code, programme_from, digest)
    SELECT at.kind, subject, at.occurred_at, now(), at.actor_id, at.request_key, id, county_code,
        programme_from, ledger_digest(at.kind, subject, at.occurred_at, now(), county_code, programme_from,
            at.actor_id, at.request_key, id, postings)
    FROM found CROSS JOIN (VALUES (%s::text, %s::timestamptz, %s::text, %s::text))
        AS at(kind, occurred_at, actor_id, request_key)
    RETURNING id, reverses_id
)
INSERT INTO ledger_posting (entry_id, account_id, insurer, amount_fen)
SELECT posted.id, p.account_id, p.insurer, -p.amount_fen
FROM posted JOIN ledger_posting p ON p.entry_id = posted.reverses_id"""

# What the trigger on the postings says (`ledger` 0006).
SPENT = re.compile(
    r"the budget of '(?P<county>\w*)' has (?P<left>-?\d+) fen left, (?P<asked>\d+) are asked for"
)


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

    :raises PeriodClosed: the month in which it occurred is closed; what corrects it occurs in an open one.
    :raises BudgetSpent: a budget has less left than is reserved; nothing is posted.
    """
    assert all(entry.amount_fen > 0 for entry in entries), "money moves forward along its path"
    rows = (
        (str(kind), subject, str(PATHS[kind][0]), str(PATHS[kind][1]), amount_fen, request_key, *of_whom)
        for kind, subject, amount_fen, request_key, *of_whom in entries
    )
    with _telling_why(occurred_at):
        return len(execute_over(POST_SQL, ENTRY_COLUMNS, rows, after=[occurred_at, actor.id]))


def reverse_entry(
    *, subject: str, posted: EntryKind, kind: EntryKind, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Post, as `kind`, what takes back a claim's last entry of kind `posted`, in the caller's transaction.

    :raises NothingToReverse: there is none, or it has been reversed.
    :raises PeriodClosed: the month in which it occurred is closed.
    """
    with _telling_why(occurred_at), connection.cursor() as cursor:
        cursor.execute(REVERSE_SQL, [subject, str(posted), str(kind), occurred_at, actor.id, request_key])
        if not cursor.rowcount:
            raise NothingToReverse(f"{subject}: {posted}")


@contextmanager
def _telling_why(occurred_at: datetime) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "ledger period is closed" in str(error):
            raise PeriodClosed(f"{occurred_at:%Y-%m}") from error
        if spent := SPENT.search(str(error)):
            raise BudgetSpent(spent["county"], int(spent["left"]), int(spent["asked"])) from error
        raise
