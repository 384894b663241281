"""Decisions (筛查结论): the ladder of reasons over every settlement of the people in the registers.

In: the settlements' sources and the tables of `lookups`. Out: the query of `decisions.parquet`, one row
per accepted settlement of a person with an accepted register row. The reasons stand in the order of the
contract, and the first that applies counts; `yiyuan.rules.eligibility` asks the same of one case, and a
parity test holds the two equal.
"""

from dataclasses import dataclass

from yiyuan.batch import sql
from yiyuan.batch.algebra import TableAlgebra
from yiyuan.batch.inputs import Source
from yiyuan.batch.lookups import candidate_count
from yiyuan.batch.people import group_code, registered_rows
from yiyuan.batch.refusals import all_rows
from yiyuan.rules.eligibility import ENTITLED, MISSING_FACT, NOT_ENTITLED, UNDETERMINED
from yiyuan.rules.medical_benefit import medical_benefit, residual_expense
from yiyuan.rules.terms import Reading, SchemeVersion

NEEDS_PROOF = "needs_proof"


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides a run: the scheme version, the reading, and the column of the date that counts."""

    scheme: SchemeVersion
    reading: Reading
    on_column: str

    @property
    def fact_columns(self) -> tuple[str, ...]:
        """The columns of the amounts that the rule asks for."""
        return (self.scheme.medical.eligible, *self.scheme.medical.payers)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns without which nothing can be decided."""
        keys = (
            "setl_id",
            "person_id",
            "county_code",
            "birth_on",
            "sex",
            "diagnosis_code",
            "reverses_setl_id",
        )
        return (*keys, self.on_column, *self.fact_columns)


def decisions_query(terms: Terms, sources: list[Source], gathered: bool) -> str:
    """Return the query of `decisions.parquet`."""
    algebra = TableAlgebra()
    medical_benefit(terms.scheme.medical, terms.reading, algebra)
    amounted = algebra.around(_known_rows(terms, sources, gathered))
    held = f'SELECT *, {group_code(terms.scheme.groups)} AS "group", {_disease(terms)} FROM ({amounted})'
    reasoned = f"SELECT *, {_reason(terms)} AS reason FROM ({held})"
    eligible = sql.text(terms.scheme.medical.eligible)
    missing = (
        f"CASE WHEN reason <> '{MISSING_FACT}' THEN NULL WHEN on_day IS NULL THEN {sql.text(terms.on_column)}"
        f" WHEN {_is_county_missing(terms)} THEN 'county_code' ELSE coalesce(disease_missing, {eligible}) END"
    )
    return f"""
        SELECT setl_id, person_id, {_outcome()} AS outcome, reason, "group", disease,
               CASE WHEN is_residual_known THEN residual_fen END AS residual_fen,
               CASE WHEN reason = '{ENTITLED}' THEN benefit_fen ELSE 0 END AS benefit_fen,
               {_clause(terms)} AS clause, missing
        FROM (SELECT *, {missing} AS missing FROM ({reasoned}))
    """


def residual_total_query(terms: Terms, sources: list[Source], has_refused: bool) -> str:
    """Return the query of one number: the residual in fen of all accepted settlements with a known one."""
    algebra = TableAlgebra()
    residual_expense(terms.scheme.medical, algebra)
    accepted = f"SELECT * FROM ({all_rows(sources, terms.fact_columns)})"
    if has_refused:
        accepted += " AS rows ANTI JOIN refused_settlements USING (ref)"
    whole = algebra.around(f"SELECT {_facts(terms)} FROM ({accepted})")
    return f"SELECT coalesce(sum(residual_fen) FILTER (WHERE is_residual_known), 0) FROM ({whole})"


def _known_rows(terms: Terms, sources: list[Source], gathered: bool) -> str:
    """Return the settlements of registered people with all that the lookups know; no fact column is null."""
    rows = registered_rows(all_rows(sources, terms.columns), terms.columns, terms.on_column, gathered)
    listed = ("ref", "setl_id", "person_id", "birth_on", "diagnosis_code")
    return f"""
        SELECT {", ".join(f"rows.{name}" for name in listed)}, {terms.on_column} AS on_day,
               NULLIF(county_code, '') AS county_code, NULLIF(sex, '') AS sex, {_facts(terms)},
               place, codes.* EXCLUDE (diagnosis_code),
               reverses_setl_id <> '' OR cancelled.setl_id IS NOT NULL AS is_reversed,
               paid.setl_id IS NOT NULL AS is_claimed
        FROM ({rows}) AS rows
        LEFT JOIN codes ON codes.diagnosis_code = rows.diagnosis_code
        LEFT JOIN cancelled ON cancelled.setl_id = rows.setl_id
        LEFT JOIN paid ON paid.setl_id = rows.setl_id
        ANTI JOIN refused_settlements ON refused_settlements.ref = rows.ref
    """


