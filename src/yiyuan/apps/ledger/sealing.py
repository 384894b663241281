"""Sealing entries (封存): each gets a place in one chain, so that nothing sealed can be changed unnoticed.

In: entries that are committed and not yet sealed. Out: links, the months' balances they add to, the run, and
anchors. The chain and what is digested stand in ADR 0015.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.models import Anchor, Link, Seal
from yiyuan.apps.rows import insert_rows
from yiyuan.kernel.actor import Actor

SEAL_LOCK = 0x59594C31  # advisory lock: one sealing at a time
START = bytes(32)
# What an entry and its postings come to now; `e` is the entry.
COUNTED = """ledger_digest(e.kind, e.subject, e.occurred_at, e.recorded_at, e.county_code, e.programme_from,
    e.actor_id, e.request_key, e.reverses_id, coalesce((
        SELECT string_agg(ledger_told(p.account_id, p.insurer, p.amount_fen), ', '
            ORDER BY p.account_id COLLATE "C", p.insurer COLLATE "C")
        FROM ledger_posting p WHERE p.entry_id = e.id), ''))"""
# Entries up to this number were all there when they were sealed, and no other can appear among them.
SETTLED = "coalesce((SELECT settled_id FROM ledger_seal ORDER BY id DESC LIMIT 1), 0)"
# The condition on an entry `e` that it is not sealed.
UNSEALED = """e.id > %(settled)s AND NOT EXISTS (SELECT FROM ledger_link l WHERE l.entry_id = e.id)"""
# What an earlier run saw as the highest number is settled for the runs after this one, once no transaction is
# left that ran then: this run still looks among the numbers below it.
STAND_SQL = f"""SELECT {SETTLED}, coalesce((SELECT max(id) FROM ledger_entry), 0),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    greatest({SETTLED}, (SELECT max(s.top_id) FROM (
        SELECT top_id, horizon FROM ledger_seal ORDER BY id DESC LIMIT 50) s
        WHERE s.horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint))"""
# Which they are is found first: only they are counted.
WAITING_SQL = f"""WITH waiting AS MATERIALIZED (
    SELECT e.* FROM ledger_entry e
    WHERE e.id > %s AND NOT EXISTS (SELECT FROM ledger_link l WHERE l.entry_id = e.id)
)
SELECT e.id, e.digest FROM waiting e WHERE e.digest = {COUNTED} ORDER BY e.id"""
BALANCE_SQL = """INSERT INTO ledger_balance AS b
    (month, account_id, county_code, programme_from, insurer, gained_fen, given_fen, count)
SELECT date_trunc('month', e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date, p.account_id, e.county_code,
    e.programme_from, p.insurer, coalesce(sum(p.amount_fen) FILTER (WHERE p.amount_fen > 0), 0),
    coalesce(-sum(p.amount_fen) FILTER (WHERE p.amount_fen < 0), 0), count(*)
FROM ledger_link l JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_posting p ON p.entry_id = e.id
WHERE l.position > %s GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (month, account_id, county_code, programme_from, insurer) DO UPDATE SET
    gained_fen = b.gained_fen + excluded.gained_fen, given_fen = b.given_fen + excluded.given_fen,
    count = b.count + excluded.count"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where the chain stands: how many this run took, the last position, the link there."""

    new: int
    position: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the chain goes, and how many entries wait for their seal."""

    position: int
    waiting: int


@dataclass(frozen=True, slots=True)
class AnchorView:
    """An anchor as it is copied onto paper: the root in groups of eight."""

    anchored_at: datetime
    position: int
    parts: tuple[str, ...]


def get_stand() -> Stand:
    """Return where the chain stands; of what waits, what the caller may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce((SELECT max(position) FROM ledger_link), 0),"
            f" (SELECT count(*) FROM ledger_entry e WHERE {UNSEALED})",
            {"settled": get_settled()},
        )
        return Stand(*cursor.fetchone())


def get_settled() -> int:
    """Return the number up to which every entry is sealed for good; it only grows.

    Statements take it as a value: the planner then knows how few entries can be above it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SETTLED}")
        (settled,) = cursor.fetchone()
    return int(settled)


def list_anchors(limit: int = 10) -> Sequence[AnchorView]:
    """Return the last anchors, the newest first."""
    found = []
    for anchor in Anchor.objects.order_by("-pk")[:limit]:
        root = bytes(anchor.root).hex()
        parts = tuple(root[place : place + 8] for place in range(0, len(root), 8))
        found.append(AnchorView(anchor.anchored_at, anchor.position, parts))
    return found


def link_after(link: bytes, digest: bytes, position: int, entry_id: int) -> bytes:
    """Return the link of an entry: SHA-256 over the link before it, its digest, its place and its number."""
    return sha256(link + digest + f"{position}:{entry_id}".encode()).digest()


@transaction.atomic
def seal_entries(*, sealed_at: datetime, looking_back: bool = False) -> Sealed:
    """Seal what is committed and unsealed; return where the chain stands. Repeating it is safe.

    An entry that is not what its digest says is left out, and named by the verification. `looking_back` goes
    through all entries, not only those that can be new.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        cursor.execute(STAND_SQL)
        settled, top_id, horizon, settled_then = cursor.fetchone()
        cursor.execute(WAITING_SQL, [0 if looking_back else settled])
        waiting = cursor.fetchall()
    last = Link.objects.order_by("-position").values_list("position", "link").first()
    position, root = (last[0], bytes(last[1])) if last else (0, START)
    if not waiting and settled_then == settled:
        return Sealed(0, position, root)
    rows = list(_links(waiting, position, root))
    insert_rows("ledger_link", {"position": "bigint", "entry_id": "bigint", "link": "bytea"}, rows)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(BALANCE_SQL, [position])
        position, _, root = rows[-1]
    sealed = Sealed(len(rows), position, root)
    Seal.objects.create(
        sealed_at=sealed_at,
        last_position=sealed.position,
        root=sealed.root,
        top_id=top_id,
        horizon=horizon,
        settled_id=settled_then,
    )
    return sealed


def _links(
    waiting: Sequence[tuple[int, bytes]], position: int, root: bytes
) -> Iterator[tuple[int, int, bytes]]:
    for entry_id, digest in waiting:
        position += 1
        root = link_after(root, bytes(digest), position, entry_id)
        yield position, entry_id, root


@transaction.atomic
def anchor_chain(*, actor: Actor, anchored_at: datetime, request_key: str) -> Sealed:
    """Seal all there is and note where the chain stands, here and in the audit; return it. Repeatable.

    The root is worth what is kept of it outside: on paper, with the auditor, in the export.
    """
    if earlier := Anchor.objects.filter(request_key=request_key).first():
        return Sealed(0, earlier.position, bytes(earlier.root))
    sealed = seal_entries(sealed_at=anchored_at, looking_back=True)
    Anchor.objects.create(
        anchored_at=anchored_at, position=sealed.position, root=sealed.root, request_key=request_key
    )
    record_entry(
        actor=actor,
        verb="anchor_ledger",
        subject=("ledger", str(sealed.position)),
        occurred_at=anchored_at,
        request_key=request_key,
        detail={"position": sealed.position, "root": sealed.root.hex()},
    )
    return sealed
