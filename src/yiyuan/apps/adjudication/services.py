"""The only writer of decisions (核定结论): the desk's rule on a settlement, frozen with facts and trace."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.adjudication.queries import DecisionView, view_of
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.queries import (
    SettlementFacts,
    StatusView,
    get_settlement_facts,
    list_statuses,
)
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.period import Period
from yiyuan.rules import eligibility
from yiyuan.rules.terms import SchemeVersion


@transaction.atomic
def decide_settlement(
    *, setl_id: str, actor: Actor, occurred_at: datetime, request_key: str, proof_seen: bool = False
) -> DecisionView:
    """Decide a settlement by the desk's rule from what is known now, freeze it with its facts, and return it.

    The same `request_key` returns the first decision.
    """
    if earlier := Decision.objects.filter(request_key=request_key).first():
        return view_of(earlier)
    terms = get_terms()
    facts = get_settlement_facts(setl_id)
    statuses = list_statuses(facts.person_id)
    decided = eligibility.decide(
        terms, _settlement(terms, facts, proof_seen=proof_seen), [_spell(status) for status in statuses]
    )
    row = Decision.objects.create(
        setl_id=setl_id,
        person_id=facts.person_id,
        scheme=terms.id,
        scheme_valid_from=terms.valid.from_on,
        scheme_sha256=terms.sha256,
        reading=terms.medical.default_reading,
        outcome=decided.outcome,
        reason=decided.reason,
        group=decided.group or "",
        disease=decided.disease or "",
        residual_fen=decided.residual_fen,
        benefit_fen=decided.benefit_fen,
        clause=decided.clause,
        trace=[step._asdict() for step in decided.trace],
        facts=_frozen_facts(facts, statuses, proof_seen=proof_seen),
        decided_at=occurred_at,
        decided_by=actor.id,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="decide_settlement",
        subject=("settlement", setl_id),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"decision": row.pk, "outcome": row.outcome, "benefit_fen": row.benefit_fen},
    )
    return view_of(row)


def preview_settlement(
    setl_id: str, *, proof_seen: bool = False
) -> tuple[SchemeVersion, SettlementFacts, eligibility.Decision]:
    """Return the terms, the facts and what the desk's rule says of a settlement now; nothing is kept."""
    terms = get_terms()
    facts = get_settlement_facts(setl_id)
    spells = [_spell(status) for status in list_statuses(facts.person_id)]
    settlement = _settlement(terms, facts, proof_seen=proof_seen)
    return terms, facts, eligibility.decide(terms, settlement, spells)


def _settlement(
    terms: SchemeVersion, facts: SettlementFacts, *, proof_seen: bool = False
) -> eligibility.Settlement:
    return eligibility.Settlement(
        setl_id=facts.setl_id,
        county_code=facts.county_code,
        diagnosis_code=facts.diagnosis_code,
        birth_on=facts.birth_on,
        sex=facts.sex,
        on=facts.admitted_on,
        amounts_fen=facts.amounts_fen,
        is_reversed=facts.is_reversed,
        is_claimed=facts.is_claimed,
        is_proof_seen=proof_seen,
    )


def _spell(status: StatusView) -> eligibility.Spell:
    return eligibility.Spell(status.group, Period(status.valid_from, status.valid_to))


def _frozen_facts(
    facts: SettlementFacts, statuses: Sequence[StatusView], *, proof_seen: bool
) -> Mapping[str, object]:
    return {
        **facts.as_json(),
        "proof_seen": proof_seen,
        "statuses": [
            {
                "group": status.group,
                "from": status.valid_from.isoformat(),
                "to": _day(status.valid_to),
                "import_job": status.import_job_id,
                "row": status.source_row,
            }
            for status in statuses
        ],
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None
