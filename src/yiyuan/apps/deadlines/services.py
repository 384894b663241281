"""The only writer of the calendar and of clocks (时限)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.timezone import localtime

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.deadlines.models import CalendarDay, Clock
from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.deadlines import Deadline, due_date, find_clock
from yiyuan.rules.terms import SchemeVersion


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


@transaction.atomic
def start_clock(
    *, subject: str, terms: SchemeVersion, liability: str, amount_fen: int, started_at: datetime
) -> Deadline:
    """Start the promise for a case whose papers are complete; return when it is due.

    A case keeps its first clock: repeating it neither moves nor doubles it.
    """
    clock = find_clock(terms.clocks, liability, amount_fen)
    started_on = localtime(started_at).date()
    deadline = due_date(clock, started_on, get_calendar(started_on))
    Clock.objects.get_or_create(
        subject=subject,
        defaults={
            "started_at": started_at,
            "due_on": deadline.due_on,
            "limit_days": clock.working_days or clock.calendar_days or 0,
            "rule": deadline.rule[:100],
            "clause": deadline.clause,
            "is_provisional": deadline.provisional,
        },
    )
    return deadline


def note_sent(*, subject: str, sent_on: date) -> None:
    """Keep the day on which the order went to the bank beside a running clock. Repeatable."""
    Clock.objects.filter(subject=subject).update(sent_on=sent_on)


def stop_clock(*, subject: str, stopped_at: datetime) -> None:
    """Stop a running clock; a stopped one, or none, stays as it is."""
    # A city whose business date is held lives the same day again, so that the hour can lie before the start.
    ended_at = Greatest(F("started_at"), Value(stopped_at))
    Clock.objects.filter(subject=subject, stopped_at=None).update(stopped_at=ended_at)
