"""Eligibility (应赔判定): what the scheme decides on one inpatient settlement, and on which clause.

In: a settlement with the date that counts, and the person's spells in hardship groups. Out: a `Decision`:
outcome, reason, group, disease, residual and benefit in fen, clause, and the name of a missing fact. The
reasons are asked in a fixed order and the first that applies decides; a fact missing where the order first
needs it leaves the case undetermined. See `docs/rules/eligibility.md`; the batch asks the same in SQL.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yiyuan.kernel.period import Period
from yiyuan.rules.algebra import DeskAlgebra, Step
from yiyuan.rules.diseases import DiseaseMatch, match_disease
from yiyuan.rules.medical_benefit import benefit_on_residual, residual_expense
from yiyuan.rules.terms import Reading, SchemeVersion

ENTITLED = "entitled"
NOT_ENTITLED = "not_entitled"
UNDETERMINED = "undetermined"
MISSING_FACT = "missing_fact"
_AFTER_RESIDUAL = frozenset({"nothing_left_to_pay", "already_claimed"})


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time over which a person belongs to a hardship group."""

    group: str
    valid: Period


@dataclass(frozen=True, slots=True)
class Settlement:
    """An inpatient settlement as the ladder needs it; None where a fact is missing.

    `on` is the date that counts for group, period and age alike, and `on_name` the column it came from.
    `amounts_fen` holds the eligible expense and the payers by column; a payer that is not there paid 0.
    """

    setl_id: str
    county_code: str | None
    diagnosis_code: str | None
    birth_on: date | None
    sex: str | None
    on: date | None
    amounts_fen: Mapping[str, int]
    on_name: str = "admitted_on"
    is_reversed: bool = False  # it names a settlement it cancels, or another names it
    is_claimed: bool = False
    is_proof_seen: bool = False  # a person has seen the proof that the diagnosis code alone cannot give


@dataclass(frozen=True, slots=True)
class Decision:
    """What the scheme decides on a settlement; group, disease and residual hold whatever the reason."""

    outcome: str
    reason: str
    group: str | None
    disease: str | None
    residual_fen: int | None
    benefit_fen: int
    clause: str
    missing: str | None
    trace: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Holding:
    group: str | None
    is_group_known: bool
    match: DiseaseMatch
    residual_fen: int | None


@dataclass(frozen=True, slots=True)
class _Verdict:
    reason: str
    clause: str
    missing: str | None = None


_Question = Callable[[SchemeVersion, Settlement, _Holding], _Verdict | None]


def decide(
    version: SchemeVersion,
    settlement: Settlement,
    spells: Sequence[Spell] | None,
    reading: Reading | None = None,
) -> Decision:
    """Return the decision by the given reading, or the one in force; benefit in fen, 0 unless entitled.

    `spells` None means that nobody has looked the person up yet: then the group is a missing fact.
    """
    desk = DeskAlgebra(_complete_amounts(version, settlement))
    holding = _Holding(
        group=group_on(version, spells or (), settlement.on),
        is_group_known=spells is not None,
        match=match_disease(
            version.diseases, settlement.diagnosis_code, settlement.birth_on, settlement.sex, settlement.on
        ),
        residual_fen=_residual_fen(version, settlement, desk),
    )
    for question in _LADDER:
        verdict = question(version, settlement, holding)
        if verdict is not None:
            return _closed(verdict, holding, desk)
    assert holding.residual_fen is not None, "the ladder asks for the eligible expense before it ends"
    benefit_fen = benefit_on_residual(reading or version.top_up.reading(), holding.residual_fen, desk)
    return _decision(_Verdict(ENTITLED, desk.trace[-1].clause), ENTITLED, holding, benefit_fen, desk)


def group_on(version: SchemeVersion, spells: Sequence[Spell], on: date | None) -> str | None:
    """Return the first group in the scheme's order that holds on the day, None where none does."""
    if on is None:
        return None
    held = {spell.group for spell in spells if spell.valid.contains(on)}
    return next((group.code for group in version.groups if group.code in held), None)


