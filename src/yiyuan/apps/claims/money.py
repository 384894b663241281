"""What a claim's moves do to the ledger (赔案分录), and until when its money is owed.

In: a claim and the move it makes. Out: entries in the caller's transaction, or a due day. Sending and the
bank's answers are posted by `payments`.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.timezone import localtime

from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State
from yiyuan.apps.claims.terms import terms_of
from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.apps.payments.queries import list_standing
from yiyuan.kernel.actor import Actor
from yiyuan.rules.deadlines import due_date, find_clock


def post_moves(moves: Iterable[tuple[Claim, State, str]], actor: Actor, occurred_at: datetime) -> None:
    """Reserve the money of claims that are approved, and give it back where an approved claim ends unpaid.

    A move is the claim as it stands, where it goes, and the request key.
    """
    reserved = []
    for claim, to, request_key in moves:
        if to == State.APPROVED:
            reserved.append(
                NewEntry(EntryKind.RESERVE, claim.number, claim.benefit_fen, f"{request_key}:reserve")
            )
        elif claim.state == State.APPROVED and to == State.WITHDRAWN:
            _give_back(claim, actor, occurred_at, request_key)
    if reserved:
        post_entries(entries=reserved, actor=actor, occurred_at=occurred_at)


def _give_back(claim: Claim, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    if claim.number in list_standing([claim.number]).returned:
        entry = NewEntry(EntryKind.TAKE_BACK, claim.number, claim.benefit_fen, f"{request_key}:take_back")
        post_entries(entries=[entry], actor=actor, occurred_at=occurred_at)
    reverse_entry(
        subject=claim.number,
        posted=EntryKind.RESERVE,
        kind=EntryKind.UNRESERVE,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:unreserve",
    )


def owed_by(claim: Claim, *, is_again: bool, ordered_at: datetime) -> date | None:
    """Return until when an order of this claim is owed.

    The first order is owed by the claim's own due day. One that takes the place of a returned order gets a
    term of its own, counted by the scheme's clock from the day it is ordered.
    """
    if not is_again:
        return claim.due_on
    ordered_on = localtime(ordered_at).date()
    clock = find_clock(terms_of(claim).clocks, claim.cause, claim.benefit_fen)
    return due_date(clock, ordered_on, get_calendar(ordered_on)).due_on
