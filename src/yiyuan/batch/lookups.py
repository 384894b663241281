"""Lookups (查找): what the rule needs to know of a settlement and its own row does not say.

In: the accepted rows of settlements and claimed ids. Out: temporary tables, of each of which a settlement
meets one row at most: `codes` (the diseases a diagnosis code may stand for), `cancelled` and `paid`
(settlement ids). Their Python forms are in `yiyuan.rules`; a parity test holds the two equal.
"""

from collections.abc import Iterable, Sequence

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.inputs import Source
from yiyuan.batch.refusals import accepted, all_rows
from yiyuan.rules.diseases import IGNORED_CHARACTERS
from yiyuan.rules.terms import Disease


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
        f" WHERE cancels <> '' AND {accepted('settlements')}"
    )


def create_paid(engine: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Make `paid`: each settlement id that has been paid or is in hand."""
    rows = all_rows(sources, ("setl_id",)) if sources else "SELECT 0 AS ref, '' AS setl_id LIMIT 0"
    kept = f"SELECT * FROM ({rows}) AS rows WHERE {accepted('claimed')}"
    engine.execute(f"CREATE TEMP TABLE paid AS SELECT DISTINCT setl_id FROM ({kept})")


def _prefixes(pairs: Iterable[tuple[int, str]]) -> str:
    rows = ", ".join(f"({place}, {sql.text(prefix)})" for place, prefix in pairs) or "(NULL, NULL)"
    listed = f"(VALUES {rows}) AS listed (place, prefix)"
    return f"(SELECT CAST(place AS BIGINT) AS place, prefix FROM {listed} WHERE place IS NOT NULL)"
