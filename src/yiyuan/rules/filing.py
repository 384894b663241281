"""Late filing (晚报案): whether a case is filed after its year has closed, and after its filing deadline.

In: a version, the date of loss, the day of filing. Out: both answers and the last day. Neither refuses:
whether something can no longer be established because it is late is for a person to say.
"""

from dataclasses import dataclass
from datetime import date

from yiyuan.rules.terms import SchemeVersion


@dataclass(frozen=True, slots=True)
class FilingState:
    """`last_on` is the last day of filing, None where the scheme is silent; `clause` is what it rests on."""

    is_year_closed: bool
    is_late: bool
    last_on: date | None
    clause: str


def filing_state(version: SchemeVersion, on: date, filed_on: date) -> FilingState:
    """Return whether a case of `on`, filed on `filed_on`, comes after its year, and after its deadline."""
    is_closed = version.valid.to_on is not None and filed_on >= version.valid.to_on
    if version.filing is None:
        return FilingState(is_closed, is_late=False, last_on=None, clause="")
    last_on = years_later(on, version.filing.within_years)
    return FilingState(is_closed, filed_on > last_on, last_on, version.filing.clause)


def years_later(on: date, years: int) -> date:
    """Return the same day so many years later; of 29 February in a common year, 28 February."""
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)
