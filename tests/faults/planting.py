"""Changes behind the application's back (暗中改账): one row of the ledger, by whoever owns the server.

In: a sealed ledger and a seed. Out: one change by plain SQL, which row it touched, and everything as it was;
of many, those that the verification did not name as the one row they are.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import transaction

from tests.builders import AT, PAYER, key
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.sealing import anchor_chain
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.ledger.verifying import Fault, Finding, verify_ledger

COUNTY = "411724"

TABLES = ("ledger_entry", "ledger_posting", "ledger_link", "ledger_seal", "ledger_anchor")
Server = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Planted:
    """What was changed: the words of it, and which finding would name it."""

    words: str
    faults: frozenset[Fault]
    row_id: int

    def is_named_by(self, finding: Finding) -> bool:
        """Tell whether a finding names the changed row."""
        return finding.fault in self.faults and (
            self.row_id == finding.row_id or self.row_id in finding.postings
        )


CHANGED = frozenset({Fault.ENTRY_CHANGED})
ENTRY_COLUMNS = (
    ("kind", "CASE kind WHEN 'reserve' THEN 'send' ELSE 'reserve' END"),
    ("subject", "subject || '1'"),
    ("occurred_at", "occurred_at + interval '1 microsecond'"),
    ("recorded_at", "recorded_at - interval '1 day'"),
    ("county_code", "CASE county_code WHEN '411724' THEN '411723' ELSE '411724' END"),
    ("programme_from", "CASE WHEN programme_from IS NULL THEN DATE '2019-01-01' END"),
    ("actor_id", "actor_id || ' '"),
    ("request_key", "request_key || 'x'"),
    ("reverses_id", "CASE WHEN reverses_id IS NULL THEN id END"),
)
POSTING_COLUMNS = (
    ("amount_fen", "amount_fen + 1"),
    ("amount_fen", "-amount_fen"),
    ("account_id", "CASE account_id WHEN 'paid' THEN 'returned' ELSE 'paid' END"),
    ("insurer", "insurer || '某'"),
)


def _change_entry(server: Server, draw: random.Random) -> Planted:
    column, value = draw.choice(ENTRY_COLUMNS)
    pk = _pick(server, "SELECT id FROM ledger_entry ORDER BY id", draw)
    server.execute(f"UPDATE ledger_entry SET {column} = {value} WHERE id = %s", [pk])
    return Planted(f"entry {pk}: {column}", CHANGED, pk)


def _change_digest(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_entry ORDER BY id", draw)
    server.execute("UPDATE ledger_entry SET digest = %s WHERE id = %s", [draw.randbytes(32), pk])
    return Planted(f"entry {pk}: digest", frozenset({Fault.DIGEST_CHANGED}), pk)


def _change_with_digest(server: Server, draw: random.Random) -> Planted:
    """Change a subject as somebody would who knows how the digest is made."""
    pk = _pick(server, "SELECT id FROM ledger_entry ORDER BY id", draw)
    server.execute("UPDATE ledger_entry SET subject = subject || '2' WHERE id = %s", [pk])
    server.execute(
        "UPDATE ledger_entry e SET digest = ledger_digest(e.kind, e.subject, e.occurred_at, e.recorded_at,"
        " e.county_code, e.programme_from, e.actor_id, e.request_key, e.reverses_id, (SELECT"
        " string_agg(ledger_told(p.account_id, p.insurer, p.amount_fen), ', ' ORDER BY p.account_id"
        ' COLLATE "C", p.insurer COLLATE "C") FROM ledger_posting p WHERE p.entry_id = e.id)) WHERE id = %s',
        [pk],
    )
    return Planted(f"entry {pk}: subject and digest", frozenset({Fault.ENTRY_REPLACED}), pk)


def _change_posting(server: Server, draw: random.Random) -> Planted:
    column, value = draw.choice(POSTING_COLUMNS)
    pk = _pick(server, "SELECT id FROM ledger_posting ORDER BY id", draw)
    server.execute(f"UPDATE ledger_posting SET {column} = {value} WHERE id = %s", [pk])
    return Planted(f"posting {pk}: {column}", CHANGED, pk)


def _change_link(server: Server, draw: random.Random) -> Planted:
    position = _pick(server, "SELECT position FROM ledger_link ORDER BY position", draw)
    server.execute("UPDATE ledger_link SET link = %s WHERE position = %s", [draw.randbytes(32), position])
    return Planted(f"link {position}", frozenset({Fault.LINK_CHANGED}), position)


def _remove_link(server: Server, draw: random.Random) -> Planted:
    position = _pick(server, "SELECT position FROM ledger_link ORDER BY position", draw)
    server.execute("DELETE FROM ledger_link WHERE position = %s", [position])
    return Planted(f"link {position} removed", frozenset({Fault.LINK_REMOVED}), position)


def _remove_entry(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_entry ORDER BY id", draw)
    server.execute("DELETE FROM ledger_posting WHERE entry_id = %s", [pk])
    server.execute("DELETE FROM ledger_entry WHERE id = %s", [pk])
    return Planted(f"entry {pk} removed", frozenset({Fault.ENTRY_REMOVED}), pk)


def _remove_posting(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_posting ORDER BY id", draw)
    row = server.execute("DELETE FROM ledger_posting WHERE id = %s RETURNING entry_id", [pk]).fetchone()
    assert row is not None
    # The row is gone: what names it is its entry.
    return Planted(f"posting {pk} removed", CHANGED, row[0])


def _insert_entry(server: Server, draw: random.Random) -> Planted:
    row = server.execute(
        "INSERT INTO ledger_entry (kind, subject, occurred_at, recorded_at, county_code, programme_from,"
        " actor_id, request_key, digest) SELECT kind, subject, occurred_at, recorded_at, county_code,"
        " programme_from, actor_id, %s, digest FROM ledger_entry ORDER BY id LIMIT 1 RETURNING id",
        [f"planted-{draw.random()}"],
    ).fetchone()
    assert row is not None
    server.execute(
        "INSERT INTO ledger_posting (entry_id, account_id, amount_fen)"
        " VALUES (%s, 'fund', -5), (%s, 'paid', 5)",
        [row[0], row[0]],
    )
    return Planted(f"entry {row[0]} put in", frozenset({Fault.ENTRY_FOREIGN}), row[0])


def _insert_posting(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_entry ORDER BY id", draw)
    row = server.execute(
        "INSERT INTO ledger_posting (entry_id, account_id, amount_fen)"
        " VALUES (%s, 'suspense', 9) RETURNING id",
        [pk],
    ).fetchone()
    assert row is not None
    return Planted(f"posting {row[0]} put in", CHANGED, row[0])


def _change_seal(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_seal ORDER BY id", draw)
    server.execute("UPDATE ledger_seal SET root = %s WHERE id = %s", [draw.randbytes(32), pk])
    return Planted(f"seal {pk}", frozenset({Fault.SEAL_CHANGED}), pk)


def _change_anchor(server: Server, draw: random.Random) -> Planted:
    pk = _pick(server, "SELECT id FROM ledger_anchor ORDER BY id", draw)
    server.execute("UPDATE ledger_anchor SET position = position - 1 WHERE id = %s", [pk])
    return Planted(f"anchor {pk}", frozenset({Fault.ANCHOR_CHANGED}), pk)


KINDS: tuple[Callable[[Server, random.Random], Planted], ...] = (
    _change_entry, _change_entry, _change_entry, _change_digest, _change_with_digest, _change_posting,
    _change_posting, _change_posting, _change_link, _remove_link, _remove_entry, _remove_posting,
    _insert_entry, _insert_posting, _change_seal, _change_anchor,
)  # fmt: skip


@contextmanager
def own_server(maintenance_url: str) -> Iterator[Server]:
    """Connect as whoever owns the server, with no trigger and no foreign key in the way."""
    with psycopg.connect(maintenance_url, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        for table in TABLES:
            server.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        yield server


@contextmanager
def planted(server: Server, draw: random.Random) -> Iterator[Planted]:
    """Change one row in one of the ways, and put back what was there."""
    with server.transaction():
        change = draw.choice(KINDS)(server, draw)
    try:
        yield change
    finally:
        with server.transaction():
            for table in TABLES:
                server.execute(f"DELETE FROM {table}")
                server.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")


def seal_entries_in(parts: int, entries: int) -> None:
    """Post entries in some parts, each sealed and anchored before the next."""
    for part in range(parts):
        with transaction.atomic():
            post_entries(
                entries=[
                    NewEntry(
                        EntryKind.RESERVE, f"正阳-医-2019-{part:02d}{place:03d}", 100 + place, key(), COUNTY
                    )
                    for place in range(entries)
                ],
                actor=PAYER,
                occurred_at=AT,
            )
        anchor_chain(actor=PAYER, anchored_at=AT, request_key=key())


def list_missed(maintenance_url: str, rounds: int, seed: int) -> list[tuple[Planted, Sequence[Finding]]]:
    """Plant one change after another; return those not named by exactly one finding, with what was found."""
    draw, missed = random.Random(seed), list[tuple[Planted, Sequence[Finding]]]()  # no secret
    with own_server(maintenance_url) as server:
        for _ in range(rounds):
            with planted(server, draw) as change:
                found = verify_ledger().findings
                if len(found) != 1 or not change.is_named_by(found[0]):
                    missed.append((change, found))
    return missed


def _pick(server: Server, statement: str, draw: random.Random) -> int:
    rows = server.execute(statement).fetchall()
    return int(draw.choice(rows)[0])
