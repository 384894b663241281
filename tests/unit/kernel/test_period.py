"""Periods are half-open; ages are completed years."""

from datetime import date

import pytest

from yiyuan.kernel.period import Period, completed_years

YEAR = Period(date(2019, 1, 1), date(2020, 1, 1))


@pytest.mark.parametrize(
    ("on", "inside"),
    [
        (date(2018, 12, 31), False),
        (date(2019, 1, 1), True),
        (date(2019, 12, 31), True),
        (date(2020, 1, 1), False),
    ],
)
def test_a_period_holds_its_first_day_and_not_its_end(on: date, inside: bool) -> None:
    assert YEAR.contains(on) is inside


def test_a_period_without_an_end_still_holds() -> None:
    assert Period(date(2018, 7, 1)).contains(date(2999, 1, 1))


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(ValueError, match="应晚于起始日"):
        Period(date(2019, 1, 1), date(2019, 1, 1))


def test_periods_that_only_touch_do_not_overlap() -> None:
    after = Period(date(2020, 1, 1))

    assert not YEAR.overlaps(after)
    assert not after.overlaps(YEAR)
    assert YEAR.overlaps(Period(date(2019, 12, 31)))


@pytest.mark.parametrize(
    ("birth_on", "on", "years"),
    [
        (date(2004, 5, 20), date(2019, 5, 19), 14),
        (date(2004, 5, 20), date(2019, 5, 20), 15),
        (date(2004, 2, 29), date(2019, 2, 28), 14),
        (date(2004, 2, 29), date(2019, 3, 1), 15),
        (date(2004, 2, 29), date(2020, 2, 28), 15),
        (date(2004, 2, 29), date(2020, 2, 29), 16),
        (date(2019, 5, 20), date(2019, 5, 20), 0),
        (date(2019, 5, 21), date(2019, 5, 20), -1),
    ],
)
def test_an_age_is_completed_on_the_birthday(birth_on: date, on: date, years: int) -> None:
    assert completed_years(birth_on, on) == years
