"""Returned payments as tasks (退回待办): whose each is, why it came back, until when it is owed again.

In: what the bank sent back, and who takes it over. Out: tasks, open until the money is under way again or the
claim has ended. Paying again is `order_payments` with the claim's number; its order names the returned one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from yiyuan.apps.accounts.queries import get_staff_member, list_staff
from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import IllegalMove, RoleMissing
from yiyuan.apps.claims.models import Claim, ClaimEvent, ReturnedPayment
from yiyuan.apps.claims.money import owed_again_by
from yiyuan.apps.claims.states import State
from yiyuan.apps.deadlines.queries import count_days_left, get_calendar
from yiyuan.apps.payments.queries import living_orders
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor, Role
from yiyuan.kernel.scope import Scope

PAGE = 100
WAITING, UNDER_WAY, DONE = "waiting", "under_way", "done"
STATES = (WAITING, UNDER_WAY, DONE)
WORKERS = (Role.DESK_AGENT, Role.PAYER)
_LATER = ReturnedPayment.objects.filter(claim=OuterRef("claim"), pk__gt=OuterRef("pk"))
_IS_LAST = ~Exists(_LATER) & Q(claim__state=State.APPROVED)
_LIVES = Exists(living_orders(of=OuterRef("claim__number")))
CONDITIONS = {WAITING: _IS_LAST & ~_LIVES, UNDER_WAY: _IS_LAST & _LIVES, DONE: ~_IS_LAST}


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """One returned payment as pages show it; the amount in fen, the days left in working days."""

    id: int
    number: str
    person_id: int
    county_code: str
    amount_fen: int
    order_no: str
    returned_on: date
    reason: str
    due_on: date
    days_left: int
    owner: str
    owner_name: str
    has_account: bool


@dataclass(frozen=True, slots=True)
class ReturnedFilter:
    """Which are shown: of a state, a county, an owner; a blank county or owner is all."""

    state: str = WAITING
    county: str = ""
    owner: str = ""


def list_returned(
    which: ReturnedFilter, *, today: date, scope: Scope, limit: int = PAGE
) -> Sequence[ReturnedView]:
    """Return returned payments, the first due first."""
    calendar = get_calendar(today)
    found = _matching(which, scope).select_related("claim").order_by("due_on", "pk")
    return [
        ReturnedView(
            id=one.pk,
            number=one.claim.number,
            person_id=one.claim.person_id,
            county_code=one.county_code,
            amount_fen=one.claim.benefit_fen,
            order_no=one.order_no,
            returned_on=one.returned_on,
            reason=one.reason,
            due_on=one.due_on,
            days_left=count_days_left(calendar, today, one.due_on),
            owner=one.owner,
            owner_name=one.owner_name,
            has_account=one.claim.account_id is not None,
        )
        for one in found[:limit]
    ]


def sum_returned(which: ReturnedFilter, *, scope: Scope) -> tuple[int, int]:
    """Return how many there are, and their sum in fen."""
    found = _matching(which, scope).aggregate(n=Count("*"), fen=Sum("claim__benefit_fen", default=0))
    return int(found["n"]), int(found["fen"])


def list_owners(*, scope: Scope, limit: int = PAGE) -> Sequence[tuple[str, str]]:
    """Return who owns a returned payment that is not done, by sign-in and name."""
    open_ones = ReturnedPayment.objects.filter(within(scope), _IS_LAST)
    return list(
        open_ones.order_by("owner_name", "owner").values_list("owner", "owner_name").distinct()[:limit]
    )


def list_workers(*, scope: Scope) -> Sequence[tuple[str, str]]:
    """Return who a returned payment can be given to, by sign-in and name."""
    staff = [one for role in WORKERS for one in list_staff(scope, role=role) if one.is_active]
    return sorted({(one.username, one.name) for one in staff}, key=lambda one: (one[1], one[0]))


def open_returned(
    *, number: str, order_no: str, returned_on: date, reason: str, occurred_at: datetime
) -> None:
    """Open the task of a returned order, owned by who took the claim in. Repeating it opens none."""
    claim = Claim.objects.get(number=number)
    first = ClaimEvent.objects.filter(claim=claim).order_by("pk")[0]
    _task, is_new = ReturnedPayment.objects.get_or_create(
        order_no=order_no,
        defaults={
            "claim": claim,
            "county_code": claim.county_code,
            "returned_on": returned_on,
            "reason": reason[:200],
            "due_on": owed_again_by(number, claim.cause, claim.benefit_fen, returned_on),
            "owner": first.actor_id,
            "owner_name": first.actor_name,
            "opened_at": occurred_at,
        },
    )
    if is_new:
        record_entry(
            actor=SYSTEM_ACTOR,
            verb="open_returned",
            subject=("claim", number),
            occurred_at=occurred_at,
            request_key=f"returned:{order_no}:task",
            detail={"order": order_no, "owner": first.actor_id},
        )


@exactly_once(again=nothing)
@transaction.atomic
def give_returned(
    *, returned_id: int, owner: str, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Make somebody the owner of a returned payment, oneself or another who works on such. Repeatable.

    :raises RoleMissing: the actor, or the new owner, is neither desk agent nor payer here.
    :raises IllegalMove: it is done: paid again, or its claim has ended.
    """
    if not actor.roles.intersection(WORKERS):
        raise RoleMissing(actor.id)
    task = ReturnedPayment.objects.select_for_update().get(within(actor.scope), pk=returned_id)
    if ReturnedPayment.objects.filter(CONDITIONS[DONE], pk=returned_id).exists():
        raise IllegalMove(f"{task.order_no}: is done")
    if task.owner == owner:
        return
    task.owner, task.owner_name = owner, actor.name if owner == actor.id else _worker(owner, actor.scope)
    task.save(update_fields=["owner", "owner_name"])
    record_entry(
        actor=actor,
        verb="give_returned",
        subject=("claim", Claim.objects.values_list("number", flat=True).get(pk=task.claim_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"order": task.order_no, "owner": owner},
    )


def _worker(username: str, scope: Scope) -> str:
    member = get_staff_member(username, scope)
    if not member.is_active or not set(member.roles).intersection(WORKERS):
        raise RoleMissing(username)
    return member.name


def _matching(which: ReturnedFilter, scope: Scope) -> QuerySet[ReturnedPayment]:
    found = ReturnedPayment.objects.filter(within(scope), CONDITIONS[which.state])
    if which.county:
        found = found.filter(county_code=which.county)
    if which.owner:
        found = found.filter(owner=which.owner)
    return found
