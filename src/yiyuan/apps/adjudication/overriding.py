"""Going beyond a limit (超限额追加): for one holder, by two persons with a reason; limits as pages show them.

In: a total, a sum proposed by one person and agreed to by another. Out: totals with what is left, in fen.
What is agreed to counts from then on for the trigger on the moves and for the next decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from yiyuan.apps.adjudication.models import Consumption, LimitChange, RunningTotal
from yiyuan.apps.adjudication.states import LimitMove
from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.changes import AGREED, PROPOSED, REFUSED, decide, proposed_words
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import Scope

LISTED = 100


@dataclass(frozen=True, slots=True)
class LimitView:
    """One holder's limit over one span, in fen: what it allows, what goes beyond it, reserved and paid."""

    id: int
    scheme: str
    version: str
    limit: str
    holder: str
    span: str
    limit_fen: int
    extra_fen: int
    reserved_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        """Return what can still be decided."""
        return self.limit_fen + self.extra_fen - self.reserved_fen - self.used_fen


@dataclass(frozen=True, slots=True)
class LimitChangeView:
    """A proposal to go beyond a limit, and what became of it."""

    id: int
    total: LimitView
    amount_fen: int
    reason: str
    state: str
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str
    decided_at: datetime | None


def list_limits(*, scope: Scope, limit: str = "", is_full: bool = False) -> Sequence[LimitView]:
    """Return the limits of which something is taken, the fullest first: all, of one name, or full ones.

    Whose they are runs over the counties: only who works for the whole city sees them in a list.
    """
    if not scope.is_city:
        return []
    left = F("limit_fen") + F("extra_fen") - F("reserved_fen") - F("used_fen")
    found = RunningTotal.objects.alias(left=left).filter(Q(reserved_fen__gt=0) | Q(used_fen__gt=0))
    if limit:
        found = found.filter(limit=limit)
    if is_full:
        found = found.filter(left__lte=0)
    return [_view(one) for one in found.order_by("left", "pk")[:LISTED]]


def list_limits_of(decision_id: int) -> Sequence[tuple[LimitView, int, LimitMove]]:
    """Return the limits a decision takes from, with how much in fen and its last move."""
    moves = Consumption.objects.filter(decision_id=decision_id).select_related("total").order_by("pk")
    last = {one.total_id: one for one in moves}
    return [(_view(one.total), one.amount_fen, LimitMove(one.kind)) for one in last.values()]


def list_limit_changes(*, is_open: bool) -> Sequence[LimitChangeView]:
    """Return what waits for a second person, or what was decided, the newest first."""
    found = LimitChange.objects.select_related("total").order_by("-pk")
    state = found.filter(state=PROPOSED) if is_open else found.exclude(state=PROPOSED)
    return [
        LimitChangeView(
            one.pk,
            _view(one.total),
            one.amount_fen,
            one.reason,
            one.state,
            one.proposed_by,
            one.proposed_by_name,
            one.proposed_at,
            one.decided_by_name,
            one.decided_at,
        )
        for one in state[:LISTED]
    ]


@exactly_once()
@transaction.atomic
def propose_beyond(
    *, total_id: int, amount_fen: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> int:
    """Propose that one holder's limit be gone beyond; return the number of the proposal.

    :raises ReasonMissing: what it rests on is not said.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    words = proposed_words(reason, actor, occurred_at, request_key)
    total = RunningTotal.objects.get(pk=total_id)
    change = LimitChange.objects.create(total=total, amount_fen=amount_fen, **words)
    _note("propose_limit", change, actor, occurred_at, request_key)
    return change.pk


@exactly_once(again=nothing)
@transaction.atomic
def agree_beyond(*, change_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Agree to a proposal as a second person; from now on it counts.

    :raises ChangeDecided: somebody has agreed to it or refused it.
    :raises SameHands: the actor has proposed it.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    change = _decide(change_id, AGREED, actor, occurred_at)
    RunningTotal.objects.filter(pk=change.total_id).update(extra_fen=F("extra_fen") + change.amount_fen)
    _note("agree_limit", change, actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def refuse_beyond(*, change_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Refuse a proposal, or take one's own back.

    :raises ChangeDecided: somebody has agreed to it or refused it.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    change = _decide(change_id, REFUSED, actor, occurred_at)
    _note("refuse_limit", change, actor, occurred_at, request_key)


def _decide(change_id: int, state: str, actor: Actor, occurred_at: datetime) -> LimitChange:
    change = LimitChange.objects.select_for_update(of=("self",)).select_related("total").get(pk=change_id)
    decide(change, state, actor, occurred_at)
    change.save()
    return change


def _view(one: RunningTotal) -> LimitView:
    return LimitView(
        one.pk,
        one.scheme,
        one.version,
        one.limit,
        one.holder,
        one.span,
        one.limit_fen,
        one.extra_fen,
        one.reserved_fen,
        one.used_fen,
    )


def _note(verb: str, change: LimitChange, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("limit", str(change.total_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={
            "limit": change.total.limit,
            "holder": change.total.holder,
            "amount_fen": change.amount_fen,
            "reason": change.reason,
        },
    )
