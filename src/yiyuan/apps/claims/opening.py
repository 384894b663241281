"""Opening claims (立案): one or many at once, by the same statements, checks and evidence.

In: open proposals, each with its request key. Out: claims with their frozen decisions, events, clocks.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.timezone import localtime

from yiyuan.apps.adjudication.services import CaseRequest, Decided, decide_cases, entry_of
from yiyuan.apps.audit.services import NewEntry, record_entries
from yiyuan.apps.claims.errors import NotEntitled, ProposalDecided, RoleMissing
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.deadlines.services import ClockRequest, CountedClock, count_clocks, start_clocks
from yiyuan.apps.registry.cases import CaseFacts, list_cases
from yiyuan.apps.rows import Now, insert_rows
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.apps.screening import errors as screening_errors
from yiyuan.apps.screening.confirming import Confirmed, confirm_proposals
from yiyuan.kernel.actor import Actor
from yiyuan.rules.terms import SchemeVersion

CLAIM_COLUMNS = {
    "number": "text", "setl_id": "text", "person_id": "bigint", "county_code": "text", "cause": "text",
    "proposal_id": "bigint", "decision_id": "bigint", "benefit_fen": "bigint", "account_id": "bigint",
    "state": "text", "papers_complete_at": "timestamptz", "due_on": "date",
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


class Opened(NamedTuple):
    """A claim that has just been opened, and its row in the order of `CLAIM_COLUMNS`."""

    id: int
    number: str
    row: tuple[Any, ...]

    def as_claim(self, opened_at: datetime) -> Claim:
        """Return the claim as it has been written, without asking for it again."""
        claim = Claim(pk=self.id, opened_at=opened_at, **dict(zip(CLAIM_COLUMNS, self.row, strict=True)))
        claim._state.adding = False
        return claim


class _Case(NamedTuple):
    """What one claim is made of."""

    number: str
    request: OpenRequest
    confirmed: Confirmed
    known: CaseFacts
    decision: Decided

    @property
    def state(self) -> State:
        return State.LODGED if self.known.accounts else State.AWAITING_DOCUMENTS


class _Event(NamedTuple):
    """A move as it is written, in the order of `EVENT_COLUMNS`."""

    claim_id: int
    verb: str
    from_state: str
    to_state: str
    reason: str
    request_key: str


@transaction.atomic
def open_claims(*, requests: Sequence[OpenRequest], actor: Actor, occurred_at: datetime) -> Sequence[Opened]:
    """Confirm proposals and open their claims, all or none; return the claims in the order asked for.

    Each settlement is decided anew by the desk's rule from what is known now; the decision with its trace is
    frozen. With an account on record the papers are complete and the clock starts; without one the claim
    waits for it.

    :raises ProposalDecided: somebody has decided one of the proposals.
    :raises NotEntitled: the desk's rule does not come to a benefit.
    :raises RoleMissing: the actor is no desk agent.
    """
    versions = list_terms()
    terms = versions[-1]
    cases = _decided(requests, terms, actor, occurred_at)
    clocks = _clocks(cases, versions, occurred_at)
    opened = _write_claims(
        cases, {clock.subject: clock.deadline.due_on for clock in clocks}, terms, occurred_at
    )
    start_clocks(clocks=clocks, started_at=occurred_at)
    _write_events(cases, opened, actor, occurred_at)
    return opened


def _write_claims(
    cases: Sequence[_Case], due_days: Mapping[str, date], terms: SchemeVersion, occurred_at: datetime
) -> Sequence[Opened]:
    rows = [
        (
            case.number,
            case.decision.setl_id,
            case.decision.person_id,
            case.confirmed.county_code,
            terms.top_up.liability,
            case.request.proposal_id,
            case.decision.id,
            case.decision.benefit_fen,
            case.known.accounts[0].id if case.known.accounts else None,
            str(case.state),
            occurred_at if case.number in due_days else None,
            due_days.get(case.number),
        )
        for case in cases
    ]
    constants = {"opened_at": occurred_at, "payment_note": ""}
    written = insert_rows("claims_claim", CLAIM_COLUMNS, rows, constants=constants, returning="number, id")
    ids: dict[str, int] = dict(written)
    return [Opened(ids[case.number], case.number, row) for case, row in zip(cases, rows, strict=True)]


def _write_events(
    cases: Sequence[_Case], opened: Sequence[Opened], actor: Actor, occurred_at: datetime
) -> None:
    insert_rows(
        "claims_claimevent",
        EVENT_COLUMNS,
        (move for claim, case in zip(opened, cases, strict=True) for move in _moves(claim.id, case)),
        constants={
            "actor_id": actor.id,
            "actor_name": actor.name,
            "occurred_at": occurred_at,
            "recorded_at": Now(),
        },
    )
    record_entries(
        entries=(entry for claim, case in zip(opened, cases, strict=True) for entry in _entries(claim, case)),
        actor=actor,
        occurred_at=occurred_at,
    )


def _entries(claim: Opened, case: _Case) -> Iterator[NewEntry]:
    yield entry_of(case.decision, _decide_key(case.request))
    for move in _moves(claim.id, case):
        yield NewEntry(move.verb, ("claim", claim.number), move.request_key)


def _decided(
    requests: Sequence[OpenRequest], terms: SchemeVersion, actor: Actor, occurred_at: datetime
) -> Sequence[_Case]:
    confirmed = _confirm(requests, actor, occurred_at)
    known = list_cases([one.setl_id for one in confirmed])
    facts = [known[one.setl_id] for one in confirmed]
    decisions = decide_cases(
        requests=[
            CaseRequest(
                known=one,
                request_key=_decide_key(request),
                proof_seen=bool(request.proof_note.strip()),
            )
            for request, one in zip(requests, facts, strict=True)
        ],
        terms=terms,
        actor=actor,
        occurred_at=occurred_at,
    )
    for decision in decisions:
        if decision.outcome != "entitled":
            raise NotEntitled(decision.reason)
    numbers = _numbers(confirmed, facts, occurred_at)
    return list(map(_Case, numbers, requests, confirmed, facts, decisions))


def _confirm(requests: Sequence[OpenRequest], actor: Actor, occurred_at: datetime) -> Sequence[Confirmed]:
    notes = {request.proposal_id: request.proof_note for request in requests}
    try:
        confirmed = confirm_proposals(notes=notes, actor=actor, occurred_at=occurred_at)
    except screening_errors.ProposalDecided as error:
        raise ProposalDecided(str(error)) from error
    except screening_errors.RoleMissing as error:
        raise RoleMissing(str(error)) from error
    return [confirmed[request.proposal_id] for request in requests]


def _decide_key(request: OpenRequest) -> str:
    return f"{request.request_key}:decide"


def _numbers(
    confirmed: Sequence[Confirmed], facts: Sequence[CaseFacts], occurred_at: datetime
) -> Iterator[str]:
    year = localtime(occurred_at).year
    wanted = Counter(one.county_code for one in confirmed)
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [year, list(wanted), list(wanted.values())])
        place = {county_code: last - wanted[county_code] for county_code, last in cursor.fetchall()}
    for one, known in zip(confirmed, facts, strict=True):
        place[one.county_code] += 1
        county = known.county_name
        short = county[:2] if len(county) > 2 else county
        yield f"{short}-医-{year}-{place[one.county_code]:05d}"


def _clocks(
    cases: Sequence[_Case], versions: Sequence[SchemeVersion], occurred_at: datetime
) -> Sequence[CountedClock]:
    # A late claim of a closed year is promised by the version of that year.
    counted: list[CountedClock] = []
    for terms in versions:
        requests = [
            ClockRequest(case.number, terms.top_up.liability, case.decision.benefit_fen)
            for case in cases
            if case.state is State.LODGED and case.decision.scheme_valid_from == terms.valid.from_on
        ]
        counted.extend(count_clocks(requests=requests, terms=terms, started_at=occurred_at))
    return counted


def _moves(claim_id: int, case: _Case) -> tuple[_Event, _Event]:
    key, reported, state = case.request.request_key, str(State.REPORTED), str(case.state)
    report = _Event(claim_id, str(Verb.REPORT), reported, reported, "", key)
    if case.state is State.LODGED:
        return report, _Event(claim_id, str(Verb.LODGE), reported, state, "", f"{key}:lodge")
    asked = str(Verb.REQUEST_DOCUMENTS)
    return report, _Event(claim_id, asked, reported, state, GAP_NO_ACCOUNT, f"{key}:gap")
