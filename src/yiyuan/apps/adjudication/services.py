"""The only writer of decisions (核定结论): the desk's rule on a settlement, frozen with facts and trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from yiyuan.apps.adjudication.queries import DecisionView
from yiyuan.apps.audit.services import NewEntry
from yiyuan.apps.registry.cases import CaseFacts, list_cases
from yiyuan.apps.registry.paper import PAPER, get_facts_to_compare
from yiyuan.apps.registry.queries import (
    SettlementFacts,
    StatusView,
    get_settlement_facts,
    list_statuses,
)
from yiyuan.apps.rows import insert_rows
from yiyuan.apps.schemes.queries import get_terms, list_terms, version_on
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.period import Period
from yiyuan.rules import eligibility
from yiyuan.rules.terms import SchemeVersion

# In the order in which `_row` tells them.
COLUMNS = {
    "setl_id": "text", "person_id": "bigint", "outcome": "text", "reason": "text", "group": "text",
    "disease": "text", "residual_fen": "bigint", "benefit_fen": "bigint", "clause": "text", "trace": "jsonb",
    "facts": "jsonb", "request_key": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A settlement to be decided, with what is known about it."""

    known: CaseFacts
    request_key: str
    proof_seen: bool = False


class Decided(NamedTuple):
    """A decision that has just been frozen, as those need it who act on it; the benefit in fen."""

    id: int
    setl_id: str
    person_id: int
    outcome: str
    reason: str
    benefit_fen: int
    scheme_valid_from: date


@transaction.atomic
def decide_cases(
    *, requests: Sequence[CaseRequest], terms: SchemeVersion, actor: Actor, occurred_at: datetime
) -> Sequence[Decided]:
    """Decide settlements by the desk's rule, freeze each with its facts; return them in the order asked for.

    `terms` are those of the newest version; an admission that another version covers is decided by that one.
    The caller leaves the audit rows (`entry_of`) together with its own.
    """
    versions = [terms] if all(_is_under(terms, request) for request in requests) else list_terms()
    by_version: dict[date, list[CaseRequest]] = {}
    for request in requests:
        version = version_on(versions, request.known.facts.admitted_on)
        by_version.setdefault(version.valid.from_on, []).append(request)
    decided: dict[str, Decided] = {}
    for version in versions:
        some = by_version.get(version.valid.from_on, [])
        decided |= _decide_under(version, some, actor, occurred_at)
    return [decided[request.request_key] for request in requests]


def _is_under(terms: SchemeVersion, request: CaseRequest) -> bool:
    on = request.known.facts.admitted_on
    return on is not None and terms.valid.contains(on)


def _decide_under(
    terms: SchemeVersion, requests: Sequence[CaseRequest], actor: Actor, occurred_at: datetime
) -> Mapping[str, Decided]:
    decisions = [_decide(terms, request) for request in requests]
    written = insert_rows(
        "adjudication_decision",
        COLUMNS,
        map(_row, requests, decisions),
        constants={
            "scheme": terms.id,
            "scheme_valid_from": terms.valid.from_on,
            "scheme_sha256": terms.sha256,
            "reading": terms.top_up.default_reading,
            "decided_at": occurred_at,
            "decided_by": actor.id,
        },
        returning="request_key, id",
    )
    numbers: dict[str, int] = dict(written)
    return {
        request.request_key: Decided(
            numbers[request.request_key],
            request.known.facts.setl_id,
            request.known.facts.person_id,
            decision.outcome,
            decision.reason,
            decision.benefit_fen,
            terms.valid.from_on,
        )
        for request, decision in zip(requests, decisions, strict=True)
    }


def entry_of(decision: Decided, request_key: str) -> NewEntry:
    """Return the audit row that a decision owes."""
    detail = {"decision": decision.id, "outcome": decision.outcome, "benefit_fen": decision.benefit_fen}
    return NewEntry("decide_settlement", ("settlement", decision.setl_id), request_key, detail)


def _decide(terms: SchemeVersion, request: CaseRequest) -> eligibility.Decision:
    known = request.known
    return eligibility.decide(
        terms,
        _settlement(terms, known.facts, proof_seen=request.proof_seen),
        [_spell(status) for status in known.statuses],
    )


def _row(request: CaseRequest, decision: eligibility.Decision) -> tuple[object, ...]:
    facts = request.known.facts
    return (
        facts.setl_id,
        facts.person_id,
        decision.outcome,
        decision.reason,
        decision.group or "",
        decision.disease or "",
        decision.residual_fen,
        decision.benefit_fen,
        decision.clause,
        [step._asdict() for step in decision.trace],
        _frozen_facts(facts, request.known.statuses, proof_seen=request.proof_seen),
        request.request_key,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a settlement comes to: outcome, reason, and the benefit in fen."""

    outcome: str
    reason: str
    benefit_fen: int


def outcomes_now(decisions: Sequence[DecisionView]) -> Mapping[int, Outcome]:
    """Return by decision what its rule says of its settlement on the facts known now; nothing is kept.

    The version, and the proof a person had seen, are those of the decision: only the facts may differ.
    """
    known = list_cases([decision.setl_id for decision in decisions])
    return {decision.id: _outcome_now(decision, known[decision.setl_id]) for decision in decisions}


def _outcome_now(decision: DecisionView, known: CaseFacts) -> Outcome:
    terms, facts, statuses = get_terms(decision.scheme_valid_from), known.facts, known.statuses
    if decision.setl_id.startswith(PAPER):
        # What its file row says holds, once there is one, and with it whose the stay is.
        facts = get_facts_to_compare(decision.setl_id)
        statuses = tuple(list_statuses(facts.person_id))
    settlement = _settlement(terms, facts, proof_seen=bool(decision.facts.get("proof_seen")))
    now = eligibility.decide(terms, settlement, [_spell(status) for status in statuses])
    return Outcome(now.outcome, now.reason, now.benefit_fen)


def facts_now(setl_id: str) -> Mapping[str, object]:
    """Return the facts of a settlement in the form in which a decision freezes them."""
    facts = get_facts_to_compare(setl_id)
    return _frozen_facts(facts, list_statuses(facts.person_id), proof_seen=False)


def preview_settlement(
    setl_id: str, *, proof_seen: bool = False
) -> tuple[SchemeVersion, SettlementFacts, eligibility.Decision]:
    """Return the terms, the facts and what the desk's rule says of a settlement now; nothing is kept."""
    facts = get_settlement_facts(setl_id)
    terms = version_on(list_terms(), facts.admitted_on)
    spells = [_spell(status) for status in list_statuses(facts.person_id)]
    settlement = _settlement(terms, facts, proof_seen=proof_seen)
    return terms, facts, eligibility.decide(terms, settlement, spells)


def reasons_now(setl_ids: Sequence[str]) -> Mapping[str, str]:
    """Return settlement number → the reason the desk's rule gives now; nothing is kept."""
    versions = list_terms()
    return {
        setl_id: eligibility.decide(
            terms := version_on(versions, known.facts.admitted_on),
            _settlement(terms, known.facts),
            [_spell(status) for status in known.statuses],
        ).reason
        for setl_id, known in list_cases(setl_ids).items()
    }


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
