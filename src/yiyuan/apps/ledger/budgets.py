"""Budgets (预算): how much a programme's year, or one county of it, may promise; two persons give and add.

In: a sum proposed by one person and agreed to by another. Out: budgets with what is reserved, paid and left,
in fen. The trigger on the postings stops whatever no longer fits, whoever posts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.changes import AGREED, PROPOSED, REFUSED, decide, proposed_words
from yiyuan.apps.ledger.errors import BudgetTaken
from yiyuan.apps.ledger.models import Budget, BudgetChange
from yiyuan.apps.ledger.periods import PERIOD_LOCK
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import EVERYWHERE, Scope

GIVEN, EXTRA = BudgetChange.GIVEN, BudgetChange.EXTRA
LISTED = 100
# What a budget has taken, by the ledger alone; `ledger` 0006 moves the same accounts in its trigger.
TAKEN_SQL = """SELECT
    coalesce(sum(p.amount_fen) FILTER (WHERE p.account_id IN
        ('payable', 'in_flight', 'returned')), 0)::bigint,
    coalesce(sum(p.amount_fen) FILTER (WHERE p.account_id IN ('paid', 'receivable')), 0)::bigint
FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
WHERE e.programme_from = %s AND (%s = '' OR e.county_code = %s)"""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget in fen; a blank county is the whole city."""

    programme_from: date
    county_code: str
    given_fen: int
    extra_fen: int
    reserved_fen: int
    paid_fen: int

    @property
    def left_fen(self) -> int:
        """Return what can still be reserved."""
        return self.given_fen + self.extra_fen - self.reserved_fen - self.paid_fen


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of a budget: what, why, by whom, and what became of it."""

    id: int
    programme_from: date
    county_code: str
    kind: str
    amount_fen: int
    reason: str
    state: str
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str
    decided_at: datetime | None


def list_budgets(*, scope: Scope = EVERYWHERE) -> Sequence[BudgetView]:
    """Return the city's budgets and those of the counties in scope, the newest year first."""
    found = Budget.objects.filter(within(scope)) | Budget.objects.filter(county_code="")
    return [_view(one) for one in found.order_by("-programme_from", "county_code")[:LISTED]]


def list_budgets_of(programme_from: date | None, county_code: str) -> Sequence[BudgetView]:
    """Return the budgets that a claim of this year and county is paid from: the city's, and the county's."""
    if programme_from is None:
        return []
    found = Budget.objects.filter(programme_from=programme_from, county_code__in=("", county_code))
    return [_view(one) for one in found.order_by("county_code")]


def list_changes(*, is_open: bool, scope: Scope = EVERYWHERE) -> Sequence[ChangeView]:
    """Return what waits for a second person, or what was decided, the newest first."""
    found = BudgetChange.objects.filter(within(scope)) | BudgetChange.objects.filter(county_code="")
    state = found.filter(state=PROPOSED) if is_open else found.exclude(state=PROPOSED)
    names = ChangeView.__slots__
    return [ChangeView(*row) for row in state.order_by("-pk").values_list(*names)[:LISTED]]


def list_differing() -> Sequence[tuple[BudgetView, int, int]]:
    """Return the budgets whose sums are not what the ledger says, with what it says; none, or a fault."""
    found = [(_view(one), *_taken(one.programme_from, one.county_code)) for one in Budget.objects.all()]
    return [one for one in found if (one[0].reserved_fen, one[0].paid_fen) != one[1:]]


@exactly_once()
@transaction.atomic
def propose_change(
    *,
    programme_from: date,
    county_code: str,
    kind: str,
    amount_fen: int,
    reason: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> int:
    """Propose a sum to be given (less than 0 takes back), or an override; return the number of the proposal.

    :raises ReasonMissing: what it rests on is not said.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    words = proposed_words(reason, actor, occurred_at, request_key)
    if earlier := BudgetChange.objects.filter(request_key=request_key).first():
        return earlier.pk
    change = BudgetChange.objects.create(
        programme_from=programme_from,
        county_code=county_code,
        kind=kind,
        amount_fen=amount_fen,
        **words,
    )
    _note("propose_budget", change, actor, occurred_at, request_key)
    return change.pk


@exactly_once(again=nothing)
@transaction.atomic
def agree_change(*, change_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Agree to a proposed change as a second person; from now on it counts.

    :raises ChangeDecided: somebody has agreed to it or refused it.
    :raises SameHands: the actor has proposed it.
    :raises BudgetTaken: more than is left would be taken back, or more is reserved than would be given.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    change = _decide(change_id, AGREED, actor, occurred_at)
    budget = _hold_budget(change.programme_from, change.county_code)
    moved = "given_fen" if change.kind == GIVEN else "extra_fen"
    setattr(budget, moved, getattr(budget, moved) + change.amount_fen)
    try:
        with transaction.atomic():
            if budget.pk is None:
                budget.save()
            else:
                Budget.objects.filter(pk=budget.pk).update(**{moved: F(moved) + change.amount_fen})
            change.save()
    except IntegrityError as error:
        raise BudgetTaken(str(change.amount_fen)) from error
    _note("agree_budget", change, actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def refuse_change(*, change_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Refuse a proposed change, or take one's own back.

    :raises ChangeDecided: somebody has agreed to it or refused it.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    change = _decide(change_id, REFUSED, actor, occurred_at)
    change.save()
    _note("refuse_budget", change, actor, occurred_at, request_key)


def _decide(change_id: int, state: str, actor: Actor, occurred_at: datetime) -> BudgetChange:
    change = BudgetChange.objects.select_for_update().get(pk=change_id)
    decide(change, state, actor, occurred_at)
    return change


def _hold_budget(programme_from: date, county_code: str) -> Budget:
    """Return the budget, held; a new one, unsaved, counts what was taken before; nobody posts meanwhile."""
    held = Budget.objects.select_for_update().filter(programme_from=programme_from, county_code=county_code)
    if found := held.first():
        return found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PERIOD_LOCK])
    # Two that agree at once: the second finds here what the first has made.
    if found := held.first():
        return found
    reserved_fen, paid_fen = _taken(programme_from, county_code)
    return Budget(
        programme_from=programme_from, county_code=county_code, reserved_fen=reserved_fen, paid_fen=paid_fen
    )


def _taken(programme_from: date, county_code: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(TAKEN_SQL, [programme_from, county_code, county_code])
        reserved_fen, paid_fen = cursor.fetchone()
    return int(reserved_fen), int(paid_fen)


def _view(one: Budget) -> BudgetView:
    return BudgetView(
        one.programme_from, one.county_code, one.given_fen, one.extra_fen, one.reserved_fen, one.paid_fen
    )


def _note(verb: str, change: BudgetChange, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("budget", str(change.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={
            "programme_from": change.programme_from.isoformat(),
            "county_code": change.county_code,
            "kind": change.kind,
            "amount_fen": change.amount_fen,
            "reason": change.reason,
        },
    )
