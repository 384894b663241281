"""The only writer of decisions (核定结论): the desk's rule on a settlement, frozen with facts and trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.adjudication.queries import DecisionView, view_of
from yiyuan.apps.audit.services import NewEntry
from yiyuan.apps.registry.cases import CaseFacts
from yiyuan.apps.registry.queries import (
    SettlementFacts,
    StatusView,
    get_settlement_facts,
    list_statuses,
)
from yiyuan.apps.rows import insert_rows
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.period import Period
from yiyuan.rules import eligibility
from yiyuan.rules.terms import SchemeVersion

COLUMNS = {
    "setl_id": "text", "person_id": "bigint", "scheme": "text", "scheme_valid_from": "date",
    "scheme_sha256": "text", "reading": "text", "outcome": "text", "reason": "text", "group": "text",
    "disease": "text", "residual_fen": "bigint", "benefit_fen": "bigint", "clause": "text", "trace": "jsonb",
    "facts": "jsonb", "decided_at": "timestamptz", "decided_by": "text", "request_key": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A settlement to be decided, with what is known about it."""

    known: CaseFacts
    request_key: str
    proof_seen: bool = False


@transaction.atomic
def decide_cases(
    *, requests: Sequence[CaseRequest], terms: SchemeVersion, actor: Actor, occurred_at: datetime
) -> Sequence[DecisionView]:
    """Decide settlements by the desk's rule, freeze each with its facts; return them in the order asked for.

    The caller leaves the audit rows (`entry_of`) together with its own.
    """
    rows = [_decided(terms, request, actor, occurred_at) for request in requests]
    numbers = dict(
        insert_rows(
            "adjudication_decision", COLUMNS, [_row(row) for row in rows], returning="request_key, id"
        )
    )
    for row in rows:
        row.pk = numbers[row.request_key]
    return [view_of(row) for row in rows]


def _row(decision: Decision) -> Mapping[str, object]:
    return {name: getattr(decision, name) for name in COLUMNS}


def entry_of(decision: DecisionView, request_key: str) -> NewEntry:
    """Return the audit row that a decision owes."""
    detail = {"decision": decision.id, "outcome": decision.outcome, "benefit_fen": decision.benefit_fen}
    return NewEntry("decide_settlement", ("settlement", decision.setl_id), request_key, detail)


def _decided(terms: SchemeVersion, request: CaseRequest, actor: Actor, occurred_at: datetime) -> Decision:
    facts, statuses = request.known.facts, request.known.statuses
    decided = eligibility.decide(
        terms,
        _settlement(terms, facts, proof_seen=request.proof_seen),
        [_spell(status) for status in statuses],
    )
    return Decision(
        setl_id=facts.setl_id,
        person_id=facts.person_id,
        scheme=terms.id,
        scheme_valid_from=terms.valid.from_on,
        scheme_sha256=terms.sha256,
        reading=terms.top_up.default_reading,
        outcome=decided.outcome,
        reason=decided.reason,
        group=decided.group or "",
        disease=decided.disease or "",
        residual_fen=decided.residual_fen,
        benefit_fen=decided.benefit_fen,
        clause=decided.clause,
        trace=[step._asdict() for step in decided.trace],
        facts=_frozen_facts(facts, statuses, proof_seen=request.proof_seen),
        decided_at=occurred_at,
        decided_by=actor.id,
        request_key=request.request_key,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a settlement comes to: outcome, reason, and the benefit in fen."""

    outcome: str
    reason: str
    benefit_fen: int


def outcome_now(decision: DecisionView) -> Outcome:
    """Return what the rule of a decision says of its settlement on the facts known now; nothing is kept.

    The version, and the proof a person had seen, are those of the decision: only the facts may differ.
    """
    terms, facts = get_terms(decision.scheme_valid_from), get_settlement_facts(decision.setl_id)
    spells = [_spell(status) for status in list_statuses(facts.person_id)]
    proof_seen = bool(decision.facts.get("proof_seen"))
    now = eligibility.decide(terms, _settlement(terms, facts, proof_seen=proof_seen), spells)
    return Outcome(now.outcome, now.reason, now.benefit_fen)


def facts_now(setl_id: str) -> Mapping[str, object]:
    """Return the facts of a settlement in the form in which a decision freezes them."""
    facts = get_settlement_facts(setl_id)
    return _frozen_facts(facts, list_statuses(facts.person_id), proof_seen=False)


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
