"""The only writer of screening runs and proposals (批量筛查)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.db.models import Max

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.bulk.fingerprints import FACTS_KEY
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.apps.schemes.services import record_version
from yiyuan.apps.screening.errors import (
    OutOfScope,
    ProposalDecided,
    ReasonMissing,
    RoleMissing,
    SettlesNothing,
)
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.apps.screening.staging import stage_decisions
from yiyuan.kernel.actor import Actor, Role

RUN_LOCK = 0x59595252  # advisory lock: one screening at a time

COUNT_SQL = """INSERT INTO screening_runcount (run_id, county_code, reason, count, residual_fen, benefit_fen)
SELECT %s, s.county_code, d.reason, count(*), coalesce(sum(d.residual_fen), 0), sum(d.benefit_fen)
FROM staged_decision d JOIN registry_settlement s USING (setl_id) GROUP BY 2, 3"""
FORGET_SQL = "DELETE FROM screening_finding"
FIND_SQL = """INSERT INTO screening_finding
    (setl_id, person_id, county_code, admitted_on, outcome, reason, "group")
SELECT d.setl_id, d.person_id, s.county_code, s.admitted_on, d.outcome, d.reason, coalesce(d."group", '')
FROM staged_decision d JOIN registry_settlement s USING (setl_id)"""
# What the run makes of each settlement against what stood before it, told before anything is written. A
# person's "no" stands until a fact changes on which it rested; then the settlement is proposed again.
COMPARE_SQL = f"""DROP TABLE IF EXISTS staged_change; CREATE TEMP TABLE staged_change ON COMMIT DROP AS
SELECT d.setl_id, p.id AS proposal_id, p.outcome AS old_outcome, p.benefit_fen AS old_benefit_fen,
    CASE WHEN p.id IS NULL OR p.state = 'lapsed' THEN 'new'
        WHEN p.state = 'declined' THEN 'reopened' ELSE 'changed' END AS kind
FROM staged_decision d LEFT JOIN screening_proposal p USING (setl_id)
WHERE d.outcome IN ('entitled', 'undetermined') AND (p.id IS NULL OR p.state = 'lapsed'
    OR (p.state = 'open' AND (p.outcome, p.reason, p.benefit_fen, p.residual_fen)
        IS DISTINCT FROM (d.outcome, d.reason, d.benefit_fen, d.residual_fen))
    OR (p.state = 'declined' AND p.facts_key <> '' AND p.facts_key <>
        (SELECT {FACTS_KEY} FROM registry_settlement s WHERE s.setl_id = d.setl_id)))
