"""Filing in time (申请期限): whether a claim was filed late, by which clause, and what follows.

In: a scheme's filing terms, the liability, the day of filing and the case's dates. Out: a `FilingAnswer`.
Late alone is no ground to refuse unless the scheme says `refuse`: otherwise a person decides
(保险法第 21 条).
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.kernel.workdays import WorkingCalendar
from yiyuan.rules.contract_terms import Filing


@dataclass(frozen=True, slots=True)
class FilingAnswer:
    """Whether a claim is late, the last day on which it was not, the clause, and `question` or `refuse`.

    `is_late` and `last_on` are None where the date `missing` is not known.
    """

    is_late: bool | None
    last_on: date | None
    clause: str
    late: str
    missing: str | None = None


def check_filing(
    terms: Sequence[Filing],
    liability: str,
    filed_on: date | None,
    dates: Mapping[str, date | None],
    calendar: WorkingCalendar | None = None,
) -> FilingAnswer | None:
    """Return the answer of the first filing term that holds for the liability, None where none does.

    `dates` holds the case's dates by name. The day from which is counted does not count itself; the last day
    counts, and with a calendar moves to the next working day if it is none (民法典第 201—203 条).
    """
    term = next((one for one in terms if not one.liabilities or liability in one.liabilities), None)
    if term is None:
        return None
    from_on = dates.get(term.from_fact)
    last_on = None if from_on is None else last_day_to_file(term, from_on)
    if last_on is not None and calendar is not None:
        last_on = calendar.next_working_day(last_on).on
    missing = term.from_fact if last_on is None else "filed_on" if filed_on is None else None
    is_late = None if last_on is None or filed_on is None else filed_on > last_on
    return FilingAnswer(is_late, last_on, term.clause, term.late, missing)


def last_day_to_file(term: Filing, from_on: date) -> date:
    """Return the last day on which a claim counted from the day is in time.

    Months and years end on the day of the same number, or on the last of a month that has no such day.
    """
    if term.unit == "days":
        return from_on + timedelta(days=term.within)
    months = term.within * (12 if term.unit == "years" else 1)
    years, month = divmod(from_on.month - 1 + months, 12)
    year, month = from_on.year + years, month + 1
    return date(year, month, min(from_on.day, monthrange(year, month)[1]))
