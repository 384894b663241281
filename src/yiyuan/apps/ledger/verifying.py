"""Verifying the ledger (验链): every sealed entry against its digest, every link against the one before.

In: the rows as they are. Out: what was changed, taken out or put in, each by table and number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction

from yiyuan.apps.audit.queries import find_last, list_details
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.models import Anchor, Seal
from yiyuan.apps.ledger.sealing import COUNTED, START, link_after
from yiyuan.kernel.actor import Actor

BLOCK = 5_000
FINDINGS_MAX = 1_000
TOLD_MAX = 50
VERIFY_VERB = "verify_ledger"
# One pass in the order of the chain. Removed entries leave their link, removed links leave a gap.
CHAIN_SQL = f"""SELECT l.position, l.entry_id, l.link, e.digest, {COUNTED}, e.subject
FROM ledger_link l LEFT JOIN ledger_entry e ON e.id = l.entry_id ORDER BY l.position"""
# What is not in the chain yet has to be what its digest says.
OUTSIDE_SQL = f"""WITH waiting AS MATERIALIZED (
    SELECT e.* FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_link l WHERE l.entry_id = e.id)
)
SELECT e.id, e.subject, e.digest = {COUNTED} FROM waiting e ORDER BY e.id"""
LOST_POSTINGS_SQL = """SELECT p.id, p.entry_id FROM ledger_posting p
WHERE NOT EXISTS (SELECT FROM ledger_entry e WHERE e.id = p.entry_id) ORDER BY p.id"""
POSTINGS_SQL = "SELECT id FROM ledger_posting WHERE entry_id = %s ORDER BY id"


class Fault(StrEnum):
    """What does not hold."""

    ENTRY_CHANGED = "entry_changed"  # 凭证或其分录与校验值不符
    DIGEST_CHANGED = "digest_changed"  # 校验值被改
    ENTRY_REPLACED = "entry_replaced"  # 凭证连同校验值被改
    ENTRY_REMOVED = "entry_removed"  # 凭证被删
    ENTRY_FOREIGN = "entry_foreign"  # 不是由系统记的凭证
    LINK_CHANGED = "link_changed"  # 链值被改
    LINK_REMOVED = "link_removed"  # 封存行被删
    SEAL_CHANGED = "seal_changed"  # 封存批次被改
    ANCHOR_CHANGED = "anchor_changed"  # 链锚被改
    POSTING_LOST = "posting_lost"  # 分录没有凭证


class Finding(NamedTuple):
    """One row that does not hold: its number, the claim it is about, and the rows that belong to it."""

    fault: Fault
    row_id: int
    subject: str = ""
    postings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification came to: entries read, those that wait for their seal, where the chain stands."""

    checked: int
    waiting: int
    position: int
    root: bytes
    findings: Sequence[Finding]

    @property
    def is_whole(self) -> bool:
        """Tell whether everything holds."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class LastVerification:
    """How the last verification ended: when, over how many entries; the first of its findings."""

    verified_at: datetime
    checked: int
    count: int
    findings: Sequence[Finding]


class _Row(NamedTuple):
    position: int
    entry_id: int
    link: bytes
    digest: bytes | None
    counted: bytes | None
    subject: str


@transaction.atomic
def verify_ledger() -> Verification:
    """Read the whole ledger and return what does not hold, at most a thousand rows of it."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return verify_as_seen()