UNION ALL
SELECT p.setl_id, p.id, p.outcome, p.benefit_fen, 'gone' FROM screening_proposal p
WHERE p.state = 'open' AND NOT EXISTS (SELECT FROM staged_decision d
    WHERE d.setl_id = p.setl_id AND d.outcome IN ('entitled', 'undetermined'))"""
REOPEN_SQL = """UPDATE screening_proposal p SET state = 'open',
    reopened_note = to_char(p.decided_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')
        || ' ' || p.decided_reason,
    decided_by = '', decided_at = NULL, decided_reason = '', facts_key = ''
FROM staged_change c WHERE c.proposal_id = p.id AND c.kind = 'reopened'"""
# A decided proposal stays as the person left it; an open one, or a lapsed one, takes what is known now.
PROPOSE_SQL = """INSERT INTO screening_proposal (run_id, setl_id, person_id, county_code, outcome, reason,
    "group", disease, residual_fen, benefit_fen, clause, missing, state, decided_by, decided_reason)
SELECT %s, d.setl_id, d.person_id, s.county_code, d.outcome, d.reason, coalesce(d."group", ''),
    coalesce(d.disease, ''), d.residual_fen, d.benefit_fen, d.clause, coalesce(d.missing, ''), 'open', '', ''
FROM staged_decision d JOIN registry_settlement s USING (setl_id)
WHERE d.outcome IN ('entitled', 'undetermined') ORDER BY d.setl_id
ON CONFLICT (setl_id) DO UPDATE SET run_id = excluded.run_id, outcome = excluded.outcome,
    reason = excluded.reason, "group" = excluded."group", disease = excluded.disease,
    residual_fen = excluded.residual_fen, benefit_fen = excluded.benefit_fen, clause = excluded.clause,
    missing = excluded.missing, state = 'open'
WHERE screening_proposal.state IN ('open', 'lapsed')"""
LAPSE_SQL = """UPDATE screening_proposal p SET state = 'lapsed' FROM staged_change c
WHERE c.proposal_id = p.id AND c.kind = 'gone'"""
NOTE_CHANGES_SQL = """INSERT INTO screening_runchange (run_id, proposal_id, kind, old_outcome,
    old_benefit_fen, new_outcome, new_reason, new_benefit_fen)
SELECT %s, p.id, c.kind, coalesce(c.old_outcome, ''), c.old_benefit_fen, coalesce(d.outcome, 'not_entitled'),
    coalesce(d.reason, ''), coalesce(d.benefit_fen, 0)
FROM staged_change c JOIN screening_proposal p USING (setl_id) LEFT JOIN staged_decision d USING (setl_id)
ORDER BY p.id"""
KEY_SQL = f"SELECT {FACTS_KEY} FROM registry_settlement s WHERE s.setl_id = %s"
LAPSE_SETTLEMENTS_SQL = """UPDATE screening_proposal SET state = 'lapsed'
WHERE state = 'open' AND setl_id = ANY(%s)"""


@transaction.atomic
def run_screening(*, actor: Actor, started_at: datetime, request_key: str) -> Run:
    """Screen everything the registry knows, each stay under the version of its day; return the run.

    Each entitled or undetermined settlement becomes an open proposal, or refreshes the open one it has;
    what a person has decided stays decided. The same `request_key` returns the first run.

    :raises NothingToScreen: no hardship register or no settlement has been imported.
    :raises SettlesNothing: the scheme decides nothing settlement by settlement.
    :raises RoleMissing: the actor is no clerk.
    :raises OutOfScope: a run covers the whole city, and the actor does not.
    """
    if Role.CLERK not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RUN_LOCK])
    if earlier := Run.objects.filter(request_key=request_key).first():
        return earlier
    versions = list_terms()
    if not any(terms.medical for terms in versions):
        raise SettlesNothing
    for terms in versions:
        record_version(
            terms=terms,
            actor=actor,
            occurred_at=started_at,
            request_key=f"{request_key}:scheme:{terms.version}",
        )
    with TemporaryDirectory(prefix="yiyuan-screen-") as work:
        manifest = stage_decisions(Path(work), versions)
    run = Run.objects.create(
        number=(Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        scheme=versions[-1].id,
        scheme_sha256=versions[-1].sha256,
        started_at=started_at,
        manifest=manifest,
        started_by=actor.id,
        request_key=request_key,
    )
    _propose(run)
    record_entry(
        actor=actor,
        verb="run_screening",
        subject=("run", str(run.number)),
        occurred_at=started_at,
        request_key=request_key,
        detail={"decisions": manifest["decisions"]},
    )
    return run


def _propose(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, [run.pk])
        cursor.execute(FORGET_SQL)
        cursor.execute(FIND_SQL)
        cursor.execute(COMPARE_SQL)
        cursor.execute(LAPSE_SQL)
        cursor.execute(REOPEN_SQL)
        cursor.execute(PROPOSE_SQL, [run.pk])
        cursor.execute(NOTE_CHANGES_SQL, [run.pk])


def _declined_again(*, proposal_id: int, **_words: object) -> Proposal:
    return Proposal.objects.get(pk=proposal_id)


@exactly_once(again=_declined_again)
@transaction.atomic
def decline_proposal(
    *, proposal_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Proposal:
    """Mark an open proposal as declined, with the reason a person gives; return it.

    The facts it rests on are kept as a key, so that a later screening sees where one of them changed.

    :raises ReasonMissing: the reason is empty.
    :raises ProposalDecided: somebody decided it before.
    :raises RoleMissing: the actor is no desk agent.
    """
    if not reason.strip():
        raise ReasonMissing
    proposal = _decide(proposal_id, Proposal.DECLINED, actor, occurred_at, reason.strip())
    proposal.facts_key = key_facts(proposal.setl_id)
    proposal.save(update_fields=["facts_key"])
    record_entry(
        actor=actor,
        verb="decline_proposal",
        subject=("proposal", str(proposal_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"reason": reason.strip()[:200]},
    )
    return proposal


def key_facts(setl_id: str) -> str:
    """Return the key of what a decision on a settlement rests on now, empty where it is unknown."""
    with connection.cursor() as cursor:
        cursor.execute(KEY_SQL, [setl_id])
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def lapse_proposals(setl_ids: Sequence[str]) -> None:
    """Let the open proposals of these settlements lapse; they stay as history. Repeating changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(LAPSE_SETTLEMENTS_SQL, [list(setl_ids)])


def count_decided(setl_ids: Sequence[str]) -> int:
    """Return how many proposals of these settlements a person has decided."""
    decided = (Proposal.CONFIRMED, Proposal.DECLINED)
    return Proposal.objects.filter(setl_id__in=setl_ids, state__in=decided).count()


def _decide(proposal_id: int, state: str, actor: Actor, occurred_at: datetime, reason: str) -> Proposal:
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    proposal = Proposal.objects.select_for_update().get(within(actor.scope), pk=proposal_id)
    if proposal.state != Proposal.OPEN:
        raise ProposalDecided(str(proposal_id))
    proposal.state = state
    proposal.decided_by, proposal.decided_at, proposal.decided_reason = actor.id, occurred_at, reason
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decided_reason"])
    return proposal
