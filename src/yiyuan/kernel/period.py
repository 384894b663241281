"""Periods (期间): half-open stretches of dates, and age in completed years on a date.

In: dates. Out: flags, and whole years. `to_on` is the first day on which the period no longer holds;
None means that it still holds.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `from_on` up to, not including, `to_on`."""

    from_on: date
    to_on: date | None = None

    def __post_init__(self) -> None:
        if self.to_on is not None and self.to_on <= self.from_on:
            raise ValueError(f"期间的终止日 {self.to_on} 应晚于起始日 {self.from_on}")

    def contains(self, on: date) -> bool:
        """Return whether the day belongs to the period."""
        return self.from_on <= on and (self.to_on is None or on < self.to_on)

    def overlaps(self, other: "Period") -> bool:
        """Return whether some day belongs to both periods."""
        return (self.to_on is None or other.from_on < self.to_on) and (
            other.to_on is None or self.from_on < other.to_on
        )


def completed_years(birth_on: date, on: date) -> int:
    """Return the age in completed years (周岁) on the day.

    A year is completed on the birthday itself. Who was born on 29 February completes a year on 1 March of
    a common year, since no earlier day of that year reaches the day of birth. A birth after the day gives a
    negative number: whether that is a fault is for the reader of the data to say.
    """
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))