def verify_and_record(*, actor: Actor, occurred_at: datetime, request_key: str) -> Verification:
    """Verify the ledger and leave the audit row that says how it stood; return what does not hold."""
    found = verify_ledger()
    record_entry(
        actor=actor,
        verb=VERIFY_VERB,
        subject=("ledger", str(found.position)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={
            "checked": found.checked,
            "waiting": found.waiting,
            "position": found.position,
            "root": found.root.hex(),
            "findings": len(found.findings),
            "rows": [[str(one.fault), one.row_id, list(one.postings)] for one in found.findings[:TOLD_MAX]],
        },
    )
    return found


def get_last_verification() -> LastVerification | None:
    """Return how the last verification ended, None before the first."""
    last = find_last(verb=VERIFY_VERB, subject_kind="ledger")
    if last is None:
        return None
    verified_at, detail = last
    rows = detail["rows"]
    assert isinstance(rows, list), "the verification has written the rows it found"
    findings = [Finding(Fault(fault), row_id, "", tuple(postings)) for fault, row_id, postings in rows]
    return LastVerification(verified_at, int(str(detail["checked"])), int(str(detail["findings"])), findings)


def verify_as_seen() -> Verification:
    """Return what does not hold, as the caller's transaction sees the rows."""
    chain = _Chain()
    findings = list(islice(chain.walk(), FINDINGS_MAX))
    outside, waiting = _outside()
    findings += outside
    findings += _seals(chain)
    findings += [Finding(Fault.POSTING_LOST, entry, "", (posting,)) for posting, entry in _lost_postings()]
    return Verification(chain.checked + waiting, waiting, chain.position, chain.root, findings[:FINDINGS_MAX])


class _Chain:
    """The walk along the chain: where it stands, and the links that seals and anchors name."""

    def __init__(self) -> None:
        self.position = 0
        self.root = START
        self.checked = 0
        self.named: dict[int, bytes] = {}
        self._sealed = {
            position: bytes(root) for position, root in Seal.objects.values_list("last_position", "root")
        }
        self._wanted = set(self._sealed) | set(Anchor.objects.values_list("position", flat=True))
        self.named[0] = START

    def walk(self) -> Iterator[Finding]:
        rows = _rows()
        row = next(rows, None)
        while row is not None:
            after = next(rows, None)
            yield from self._gap(row.position)
            ought = row.link
            # Over a gap the link before is unknown; the gap is what there is to say.
            if row.position == self.position + 1 and (finding := self._judge(row, after)) is not None:
                yield finding
                if finding.fault is Fault.LINK_CHANGED and row.digest is not None:
                    ought = link_after(self.root, row.digest, row.position, row.entry_id)
            self.position, self.root = row.position, ought
            self.checked += 1
            if row.position in self._wanted:
                self.named[row.position] = ought
            row = after

    def _gap(self, position: int) -> Iterator[Finding]:
        for missing in range(self.position + 1, min(position, self.position + 1 + FINDINGS_MAX)):
            yield Finding(Fault.LINK_REMOVED, missing)

    def _judge(self, row: _Row, after: _Row | None) -> Finding | None:
        if row.digest is None or row.counted is None:
            return Finding(Fault.ENTRY_REMOVED, row.entry_id)
        by_digest = link_after(self.root, row.digest, row.position, row.entry_id) == row.link
        by_count = link_after(self.root, row.counted, row.position, row.entry_id) == row.link
        if by_digest and by_count:
            return None
        if by_digest:
            return _of_entry(Fault.ENTRY_CHANGED, row)
        if by_count:
            return _of_entry(Fault.DIGEST_CHANGED, row)
        if self._is_link_changed(row, after):
            return Finding(Fault.LINK_CHANGED, row.position, row.subject)
        return _of_entry(Fault.ENTRY_REPLACED, row)

    def _is_link_changed(self, row: _Row, after: _Row | None) -> bool:
        """Tell whether the next link goes with what this one ought to be, and not with what it is."""
        assert row.digest is not None
        if row.digest != row.counted:
            return False
        ought = link_after(self.root, row.digest, row.position, row.entry_id)
        if after is None or after.digest is None:
            return self._sealed.get(row.position) == ought
        return link_after(ought, after.digest, after.position, after.entry_id) == after.link


def _of_entry(fault: Fault, row: _Row) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(POSTINGS_SQL, [row.entry_id])
        return Finding(fault, row.entry_id, row.subject, tuple(one for (one,) in cursor.fetchall()))


def _rows() -> Iterator[_Row]:
    # A cursor of the server's: a million rows are never held at once.
    with connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN_SQL)
        while block := cursor.fetchmany(BLOCK):
            for position, entry_id, link, digest, counted, subject in block:
                yield _Row(
                    position,
                    entry_id,
                    bytes(link),
                    None if digest is None else bytes(digest),
                    None if digest is None else bytes(counted),
                    subject or "",
                )


def _outside() -> tuple[list[Finding], int]:
    with connection.cursor() as cursor:
        cursor.execute(OUTSIDE_SQL)
        rows = cursor.fetchall()
    return [Finding(Fault.ENTRY_FOREIGN, pk, subject) for pk, subject, sound in rows if not sound], len(rows)


def _seals(chain: _Chain) -> Iterator[Finding]:
    """Yield what seals and anchors tell beside the chain; that their own link is gone is told once."""
    lost = set()
    for pk, position, root in Seal.objects.order_by("pk").values_list("pk", "last_position", "root"):
        if position > chain.position:
            lost.add(position)
            yield Finding(Fault.LINK_REMOVED, position)
        elif chain.named.get(position, root) != bytes(root):
            yield Finding(Fault.SEAL_CHANGED, pk)
    told = _told_in_audit()
    for anchor in Anchor.objects.order_by("pk"):
        position, root = anchor.position, bytes(anchor.root)
        if told.get(anchor.request_key) != (position, root.hex()) or chain.named.get(position, root) != root:
            yield Finding(Fault.ANCHOR_CHANGED, anchor.pk)
        elif position > chain.position and position not in lost:
            yield Finding(Fault.LINK_REMOVED, position)


def _told_in_audit() -> Mapping[str, tuple[int, str]]:
    details = list_details(verb="anchor_ledger", subject_kind="ledger")
    return {key: (int(str(detail["position"])), str(detail["root"])) for key, detail in details}


def _lost_postings() -> Sequence[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(LOST_POSTINGS_SQL)
        return list(cursor.fetchall())
