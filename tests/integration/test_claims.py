"""The life of a claim on PostgreSQL: from a confirmed proposal to money that arrived; what is refused."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    BOTH,
    CLERK,
    DESK,
    PAYER,
    PAYER_2,
    TODAY,
    key,
    make_account,
    make_person,
    opened,
    propose,
    say,
)
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.queries import (
    ORDERS,
    ClaimFilter,
    count_by_due,
    get_claim_page,
    list_claims,
    list_queue,
)
from yiyuan.apps.claims.services import open_from_proposal, order_payments, set_account
from yiyuan.apps.claims.states import MOVES, State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.outbox.models import Fact
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.registry.models import Person
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

EVERY_ROLE = Actor("everyone", "全岗", frozenset(Role), EVERYWHERE)


def approved() -> Claim:
    claim = opened()
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)
    claim.refresh_from_db()
    return claim


def test_confirming_opens_a_claim_with_its_frozen_reasons() -> None:
    claim = opened(residual_fen=124_980)

    decision = Decision.objects.get(pk=claim.decision_id)
    assert (claim.state, claim.benefit_fen, claim.due_on) == ("lodged", 80_000, date(2019, 11, 21))
    assert claim.number == "正阳-医-2019-00001"
    assert [(s["name"], s["amount_fen"]) for s in decision.trace] == [
        ("residual_fen", 124_980),
        ("benefit_fen", 80_000),
    ]
    assert decision.facts["amounts_fen"]["hifp_pay_fen"] == 1_113_434
    assert [e.verb for e in claim.events.order_by("pk")] == ["report", "lodge"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.update(benefit_fen=1)


def test_the_same_key_opens_one_claim_and_another_key_none() -> None:
    proposal, request_key = propose(), key()

    first = open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=request_key)
    again = open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=request_key)

    assert first.pk == again.pk
    with pytest.raises(errors.ProposalDecided):
        open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())
    assert Claim.objects.count() == 1


def test_what_is_no_longer_entitled_is_not_opened_and_stays_open_for_a_person() -> None:
    proposal = propose(residual_fen=0)

    with pytest.raises(errors.NotEntitled, match="nothing_left_to_pay"):
        open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())

    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert not Claim.objects.exists()
    assert not Decision.objects.exists()


def test_a_code_that_cannot_tell_needs_the_proof_a_person_saw() -> None:
    without, with_proof = propose(diagnosis="A15.0"), propose(diagnosis="A15.0")

    with pytest.raises(errors.NotEntitled, match="needs_proof"):
        open_from_proposal(proposal_id=without.pk, actor=DESK, occurred_at=AT, request_key=key())
    claim = open_from_proposal(
        proposal_id=with_proof.pk, actor=DESK, occurred_at=AT, request_key=key(), proof_note="看过耐药报告"
    )

    assert claim.benefit_fen == 80_000
    assert Decision.objects.get(pk=claim.decision_id).facts["proof_seen"] is True


def test_without_an_account_the_clock_waits_for_one() -> None:
    claim = opened(with_account=False)
    assert (claim.state, claim.due_on) == ("awaiting_documents", None)

    account = make_account_of(claim)
    set_account(number=claim.number, account_id=account, actor=DESK, occurred_at=AT, request_key=key())
    later = AT + timedelta(days=2)  # a Friday: the next day is none, so Monday counts
    move_claim(
        number=claim.number, verb=Verb.RECEIVE_DOCUMENTS, actor=DESK, occurred_at=later, request_key=key()
    )

    claim.refresh_from_db()
    assert (claim.state, claim.due_on) == ("lodged", date(2019, 11, 25))


def make_account_of(claim: Claim) -> int:
    return make_account(Person.objects.get(pk=claim.person_id)).pk


def test_an_account_of_somebody_else_is_refused() -> None:
    claim = opened(with_account=False)
    stranger = make_account(make_person("别人"))

    with pytest.raises(errors.AccountMissing):
        set_account(
            number=claim.number, account_id=stranger.pk, actor=DESK, occurred_at=AT, request_key=key()
        )


def test_from_assessment_to_money_that_arrived() -> None:
    claim = approved()

    batch = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=batch, actor=PAYER_2, occurred_at=AT, request_key=key())
    order = Order.objects.get(source=claim.number)
    answer = f"order_no,result,on,amount_fen\n{order.order_no},paid,2019-11-21,{order.amount_fen}\n"
    tomorrow = AT + timedelta(days=1)
    record_returns(name="r", content=answer.encode(), actor=PAYER, occurred_at=tomorrow, request_key=key())
    deliver_facts()

    claim.refresh_from_db()
    clock = Clock.objects.get(subject=claim.number)
    assert claim.state == "paid"
    assert clock.sent_on == TODAY
    assert clock.stopped_at == tomorrow
    assert not Fact.objects.filter(delivered_at=None).exists()


def test_money_that_came_back_waits_for_another_account() -> None:
    claim = approved()
    batch = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=batch, actor=PAYER_2, occurred_at=AT, request_key=key())
    order = Order.objects.get(source=claim.number)
    answer = f"order_no,result,on,amount_fen,reason\n{order.order_no},failed,2019-11-21,80000,账号已注销\n"
    record_returns(name="r", content=answer.encode(), actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()

    claim.refresh_from_db()
    assert claim.state == "approved"
    assert "账号已注销" in claim.payment_note
    set_account(
        number=claim.number,
        account_id=make_account_of(claim),
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )
    second = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    assert second == batch + 1
    assert Order.objects.filter(source=claim.number).count() == 2


def test_the_assessor_may_not_approve_his_own() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, BOTH)

    with pytest.raises(errors.SameHands):
        say(claim, Verb.APPROVE, BOTH)
    with pytest.raises(errors.SameHands):
        say(claim, Verb.DECLINE, BOTH, "理由")

    claim.refresh_from_db()
    assert claim.state == "assessed"


def test_the_database_refuses_one_pair_of_eyes_behind_the_application() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, BOTH)

    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic():
        ClaimEvent.objects.create(
            claim=claim,
            verb="approve",
            from_state="assessed",
            to_state="approved",
            actor_id=BOTH.id,
            actor_name=BOTH.name,
            occurred_at=AT,
            request_key=key(),
        )


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_pair_of_state_and_verb(state: State, verb: Verb) -> None:
    claim = opened()
    Claim.objects.filter(pk=claim.pk).update(state=state)
    events = ClaimEvent.objects.count()
    actor = SYSTEM_ACTOR if verb is Verb.CONFIRM_PAYMENT else EVERY_ROLE

    if move := MOVES.get((state, verb)):
        event = say(claim, verb, actor, "理由")
        assert (event.from_state, event.to_state) == (state, move.to)
    else:
        with pytest.raises(errors.IllegalMove):
            say(claim, verb, actor, "理由")
        assert ClaimEvent.objects.count() == events
        claim.refresh_from_db()
        assert claim.state == state


@pytest.mark.parametrize(("pair", "move"), [(p, m) for p, m in MOVES.items() if m.needs_reason])
def test_a_refusal_without_a_reason_is_refused(pair: tuple[State, Verb], move: object) -> None:
    claim = opened()
    Claim.objects.filter(pk=claim.pk).update(state=pair[0])

    with pytest.raises(errors.ReasonMissing):
        say(claim, pair[1], EVERY_ROLE, "  ")


@pytest.mark.parametrize(("pair", "move"), list(MOVES.items()))
def test_a_move_needs_its_role(pair: tuple[State, Verb], move: object) -> None:
    claim = opened()
    Claim.objects.filter(pk=claim.pk).update(state=pair[0])

    with pytest.raises(errors.RoleMissing):
        say(claim, pair[1], CLERK, "理由")


def test_saying_it_again_with_the_same_key_changes_nothing() -> None:
    claim, request_key = opened(), key()
    words = {"number": claim.number, "verb": Verb.ASSESS, "actor": ASSESSOR, "occurred_at": AT}

    first = move_claim(**words, request_key=request_key)  # type: ignore[arg-type]
    second = move_claim(**words, request_key=request_key)  # type: ignore[arg-type]

    assert first == second
    assert Entry.objects.filter(verb="assess").count() == 1
    with pytest.raises(errors.KeyReused):
        move_claim(
            number=claim.number, verb=Verb.APPROVE, actor=APPROVER, occurred_at=AT, request_key=request_key
        )


def test_events_are_never_rewritten() -> None:
    opened()

    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimEvent.objects.update(actor_id="nobody")
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.all().delete()


def test_the_queue_counts_by_the_day_it_is_due() -> None:
    late, today = opened(), opened()
    Claim.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=1))
    Claim.objects.filter(pk=today.pk).update(due_on=TODAY)
    opened()
    opened(with_account=False)

    counts = count_by_due(ClaimFilter(), TODAY, scope=EVERYWHERE)
    rows = list_claims(ClaimFilter(), TODAY, scope=EVERYWHERE)

    assert counts == {"late": 1, "today": 1, "tomorrow": 1, "later": 0, "paused": 1}
    assert [row.days_left for row in rows] == [-1, 0, 1, None]


@pytest.mark.parametrize("order", list(ORDERS))
def test_every_order_has_emergencies_first_and_shows_each_claim_on_one_page(order: str) -> None:
    claims = [opened() for _ in range(5)]
    for place, claim in enumerate(claims):
        # Two of the five are urgent; two are due on one day and have the same sum.
        values = {"due_on": TODAY + timedelta(days=place // 2), "benefit_fen": 100 * (place // 2 + 1)}
        Claim.objects.filter(pk=claim.pk).update(is_emergency=place in (1, 3), **values)

    pages = [
        list_claims(ClaimFilter(), TODAY, scope=EVERYWHERE, order=order, limit=2, offset=offset)
        for offset in (0, 2, 4, 6)
    ]
    first = list_queue(ClaimFilter(("lodged",)), TODAY, scope=EVERYWHERE, order=order)[1]

    places = [1, 3, 0, 2, 4] if not order.startswith("-") else [3, 1, 4, 2, 0]
    assert [row.number for page in pages for row in page] == [claims[place].number for place in places]
    assert first is not None
    assert first.number == claims[1].number


def test_the_page_offers_what_this_person_may_do() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, BOTH)

    mine = get_claim_page(claim.number, actor=BOTH, today=TODAY)
    hers = get_claim_page(claim.number, actor=APPROVER, today=TODAY)

    refusals = {offer.verb: offer.refusal for offer in mine.offers}
    assert refusals[Verb.APPROVE] == "same_hands"
    assert {offer.verb: offer.refusal for offer in hers.offers}[Verb.APPROVE] == ""
    assert hers.person.masked_id.count("*") >= 6
