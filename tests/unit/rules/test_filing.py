"""Late filing: the last day, the day after, a closed year, and a scheme that says nothing."""

from dataclasses import replace
from datetime import date

import pytest

from yiyuan.rules.filing import filing_state, years_later
from yiyuan.rules.terms import SchemeVersion


@pytest.mark.parametrize(
    ("filed_on", "is_year_closed", "is_late"),
    [
        (date(2019, 12, 31), False, False),
        (date(2020, 1, 1), True, False),
        (date(2021, 10, 28), True, False),
        (date(2021, 10, 29), True, True),
    ],
)
def test_the_year_closes_and_the_deadline_ends_on_their_days(
    zhumadian: SchemeVersion, filed_on: date, *, is_year_closed: bool, is_late: bool
) -> None:
    state = filing_state(zhumadian, date(2019, 10, 28), filed_on)

    assert (state.is_year_closed, state.is_late) == (is_year_closed, is_late)
    assert (state.last_on, state.clause) == (date(2021, 10, 28), "FILE-1")


def test_a_scheme_that_is_silent_makes_nobody_late(zhumadian: SchemeVersion) -> None:
    silent = replace(zhumadian, filing=None)

    state = filing_state(silent, date(2019, 10, 28), date(2029, 1, 1))

    assert (state.is_late, state.last_on, state.is_year_closed) == (False, None, True)


def test_the_day_that_a_common_year_lacks() -> None:
    assert years_later(date(2020, 2, 29), 2) == date(2022, 2, 28)
    assert years_later(date(2020, 2, 29), 4) == date(2024, 2, 29)
