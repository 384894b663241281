"""Deadlines by the scheme's clocks and the real calendar."""

from datetime import date

import pytest

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.workdays import HolidayRow, calendar_as_known
from yiyuan.rules.deadlines import due_date, find_clock, needs_amount
from yiyuan.rules.terms import SchemeVersion


@pytest.mark.parametrize(
    ("liability", "amount_fen", "working_days"),
    [
        ("L7", 80_000, None),
        ("L1", 0, 3),
        ("L1", 1_000_000, 3),
        ("L1", 1_000_001, 7),
        ("L4", 10_000_000, 7),
        ("L4", 10_000_001, 10),
        ("L2", 20_000_000, 10),
    ],
)
def test_the_clock_follows_liability_and_amount(
    zhumadian: SchemeVersion, liability: str, amount_fen: int, working_days: int | None
) -> None:
    clock = find_clock(zhumadian.clocks, liability, amount_fen)

    assert clock.working_days == working_days
    assert clock.clause == ("TIME-2" if liability == "L7" else "TIME-1")


def test_only_the_medical_clock_needs_no_amount(zhumadian: SchemeVersion) -> None:
    assert not needs_amount(zhumadian.clocks, "L7")
    assert needs_amount(zhumadian.clocks, "L1")


def test_a_liability_without_a_clock_is_refused(zhumadian: SchemeVersion) -> None:
    own = [clock for clock in zhumadian.clocks if clock.liabilities]

    with pytest.raises(SchemeError, match="L9"):
        find_clock(own, "L9", 1)
    assert find_clock(zhumadian.clocks, "L9", 1).clause == "LAW-23"


@pytest.mark.parametrize(
    ("complete_on", "due_on", "provisional"),
    [
        (date(2019, 11, 19), date(2019, 11, 20), False),
        (date(2019, 11, 22), date(2019, 11, 25), False),
        (date(2019, 12, 31), date(2020, 1, 2), False),
        (date(2026, 1, 3), date(2026, 1, 4), False),  # a Sunday made up
        (date(2026, 12, 31), date(2027, 1, 1), True),  # nobody knows the notice of 2027
    ],
)
def test_the_medical_benefit_is_due_the_next_day_or_the_next_working_day(
    zhumadian: SchemeVersion,
    holidays: tuple[HolidayRow, ...],
    complete_on: date,
    due_on: date,
    provisional: bool,
) -> None:
    clock = find_clock(zhumadian.clocks, "L7", 1)

    deadline = due_date(clock, complete_on, calendar_as_known(holidays))

    assert (deadline.due_on, deadline.provisional) == (due_on, provisional)
    assert deadline.rule.startswith("TIME-2")
