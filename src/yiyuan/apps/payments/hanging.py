"""Putting lines into suspense (挂账待查): what the bank says and no order bears out is kept, never lost.

In: the stray lines of a file. Out: rows with an owner; where the money itself came back to us, an entry too.
A line that hangs already, or was worked off, is not hung again, in whichever file it comes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.payments.models import ReturnFile, Suspense
from yiyuan.apps.rows import insert_rows
from yiyuan.exchange.bank.answers import ReturnLine
from yiyuan.kernel.actor import Actor

COLUMNS = {
    "row": "integer", "fingerprint": "text", "order_no": "text", "is_paid": "boolean", "answered_on": "date",
    "amount_fen": "bigint", "reason_code": "text", "reason": "text", "why": "text", "detail": "text",
    "holds_money": "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that fits no order as it stands, and why."""

    line: ReturnLine
    why: str
    detail: str
    fingerprint: str

    @classmethod
    def of(cls, line: ReturnLine, why: str, detail: str, alike: Counter[object]) -> "Stray":
        """Return a stray line; `alike` counts those that name no order, to tell them apart within a file."""
        told = (line.order_no, line.is_paid, line.on, line.amount_fen, line.reason_code)
        if not line.order_no:
            alike[told] += 1
        return cls(line, why, detail, sha256(f"{told}#{alike[told]}".encode()).hexdigest())

    @property
    def holds_money(self) -> bool:
        """Tell whether the money stands on our account: it came back, and it may have been ours to send."""
        return not self.line.is_paid and self.why != "not_sent"


def list_hanging(fingerprints: Iterable[str]) -> set[str]:
    """Return those of these lines that have been put into suspense before."""
    known = Suspense.objects.filter(fingerprint__in=list(fingerprints))
    return set(known.values_list("fingerprint", flat=True))


def suspend_lines(file: ReturnFile, strays: Sequence[Stray], *, actor: Actor, occurred_at: datetime) -> None:
    """Hang lines of a file in the caller's transaction, owned by who brought it. Repeating hangs none."""
    hung = insert_rows(
        "payments_suspense",
        COLUMNS,
        (
            (
                one.line.row,
                one.fingerprint,
                one.line.order_no,
                one.line.is_paid,
                one.line.on,
                one.line.amount_fen,
                one.line.reason_code,
                one.line.reason,
                one.why,
                one.detail,
                one.holds_money,
            )
            for one in strays
        ),
        constants={
            "file_id": file.pk,
            "state": Suspense.OPEN,
            "owner": actor.id,
            "owner_name": actor.name,
            "opened_at": occurred_at,
            "note": "",
            "proposed_by": "",
            "proposed_by_name": "",
            "closed_by": "",
            "closed_by_name": "",
        },
        on_conflict="ON CONFLICT (fingerprint) DO NOTHING",
        returning="id, amount_fen, holds_money",
    )
    entries = [
        NewEntry(EntryKind.SUSPEND, subject_of(pk), amount_fen, f"suspend:{pk}")
        for pk, amount_fen, holds_money in hung
        if holds_money
    ]
    if entries:
        post_entries(entries=entries, actor=actor, occurred_at=occurred_at)


def subject_of(suspense_id: int) -> str:
    """Return under which subject the ledger keeps a line in suspense."""
    return f"待查-{suspense_id:06d}"
