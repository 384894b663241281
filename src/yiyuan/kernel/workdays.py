"""Working days (工作日): which days are worked under the State Council's yearly notices, as known on a day.

In: rows of a holiday table, one for each day that departs from its weekday, with the version of the notice
and the day from which that version could be known. Out: a calendar that counts. A year without a known notice
follows the weekdays alone, and every count that touches it says so (暂定).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.kernel.errors import CalendarError

_DAY = timedelta(days=1)
_FIRST_DAY_OFF = 5  # Monday is 0, so Saturday and Sunday are 5 and 6
KINDS = ("off", "work")


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A day off, or a make-up working day (调休), as one version of a year's notice has it."""

    year: int
    version: int
    known_from: date | None  # None: known before any day that can be asked about
    on: date
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A day that was counted to; `provisional` when the count touched a year without a notice."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days that depart from their weekday, and the years whose notice is known."""

    works: Mapping[date, bool]
    noticed_years: frozenset[int]

    def is_working_day(self, on: date) -> bool:
        """Return whether the day is worked."""
        departs = self.works.get(on)
        return on.weekday() < _FIRST_DAY_OFF if departs is None else departs

    def is_provisional(self, on: date) -> bool:
        """Return whether the day lies in a year whose notice is not known."""
        return on.year not in self.noticed_years

    def next_working_day(self, on: date) -> Counted:
        """Return the day itself when it is worked, else the first worked day after it."""
        day, provisional = on, self.is_provisional(on)
        while not self.is_working_day(day):
            day += _DAY
            provisional = provisional or self.is_provisional(day)
        return Counted(day, provisional)

    def add_working_days(self, start_on: date, working_days: int) -> Counted:
        """Return the last of so many working days after the start day, which is not counted."""
        day, provisional, left = start_on, False, working_days
        while left:
            day += _DAY
            left -= self.is_working_day(day)
            provisional = provisional or self.is_provisional(day)
        return Counted(day, provisional)

    def count_working_days(self, after: date, until: date) -> int:
        """Return how many working days lie after the one day and not after the other."""
        days = max((until - after).days, 0)
        weeks, rest = divmod(days, 7)
        first = after.weekday() + 1
        weekdays = weeks * _FIRST_DAY_OFF + sum((first + n) % 7 < _FIRST_DAY_OFF for n in range(rest))
        departing = (
            works - (on.weekday() < _FIRST_DAY_OFF) for on, works in self.works.items() if after < on <= until
        )
        return weekdays + sum(departing)

    def working_days_before(self, on: date, working_days: int) -> date:
        """Return the latest day that so many working days have followed, up to and with `on`."""
        day, left = on, working_days
        while left:
            left -= self.is_working_day(day)
            day -= _DAY
        return day


def calendar_as_known(rows: Iterable[HolidayRow], known_on: date | None = None) -> WorkingCalendar:
    """Return the calendar by each year's latest version known on the day; without a day, by the last one.

    A year whose notice was not known yet on the day follows the first version there is, and stays
    provisional: a count made then would have been wrong, one made now need not be. A notice may move days
    of the December before its year; where two years' notices name one day, the later year's holds, since it
    was published later.

    :raises CalendarError: when one version says two things of a day, or a kind is neither off nor work.
    """
    rows = tuple(rows)
    noticed = _versions_known(rows, known_on)
    in_force = _first_versions(rows) | noticed
    works: dict[date, bool] = {}
    named_by: dict[date, int] = {}
    for row in sorted(rows, key=lambda row: row.year):
        if row.version != in_force[row.year]:
            continue
        if row.kind not in KINDS:
            raise CalendarError(f"{row.on} 的类别应是 off 或 work，写的是“{row.kind}”")
        works_then = row.kind == "work"
        if named_by.get(row.on) == row.year and works[row.on] != works_then:
            raise CalendarError(f"{row.year} 年第 {row.version} 版对 {row.on} 既说放假又说上班")
        works[row.on], named_by[row.on] = works_then, row.year
    return WorkingCalendar(works, frozenset(noticed))


def _versions_known(rows: Iterable[HolidayRow], known_on: date | None) -> dict[int, int]:
    latest: dict[int, int] = {}
    for row in rows:
        if known_on is None or row.known_from is None or row.known_from <= known_on:
            latest[row.year] = max(row.version, latest.get(row.year, row.version))
    return latest


def _first_versions(rows: Iterable[HolidayRow]) -> dict[int, int]:
    first: dict[int, int] = {}
    for row in rows:
        first[row.year] = min(row.version, first.get(row.year, row.version))
    return first
