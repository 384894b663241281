"""Closing months (结账) and opening the last one again (反结账), by the city's finance officer.

In: a month that is over. Out: no entry can occur in it any more; what corrects it occurs in an open month.
The database holds it behind every writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.errors import (
    PeriodNotOver,
    PeriodOutOfOrder,
    ReasonMissing,
    RoleMissing,
    SameHands,
)
from yiyuan.apps.ledger.models import PeriodMove
from yiyuan.apps.ledger.sealing import anchor_chain
from yiyuan.kernel.actor import Actor, Role

PERIOD_LOCK = 1499023922  # advisory lock, shared by every posting: see `entry_in_open_period`


@dataclass(frozen=True, slots=True)
class Period:
    """Since which day entries can occur, None for ever since, and who said so."""

    open_from: date | None
    is_closing: bool
    actor_id: str
    actor_name: str
    occurred_at: datetime | None
    reason: str = ""


def get_period() -> Period:
    """Return which months are open."""
    last = PeriodMove.objects.order_by("-pk").first()
    if last is None:
        return Period(None, is_closing=False, actor_id="", actor_name="", occurred_at=None)
    return Period(last.open_from, last.is_closing, last.actor_id, last.actor_name, last.occurred_at)


def list_period_moves(limit: int = 24) -> Sequence[Period]:
    """Return how months were closed and opened, the newest first."""
    return [
        Period(move.open_from, move.is_closing, move.actor_id, move.actor_name, move.occurred_at, move.reason)
        for move in PeriodMove.objects.order_by("-pk")[:limit]
    ]


@exactly_once()
def close_period(*, month: date, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Close a month, with all before it, and anchor the chain; the same `request_key` does it once.

    :raises RoleMissing: the actor is not the city's finance officer.
    :raises PeriodNotOver: the month has not ended.
    :raises PeriodOutOfOrder: it is closed already.
    """
    _require_finance(actor)
    _hold()
    if PeriodMove.objects.filter(request_key=request_key).exists():
        return
    open_from = _next_month(month)
    if open_from > localtime(occurred_at).date():
        raise PeriodNotOver(f"{month:%Y-%m}")
    before = get_period().open_from
    if before is not None and open_from <= before:
        raise PeriodOutOfOrder(f"{month:%Y-%m}")
    _write(open_from, "", actor, occurred_at, request_key)
    anchor_chain(actor=actor, anchored_at=occurred_at, request_key=f"{request_key}:anchor")


@exactly_once()
def reopen_period(*, month: date, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Open the month closed last again, for a reason and by another person; one `request_key` does it once.

    :raises RoleMissing: the actor is not the city's finance officer.
    :raises ReasonMissing: the reason is empty.
    :raises PeriodOutOfOrder: the month is not the last one closed.
    :raises SameHands: the actor has closed it.
    """
    _require_finance(actor)
    if not reason.strip():
        raise ReasonMissing(f"{month:%Y-%m}")
    _hold()
    if PeriodMove.objects.filter(request_key=request_key).exists():
        return
    if get_period().open_from != _next_month(month):
        raise PeriodOutOfOrder(f"{month:%Y-%m}")
    closed = PeriodMove.objects.filter(is_closing=True, open_from=_next_month(month)).latest("pk")
    if closed.actor_id == actor.id:
        raise SameHands(actor.id)
    _write(month.replace(day=1), reason.strip(), actor, occurred_at, request_key)


def _write(open_from: date, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    PeriodMove.objects.create(
        open_from=open_from,
        is_closing=not reason,
        reason=reason,
        occurred_at=occurred_at,
        actor_id=actor.id,
        actor_name=actor.name,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="reopen_period" if reason else "close_period",
        subject=("ledger_period", open_from.isoformat()),
        occurred_at=occurred_at,
        request_key=request_key,
    )


def _hold() -> None:
    # Whoever posts holds this lock shared: the month is closed once they are done.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PERIOD_LOCK])


def _require_finance(actor: Actor) -> None:
    if Role.FINANCE not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
