"""The only writer of the calendar and of clocks (时限)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.timezone import localtime

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.deadlines.models import CalendarDay, Clock, ClockChange
from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.apps.rows import insert_rows
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules import terms as scheme
from yiyuan.rules.deadlines import Deadline, due_date, find_clock, find_named_clock, last_day
from yiyuan.rules.deadlines import days_used as count_days_used
from yiyuan.rules.terms import SchemeVersion

EMERGENCY = "emergency"  # the name under which a scheme may give its fast track a clock of its own
BLOCK_CLOCKS = 5_000
# The case, then what `_words` tells of its term.
COLUMNS = {
    "subject": "text", "due_on": "date", "is_provisional": "boolean", "limit_days": "int",
    "counted_days": "int", "counts_working_days": "boolean", "rule": "text", "clause": "text",
}  # fmt: skip


@transaction.atomic
def record_holidays(
    *, holidays: Sequence[HolidayRow], actor: Actor, occurred_at: datetime, request_key: str
) -> int:
    """Keep the days of State Council notices; return how many were new. Repeating it changes nothing."""
    before = CalendarDay.objects.count()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                year=day.year,
                version=day.version,
                known_from=day.known_from,
                on=day.on,
                name=day.name,
                kind=day.kind,
            )
            for day in holidays
        ],
        ignore_conflicts=True,
    )
    added = CalendarDay.objects.count() - before
    if added:
        record_entry(
            actor=actor,
            verb="record_holidays",
            subject=("calendar", "cn"),
            occurred_at=occurred_at,
            request_key=request_key,
            detail={"days": added},
        )
    return added


@dataclass(frozen=True, slots=True)
class ClockRequest:
    """A case whose papers are complete; the amount in fen."""

    subject: str
    liability: str
    amount_fen: int
    is_emergency: bool = False


class CountedClock(NamedTuple):
    """When a case is due once its clock starts, and what its clock shall say, as in `COLUMNS`."""

    subject: str
    deadline: Deadline
    words: tuple[object, ...]


@transaction.atomic
def start_clock(*, request: ClockRequest, terms: SchemeVersion, started_at: datetime) -> Deadline:
    """Start the promise for one case; return when it is due."""
    (clock,) = count_clocks(requests=[request], terms=terms, started_at=started_at)
    start_clocks(clocks=[clock], started_at=started_at)
    return clock.deadline


def count_clocks(
    *, requests: Sequence[ClockRequest], terms: SchemeVersion, started_at: datetime
) -> Sequence[CountedClock]:
    """Return when each case is due whose papers are complete now, in their order; nothing is written."""
    if not requests:
        return []
    started_on = localtime(started_at).date()
    calendar = get_calendar(started_on)
    # All start on one day, so that a term is counted once however many cases have it.
    counted: dict[scheme.Clock, tuple[Deadline, tuple[object, ...]]] = {}
    clocks = []
    for request in requests:
        term = _term(terms, request.liability, request.amount_fen, is_emergency=request.is_emergency)
        if term not in counted:
            deadline = due_date(term, started_on, calendar)
            counted[term] = deadline, tuple(_words(term, deadline).values())
        clocks.append(CountedClock(request.subject, *counted[term]))
    return clocks


def start_clocks(*, clocks: Sequence[CountedClock], started_at: datetime) -> None:
    """Start the promises that `count_clocks` has counted for this time, in the caller's transaction.

    A case keeps its first clock: repeating it neither moves nor doubles it.
    """
    insert_rows(
        "deadlines_clock",
        COLUMNS,
        ((clock.subject, *clock.words) for clock in clocks),
        constants={"started_at": started_at, "counted_from_on": localtime(started_at).date()},
        on_conflict="ON CONFLICT (subject) DO NOTHING",
    )


def _term(terms: SchemeVersion, liability: str, amount_fen: int, *, is_emergency: bool) -> scheme.Clock:
    fast = find_named_clock(terms.clocks, EMERGENCY) if is_emergency else None
    return fast or find_clock(terms.clocks, liability, amount_fen)


def _words(clock: scheme.Clock, deadline: Deadline) -> dict[str, Any]:
    limit = clock.working_days or clock.calendar_days or 0
    return {
        "due_on": deadline.due_on,
        "is_provisional": deadline.provisional,
        "limit_days": limit,
        "counted_days": limit,
        "counts_working_days": clock.working_days is not None,
        "rule": deadline.rule[:100],
        "clause": deadline.clause,
    }


@transaction.atomic
def pause_clock(*, subject: str, reason: str, occurred_at: datetime) -> None:
    """Pause a running promise for the one gap notice; the days used are kept. Repeating does nothing."""
    clock = Clock.objects.select_for_update().filter(subject=subject, stopped_at=None, paused_on=None).first()
    if clock is None:
        return
    today = localtime(occurred_at).date()
    used = count_days_used(
        clock.counted_from_on, today, get_calendar(today), in_working_days=clock.counts_working_days
    )
    old_due_on = clock.due_on
    clock.counted_days, clock.paused_on = clock.counted_days - used, today
    clock.save(update_fields=["counted_days", "paused_on"])
    _note_change(clock, ClockChange.PAUSED, old_due_on, None, reason, occurred_at, days_used=used)


@transaction.atomic
def resume_clock(*, subject: str, occurred_at: datetime) -> date | None:
    """Let a paused promise run on with the days it had left; return when it is due, None if not paused."""
    clock = Clock.objects.select_for_update().filter(subject=subject, stopped_at=None).first()
    if clock is None or clock.paused_on is None:
        return None
    today = localtime(occurred_at).date()
    counted = last_day(
        today, clock.counted_days, get_calendar(today), in_working_days=clock.counts_working_days
    )
    old_due_on = clock.due_on
    clock.counted_from_on, clock.paused_on = today, None
    clock.due_on, clock.is_provisional = counted.on, counted.provisional
    clock.save(update_fields=["counted_from_on", "paused_on", "due_on", "is_provisional"])
    reason = f"材料补齐，还剩 {clock.counted_days} 天"
    _note_change(clock, ClockChange.RESUMED, old_due_on, counted.on, reason, occurred_at)
    return counted.on


@transaction.atomic
def change_term(
    *,
    subject: str,
    terms: SchemeVersion,
    liability: str,
    amount_fen: int,
    is_emergency: bool,
    reason: str,
    occurred_at: datetime,
) -> date | None:
    """Count a running promise by the fast track's clock, or by its own again; return when it is due.

    A paused or stopped promise, or none, stays as it is (None). Where the scheme gives the fast track no
    clock of its own, nothing moves.
    """
    clock = Clock.objects.select_for_update().filter(subject=subject, stopped_at=None, paused_on=None).first()
    if clock is None:
        return None
    term = _term(terms, liability, amount_fen, is_emergency=is_emergency)
    started_on = localtime(clock.started_at).date()
    deadline = due_date(term, started_on, get_calendar(localtime(occurred_at).date()))
    if deadline.rule[:100] == clock.rule or clock.counted_from_on != started_on:
        return clock.due_on
    old_due_on = clock.due_on
    for name, value in _words(term, deadline).items():
        setattr(clock, name, value)
    clock.save()
    _note_change(clock, ClockChange.TERM, old_due_on, clock.due_on, reason, occurred_at)
    return clock.due_on


@transaction.atomic
def recount_clocks(*, reason: str, occurred_at: datetime) -> dict[str, date]:
    """Count every open promise anew by the notices known now; return the new due day of those that moved.

    Each move keeps the old day beside the new one, with the reason. Paused promises have no day to move.
    Repeating it moves nothing more.
    """
    calendar = get_calendar(localtime(occurred_at).date())
    moved: dict[str, date] = {}
    running = Clock.objects.select_for_update().filter(stopped_at=None, paused_on=None).order_by("pk")
    for clock in running.iterator(chunk_size=BLOCK_CLOCKS):
        counted = last_day(
            clock.counted_from_on, clock.counted_days, calendar, in_working_days=clock.counts_working_days
        )
        if (counted.on, counted.provisional) == (clock.due_on, clock.is_provisional):
            continue
        old_due_on, clock.due_on, clock.is_provisional = clock.due_on, counted.on, counted.provisional
        clock.save(update_fields=["due_on", "is_provisional"])
        if old_due_on != counted.on:
            _note_change(clock, ClockChange.CALENDAR, old_due_on, counted.on, reason, occurred_at)
            moved[clock.subject] = counted.on
    return moved


def _note_change(
    clock: Clock,
    cause: str,
    old_due_on: date,
    new_due_on: date | None,
    reason: str,
    occurred_at: datetime,
    *,
    days_used: int = 0,
) -> None:
    ClockChange.objects.create(
        clock=clock,
        cause=cause,
        old_due_on=old_due_on,
        new_due_on=new_due_on,
        days_used=days_used,
        reason=reason[:300],
        occurred_at=occurred_at,
    )


def note_sent(*, subject: str, sent_on: date) -> None:
    """Keep the day on which the order went to the bank beside a running clock. Repeatable."""
    Clock.objects.filter(subject=subject).update(sent_on=sent_on)


def stop_clock(*, subject: str, stopped_at: datetime) -> None:
    """Stop a running clock; a stopped one, or none, stays as it is."""
    # A city whose business date is held lives the same day again, so that the hour can lie before the start.
    ended_at = Greatest(F("started_at"), Value(stopped_at))
    Clock.objects.filter(subject=subject, stopped_at=None).update(stopped_at=ended_at)
