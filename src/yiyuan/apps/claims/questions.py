"""Questions about decided claims (疑问): read, and answered by a person; `comparing.py` asks them.

In: an open question, an answer, a reason. Out: the decision kept, the claim withdrawn, or its money asked
back. Nothing is ever taken back by itself: to keep, withdraw or recover is a person's decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.comparing import ANSWERS
from yiyuan.apps.claims.errors import QuestionAnswered, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.recoveries import open_recovery
from yiyuan.apps.claims.transitions import withdraw_questioned
from yiyuan.apps.screening.reopening import decline_confirmed
from yiyuan.apps.screening.services import key_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

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


@exactly_once()
@transaction.atomic
def answer_question(
    *, question_id: int, answer: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Question:
    """Answer an open question with one of `ANSWERS` and a reason; return it. The same answer again is one.

    Withdrawing ends a claim whose money has not gone out; recovering leaves the task of getting it back. The
    settlement is proposed again only once a fact has changed, with this reason beside it.

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
        _withdraw(question, reason, actor, occurred_at, request_key)
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


def _withdraw(question: Question, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    claim = Claim.objects.select_for_update().get(pk=question.claim_id)
    withdraw_questioned(
        claim, actor=actor, occurred_at=occurred_at, request_key=f"{request_key}:withdraw", reason=reason
    )
    assert claim.proposal_id is not None, "only what a screening found is asked about again"
    decline_confirmed(
        proposal_id=claim.proposal_id,
        facts_key=key_facts(claim.setl_id),
        reason=reason,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:decline",
    )


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


def count_ended_by(import_job_id: int) -> int:
    """Return how many questions that an import raised ended a claim or asked its money back."""
    ended = (Question.WITHDRAWN, Question.RECOVERY)
    return Question.objects.filter(import_job_id=import_job_id, state__in=ended).count()


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
