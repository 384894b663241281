"""Medical benefit (特困群众重病医疗): what the scheme pays on what every public payer left of an admission.

In: the settlement's eligible expense and its payers' amounts, in fen. Out: the benefit in fen.

    residual_fen   eligible expense less all payers, not below 0
    benefit_fen    by the reading: the tier of the residual, or its bands' shares up to a limit

Every amount, rate and order is scheme data. Pure: no clock, no database. See `docs/rules/medical-benefit.md`.
"""

from yiyuan.rules.algebra import Algebra, V
from yiyuan.rules.terms import BandReading, MedicalTerms, Reading, Tier, TierReading


def medical_benefit(terms: MedicalTerms, reading: Reading, on: Algebra[V]) -> V:
    """Return the medical benefit in fen for the case, or the table of cases, behind `on`."""
    return benefit_on_residual(reading, residual_expense(terms, on), on)


def residual_expense(terms: MedicalTerms, on: Algebra[V]) -> V:
    """Return the residual eligible expense (剩余合规费用) in fen: eligible less every payer, not below 0."""
    payers = [on.fact(name) for name in terms.payers]
    return on.less("residual_fen", on.fact(terms.eligible), payers, terms.residual_clause)


def benefit_on_residual(reading: Reading, residual: V, on: Algebra[V]) -> V:
    """Return the benefit in fen that the reading pays on a residual of 0 or more."""
    if isinstance(reading, TierReading):
        return _by_tier(reading, residual, on)
    return _by_band(reading, residual, on)


def _by_tier(reading: TierReading, residual: V, on: Algebra[V]) -> V:
    # Tiers ascend from 0 without a gap (the loader sees to it), so the first upper end not reached decides.
    arms = [
        (
            None if tier.below_fen is None else on.below(residual, tier.below_fen),
            _tier_amount(tier, residual, on),
            tier.clause,
        )
        for tier in reading.tiers
    ]
    return on.choose("benefit_fen", arms)


def _tier_amount(tier: Tier, residual: V, on: Algebra[V]) -> V:
    if tier.fixed_fen is not None:
        return on.fixed(tier.fixed_fen)
    assert tier.rate_bp is not None, "the loader gives every tier a rate or a fixed sum"
    return on.share(residual, tier.rate_bp)


def _by_band(reading: BandReading, residual: V, on: Algebra[V]) -> V:
    parts = [
        (
            f"band_{number}_fen",
            on.share(on.within(residual, band.from_fen, band.below_fen), band.rate_bp),
            band.clause,
        )
        for number, band in enumerate(reading.bands, start=1)
    ]
    total = on.plus("bands_fen", parts, reading.bands[0].clause)
    limit = reading.limit
    return on.least(
        "benefit_fen", [(total, reading.bands[0].clause), (on.fixed(limit.limit_fen), limit.clause)]
    )
