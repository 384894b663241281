"""Notices of holidays (放假安排): the days that a year's notice makes free or working, by version.

In: the raw cells, in the columns of `schemes/base/holidays/cn-public-holidays.csv` or as a clerk calls them.
Out: the same columns; each day of a version once. An empty version is the first.
"""

from yiyuan.exchange.cleaning import day, squeeze, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, is_filled

_OFF, _WORK = "^(off|放假|休|假|休息)", "^(work|上班|班|调休上班|补班)"


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this notice are cleaned and refused."""
    kind = f"lower({squeeze('r_holiday_kind')})"
    given_year = f"TRY_CAST(regexp_replace({squeeze('r_holiday_year')}, '年$', '') AS INTEGER)"
    first = {"date": day("r_holiday_on", order=facts.date_order)}
    values = {
        "year": f'coalesce({given_year}, CASE WHEN NOT {is_filled("r_holiday_year")} THEN year("date") END)',
        "version": f"CASE WHEN {is_filled('r_notice_version')} "
        f"THEN TRY_CAST(regexp_replace({squeeze('r_notice_version')}, '[第版]', '', 'g') AS INTEGER) "
        "ELSE 1 END",
        "known_from": day("r_known_from", order=facts.date_order),
        "name": f"coalesce({trim('r_holiday_name')}, '')",
        "kind": f"list_transform([{kind}], lambda t: CASE WHEN regexp_matches(t, '{_OFF}') THEN 'off' "
        f"WHEN regexp_matches(t, '{_WORK}') THEN 'work' END)[1]",
    }
    checks = (
        Check("date", "holiday_on", '"date" IS NULL'),
        Check("unreadable", "holiday_year", '"year" IS NULL'),
        # A notice may move days of the December before its year.
        Check("date", "holiday_on", 'year("date") NOT BETWEEN "year" - 1 AND "year"'),
        Check("unreadable", "notice_version", "version IS NULL OR version < 1"),
        Check("date", "known_from", f"known_from IS NULL AND {is_filled('r_known_from')}"),
        Check("day_kind", "holiday_kind", "kind IS NULL"),
    )
    return Rules(stages=(first, values), checks=checks)


KIND = Kind(
    name="holidays",
    label="放假安排",
    needs=(("holiday_on",), ("holiday_kind",)),
    keys=("holiday_on",),
    canonical=("year", "version", "known_from", "date", "name", "kind"),
    columns={
        "year": "INTEGER",
        "version": "INTEGER",
        "known_from": "DATE",
        "date": "DATE",
        "name": "VARCHAR",
        "kind": "VARCHAR",
    },
    unique=("year", "version", "date"),
    rules=rules,
    not_also=("settlements", "hardship"),
)
