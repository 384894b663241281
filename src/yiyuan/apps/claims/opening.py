"""Opening claims (立案): one or many at once, by the same statements, checks and evidence.

In: open proposals, each with its request key. Out: claims with their frozen decisions, events, clocks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localtime

from yiyuan.apps.adjudication.queries import DecisionView
from yiyuan.apps.adjudication.services import CaseRequest, decide_cases, entry_of
from yiyuan.apps.audit.services import NewEntry, record_entries
from yiyuan.apps.claims.errors import NotEntitled, ProposalDecided, RoleMissing
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.deadlines.services import ClockRequest, start_clocks
from yiyuan.apps.registry.cases import CaseFacts, list_cases
from yiyuan.apps.rows import Now, insert_rows
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening import errors as screening_errors
from yiyuan.apps.screening.confirming import Confirmed, confirm_proposals
from yiyuan.kernel.actor import Actor
from yiyuan.rules.terms import SchemeVersion

CLAIM_COLUMNS = {
    "number": "text", "setl_id": "text", "person_id": "bigint", "county_code": "text", "cause": "text",
    "proposal_id": "bigint", "decision_id": "bigint", "benefit_fen": "bigint", "account_id": "bigint",
    "state": "text", "opened_at": "timestamptz", "papers_complete_at": "timestamptz", "due_on": "date",
    "payment_note": "text",
}  # fmt: skip
EVENT_COLUMNS = {
    "claim_id": "bigint", "verb": "text", "from_state": "text", "to_state": "text", "reason": "text",
    "request_key": "text",
}  # fmt: skip
GAP_NO_ACCOUNT = "缺收款账户：名册和一卡通库里都没有"
# One statement gives the numbers and holds the series until the claims are kept: none is lost or doubled.
NUMBER_SQL = """INSERT INTO claims_numberseries AS s (county_code, year, last)
SELECT county_code, %s, count FROM unnest(%s::text[], %s::int[]) AS g(county_code, count) ORDER BY county_code
ON CONFLICT (county_code, year) DO UPDATE SET last = s.last + excluded.last RETURNING county_code, last"""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A proposal to be confirmed; `proof_note` says which proof a person saw where a code cannot tell."""

    proposal_id: int
    request_key: str
    proof_note: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """What one claim is made of."""

    request: OpenRequest
    confirmed: Confirmed
    known: CaseFacts
    decision: DecisionView


@transaction.atomic
def open_claims(*, requests: Sequence[OpenRequest], actor: Actor, occurred_at: datetime) -> Sequence[Claim]:
    """Confirm proposals and open their claims, all or none; return the claims in the order asked for.

    Each settlement is decided anew by the desk's rule from what is known now; the decision with its trace is
    frozen. With an account on record the papers are complete and the clock starts; without one the claim
    waits for it.

    :raises ProposalDecided: somebody has decided one of the proposals.
    :raises NotEntitled: the desk's rule does not come to a benefit.
    :raises RoleMissing: the actor is no desk agent.
    """
    terms = get_terms()
    cases = _decided(requests, terms, actor, occurred_at)
    claims = _claims(cases, terms, occurred_at)
    _start(claims, terms, occurred_at)
    _write_claims(claims)
    events = [event for claim, case in zip(claims, cases, strict=True) for event in _moves(claim, case)]
    insert_rows(
        "claims_claimevent",
        EVENT_COLUMNS,
        [{name: getattr(event, name) for name in EVENT_COLUMNS} for event in events],
        constants={
            "actor_id": actor.id,
            "actor_name": actor.name,
            "occurred_at": occurred_at,
            "recorded_at": Now(),
        },
    )
    record_entries(
        entries=[
            *(entry_of(case.decision, _decide_key(case.request)) for case in cases),
            *(NewEntry(event.verb, ("claim", event.claim.number), event.request_key) for event in events),
        ],
        actor=actor,
        occurred_at=occurred_at,
    )
    return claims


def _write_claims(claims: Sequence[Claim]) -> None:
    rows = [{name: getattr(claim, name) for name in CLAIM_COLUMNS} for claim in claims]
    numbers = dict(insert_rows("claims_claim", CLAIM_COLUMNS, rows, returning="number, id"))
    for claim in claims:
        claim.pk = numbers[claim.number]
        claim._state.adding = False


