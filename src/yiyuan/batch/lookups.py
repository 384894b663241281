"""Lookups (查找): what the rule needs to know of a settlement and its own row does not say.

In: the accepted rows of the three inputs. Out: temporary tables, of each of which a settlement meets one row
at most: `people` (a person's hardship statuses), `codes` (the diseases a diagnosis code may stand for),
`cancelled` and `paid` (settlement ids). Their Python forms are in `yiyuan.rules`; a parity test holds the two
equal.
"""

from collections.abc import Iterable, Sequence

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.inputs import Source
from yiyuan.batch.refusals import all_rows
from yiyuan.rules.diseases import IGNORED_CHARACTERS
from yiyuan.rules.terms import Disease, Group

# A status is one whole number: the group's place in the scheme, the first day, and the day on which it no
# longer holds. Whole numbers gather into lists at half the cost of structures, and the least of those that
# hold on a day is the group that counts.
_DAY_BITS = 22
_DAY_ZERO = "DATE '0001-01-01'"
_EVER = "DATE '9999-12-31'"  # a status still holding ends after every day that can be read
_DAY_MASK = (1 << _DAY_BITS) - 1


def create_people(
    engine: duckdb.DuckDBPyConnection, sources: Sequence[Source], groups: Sequence[Group]
) -> None:
    """Make `people`: each person with an accepted row, and the list of that person's statuses."""
    places = " ".join(f"WHEN {sql.text(group.code)} THEN {place}" for place, group in enumerate(groups))
    first = f"CAST(valid_from - {_DAY_ZERO} AS BIGINT)"
    # One day more than the last that can be read, so that a status without an end also holds on that day.
    last = f"CASE WHEN valid_to IS NULL THEN {_EVER} - {_DAY_ZERO} + 1 ELSE valid_to - {_DAY_ZERO} END"
    status = (
        f'(CAST(CASE "group" {places} END AS BIGINT) << {2 * _DAY_BITS}) | ({first} << {_DAY_BITS})'
        f" | CAST({last} AS BIGINT)"
    )
    rows = all_rows(sources, ("person_id", "group", "valid_from", "valid_to"))
    engine.execute(
        f"CREATE TEMP TABLE people AS SELECT person_id, list({status}) AS statuses FROM ({rows})"
        f" AS rows WHERE {_accepted('hardship')} GROUP BY person_id"
    )


def group_on(on: str, groups: Sequence[Group]) -> str:
    """Return the expression of the first group in the scheme's order among `statuses` holding that day."""
    day = f"({on} - {_DAY_ZERO})"
    holds = f"{day} >= ((one >> {_DAY_BITS}) & {_DAY_MASK}) AND {day} < (one & {_DAY_MASK})"
    place = f"(list_min(list_filter(statuses, lambda one: {holds})) >> {2 * _DAY_BITS})"
    codes = ", ".join(sql.text(group.code) for group in groups)
    return f"([{codes}])[CAST({place} AS INTEGER) + 1]"


def create_codes(
    engine: duckdb.DuckDBPyConnection, sources: Sequence[Source], diseases: Sequence[Disease]
) -> None:
    """Make `codes`: each diagnosis code that is blank, or under which a disease is listed.

    `disease_1`, `max_age_1`, `sex_1`, `needs_proof_1` are the disease with the longest prefix, of equal ones
    the scheme's first; `…_2` and on the next ones, as many as `candidate_count`. A code that a disease
    excludes is not under it.
    """
    blanks = " || ".join(f"chr({ord(character)})" for character in IGNORED_CHARACTERS)
    normal = f"upper(translate(diagnosis_code, {blanks}, ''))"
    listed = _prefixes((place, prefix) for place, one in enumerate(diseases) for prefix in one.prefixes)
    left_out = _prefixes(
        (place, prefix) for place, one in enumerate(diseases) for prefix in one.exclude_prefixes
    )
    engine.execute(f"""
        CREATE TEMP TABLE codes AS
        WITH seen AS (SELECT diagnosis_code, {normal} AS normal FROM
                      (SELECT DISTINCT diagnosis_code FROM ({all_rows(sources, ("diagnosis_code",))}))),
        lengths AS (SELECT DISTINCT length(prefix) AS length FROM {listed}),
        under AS (SELECT diagnosis_code, any_value(normal) AS normal, place, max(lengths.length) AS length
                  FROM seen CROSS JOIN lengths JOIN {listed} ON prefix = left(normal, lengths.length)
                  GROUP BY diagnosis_code, place),
        ranked AS (SELECT diagnosis_code, place,
                          row_number() OVER (PARTITION BY diagnosis_code ORDER BY length DESC, place) AS nth
                   FROM under ANTI JOIN {left_out} AS out
                        ON out.place = under.place AND starts_with(normal, out.prefix))
        SELECT diagnosis_code, FALSE AS is_blank, {_candidate_columns(diseases)}
        FROM ranked JOIN {_terms(diseases)} USING (place) GROUP BY diagnosis_code
        UNION ALL BY NAME
        SELECT diagnosis_code, TRUE AS is_blank FROM seen WHERE normal = ''
    """)


def _candidate_columns(diseases: Sequence[Disease]) -> str:
    return ", ".join(
        f"any_value({term}) FILTER (WHERE nth = {number}) AS {term}_{number}"
        for number in range(1, candidate_count(diseases) + 1)
        for term in ("disease", "max_age", "sex", "needs_proof")
    )


def _terms(diseases: Sequence[Disease]) -> str:
    rows = ", ".join(
        f"({place}, {sql.text(one.code)}, {'NULL' if one.max_age is None else one.max_age},"
        f" {sql.text_or_null(one.sex)}, {one.needs_proof})"
        for place, one in enumerate(diseases)
    )
    return f"(VALUES {rows}) AS terms (place, disease, max_age, sex, needs_proof)"


def candidate_count(diseases: Sequence[Disease]) -> int:
    """Return how many diseases a code can be listed under: 1 unless prefixes lie inside each other."""
    prefixes = {prefix for disease in diseases for prefix in disease.prefixes}
    return max((sum(prefix.startswith(one.prefixes) for one in diseases) for prefix in prefixes), default=1)


def create_cancelled(engine: duckdb.DuckDBPyConnection) -> None:
    """Make `cancelled`: each settlement id that an accepted row cancels."""
    engine.execute(
        "CREATE TEMP TABLE cancelled AS SELECT DISTINCT cancels AS setl_id FROM marked_settlements AS rows"
        f" WHERE cancels <> '' AND {_accepted('settlements')}"
    )


def create_paid(engine: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Make `paid`: each settlement id that has been paid or is in hand."""
    rows = all_rows(sources, ("setl_id",)) if sources else "SELECT 0 AS ref, '' AS setl_id LIMIT 0"
    accepted = f"SELECT * FROM ({rows}) AS rows WHERE {_accepted('claimed')}"
    engine.execute(f"CREATE TEMP TABLE paid AS SELECT DISTINCT setl_id FROM ({accepted})")


def _accepted(table: str) -> str:
    return f'ref NOT IN (SELECT ref FROM refused WHERE "table" = {sql.text(table)})'


def _prefixes(pairs: Iterable[tuple[int, str]]) -> str:
    rows = ", ".join(f"({place}, {sql.text(prefix)})" for place, prefix in pairs) or "(NULL, NULL)"
    listed = f"(VALUES {rows}) AS listed (place, prefix)"
    return f"(SELECT CAST(place AS BIGINT) AS place, prefix FROM {listed} WHERE place IS NOT NULL)"
