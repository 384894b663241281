"""What a claim's moves do to the ledger (赔案分录), and until when its money is owed.

In: a claim and the move it makes. Out: entries in the caller's transaction, or a due day. Sending and the
bank's answers are posted by `payments`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from yiyuan.apps.claims.errors import BudgetSpent
from yiyuan.apps.claims.states import State
from yiyuan.apps.claims.terms import terms_of
from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.apps.ledger import errors as ledger_errors
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.apps.payments.queries import list_standing
from yiyuan.kernel.actor import Actor
from yiyuan.rules.deadlines import due_date, find_clock


class MoneyMove(NamedTuple):
    """A move as the money sees it: whose, how much in fen, from where to where, by which key, and of whom."""

    number: str
    benefit_fen: int
    at: State
    to: State
    request_key: str
    county_code: str
    programme_from: date | None


def post_moves(moves: Iterable[MoneyMove], actor: Actor, occurred_at: datetime) -> None:
    """Reserve the money of claims that are approved, and give it back where an approved claim ends unpaid.

    :raises BudgetSpent: the money of all of them no longer fits into a budget.
    """
    reserved = []
    for move in moves:
        if move.at is State.ASSESSED and move.to is State.APPROVED:
            reserved.append(_entry(EntryKind.RESERVE, move))
        elif move.at is State.APPROVED and move.to is State.WITHDRAWN:
            _give_back(move, actor, occurred_at)
    if reserved:
        try:
            post_entries(entries=reserved, actor=actor, occurred_at=occurred_at)
        except ledger_errors.BudgetSpent as spent:
            raise BudgetSpent(spent.county_code, spent.left_fen, spent.asked_fen) from spent


def _entry(kind: EntryKind, move: MoneyMove) -> NewEntry:
    key = f"{move.request_key}:{kind}"
    return NewEntry(kind, move.number, move.benefit_fen, key, move.county_code, move.programme_from)


def _give_back(move: MoneyMove, actor: Actor, occurred_at: datetime) -> None:
    number, request_key = move.number, move.request_key
    if number in list_standing([number]).returned:
        post_entries(entries=[_entry(EntryKind.TAKE_BACK, move)], actor=actor, occurred_at=occurred_at)
    reverse_entry(
        subject=number,
        posted=EntryKind.RESERVE,
        kind=EntryKind.UNRESERVE,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:unreserve",
    )


def owed_again_by(number: str, cause: str, benefit_fen: int, on: date) -> date:
    """Return until when money is owed that the bank has returned, or that is ordered again, on a day.

    The first order is owed by the claim's own due day; this gets a term of its own, counted by the scheme's
    clock from that day.
    """
    clock = find_clock(terms_of(number).clocks, cause, benefit_fen)
    return due_date(clock, on, get_calendar(on)).due_on
