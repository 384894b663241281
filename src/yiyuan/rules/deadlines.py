"""Deadlines (赔付时限): the last day on which a benefit must have been paid.

In: the scheme's clocks, the liability, the amount in fen, the day the papers were complete, and a calendar of
working days. Out: the due date and the rule it follows. The start day is not counted. Explained in
`docs/rules/deadlines.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.workdays import Counted, WorkingCalendar
from yiyuan.rules.terms import Clock


@dataclass(frozen=True, slots=True)
class Deadline:
    """The due date; `rule` says in words how it was counted, `clause` is the clause it rests on."""

    due_on: date
    rule: str
    clause: str
    provisional: bool


def find_clock(clocks: Sequence[Clock], liability: str, amount_fen: int) -> Clock:
    """Return the clock that runs for the liability and the amount.

    :raises SchemeError: when the scheme has none.
    """
    for clock in clocks:
        reaches = clock.from_fen <= amount_fen and (clock.below_fen is None or amount_fen < clock.below_fen)
        if liability in clock.liabilities and reaches:
            return clock
    raise SchemeError(f"方案没有写责任 {liability} 的赔付时限")


def find_named_clock(clocks: Sequence[Clock], name: str) -> Clock | None:
    """Return the scheme's clock of this name, as of the fast track (急难), or None where it has none."""
    return next((clock for clock in clocks if clock.name == name), None)


def needs_amount(clocks: Sequence[Clock], liability: str) -> bool:
    """Return whether the liability's clock cannot be told without the amount."""
    return sum(liability in clock.liabilities for clock in clocks) > 1


def due_date(clock: Clock, papers_complete_on: date, calendar: WorkingCalendar) -> Deadline:
    """Return when the benefit is due, counted from the day after the papers were complete."""
    if clock.working_days is not None:
        counted = last_day(papers_complete_on, clock.working_days, calendar, in_working_days=True)
        rule = f"{clock.clause}：资料齐全次日起 {clock.working_days} 个工作日"
    else:
        assert clock.calendar_days is not None, "the loader gives every clock working or calendar days"
        counted = last_day(papers_complete_on, clock.calendar_days, calendar, in_working_days=False)
        rule = f"{clock.clause}：资料齐全后 {clock.calendar_days} 日，遇非工作日顺延到下一个工作日"
    return Deadline(counted.on, rule, clock.clause, counted.provisional)


def last_day(from_on: date, days: int, calendar: WorkingCalendar, *, in_working_days: bool) -> Counted:
    """Return the last of so many days after `from_on`, which is not counted.

    Days left after a pause may be none or negative, where the promise was late already: then the last day
    lies so many days before, and is late still.
    """
    if days <= 0:
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
