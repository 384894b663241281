"""Releasing a batch while questions are open: refused by name, taken out, and never paid meanwhile."""

from datetime import date
from hashlib import sha256
from threading import Thread

import pytest
from django.db import connection, transaction

from tests.builders import APPROVER, AT, DESK, PAYER, PAYER_2, key
from tests.integration.desk.money_cases import build_batch_of
from tests.integration.test_money import answer, asked
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.claims.errors import BatchQuestioned
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.releasing import list_questioned, release_payments, take_out_questioned
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.payments.errors import BatchMoved, RoleMissing, SameHands
from yiyuan.apps.payments.models import Batch, Order
from yiyuan.apps.payments.services import BankFiles, hand_out_file
from yiyuan.apps.registry.models import HardshipStatus
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db


def release(number: int, actor: Actor = PAYER_2) -> BankFiles:
    return release_payments(number=number, actor=actor, occurred_at=AT, request_key=key())


def take_out(number: int, actor: Actor = PAYER_2) -> list[str]:
    return list(take_out_questioned(number=number, actor=actor, occurred_at=AT, request_key=key()))


def states() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("state", flat=True))


def test_a_batch_with_an_open_question_is_refused_by_the_names_of_its_claims() -> None:
    number = build_batch_of(2)
    held = Claim.objects.order_by("pk")[0]
    asked(held)

    with pytest.raises(BatchQuestioned, match=held.number), transaction.atomic():
        release(number)

    assert states() == ["reserved", "reserved"]
    assert not Entry.objects.filter(verb="release_batch").exists()


def test_what_is_questioned_is_taken_out_and_the_rest_goes() -> None:
    number = build_batch_of(3)
    held = Claim.objects.order_by("pk")[1]
    asked(held)

    assert (take_out(number), take_out(number)) == ([held.number], [])
    files = release(number)

    batch = Batch.objects.get()
    assert states() == ["sent", "taken_out", "sent"]
    assert (batch.order_count, batch.total_fen) == (2, 160_000)
    order_no = Order.objects.get(source=held.number).order_no
    assert order_no.encode() not in files.contents["csv"]
    given = hand_out_file(number=number, form="csv", actor=PAYER_2, occurred_at=AT, request_key=key())
    assert sha256(given).hexdigest() == batch.files["csv"]
    assert Entry.objects.filter(verb="take_out_orders").count() == 1


def test_a_batch_of_which_nothing_is_left_is_taken_back_whole() -> None:
    number = build_batch_of(1)
    asked(Claim.objects.get())

    take_out(number, PAYER)

    assert (Batch.objects.get().state, Batch.objects.get().order_count) == ("voided", 1)
    assert states() == ["voided"]
    with pytest.raises(BatchMoved), transaction.atomic():
        release(number)


def test_what_a_person_has_kept_can_be_ordered_again() -> None:
    number = build_batch_of(2)
    held = Claim.objects.order_by("pk")[0]
    question = asked(held)
    take_out(number)

    answer(question, "kept")
    again = order_payments(numbers=[held.number], actor=PAYER, occurred_at=AT, request_key=key())
    release(again)

    assert list(Order.objects.filter(source=held.number).order_by("pk").values_list("state", flat=True)) == [
        "taken_out",
        "sent",
    ]


def test_other_posts_and_the_builder_stay_refused() -> None:
    number = build_batch_of(1)

    for actor, refusal in ((DESK, RoleMissing), (APPROVER, RoleMissing), (PAYER, SameHands)):
        with pytest.raises(refusal), transaction.atomic():
            release(number, actor)
    asked(Claim.objects.get())
    with pytest.raises(RoleMissing), transaction.atomic():
        take_out(number, DESK)

    assert states() == ["reserved"]


def test_a_released_batch_is_handed_out_again_whatever_is_asked_later() -> None:
    number = build_batch_of(1)
    first = release(number)
    asked(Claim.objects.get())

    assert release(number) == first
    assert list_questioned(number) == []
    with pytest.raises(BatchMoved), transaction.atomic():
        take_out(number)


@pytest.mark.django_db(transaction=True)
def test_a_question_that_is_being_raised_is_waited_for() -> None:
    number = build_batch_of(1)
    found: list[BaseException] = []

    def attempt() -> None:
        try:
            release(number)
        except BatchQuestioned as refusal:
            found.append(refusal)
        finally:
            connection.close()

    second = Thread(target=attempt)
    with transaction.atomic():
        HardshipStatus.objects.update(valid_to=date(2019, 9, 1))
        compare_decisions(person_ids=[Claim.objects.get().person_id], import_job_id=None, occurred_at=AT)
        second.start()
        second.join(0.5)
        is_waiting = second.is_alive()
    second.join(10)

    assert is_waiting
    assert [type(one) for one in found] == [BatchQuestioned]
    assert states() == ["reserved"]
