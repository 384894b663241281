"""Reading the ledger (会计分录查询): balances, the envelope, and the entries of one claim; amounts in fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Sum

from yiyuan.apps.ledger.chart import AccountCode, EntryKind
from yiyuan.apps.ledger.models import Entry, Posting

PAGE = 100


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where the approved money is: `approved = held + sent`, `sent = paid + returned + in_flight`, in fen."""

    approved_fen: int
    held_fen: int
    sent_fen: int
    paid_fen: int
    returned_fen: int
    in_flight_fen: int

    @property
    def is_whole(self) -> bool:
        """Tell whether both equations hold."""
        return (
            self.approved_fen == self.held_fen + self.sent_fen
            and self.sent_fen == self.paid_fen + self.returned_fen + self.in_flight_fen
        )


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One movement as a claim's page shows it: out of one account into another."""

    kind: str
    account_code: str
    account_name: str
    amount_fen: int
    occurred_at: datetime
    is_reversal: bool


def sum_accounts() -> Mapping[str, int]:
    """Return what stands on each account."""
    rows = Posting.objects.values("account_id").annotate(fen=Sum("amount_fen"))
    found = {row["account_id"]: int(row["fen"]) for row in rows}
    return {str(code): found.get(code, 0) for code in AccountCode}


def sum_envelope() -> Envelope:
    """Return the envelope as the postings have it, each figure from its own movements."""
    rows = Posting.objects.values("account_id", kind=F("entry__kind")).annotate(fen=Sum("amount_fen"))
    moved = {(row["account_id"], row["kind"]): int(row["fen"]) for row in rows}

    def flow(account: AccountCode, *kinds: EntryKind) -> int:
        return sum(moved.get((account, kind), 0) for kind in kinds)

    return Envelope(
        approved_fen=-flow(AccountCode.FUND, EntryKind.RESERVE, EntryKind.UNRESERVE),
        held_fen=flow(AccountCode.PAYABLE, *EntryKind),
        sent_fen=-flow(AccountCode.PAYABLE, EntryKind.SEND, EntryKind.TAKE_BACK),
        # A recovery leaves what was paid out paid out; it stands on an account of its own.
        paid_fen=flow(AccountCode.PAID, EntryKind.PAY, EntryKind.COME_BACK),
        returned_fen=flow(AccountCode.RETURNED, *EntryKind),
        in_flight_fen=flow(AccountCode.IN_FLIGHT, *EntryKind),
    )


def list_postings_of(subject: str, limit: int = PAGE) -> Sequence[PostingLine]:
    """Return what a claim's money did, oldest first."""
    rows = Posting.objects.filter(entry__subject=subject).select_related("entry", "account").order_by("pk")
    return [
        PostingLine(
            kind=row.entry.kind,
            account_code=row.account_id,
            account_name=row.account.name_zh,
            amount_fen=row.amount_fen,
            occurred_at=row.entry.occurred_at,
            is_reversal=row.entry.reverses_id is not None,
        )
        for row in rows[:limit]
    ]


def get_fen_on(account: AccountCode, subject: str) -> int:
    """Return what of a subject stands on an account, in fen."""
    found = Posting.objects.filter(account_id=account, entry__subject=subject)
    return int(found.aggregate(fen=Sum("amount_fen", default=0))["fen"])


def count_moves(kind: EntryKind, programme_from: date, from_at: datetime, to_at: datetime) -> int:
    """Return how many entries of a kind and a scheme year occurred in a span and were not reversed."""
    wanted = {
        "kind": kind, "programme_from": programme_from, "occurred_at__gte": from_at, "occurred_at__lt": to_at,
    }  # fmt: skip
    # Few are reversed: they are counted from the other end, by what reverses them.
    reversing = Entry.objects.filter(reverses__isnull=False)
    reversed_ones = reversing.filter(**{f"reverses__{name}": value for name, value in wanted.items()})
    return Entry.objects.filter(**wanted).count() - reversed_ones.count()