def _facts(terms: Terms) -> str:
    # A payer that is not there paid nothing. A missing eligible expense has no default: the rule runs on 0
    # there, and `is_residual_known` keeps what comes of it out of every column.
    known = f"{terms.scheme.medical.eligible} IS NOT NULL AS is_residual_known"
    return ", ".join([known, *(f"coalesce({name}, 0) AS {name}" for name in terms.fact_columns)])


def _disease(terms: Terms) -> str:
    """Return three columns: the disease that counts, whether it needs proof, and the fact missing to tell."""
    disease, proof, missing = "", "", "WHEN diagnosis_code IS NULL OR is_blank THEN 'diagnosis_code'"
    age = (
        "((year(on_day) * 10000 + month(on_day) * 100 + day(on_day))"
        " - (year(birth_on) * 10000 + month(birth_on) * 100 + day(birth_on))) // 10000"
    )
    for number in range(1, candidate_count(terms.scheme.diseases) + 1):
        # TRUE, FALSE, or NULL where an absent fact leaves it open; one FALSE settles it whatever is absent.
        counts = (
            f"(disease_{number} IS NOT NULL AND (max_age_{number} IS NULL OR {age} <= max_age_{number})"
            f" AND (sex_{number} IS NULL OR sex = sex_{number}))"
        )
        asked = f"CASE WHEN max_age_{number} IS NOT NULL AND birth_on IS NULL THEN 'birth_on' ELSE 'sex' END"
        disease += f" WHEN {counts} THEN disease_{number} WHEN {counts} IS NULL THEN NULL"
        proof += f" WHEN {counts} THEN needs_proof_{number} WHEN {counts} IS NULL THEN FALSE"
        missing += f" WHEN {counts} THEN NULL WHEN {counts} IS NULL THEN {asked}"
    return (
        f"CASE {disease} END AS disease, CASE {proof} ELSE FALSE END AS is_proof_needed,"
        f" CASE {missing} END AS disease_missing"
    )


def _reason(terms: Terms) -> str:
    valid = terms.scheme.valid
    after = "" if valid.to_on is None else f" OR on_day >= {sql.day(valid.to_on)}"
    outside = ", ".join(sql.text(county) for county in sorted(terms.scheme.pool_excluded)) or "NULL"
    return f"""
        CASE WHEN is_reversed THEN 'reversed'
             WHEN on_day IS NULL THEN '{MISSING_FACT}'
             WHEN on_day < {sql.day(valid.from_on)}{after} THEN 'outside_period'
             WHEN {_is_county_missing(terms)} THEN '{MISSING_FACT}'
             WHEN county_code IN ({outside}) THEN 'outside_pool'
             WHEN "group" IS NULL THEN 'no_group_on_date'
             WHEN disease_missing IS NOT NULL THEN '{MISSING_FACT}'
             WHEN disease IS NULL THEN 'disease_not_listed'
             WHEN is_proof_needed THEN '{NEEDS_PROOF}'
             WHEN NOT is_residual_known THEN '{MISSING_FACT}'
             WHEN residual_fen = 0 THEN 'nothing_left_to_pay'
             WHEN is_claimed THEN 'already_claimed'
             ELSE '{ENTITLED}' END
    """


def _is_county_missing(terms: Terms) -> str:
    # With no county outside the pool the county decides nothing, so its absence is no missing fact.
    return "county_code IS NULL" if terms.scheme.pool_excluded else "FALSE"


def _outcome() -> str:
    return (
        f"CASE WHEN reason = '{ENTITLED}' THEN '{ENTITLED}'"
        f" WHEN reason IN ('{MISSING_FACT}', '{NEEDS_PROOF}') THEN '{UNDETERMINED}' ELSE '{NOT_ENTITLED}' END"
    )


def _clause(terms: Terms) -> str:
    """Return the clause of the rung that decided; a missing fact rests on the rung that needed it."""
    clauses = terms.scheme.reason_clauses
    rungs = {
        terms.on_column: clauses["outside_period"],
        "county_code": clauses["outside_pool"],
        terms.scheme.medical.eligible: clauses["nothing_left_to_pay"],
    }
    asked = " ".join(f"WHEN {sql.text(fact)} THEN {sql.text(clause)}" for fact, clause in rungs.items())
    given = " ".join(f"WHEN {sql.text(reason)} THEN {sql.text(clause)}" for reason, clause in clauses.items())
    missing = f"CASE missing {asked} ELSE {sql.text(clauses['disease_not_listed'])} END"
    return (
        f"CASE reason WHEN '{ENTITLED}' THEN benefit_fen_clause"
        f" WHEN '{MISSING_FACT}' THEN {missing} {given} END"
    )
