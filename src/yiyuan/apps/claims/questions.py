"""Questions about decided claims (疑问): what is known now would come out otherwise, and a person answers.

In: the people whose facts an import changed. Out: one open question a claim, with the old and new outcome.
Nothing is ever taken back by itself: to keep, withdraw or recover is a person's decision, with a reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.adjudication.queries import DecisionView, get_decision
from yiyuan.apps.adjudication.services import Outcome, facts_now, outcome_now
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import QuestionAnswered, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.recoveries import open_recovery
from yiyuan.apps.claims.states import State
from yiyuan.apps.claims.transitions import withdraw_questioned
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor, Role
from yiyuan.kernel.scope import Scope

# A claim that ended without money has nothing left to ask about.
ASKED_ABOUT = (
    State.REPORTED,
    State.LODGED,
    State.AWAITING_DOCUMENTS,
    State.ASSESSED,
    State.APPROVED,
    State.PAID,
    State.CLOSED,
)
ANSWERS = (Question.KEPT, Question.WITHDRAWN, Question.RECOVERY)
BLOCK_PEOPLE = 1_000
PAGE = 50


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as pages show it; `changes` are (fact, before, now) in stable names and plain values."""

    id: int
    number: str
    person_id: int
    county_code: str
    claim_state: str
    state: str
    import_job_id: int | None
    changes: tuple[Mapping[str, str], ...]
    old_outcome: str
    old_reason: str
    old_benefit_fen: int
    new_outcome: str
    new_reason: str
    new_benefit_fen: int
    raised_at: datetime
    answered_by_name: str
    answered_at: datetime | None
    answer_reason: str


@transaction.atomic
def compare_decisions(*, person_ids: Iterable[int], import_job_id: int | None, occurred_at: datetime) -> int:
    """Ask about each claim of these people that would come out otherwise now; return how many were asked.

    A question that is open already takes what is known now, and lapses where the facts have come back to what
    was decided. What a person has answered is not asked again until the outcome changes once more.
    """
    if not Claim.objects.filter(state__in=ASKED_ABOUT).exists():
        return 0
    asked = 0
    people = sorted(set(person_ids))
    for start in range(0, len(people), BLOCK_PEOPLE):
        block = people[start : start + BLOCK_PEOPLE]
        for claim in Claim.objects.filter(person_id__in=block, state__in=ASKED_ABOUT).order_by("pk"):
            asked += _compare(claim, import_job_id, occurred_at)
    return asked


def _compare(claim: Claim, import_job_id: int | None, occurred_at: datetime) -> bool:
    decision = get_decision(claim.decision_id)
    now = outcome_now(decision)
    open_one = Question.objects.select_for_update().filter(claim=claim, state=Question.OPEN).first()
    if (now.outcome, now.benefit_fen) == (decision.outcome, decision.benefit_fen):
        if open_one is not None:
            _close_by_itself(open_one, occurred_at)
        return False
    if open_one is not None:
        open_one.new_outcome, open_one.new_reason = now.outcome, now.reason
        open_one.new_benefit_fen, open_one.changes = now.benefit_fen, _changes(decision)
        open_one.save(update_fields=["new_outcome", "new_reason", "new_benefit_fen", "changes"])
        return False
    last = Question.objects.filter(claim=claim).order_by("-pk").first()
    if last is not None and last.state in ANSWERS and _says(last) == now:
        return False
    _ask(claim, decision, now, import_job_id, occurred_at)
    return True


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


def _close_by_itself(question: Question, occurred_at: datetime) -> None:
    question.state, question.answered_at = Question.LAPSED, occurred_at
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


@transaction.atomic
def answer_question(
    *, question_id: int, answer: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Question:
    """Answer an open question with one of `ANSWERS` and a reason; return it. The same answer again is one.

    Withdrawing ends a claim whose money has not gone out; recovering leaves the task of getting it back.

    :raises RoleMissing: the actor is no approver.
    :raises ReasonMissing: the reason is empty.
    :raises QuestionAnswered: somebody has answered it otherwise.
    :raises MoneyUnderWay: a claim is to be withdrawn whose money has gone out.
    :raises NothingPaid: money is to be recovered that the bank has not confirmed as paid.
    """
    assert answer in ANSWERS, answer
    if Role.APPROVER not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(str(question_id))
    question = Question.objects.select_for_update(of=("self",)).get(
        within(actor.scope, "claim__county_code"), pk=question_id
    )
    if question.state != Question.OPEN:
        if (question.state, question.answered_by) == (answer, actor.id):
            return question
        raise QuestionAnswered(str(question_id))
    if answer == Question.WITHDRAWN:
        claim = Claim.objects.select_for_update().get(pk=question.claim_id)
        withdraw_questioned(
            claim,
            actor=actor,
            occurred_at=occurred_at,
            request_key=f"{request_key}:withdraw",
            reason=reason,
        )
    elif answer == Question.RECOVERY:
        open_recovery(
            number=question.claim.number,
            reason=reason,
            actor=actor,
            occurred_at=occurred_at,
            request_key=f"{request_key}:recovery",
        )
    question.state, question.answer_reason = answer, reason.strip()
    question.answered_by, question.answered_by_name = actor.id, actor.name
    question.answered_at = occurred_at
    question.save()
    record_entry(
        actor=actor,
        verb="answer_question",
        subject=("claim", question.claim.number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"answer": answer, "reason": reason.strip()[:200]},
    )
    return question


def list_questions(
    *, scope: Scope, state: str = Question.OPEN, number: str = "", after_id: int = 0, limit: int = PAGE
) -> Sequence[QuestionView]:
    """Return questions in the order they were asked, those behind `after_id`; an empty state means all."""
    questions = Question.objects.select_related("claim").filter(
        within(scope, "claim__county_code"), pk__gt=after_id
    )
    if state:
        questions = questions.filter(state=state)
    if number:
        questions = questions.filter(claim__number=number)
    return [_view(question) for question in questions.order_by("pk")[:limit]]


def count_questions(*, scope: Scope, state: str = Question.OPEN) -> int:
    """Return how many questions are in a state."""
    return Question.objects.filter(within(scope, "claim__county_code"), state=state).count()


def count_claims_paid_to(account_ids: Sequence[int]) -> int:
    """Return how many claims are, or were to be, paid to one of these accounts."""
    return Claim.objects.filter(account_id__in=account_ids).count()


def _view(question: Question) -> QuestionView:
    claim = question.claim
    return QuestionView(
        id=question.pk,
        number=claim.number,
        person_id=claim.person_id,
        county_code=claim.county_code,
        claim_state=claim.state,
        state=question.state,
        import_job_id=question.import_job_id,
        changes=tuple(question.changes),
        old_outcome=question.old_outcome,
        old_reason=question.old_reason,
        old_benefit_fen=question.old_benefit_fen,
        new_outcome=question.new_outcome,
        new_reason=question.new_reason,
        new_benefit_fen=question.new_benefit_fen,
        raised_at=question.raised_at,
        answered_by_name=question.answered_by_name,
        answered_at=question.answered_at,
        answer_reason=question.answer_reason,
    )
