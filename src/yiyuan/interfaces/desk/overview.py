"""The workbench of those who handle no claims (总览): data clerk, auditor, administrator."""

from datetime import date

from yiyuan.apps.accounts.queries import list_usernames
from yiyuan.apps.audit.queries import list_entries
from yiyuan.apps.claims.escalation import count_escalated, list_escalated
from yiyuan.apps.claims.queries import count_by_state
from yiyuan.apps.claims.questions import count_questions
from yiyuan.apps.intake.queries import list_unseen
from yiyuan.apps.registry.queries import count_registry
from yiyuan.apps.screening.queries import ProposalFilter, count_proposals, list_runs
from yiyuan.apps.screening.requests import find_unseen
from yiyuan.apps.underwriting.bonding import list_expiring
from yiyuan.interfaces.desk.audit_labels import act_word, subject_word
from yiyuan.interfaces.desk.import_labels import job_state
from yiyuan.interfaces.desk.labels import STATES
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

LINES = 8


def unseen_context(actor: Actor) -> dict[str, object]:
    """Return the files this person brought and the screening asked for that ended and were not looked at."""
    return {
        "unseen": [(job, *job_state(job.state)) for job in list_unseen(actor.id, LINES)],
        "screened": find_unseen(actor.id),
    }


def overview_context(role: Role, scope: Scope) -> dict[str, object]:
    """Return what the overview shows: what the city knows, the screenings, the claims, and the audit."""
    states = count_by_state(scope=scope)
    registry = count_registry(scope=scope)
    sees_audit = role in (Role.AUDITOR, Role.ADMINISTRATOR)
    return {
        "role": role,
        "registry": registry,
        "is_empty": not registry["statuses"] or not registry["settlements"],
        "runs": list_runs(LINES),
        "open_proposals": count_proposals(ProposalFilter(), scope=scope),
        "states": [
            {"code": code, "word": word, "total": states.get(code, (0, 0))} for code, word in STATES.items()
        ],
        "claims": sum(n for n, _ in states.values()),
        "entries": [
            {"line": line, "act": act_word(line.verb), "subject": subject_word(line.subject_kind)}
            for line in (list_entries(actors=list_usernames(scope), limit=LINES) if sees_audit else [])
        ],
        "sees_audit": sees_audit,
    }


def expiring_context(role: Role, scope: Scope, today: date) -> dict[str, object]:
    """Return the bonds that expire soon or have, for those who keep the contract's file."""
    kept_by = (Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR)
    return {"expiring": list_expiring(today, scope=scope) if role in kept_by else [], "today": today}


def escalated_context(scope: Scope, today: date) -> dict[str, object]:
    """Return the promises overdue by working days, for county and city alike, and the questions."""
    escalated = list_escalated(today, scope=scope)
    return {
        "escalated": escalated,
        "escalated_counts": count_escalated(today, scope=scope) if escalated else {},
        "open_questions": count_questions(scope=scope),
    }
