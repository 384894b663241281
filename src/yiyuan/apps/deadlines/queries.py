"""Reading the calendar and the clocks (时限查询)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import make_aware

from yiyuan.apps.deadlines.models import CalendarDay, Clock, ClockChange
from yiyuan.apps.readings import once_a_page
from yiyuan.apps.rows import IsAmong
from yiyuan.kernel.workdays import HolidayRow, WorkingCalendar, calendar_as_known

ONE_DAY = timedelta(days=1)
Span = tuple[date, date]  # half-open


@dataclass(frozen=True, slots=True)
class ClockView:
    """A promise: since when, until when, by which rule; the day it was sent and when it ended."""

    started_at: datetime
    due_on: date
    limit_days: int
    rule: str
    clause: str
    is_provisional: bool
    sent_on: date | None
    stopped_at: datetime | None
    paused_on: date | None = None
    days_remaining: int = 0


@dataclass(frozen=True, slots=True)
class ClockChangeView:
    """One move of a due day: `cause` is a stable code; a pause has no new day, and tells the days used."""

    cause: str
    old_due_on: date
    new_due_on: date | None
    days_used: int
    reason: str
    occurred_at: datetime


@once_a_page
def get_calendar(known_on: date) -> WorkingCalendar:
    """Return the working days as the notices known on a day have them."""
    stamp = CalendarDay.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return _calendar(known_on, (stamp["n"], stamp["last"]))


def list_holidays() -> tuple[HolidayRow, ...]:
    """Return every row of the notices on record, all versions of them."""
    days = CalendarDay.objects.order_by("year", "version", "on")
    return tuple(
        HolidayRow(day.year, day.version, day.known_from, day.on, day.name, day.kind) for day in days
    )


def count_calendar_days() -> int:
    """Return how many days the notices on record make free or working."""
    return CalendarDay.objects.count()


@lru_cache(maxsize=64)
def _calendar(known_on: date, _stamp: tuple[int, int | None]) -> WorkingCalendar:
    rows = list_holidays()
    return calendar_as_known(rows, known_on)


def next_working_day(today: date) -> date:
    """Return the first working day after today."""
    return get_calendar(today).next_working_day(today + ONE_DAY).on


def count_days_left(calendar: WorkingCalendar, today: date, due_on: date) -> int:
    """Return the working days from today to the due day: 0 is today, negative is overdue."""
    first, last = sorted((today, due_on))
    days = calendar.count_working_days(first, last)
    return days if due_on >= today else -days


def get_clock(subject: str) -> ClockView | None:
    """Return the clock of a case, if it has started."""
    return get_clocks([subject]).get(subject)


def get_clocks(subjects: Iterable[str]) -> Mapping[str, ClockView]:
    """Return the clocks of these cases, as many as a page shows."""
    return {
        c.subject: ClockView(
            c.started_at,
            c.due_on,
            c.limit_days,
            c.rule,
            c.clause,
            c.is_provisional,
            c.sent_on,
            c.stopped_at,
            c.paused_on,
            c.counted_days,
        )
        for c in Clock.objects.filter(IsAmong(F("subject"), subjects))
    }


def list_clock_changes(subject: str) -> Sequence[ClockChangeView]:
    """Return how the due day of a case has moved, the oldest move first."""
    return [
        ClockChangeView(c.cause, c.old_due_on, c.new_due_on, c.days_used, c.reason, c.occurred_at)
        for c in ClockChange.objects.filter(clock__subject=subject).order_by("pk")
    ]


def list_versions(years: Iterable[int]) -> Mapping[tuple[int, int], frozenset[tuple[date, str]]]:
    """Return (year, version) → its days and kinds, of the notices of these years."""
    found: dict[tuple[int, int], set[tuple[date, str]]] = {}
    for day in CalendarDay.objects.filter(year__in=set(years)):
        found.setdefault((day.year, day.version), set()).add((day.on, day.kind))
    return {version: frozenset(days) for version, days in found.items()}


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """How many clocks that began in a time have ended, and how many of those by their due day."""

    ended: int
    in_time: int


def count_promises_kept(from_on: date, until_on: date) -> PromisesKept:
    """Return how the clocks that began in [from, until) were kept, as far as they have ended."""
    ended = Clock.objects.filter(
        started_at__date__gte=from_on, started_at__date__lt=until_on, stopped_at__isnull=False
    )
    found = ended.aggregate(
        ended=Count("pk"), in_time=Count("pk", filter=Q(stopped_at__date__lte=F("due_on")))
    )
    return PromisesKept(found["ended"], found["in_time"])


@dataclass(frozen=True, slots=True)
class LateClocks:
    """How many clocks ended in a time, how many of those by their due day, and the days of the others."""

    ended: int
    in_time: int
    late_days: int


@dataclass(frozen=True, slots=True)
class LateClock:
    """A clock that ended after its due day: whose, when it was due, when it ended, how many days later."""

    subject: str
    due_on: date
    ended_on: date
    days: int


def count_late_clocks(began: Span, ended: Span) -> LateClocks:
    """Return how the clocks that began in one span and ended in another were kept, and how late they were."""
    in_time = Q(ended_on__lte=F("due_on"))
    found = (
        _ended(began, ended)
        .annotate(ended_on=TruncDate("stopped_at"))
        .aggregate(
            ended=Count("pk"),
            in_time=Count("pk", filter=in_time),
            late_days=Sum(F("ended_on") - F("due_on"), filter=~in_time, default=timedelta()),
        )
    )
    return LateClocks(found["ended"], found["in_time"], found["late_days"].days)


def list_late_clocks(began: Span, ended: Span, *, limit: int) -> Sequence[LateClock]:
    """Return the clocks of these spans that ended after their due day, the last to end first."""
    with_day = _ended(began, ended).annotate(ended_on=TruncDate("stopped_at"))
    late = with_day.filter(ended_on__gt=F("due_on")).order_by("-stopped_at", "pk")
    return [
        LateClock(one.subject, one.due_on, one.ended_on, (one.ended_on - one.due_on).days)
        for one in late[:limit]
    ]


def _ended(began: Span, ended: Span) -> QuerySet[Clock]:
    (began_from, began_until), (ended_from, ended_until) = map(_moments, (began, ended))
    return Clock.objects.filter(
        started_at__gte=began_from,
        started_at__lt=began_until,
        stopped_at__gte=ended_from,
        stopped_at__lt=ended_until,
    )


def _moments(span: Span) -> tuple[datetime, datetime]:
    from_on, until_on = (make_aware(datetime.combine(on, time.min)) for on in span)
    return from_on, until_on
