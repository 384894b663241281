"""Money that turns: sent back and again, withdrawn, asked back, taken by an heir; and where it all stands."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, PAYER_2, key, make_account, opened, say
from yiyuan.apps.audit.models import Entry as AuditEntry
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.envelope import check_envelope, get_last_check, sum_records
from yiyuan.apps.claims.heirs import NewHeir, get_heir, record_heir
from yiyuan.apps.claims.models import Claim, Heir, Question, Recovery
from yiyuan.apps.claims.questions import answer_question
from yiyuan.apps.claims.recoveries import agree_waiver, open_recovery, propose_waiver, record_repayment
from yiyuan.apps.claims.services import order_payments, set_account
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.models import Entry
from yiyuan.apps.ledger.queries import sum_accounts, sum_envelope
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.payments.errors import NothingToPay
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.registry.models import Account, Person
from yiyuan.interfaces.jobs.tasks import check_money, deliver_facts
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db

APPROVER_2 = Actor("approver2", "复核二", frozenset({Role.APPROVER}), APPROVER.scope)
FEN = 80_000


@pytest.fixture(autouse=True)
def _ledger_agrees_with_the_records(request: pytest.FixtureRequest) -> object:
    """After every test of this file both equations hold and both sides say the same."""
    yield
    if "breaks" not in request.keywords:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert sum_envelope().is_whole
        assert sum_envelope() == sum_records()
        of_whom = Claim.objects.values_list("number", "county_code")
        year = date(2019, 1, 1)
        told = Entry.objects.values_list("subject", "county_code", "programme_from")
        assert set(told) <= {(number, county, year) for number, county in of_whom}


def approved() -> Claim:
    claim = opened()
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)
    claim.refresh_from_db()
    return claim


def sent(claim: Claim) -> Order:
    batch = order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=batch, actor=PAYER_2, occurred_at=AT, request_key=key())
    return Order.objects.filter(source=claim.number).latest("pk")


def answered(order: Order, result: str) -> None:
    line = f"{order.order_no},{result},2019-11-21,{order.amount_fen},销户"
    text = f"order_no,result,on,amount_fen,reason\n{line}\n"
    record_returns(name="r", content=text.encode(), actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()


def paid() -> Claim:
    claim = approved()
    answered(sent(claim), "paid")
    claim.refresh_from_db()
    return claim


def asked(claim: Claim) -> Question:
    return Question.objects.create(
        claim=claim, old_outcome="entitled", old_reason="entitled", old_benefit_fen=FEN,
        new_outcome="not_entitled", new_reason="reversed", new_benefit_fen=0, raised_at=AT,
    )  # fmt: skip


def answer(question: Question, said: str) -> None:
    answer_question(
        question_id=question.pk,
        answer=said,
        reason="结算已冲销",
        actor=APPROVER,
        occurred_at=AT,
        request_key=key(),
    )


def standing() -> dict[str, int]:
    return {code: fen for code, fen in sum_accounts().items() if fen}


def test_money_moves_from_the_fund_to_the_account_step_by_step() -> None:
    claim = approved()
    assert standing() == {"fund": -FEN, "payable": FEN}

    order = sent(claim)
    assert standing() == {"fund": -FEN, "in_flight": FEN}

    answered(order, "paid")
    assert standing() == {"fund": -FEN, "paid": FEN}


def test_an_assessment_or_a_batch_alone_moves_nothing() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, ASSESSOR)
    assert standing() == {}

    say(claim, Verb.APPROVE, APPROVER)
    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    assert standing() == {"fund": -FEN, "payable": FEN}


def test_a_returned_payment_is_sent_again_and_says_what_it_takes_the_place_of() -> None:
    claim = approved()
    first = sent(claim)
    answered(first, "failed")
    assert standing() == {"fund": -FEN, "returned": FEN}
    with pytest.raises(NothingToPay):
        order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())

    other = make_account(Person.objects.get(pk=claim.person_id), tail="8888").pk
    set_account(number=claim.number, account_id=other, actor=DESK, occurred_at=AT, request_key=key())
    later = AT + timedelta(days=5)  # a Monday: the term runs anew, to the next working day
    batch = order_payments(numbers=None, actor=PAYER, occurred_at=later, request_key=key())
    release_batch(number=batch, actor=PAYER_2, occurred_at=later, request_key=key())

    second = Order.objects.latest("pk")
    assert (second.reissues_id, second.account_tail) == (first.pk, "8888")
    assert (first.due_on, second.due_on) == (claim.due_on, date(2019, 11, 26))
    assert standing() == {"fund": -FEN, "in_flight": FEN}
    answered(second, "paid")
    assert standing() == {"fund": -FEN, "paid": FEN}


def test_a_claim_with_an_open_question_waits_until_a_person_answers() -> None:
    claim, other = approved(), approved()
    question = asked(claim)

    batch = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    assert list(Order.objects.filter(batch__number=batch).values_list("source", flat=True)) == [other.number]
    with pytest.raises(errors.IllegalMove):
        order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())

    answer(question, Question.KEPT)
    order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())
    assert Order.objects.filter(source=claim.number).exists()


def test_an_approved_claim_that_is_withdrawn_gives_its_money_back() -> None:
    claim = approved()

    answer(asked(claim), Question.WITHDRAWN)

    claim.refresh_from_db()
    assert claim.state == "withdrawn"
    assert standing() == {}


def test_a_returned_payment_that_is_withdrawn_gives_its_money_back_too() -> None:
    claim = approved()
    answered(sent(claim), "failed")

    answer(asked(claim), Question.WITHDRAWN)

    assert standing() == {}


def test_what_was_paid_and_is_owed_back_becomes_a_task_and_is_repaid() -> None:
    claim = paid()

    answer(asked(claim), Question.RECOVERY)
    recovery = Recovery.objects.get()
    assert (recovery.claim, recovery.amount_fen, recovery.state) == (claim, FEN, "open")
    assert standing() == {"fund": -FEN, "receivable": FEN}

    for _ in range(2):
        record_repayment(
            recovery_id=recovery.pk,
            received_on=date(2019, 12, 2),
            actor=PAYER,
            occurred_at=AT,
            request_key=key(),
        )
    recovery.refresh_from_db()
    assert (recovery.state, recovery.received_on) == ("repaid", date(2019, 12, 2))
    assert standing() == {}


def test_nothing_is_asked_back_that_was_not_paid() -> None:
    claim = approved()
    sent(claim)

    with pytest.raises(errors.NothingPaid):
        open_recovery(number=claim.number, reason="冲销", actor=APPROVER, occurred_at=AT, request_key=key())

    assert not Recovery.objects.exists()


def test_a_recovery_is_waived_by_two_people_with_a_reason() -> None:
    claim = paid()
    recovery = open_recovery(
        number=claim.number, reason="冲销", actor=APPROVER, occurred_at=AT, request_key=key()
    )
    words = {"recovery_id": recovery.pk, "occurred_at": AT}

    with pytest.raises(errors.WaiverMissing):
        agree_waiver(**words, actor=APPROVER_2, request_key=key())  # type: ignore[arg-type]
    with pytest.raises(errors.ReasonMissing):
        propose_waiver(**words, reason=" ", actor=APPROVER, request_key=key())  # type: ignore[arg-type]
    propose_waiver(**words, reason="本人已去世，无遗产", actor=APPROVER, request_key=key())  # type: ignore[arg-type]
    with pytest.raises(errors.SameHands):
        agree_waiver(**words, actor=APPROVER, request_key=key())  # type: ignore[arg-type]
    assert standing() == {"fund": -FEN, "receivable": FEN}

    agree_waiver(**words, actor=APPROVER_2, request_key=key())  # type: ignore[arg-type]

    assert standing() == {"fund": -FEN, "paid": FEN}
    with pytest.raises(errors.RecoveryClosed):
        record_repayment(**words, received_on=date(2019, 12, 2), actor=PAYER, request_key=key())  # type: ignore[arg-type]


def test_the_database_holds_the_two_people_behind_the_application() -> None:
    recovery = open_recovery(
        number=paid().number, reason="冲销", actor=APPROVER, occurred_at=AT, request_key=key()
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=recovery.pk).update(
            state="waived", waiver_reason="x", waiver_by="one", closed_by="one"
        )


HEIR = NewHeir(
    date(2019, 11, 18),
    "马小军",
    "儿子",
    "其他子女同意由马小军领取，书面同意已存",
    "农商银行",
    "6228450799990001",
)


def test_an_heir_takes_the_money_of_somebody_who_has_died() -> None:
    claim, request_key = approved(), key()

    for _ in range(2):
        record_heir(number=claim.number, new=HEIR, actor=DESK, occurred_at=AT, request_key=request_key)
    order = sent(claim)

    heir = get_heir(claim.number)
    assert heir is not None
    assert (heir.relation, heir.name) == ("儿子", "马小军")
    assert (order.holder_name, order.account_tail) == ("马小军", "0001")
    assert Account.objects.get(pk=heir.account_id).kind == "heir"
    assert AuditEntry.objects.filter(verb="record_heir").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Heir.objects.filter(pk=heir.pk).update(relation="别人")


def test_an_heir_needs_consent_and_comes_before_the_money_goes_out() -> None:
    claim = approved()
    no_consent = NewHeir(HEIR.died_on, HEIR.name, HEIR.relation, " ", HEIR.bank_name, HEIR.account_no)

    with pytest.raises(errors.ReasonMissing):
        record_heir(number=claim.number, new=no_consent, actor=DESK, occurred_at=AT, request_key=key())
    with pytest.raises(errors.RoleMissing):
        record_heir(number=claim.number, new=HEIR, actor=PAYER, occurred_at=AT, request_key=key())
    sent(claim)
    with pytest.raises(errors.IllegalMove), transaction.atomic():
        record_heir(number=claim.number, new=HEIR, actor=DESK, occurred_at=AT, request_key=key())

    assert not Heir.objects.exists()
    assert not Account.objects.filter(kind="heir").exists()


def test_the_night_check_says_that_all_is_well() -> None:
    approved()
    answered(sent(approved()), "failed")
    answered(sent(approved()), "paid")
    sent(approved())

    assert check_money() is True

    check = get_last_check()
    assert check is not None
    assert check.is_whole
    figures = check.records
    assert (figures.approved_fen, figures.held_fen, figures.sent_fen) == (4 * FEN, FEN, 3 * FEN)
    assert (figures.paid_fen, figures.returned_fen, figures.in_flight_fen) == (FEN, FEN, FEN)


@pytest.mark.breaks
def test_the_night_check_finds_money_the_records_know_nothing_of() -> None:
    approved()
    entry = NewEntry(EntryKind.RESERVE, "正阳-医-2019-99999", 1, key())
    post_entries(entries=[entry], actor=PAYER, occurred_at=AT)

    check = check_envelope(occurred_at=AT)

    assert not check.is_whole
    assert check.ledger.approved_fen - check.records.approved_fen == 1
    assert AuditEntry.objects.get(verb="check_envelope").detail["is_whole"] is False


@pytest.mark.breaks
def test_the_night_check_finds_an_order_turned_behind_the_ledger() -> None:
    order = sent(approved())
    Order.objects.filter(pk=order.pk).update(state="paid")

    check = check_envelope(occurred_at=AT)

    assert not check.is_whole
    assert (check.ledger.paid_fen, check.records.paid_fen) == (0, FEN)
