"""Working days follow the notice known on a day, and say so where there is none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.errors import CalendarError
from yiyuan.kernel.workdays import HolidayRow, WorkingCalendar, calendar_as_known

FIRST, SECOND = date(2018, 12, 6), date(2019, 3, 22)
ROWS = (
    HolidayRow(2019, 1, FIRST, date(2019, 5, 1), "劳动节", "off"),
    HolidayRow(2019, 2, SECOND, date(2019, 4, 28), "劳动节", "work"),
    HolidayRow(2019, 2, SECOND, date(2019, 5, 1), "劳动节", "off"),
    HolidayRow(2019, 2, SECOND, date(2019, 5, 2), "劳动节", "off"),
    HolidayRow(2019, 2, SECOND, date(2019, 5, 3), "劳动节", "off"),
    HolidayRow(2019, 2, SECOND, date(2019, 5, 4), "劳动节", "off"),
    HolidayRow(2019, 2, SECOND, date(2019, 5, 5), "劳动节", "work"),
)
NOW = calendar_as_known(ROWS)
BEFORE = calendar_as_known(ROWS, date(2019, 3, 21))
WEEKDAYS_ALONE = WorkingCalendar({}, frozenset(range(2000, 2100)))


@pytest.mark.parametrize(
    ("calendar", "on", "worked"),
    [
        (NOW, date(2019, 4, 28), True),  # a Sunday made up
        (BEFORE, date(2019, 4, 28), False),
        (NOW, date(2019, 5, 2), False),
        (BEFORE, date(2019, 5, 2), True),
        (NOW, date(2019, 5, 5), True),
        (NOW, date(2019, 5, 11), False),  # an ordinary Saturday
        (NOW, date(2019, 5, 13), True),
    ],
)
def test_a_day_follows_the_version_known_then(calendar: WorkingCalendar, on: date, worked: bool) -> None:
    assert calendar.is_working_day(on) is worked


def test_the_next_working_day_may_be_the_day_itself() -> None:
    assert NOW.next_working_day(date(2019, 4, 30)).on == date(2019, 4, 30)
    assert NOW.next_working_day(date(2019, 5, 1)).on == date(2019, 5, 5)


def test_the_start_day_is_not_counted_even_when_worked() -> None:
    # 30 April is worked; 5 May is made up, then 6 and 7.
    assert NOW.add_working_days(date(2019, 4, 30), 3).on == date(2019, 5, 7)


def test_a_year_without_a_notice_is_provisional() -> None:
    counted = NOW.add_working_days(date(2019, 12, 31), 1)

    assert counted.on == date(2020, 1, 1)  # a holiday, which nobody has announced yet
    assert counted.provisional
    assert not NOW.add_working_days(date(2019, 12, 27), 2).provisional


def test_before_any_version_was_known_the_first_one_holds_provisionally() -> None:
    calendar = calendar_as_known(ROWS, date(2018, 12, 5))

    assert not calendar.is_working_day(date(2019, 5, 1))
    assert calendar.is_working_day(date(2019, 5, 2))
    assert calendar.next_working_day(date(2019, 5, 1)).provisional


def test_a_version_holds_from_the_day_it_could_be_known() -> None:
    assert not calendar_as_known(ROWS, SECOND).is_working_day(date(2019, 5, 2))


def test_a_later_years_notice_settles_the_december_before() -> None:
    rows = (
        HolidayRow(2018, 1, None, date(2018, 12, 29), "甲", "off"),
        HolidayRow(2019, 1, None, date(2018, 12, 29), "乙", "work"),
    )

    assert calendar_as_known(reversed(rows)).is_working_day(date(2018, 12, 29))


def test_a_version_that_contradicts_itself_is_refused() -> None:
    rows = (ROWS[0], HolidayRow(2019, 1, FIRST, date(2019, 5, 1), "劳动节", "work"))

    with pytest.raises(CalendarError, match="既说放假又说上班"):
        calendar_as_known(rows)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(CalendarError, match="off 或 work"):
        calendar_as_known((HolidayRow(2019, 1, None, date(2019, 5, 1), "劳动节", "rest"),))


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(0, 40))
def test_counting_agrees_with_whole_weeks(start_on: date, weeks: int) -> None:
    # Without holidays five working days from a working day are exactly one week.
    start = WEEKDAYS_ALONE.next_working_day(start_on).on

    assert WEEKDAYS_ALONE.add_working_days(start, 5 * weeks).on == start + timedelta(weeks=weeks)


@given(st.dates(date(2018, 11, 1), date(2020, 3, 1)), st.integers(-40, 500))
def test_working_days_are_counted_as_one_by_one(after: date, days: int) -> None:
    until = after + timedelta(days=days)

    one_by_one = sum(NOW.is_working_day(after + timedelta(days=n)) for n in range(1, days + 1))

    assert NOW.count_working_days(after, until) == one_by_one
