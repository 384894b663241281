"""Decisions (筛查结论): the ladder of reasons over every settlement of the people in the registers.

In: the settlements' sources and the tables of `lookups`. Out: the query of `decisions.parquet`, one row
per accepted settlement of a person with an accepted register row. The reasons stand in the order of the
contract, and the first that applies counts; `yiyuan.rules.eligibility` asks the same of one case, and a
parity test holds the two equal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from yiyuan.batch import sql
from yiyuan.batch.algebra import TableAlgebra
from yiyuan.batch.inputs import Source
from yiyuan.batch.lookups import candidate_count
from yiyuan.batch.people import group_table, registered_rows
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
        return (self.scheme.top_up.eligible, *self.scheme.top_up.payers)

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
    medical_benefit(terms.scheme.top_up, terms.reading, algebra)
    amounted = algebra.around(_known_rows(terms, sources, gathered))
    counted = f"SELECT *{_counts(terms)} FROM ({amounted})"
    held = f"SELECT *, {_disease(terms)} FROM ({counted})"
    rungs = _rungs(terms)
    arms = " ".join(f"WHEN {rung.applies} THEN {number}" for number, rung in enumerate(rungs))
    return f"""
        SELECT setl_id, person_id, outcome, reason, "group", disease,
               CASE WHEN is_residual_known THEN residual_fen END AS residual_fen,
               CASE WHEN reason = '{ENTITLED}' THEN benefit_fen ELSE 0 END AS benefit_fen,
               coalesce(rung_clause, benefit_fen_clause) AS clause, missing
        FROM (SELECT *, CASE {arms} END AS rung FROM ({held})) AS rows
        JOIN {_rung_table(rungs)} ON rungs.rung = rows.rung
        LEFT JOIN {group_table(terms.scheme.groups)} ON groups.place = rows.place
    """


def residual_total_query(terms: Terms, sources: list[Source], has_refused: bool) -> str:
    """Return the query of one number: the residual in fen of all accepted settlements with a known one."""
    algebra = TableAlgebra()
    residual_expense(terms.scheme.top_up, algebra)
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
    known = f"{terms.scheme.top_up.eligible} IS NOT NULL AS is_residual_known"
    return ", ".join([known, *(f"coalesce({name}, 0) AS {name}" for name in terms.fact_columns)])


class Rung(NamedTuple):
    """A question of the ladder: the SQL condition under which it decides, and what it then says.

    `clause` None stands for the clause of the benefit itself.
    """

    applies: str
    reason: str
    clause: str | None
    missing: str | None = None

    @property
    def outcome(self) -> str:
        """What the reason comes to."""
        if self.reason in (MISSING_FACT, NEEDS_PROOF):
            return UNDETERMINED
        return ENTITLED if self.reason == ENTITLED else NOT_ENTITLED


def _rungs(terms: Terms) -> list[Rung]:
    """Return the ladder; the first rung that applies decides, and the last always does."""
    valid, clauses = terms.scheme.valid, terms.scheme.reason_clauses
    after = "" if valid.to_on is None else f" OR on_day >= {sql.day(valid.to_on)}"

    def refused(applies: str, reason: str) -> Rung:
        return Rung(applies, reason, clauses[reason])

    def missing(applies: str, fact: str, needed_for: str) -> Rung:
        return Rung(applies, MISSING_FACT, clauses[needed_for], fact)

    return [
        refused("is_reversed", "reversed"),
        missing("on_day IS NULL", terms.on_column, "outside_period"),
        refused(f"on_day < {sql.day(valid.from_on)}{after}", "outside_period"),
        *_pool_rungs(terms, missing, refused),
        refused("place IS NULL", "no_group_on_date"),
        missing("diagnosis_code IS NULL OR is_blank", "diagnosis_code", "disease_not_listed"),
        *(missing(f"open_fact = '{fact}'", fact, "disease_not_listed") for fact in ("birth_on", "sex")),
        refused("disease IS NULL", "disease_not_listed"),
        refused("is_proof_needed", NEEDS_PROOF),
        missing("NOT is_residual_known", terms.scheme.top_up.eligible, "nothing_left_to_pay"),
        refused("residual_fen = 0", "nothing_left_to_pay"),
        refused("is_claimed", "already_claimed"),
        Rung("TRUE", ENTITLED, None),
    ]


def _pool_rungs(
    terms: Terms, missing: Callable[[str, str, str], Rung], refused: Callable[[str, str], Rung]
) -> list[Rung]:
    # With no county outside the pool the county decides nothing, so its absence is no missing fact.
    if not terms.scheme.pool_excluded:
        return []
    outside = ", ".join(sql.text(county) for county in sorted(terms.scheme.pool_excluded))
    return [
        missing("county_code IS NULL", "county_code", "outside_pool"),
        refused(f"county_code IN ({outside})", "outside_pool"),
    ]


def _rung_table(rungs: Sequence[Rung]) -> str:
    rows = ", ".join(
        f"({number}, {sql.text(rung.reason)}, {sql.text(rung.outcome)}, {sql.text_or_null(rung.clause)},"
        f" {sql.text_or_null(rung.missing)})"
        for number, rung in enumerate(rungs)
    )
    return f"(VALUES {rows}) AS rungs (rung, reason, outcome, rung_clause, missing)"


def _counts(terms: Terms) -> str:
    """Return a column for each disease a code may be listed under: does it count for this row?

    TRUE, FALSE, or NULL where an absent fact leaves it open; one FALSE settles it whatever is absent. Ages
    are worked out only for the few rows whose disease asks for them.
    """
    age = (
        "((year(on_day) * 10000 + month(on_day) * 100 + day(on_day))"
        " - (year(birth_on) * 10000 + month(birth_on) * 100 + day(birth_on))) // 10000"
    )
    return "".join(
        f", CASE WHEN disease_{n} IS NULL THEN FALSE WHEN max_age_{n} IS NULL AND sex_{n} IS NULL THEN TRUE"
        f" ELSE (max_age_{n} IS NULL OR {age} <= max_age_{n}) AND (sex_{n} IS NULL OR sex = sex_{n}) END"
        f" AS counts_{n}"
        for n in _candidates(terms)
    )


def _disease(terms: Terms) -> str:
    """Return the disease that counts, whether it needs proof, and the fact missing to tell."""
    disease, proof, open_fact = "", "", ""
    for n in _candidates(terms):
        asked = f"CASE WHEN max_age_{n} IS NOT NULL AND birth_on IS NULL THEN 'birth_on' ELSE 'sex' END"
        disease += f" WHEN counts_{n} THEN disease_{n} WHEN counts_{n} IS NULL THEN NULL"
        proof += f" WHEN counts_{n} THEN needs_proof_{n} WHEN counts_{n} IS NULL THEN FALSE"
        open_fact += f" WHEN counts_{n} THEN NULL WHEN counts_{n} IS NULL THEN {asked}"
    return (
        f"CASE {disease} END AS disease, CASE {proof} ELSE FALSE END AS is_proof_needed,"
        f" CASE {open_fact} END AS open_fact"
    )


def _candidates(terms: Terms) -> range:
    return range(1, candidate_count(terms.scheme.diseases) + 1)
