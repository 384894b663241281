"""Asking about decided claims (提出疑问): what is known now would come out otherwise.

In: the people whose facts an import changed, or claims that are taken up again. Out: one open question a
claim, with the old and new outcome; it closes by itself where the facts come back, or the claim ends unpaid.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from yiyuan.apps.adjudication.queries import DecisionView, get_decisions
from yiyuan.apps.adjudication.services import Outcome, facts_now, outcomes_now
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.models import Claim, ClaimEvent, Question
from yiyuan.apps.claims.states import State, Verb
from yiyuan.kernel.actor import SYSTEM_ACTOR

# A claim that ended without money has nothing left to ask about.
ASKED_ABOUT = (
    State.REPORTED,
    State.LODGED,
    State.AWAITING_DOCUMENTS,
    State.ASSESSED,
    State.APPROVED,
    State.PAID,
)
ANSWERS = (Question.KEPT, Question.WITHDRAWN, Question.RECOVERY)
BLOCK_PEOPLE = 1_000


@transaction.atomic
def compare_decisions(*, person_ids: Iterable[int], import_job_id: int | None, occurred_at: datetime) -> int:
    """Ask about each claim of these people that would come out otherwise now; return how many were asked.

    A question that is open already takes what is known now, and lapses where the facts have come back to what
    was decided. What a person has answered is not asked again until the outcome changes once more.
    """
    paid = ClaimEvent.objects.filter(claim=OuterRef("pk"), verb=Verb.CONFIRM_PAYMENT)
    claims = Claim.objects.filter(
        Q(state__in=ASKED_ABOUT) | Q(Exists(paid), state=State.CLOSED), is_recovered=False
    )
    if not claims.exists():
        return 0
    found: list[_Otherwise] = []
    people = sorted(set(person_ids))
    for start in range(0, len(people), BLOCK_PEOPLE):
        block = people[start : start + BLOCK_PEOPLE]
        found += _compare_all(list(claims.filter(person_id__in=block).order_by("pk")), occurred_at)
    _ask_all(found, import_job_id, occurred_at)
    return len(found)


def compare_again(claim_ids: Collection[int], occurred_at: datetime) -> None:
    """Ask about claims that are taken up again: facts may have changed while nobody had a reason to ask."""
    if claim_ids:
        found = _compare_all(list(Claim.objects.filter(pk__in=claim_ids).order_by("pk")), occurred_at)
        _ask_all(found, None, occurred_at)


def close_unpaid(claim_ids: Collection[int], occurred_at: datetime) -> None:
    """Close the open questions of claims that ended unpaid, or whose money is back. Repeatable."""
    for question in Question.objects.select_for_update().filter(claim_id__in=claim_ids, state=Question.OPEN):
        _close_by_itself(question, Question.MOOT, occurred_at)


def _compare_all(claims: Sequence[Claim], occurred_at: datetime) -> list["_Otherwise"]:
    """Compare claims, most of which come out as before, in a few queries; return those to be asked about.

    An accident rests on what its report said: no import changes that.
    """
    claims = [claim for claim in claims if claim.proposal_id is not None]
    decisions = get_decisions(claim.decision_id for claim in claims)
    outcomes = outcomes_now(list(decisions.values()))
    asking = Question.objects.select_for_update().filter(claim__in=claims, state=Question.OPEN)
    asked_before = {question.claim_id: question for question in asking}
    found = []
    for claim in claims:
        decision, now = decisions[claim.decision_id], outcomes[claim.decision_id]
        is_same = (now.outcome, now.benefit_fen) == (decision.outcome, decision.benefit_fen)
        open_one = asked_before.get(claim.pk)
        if open_one is not None and is_same:
            _close_by_itself(open_one, Question.LAPSED, occurred_at)
        elif open_one is not None:
            _renew(open_one, decision, now)
        elif not is_same and not _is_answered(claim, now):
            found.append(_Otherwise(claim, decision, now))
    return found


class _Otherwise(NamedTuple):
    """A claim that would come out otherwise, and that nobody has asked about yet."""

    claim: Claim
    decision: DecisionView
    now: Outcome


def _ask_all(found: Sequence[_Otherwise], import_job_id: int | None, occurred_at: datetime) -> None:
    # A batch that is being released holds its claims' rows, in this order too: whoever comes second waits,
    # and either the money stays or the question comes after it has gone.
    held = Claim.objects.filter(pk__in=[one.claim.pk for one in found]).order_by("pk")
    list(held.select_for_update().values_list("pk", flat=True))
    for one in found:
        _ask(one.claim, one.decision, one.now, import_job_id, occurred_at)


def _renew(question: Question, decision: DecisionView, now: Outcome) -> None:
    question.new_outcome, question.new_reason = now.outcome, now.reason
    question.new_benefit_fen, question.changes = now.benefit_fen, _changes(decision)
    question.save(update_fields=["new_outcome", "new_reason", "new_benefit_fen", "changes"])


def _is_answered(claim: Claim, now: Outcome) -> bool:
    last = Question.objects.filter(claim=claim).order_by("-pk").first()
    return last is not None and last.state in ANSWERS and _says(last) == now


def _says(question: Question) -> Outcome:
    return Outcome(question.new_outcome, question.new_reason, question.new_benefit_fen)


def _ask(
    claim: Claim, decision: DecisionView, now: Outcome, import_job_id: int | None, occurred_at: datetime
) -> None:
    question = Question.objects.create(
        claim=claim,
        import_job_id=import_job_id,
        changes=_changes(decision),
        old_outcome=decision.outcome,
        old_reason=decision.reason,
        old_benefit_fen=decision.benefit_fen,
        new_outcome=now.outcome,
        new_reason=now.reason,
        new_benefit_fen=now.benefit_fen,
        raised_at=occurred_at,
    )
    record_entry(
        actor=SYSTEM_ACTOR,
        verb="raise_question",
        subject=("claim", claim.number),
        occurred_at=occurred_at,
        request_key=f"question:{question.pk}",
        detail={"import_job": import_job_id, "old": decision.outcome, "new": now.outcome},
    )


def _close_by_itself(question: Question, state: str, occurred_at: datetime) -> None:
    question.state, question.answered_at = state, occurred_at
    question.save(update_fields=["state", "answered_at"])
    record_entry(
        actor=SYSTEM_ACTOR,
        verb="lapse_question",
        subject=("claim", question.claim.number),
        occurred_at=occurred_at,
        request_key=f"question:{question.pk}:lapse",
    )


def _changes(decision: DecisionView) -> list[dict[str, str]]:
    """Return what differs between the frozen facts and those known now, fact by fact."""
    before, now = decision.facts, facts_now(decision.setl_id)
    return [
        {"fact": name, "before": _plain(before.get(name)), "now": _plain(now.get(name))}
        for name in now
        if name not in ("import_job_id", "source_row", "proof_seen")
        and _plain(before.get(name)) != _plain(now.get(name))
    ]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "；".join(f"{one['group']} {one['from']}～{one['to'] or ''}" for one in value)
    if isinstance(value, dict):
        return "；".join(f"{name} {value[name]}" for name in sorted(value))
    return "" if value is None else str(value)
