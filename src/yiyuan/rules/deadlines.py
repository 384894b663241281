"""Deadlines (赔付时限): the last day on which a benefit must have been paid.

In: the scheme's clocks, the liability, the amount in fen, the day the papers were complete, and a calendar of
working days. Out: the due date and the rule it follows. The start day is not counted. Explained in
`docs/rules/deadlines.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.workdays import WorkingCalendar
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


def needs_amount(clocks: Sequence[Clock], liability: str) -> bool:
    """Return whether the liability's clock cannot be told without the amount."""
    return sum(liability in clock.liabilities for clock in clocks) > 1


def due_date(clock: Clock, papers_complete_on: date, calendar: WorkingCalendar) -> Deadline:
    """Return when the benefit is due, counted from the day after the papers were complete."""
    if clock.working_days is not None:
        counted = calendar.add_working_days(papers_complete_on, clock.working_days)
        rule = f"{clock.clause}：资料齐全次日起 {clock.working_days} 个工作日"
    else:
        assert clock.calendar_days is not None, "the loader gives every clock working or calendar days"
        counted = calendar.next_working_day(papers_complete_on + timedelta(days=clock.calendar_days))
        rule = f"{clock.clause}：资料齐全后 {clock.calendar_days} 日，遇非工作日顺延到下一个工作日"
    return Deadline(counted.on, rule, clock.clause, counted.provisional)
