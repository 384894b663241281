"""A settlement whose claim ended unpaid, or whose money came back, is found again once a fact has changed."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.builders import APPROVER, AT, CLERK, DESK, PAYER, key
from tests.integration.desk.money_cases import signed_in
from tests.integration.test_money import answer, approved, asked, paid
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.claims.models import Claim, Question, Recovery
from yiyuan.apps.claims.recoveries import open_recovery, record_repayment
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.registry.models import ClaimedSettlement, HardshipStatus
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.apps.screening.services import run_screening

pytestmark = pytest.mark.django_db

GONE, BACK = date(2019, 1, 1), None


def screen() -> Run:
    return run_screening(actor=CLERK, started_at=AT, request_key=key())


def list_until(end: date | None) -> None:
    """Let the register say until when the person was on its list, and ask about what rests on it."""
    HardshipStatus.objects.update(valid_to=end)
    people = list(Claim.objects.values_list("person_id", flat=True))
    compare_decisions(person_ids=people, import_job_id=None, occurred_at=AT)


def withdrawn() -> Claim:
    claim = approved()
    list_until(GONE)
    answer(Question.objects.get(), "withdrawn")
    return claim


def recovered() -> Claim:
    claim = paid()
    list_until(GONE)
    answer(Question.objects.get(), "recovery")
    _repay(claim)
    return claim


def _repay(claim: Claim) -> None:
    record_repayment(
        recovery_id=Recovery.objects.get(claim=claim).pk,
        received_on=AT.date(),
        actor=PAYER,
        occurred_at=AT,
        request_key=key(),
    )


def confirm(proposal: Proposal) -> Claim:
    return open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())


@pytest.mark.parametrize("ended", [withdrawn, recovered])
def test_facts_that_come_back_propose_it_again_with_the_old_reason(ended: object) -> None:
    claim = ended()  # type: ignore[operator]
    proposal = Proposal.objects.get(pk=claim.proposal_id)
    assert (proposal.state, proposal.decided_reason) == ("declined", "结算已冲销")

    unchanged = screen()
    list_until(BACK)
    changed = screen()

    assert not unchanged.changes.exists()
    assert list(changed.changes.values_list("kind", flat=True)) == ["reopened"]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.outcome) == ("open", "entitled")
    assert "结算已冲销" in proposal.reopened_note
    # Nothing comes about by itself: the person's decision makes the claim.
    assert Claim.objects.count() == 1
    page = signed_in(DESK).get(f"/proposals/{proposal.pk}/").text
    assert "结算已冲销" in page
    assert claim.number in page
    again = confirm(proposal)
    assert again.number != claim.number
    assert Claim.objects.get(number=again.number).benefit_fen == claim.benefit_fen


@pytest.mark.parametrize("ended", [withdrawn, recovered])
def test_a_changed_fact_that_entitles_nobody_proposes_nothing(ended: object) -> None:
    claim = ended()  # type: ignore[operator]

    list_until(BACK)
    ClaimedSettlement.objects.create(setl_id=claim.setl_id, import_job_id=1, recorded_at=AT)
    run = screen()

    assert not run.changes.exists()
    assert Proposal.objects.get().state == "declined"


def test_facts_that_came_back_before_the_money_did_are_not_lost() -> None:
    claim = paid()
    list_until(GONE)
    answer(Question.objects.get(), "recovery")
    list_until(BACK)
    _repay(claim)

    run = screen()

    assert list(run.changes.values_list("kind", flat=True)) == ["reopened"]


def test_money_asked_back_for_another_cause_is_not_proposed_while_no_fact_changes() -> None:
    claim = paid()
    open_recovery(number=claim.number, reason="付错账户", actor=APPROVER, occurred_at=AT, request_key=key())
    _repay(claim)

    run = screen()

    assert not run.changes.exists()
    assert Proposal.objects.get().state == "declined"


def test_a_recovered_claim_is_asked_about_no_more() -> None:
    claim = paid()
    open_recovery(number=claim.number, reason="付错账户", actor=APPROVER, occurred_at=AT, request_key=key())
    question = asked(claim)
    _repay(claim)

    list_until(GONE)

    question.refresh_from_db()
    assert question.state == "moot"
    assert not Question.objects.filter(state="open").exists()


def test_the_database_lets_one_living_claim_stand_on_a_settlement() -> None:
    claim = recovered()
    list_until(BACK)
    screen()
    confirm(Proposal.objects.get())

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(is_recovered=False)

    assert Entry.objects.filter(verb="decline_confirmed").count() == 1