def _closed(verdict: _Verdict, holding: _Holding, desk: DeskAlgebra) -> Decision:
    # An undetermined case has no explanation of an amount yet; a refusal rests on the residual only once the
    # ladder has asked for it, and says on which clause the benefit is 0.
    if verdict.reason not in _AFTER_RESIDUAL:
        desk.trace.clear()
    if verdict.missing is not None or verdict.reason == "needs_proof":
        return _decision(verdict, UNDETERMINED, holding, 0, desk)
    desk.trace.append(Step("benefit_fen", 0, verdict.clause))
    return _decision(verdict, NOT_ENTITLED, holding, 0, desk)


def _decision(
    verdict: _Verdict, outcome: str, holding: _Holding, benefit_fen: int, desk: DeskAlgebra
) -> Decision:
    disease = holding.match.disease
    return Decision(
        outcome=outcome,
        reason=verdict.reason,
        group=holding.group,
        disease=disease.code if disease else None,
        residual_fen=holding.residual_fen,
        benefit_fen=benefit_fen,
        clause=verdict.clause,
        missing=verdict.missing,
        trace=tuple(desk.trace),
    )


def _complete_amounts(version: SchemeVersion, settlement: Settlement) -> dict[str, int]:
    # An empty payer column means that the payer took no part: 0. The eligible expense has no default.
    return dict.fromkeys(version.top_up.payers, 0) | dict(settlement.amounts_fen)


def _residual_fen(version: SchemeVersion, settlement: Settlement, desk: DeskAlgebra) -> int | None:
    if version.top_up.eligible not in settlement.amounts_fen:
        return None
    return residual_expense(version.top_up, desk)


def _missing(version: SchemeVersion, reason: str, fact: str) -> _Verdict:
    return _Verdict(MISSING_FACT, version.reason_clauses[reason], fact)


def _refused(version: SchemeVersion, reason: str) -> _Verdict:
    return _Verdict(reason, version.reason_clauses[reason])


def _ask_reversed(version: SchemeVersion, settlement: Settlement, _: _Holding) -> _Verdict | None:
    return _refused(version, "reversed") if settlement.is_reversed else None


def _ask_period(version: SchemeVersion, settlement: Settlement, _: _Holding) -> _Verdict | None:
    if settlement.on is None:
        return _missing(version, "outside_period", settlement.on_name)
    return None if version.valid.contains(settlement.on) else _refused(version, "outside_period")


def _ask_pool(version: SchemeVersion, settlement: Settlement, _: _Holding) -> _Verdict | None:
    # With no county outside the pool the county decides nothing, so its absence is no missing fact.
    if not version.pool_excluded:
        return None
    if settlement.county_code is None:
        return _missing(version, "outside_pool", "county_code")
    return _refused(version, "outside_pool") if settlement.county_code in version.pool_excluded else None


def _ask_group(version: SchemeVersion, _: Settlement, holding: _Holding) -> _Verdict | None:
    if not holding.is_group_known:
        return _missing(version, "no_group_on_date", "group")
    return _refused(version, "no_group_on_date") if holding.group is None else None


def _ask_disease(version: SchemeVersion, settlement: Settlement, holding: _Holding) -> _Verdict | None:
    if holding.match.missing is not None:
        return _missing(version, "disease_not_listed", holding.match.missing)
    if holding.match.disease is None:
        return _refused(version, "disease_not_listed")
    waits = holding.match.disease.needs_proof and not settlement.is_proof_seen
    return _refused(version, "needs_proof") if waits else None


def _ask_residual(version: SchemeVersion, _: Settlement, holding: _Holding) -> _Verdict | None:
    if holding.residual_fen is None:
        return _missing(version, "nothing_left_to_pay", version.top_up.eligible)
    return _refused(version, "nothing_left_to_pay") if holding.residual_fen == 0 else None


def _ask_claimed(version: SchemeVersion, settlement: Settlement, _: _Holding) -> _Verdict | None:
    return _refused(version, "already_claimed") if settlement.is_claimed else None


_LADDER: tuple[_Question, ...] = (
    _ask_reversed,
    _ask_period,
    _ask_pool,
    _ask_group,
    _ask_disease,
    _ask_residual,
    _ask_claimed,
)