def _decided(
    requests: Sequence[OpenRequest], terms: SchemeVersion, actor: Actor, occurred_at: datetime
) -> Sequence[_Case]:
    notes = {request.proposal_id: request.proof_note for request in requests}
    try:
        confirmed = confirm_proposals(notes=notes, actor=actor, occurred_at=occurred_at)
    except screening_errors.ProposalDecided as error:
        raise ProposalDecided(str(error)) from error
    except screening_errors.RoleMissing as error:
        raise RoleMissing(str(error)) from error
    known = list_cases([one.setl_id for one in confirmed.values()])
    decisions = decide_cases(
        requests=[
            CaseRequest(
                known=known[confirmed[request.proposal_id].setl_id],
                request_key=_decide_key(request),
                proof_seen=bool(request.proof_note.strip()),
            )
            for request in requests
        ],
        terms=terms,
        actor=actor,
        occurred_at=occurred_at,
    )
    for decision in decisions:
        if decision.outcome != "entitled":
            raise NotEntitled(decision.reason)
    return [
        _Case(request, confirmed[request.proposal_id], known[decision.setl_id], decision)
        for request, decision in zip(requests, decisions, strict=True)
    ]


def _decide_key(request: OpenRequest) -> str:
    return f"{request.request_key}:decide"


def _claims(cases: Sequence[_Case], terms: SchemeVersion, occurred_at: datetime) -> list[Claim]:
    cause, numbers = terms.top_up.liability, _numbers(cases, occurred_at)
    return [
        Claim(
            number=numbers[case.request.proposal_id],
            setl_id=case.decision.setl_id,
            person_id=case.decision.person_id,
            county_code=case.confirmed.county_code,
            cause=cause,
            proposal_id=case.request.proposal_id,
            decision_id=case.decision.id,
            benefit_fen=case.decision.benefit_fen,
            account_id=case.known.accounts[0].id if case.known.accounts else None,
            state=State.LODGED if case.known.accounts else State.AWAITING_DOCUMENTS,
            opened_at=occurred_at,
        )
        for case in cases
    ]


def _numbers(cases: Sequence[_Case], occurred_at: datetime) -> Mapping[int, str]:
    year = localtime(occurred_at).year
    wanted = Counter(case.confirmed.county_code for case in cases)
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [year, list(wanted), list(wanted.values())])
        place = {county_code: last - wanted[county_code] for county_code, last in cursor.fetchall()}
    numbers = {}
    for case in cases:
        county_code, county = case.confirmed.county_code, case.known.county_name
        place[county_code] += 1
        short = county[:2] if len(county) > 2 else county
        numbers[case.request.proposal_id] = f"{short}-医-{year}-{place[county_code]:05d}"
    return numbers


def _start(claims: Sequence[Claim], terms: SchemeVersion, occurred_at: datetime) -> None:
    complete = [claim for claim in claims if claim.state == State.LODGED]
    deadlines = start_clocks(
        requests=[ClockRequest(claim.number, claim.cause, claim.benefit_fen) for claim in complete],
        terms=terms,
        started_at=occurred_at,
    )
    for claim, deadline in zip(complete, deadlines, strict=True):
        claim.papers_complete_at, claim.due_on = occurred_at, deadline.due_on


def _moves(claim: Claim, case: _Case) -> Sequence[ClaimEvent]:
    key = case.request.request_key
    report = ClaimEvent(
        claim=claim,
        verb=Verb.REPORT,
        from_state=State.REPORTED,
        to_state=State.REPORTED,
        request_key=key,
    )
    is_complete = claim.state == State.LODGED
    second = ClaimEvent(
        claim=claim,
        verb=Verb.LODGE if is_complete else Verb.REQUEST_DOCUMENTS,
        from_state=State.REPORTED,
        to_state=claim.state,
        reason="" if is_complete else GAP_NO_ACCOUNT,
        request_key=f"{key}:lodge" if is_complete else f"{key}:gap",
    )
    return report, second
