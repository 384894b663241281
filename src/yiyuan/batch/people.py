"""People (名册人员): who stands in the registers, and in which hardship group on a day.

In: the accepted rows of the registers. Out: the temporary table `people`, and settlements with the `place`
of the first group in the scheme's order that holds on their day. Two plans give the same: few settlements
meet every status and are put together afterwards; many meet each person once, whose statuses were gathered
before.
"""

from collections.abc import Sequence

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.inputs import Source
from yiyuan.batch.refusals import accepted, all_rows
from yiyuan.rules.terms import Group

# Measured on 1.5 million statuses: from three million settlements on, gathering first is the cheaper.
_SETTLEMENTS_A_STATUS = 2

# A status is one whole number: the group's place in the scheme, the first day, and the day on which it no
# longer holds. Whole numbers gather into lists at half the cost of structures, and the least of those that
# hold on a day is the group that counts.
_DAY_BITS = 22
_DAY_MASK = (1 << _DAY_BITS) - 1
_DAY_ZERO = "DATE '0001-01-01'"
_LAST_DAY = "DATE '9999-12-31'"


def is_gathered(hardship: Sequence[Source], settlements: Sequence[Source]) -> bool:
    """Return whether a person's statuses are gathered before the settlements meet them."""
    statuses = sum(source.rows for source in hardship)
    return sum(source.rows for source in settlements) >= _SETTLEMENTS_A_STATUS * statuses


def create_people(
    engine: duckdb.DuckDBPyConnection, sources: Sequence[Source], groups: Sequence[Group], gathered: bool
) -> None:
    """Make `people`: a row per status, or a row per person with all that person's statuses."""
    places = " ".join(f"WHEN {sql.text(group.code)} THEN {place}" for place, group in enumerate(groups))
    place = f'CAST(CASE "group" {places} END AS BIGINT) << {2 * _DAY_BITS}'
    first = f"CAST(valid_from - {_DAY_ZERO} AS BIGINT) << {_DAY_BITS}"
    # A status without an end also holds on the last day that can be read, hence the day after it.
    last = f"CAST(coalesce(valid_to, {_LAST_DAY} + 1) - {_DAY_ZERO} AS BIGINT)"
    status = f"(({place}) | ({first}) | {last})"
    rows = all_rows(sources, ("person_id", "group", "valid_from", "valid_to"))
    kept = f"FROM ({rows}) AS rows WHERE {accepted('hardship')}"
    if gathered:
        query = f"SELECT person_id, list({status}) AS statuses {kept} GROUP BY person_id"
    else:
        query = f"SELECT person_id, {status} AS status {kept}"
    engine.execute(f"CREATE TEMP TABLE people AS {query}")


def registered_rows(rows: str, columns: Sequence[str], on_column: str, gathered: bool) -> str:
    """Return the query's rows of people in the registers, with `place` (null where no group holds)."""
    on = f"(rows.{sql.name(on_column)} - {_DAY_ZERO})"
    joined = f"FROM ({rows}) AS rows JOIN people ON people.person_id = rows.person_id"
    if gathered:
        # Most people have one status; asking it directly costs a fifth of walking a list.
        only = f"CASE WHEN {_holds(on, 'statuses[1]')} THEN statuses[1] END"
        least = f"list_min(list_filter(statuses, lambda status: {_holds(on, 'status')}))"
        place = f"CASE WHEN len(statuses) = 1 THEN {only} ELSE {least} END >> {2 * _DAY_BITS}"
        return f"SELECT rows.*, {place} AS place {joined}"
    place = f"min(status) FILTER (WHERE {_holds(on, 'status')}) >> {2 * _DAY_BITS}"
    same = ", ".join(f"any_value(rows.{sql.name(column)}) AS {sql.name(column)}" for column in columns)
    return f"SELECT ref, {same}, {place} AS place {joined} GROUP BY ref"


def group_table(groups: Sequence[Group]) -> str:
    """Return the table of the groups' codes by their place in the scheme."""
    rows = ", ".join(f"({place}, {sql.text(group.code)})" for place, group in enumerate(groups))
    return f'(VALUES {rows}) AS groups (place, "group")'


def _holds(on: str, status: str) -> str:
    return f"{on} >= (({status} >> {_DAY_BITS}) & {_DAY_MASK}) AND {on} < ({status} & {_DAY_MASK})"
