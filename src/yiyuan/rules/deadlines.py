"""Deadlines (赔付时限): the last day on which a benefit must have been paid.

In: the scheme's clocks, the liability, the amount in fen, when it started (as a rule the day the papers
were complete), and a calendar of working days. Out: the due date and the rule it follows. The start day is
not counted. Explained in `docs/rules/deadlines.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.workdays import Counted, WorkingCalendar
from yiyuan.rules.terms import PAID, PAPERS_COMPLETE, Clock


@dataclass(frozen=True, slots=True)
class Deadline:
    """The due date; `rule` says in words how it was counted, `clause` is the clause it rests on.

    `due_at` is the moment of a clock of minutes, None where it counts days or the time of day is not known.
    """

    due_on: date
    rule: str
    clause: str
    provisional: bool
    due_at: datetime | None = None


def find_clock(clocks: Sequence[Clock], liability: str, amount_fen: int, benefit: str | None = None) -> Clock:
    """Return the first clock of the file that runs until payment, for the liability, the benefit, the amount.

    :raises SchemeError: when the scheme has none.
    """
    clock = fitting_clock(clocks, liability, amount_fen, benefit)
    if clock is None:
        raise SchemeError(f"方案没有写责任 {liability} 的赔付时限")
    return clock


def fitting_clock(
    clocks: Sequence[Clock],
    liability: str,
    amount_fen: int,
    benefit: str | None = None,
    *,
    until: str = PAID,
) -> Clock | None:
    """Return the first clock of the file that fits, None where none does.

    A clock that names benefits fits no question in which none is named.
    """
    for clock in _running(clocks, liability, benefit, until):
        if clock.from_fen <= amount_fen and (clock.below_fen is None or amount_fen < clock.below_fen):
            return clock
    return None


def _running(
    clocks: Sequence[Clock], liability: str, benefit: str | None, until: str = PAID
) -> Iterable[Clock]:
    return (
        clock
        for clock in clocks
        if clock.until == until
        and (not clock.liabilities or liability in clock.liabilities)
        and (not clock.benefits or benefit in clock.benefits)
    )


def find_named_clock(clocks: Sequence[Clock], name: str) -> Clock | None:
    """Return the scheme's clock of this name, as of the fast track (急难), or None where it has none."""
    return next((clock for clock in clocks if clock.name == name), None)


def needs_amount(clocks: Sequence[Clock], liability: str) -> bool:
    """Return whether the liability's clock cannot be told without the amount."""
    first = next(iter(_running(clocks, liability, None)), None)
    return first is not None and (first.from_fen > 0 or first.below_fen is not None)


def due_date(
    clock: Clock, started_on: date, calendar: WorkingCalendar, started_at: datetime | None = None
) -> Deadline:
    """Return when what the clock asks for is due, counted from the day after it started.

    A clock of minutes counts from `started_at`; where only the day is known, it is due on that day.
    """
    clause = clock.clause
    if clock.minutes is not None:
        rule = f"{clause}：{_start(clock)} {clock.minutes} 分钟内"
        due_at = None if started_at is None else started_at + timedelta(minutes=clock.minutes)
        due_on = started_on + timedelta(minutes=clock.minutes) if due_at is None else due_at.date()
        return Deadline(due_on, rule, clause, calendar.is_provisional(due_on), due_at)
    if clock.working_days is not None:
        counted = last_day(started_on, clock.working_days, calendar, in_working_days=True)
        rule = f"{clause}：{_start(clock)}次日起 {clock.working_days} 个工作日"
    else:
        days = clock.calendar_days
        assert days is not None, "the loader gives every clock minutes, working or calendar days"
        counted = last_day(started_on, days, calendar, in_working_days=False)
        how = f"{_start(clock)}后 {days} 日" if days else f"{_start(clock)}当天"
        rule = f"{clause}：{how}，遇非工作日顺延到下一个工作日"
    return Deadline(counted.on, rule, clause, counted.provisional)


_START_WORDS = {
    PAPERS_COMPLETE: "资料齐全",
    "reported": "报案",
    "filed": "申请",
    "assessed": "核定",
    "agreed": "达成协议",
    "decided": "作出决定",
    "confirmed": "确认",
}


def _start(clock: Clock) -> str:
    return _START_WORDS[clock.starts]


@dataclass(frozen=True, slots=True)
class Start:
    """When a clock started: the day, and the moment where it is known."""

    on: date
    at: datetime | None = None


def case_deadline(
    clocks: Sequence[Clock],
    owed: Iterable[tuple[str, str]],
    amount_fen: int,
    starts: Mapping[str, Start],
    calendar: WorkingCalendar,
) -> Deadline | None:
    """Return when a case must have been paid: the last day of the clocks of all that it owes.

    `owed` are (liability, benefit): each benefit runs by the clock of the cause that pays it. The amount that
    chooses the band is what the case pays in all. None where no clock fits, or the one that fits has not
    started: `starts` holds what has happened, by what clocks start from.
    """
    found = {fitting_clock(clocks, liability, amount_fen, benefit) for liability, benefit in owed}
    running = [clock for clock in found if clock is not None and clock.starts in starts]
    if len(running) < len(found):
        return None
    due = [
        due_date(clock, starts[clock.starts].on, calendar, starts[clock.starts].at)
        for clock in sorted(running, key=clocks.index)
    ]
    return max(due, key=lambda one: (one.due_on, one.due_at is None)) if due else None


def last_day(from_on: date, days: int, calendar: WorkingCalendar, *, in_working_days: bool) -> Counted:
    """Return the last of so many days after `from_on`, which is not counted.

    Days left after a pause may be negative, where the promise was late already: then the last day lies so
    many days before, and is late still. No calendar day left, or promised, is the same day.
    """
    if days < 0 or (days == 0 and in_working_days):
        on = from_on + timedelta(days=days)
        return Counted(on, calendar.is_provisional(on))
    if in_working_days:
        return calendar.add_working_days(from_on, days)
    return calendar.next_working_day(from_on + timedelta(days=days))


def days_used(from_on: date, until_on: date, calendar: WorkingCalendar, *, in_working_days: bool) -> int:
    """Return how many days of a promise have gone when it is paused on `until_on`, that day not counted.

    The day of a gap notice belongs to the claimant: what was promised for it is still owed afterwards.
    """
    passed = max((until_on - from_on).days - 1, 0)
    if not in_working_days:
        return passed
    return sum(calendar.is_working_day(from_on + timedelta(days=n)) for n in range(1, passed + 1))
