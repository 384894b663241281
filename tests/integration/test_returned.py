"""Returned payments: tasks with an owner and a deadline; also what comes back after it was reported paid."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, PAYER_2, TODAY, key, make_staff, say
from tests.integration.desk.money_cases import answer, send_batch_of
from tests.integration.test_budgets import give, sums
from tests.integration.test_running_totals import TENTH_FEN, report, victim
from tests.integration.test_running_totals import sums as limit_sums
from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.errors import IllegalMove, NothingPaid, RoleMissing
from yiyuan.apps.claims.models import Claim, ReturnedPayment
from yiyuan.apps.claims.recoveries import open_recovery
from yiyuan.apps.claims.returned import (
    DONE,
    UNDER_WAY,
    WAITING,
    ReturnedFilter,
    give_returned,
    list_owners,
    list_returned,
    list_workers,
    sum_returned,
)
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.ledger.models import Entry
from yiyuan.apps.ledger.queries import sum_accounts, sum_envelope
from yiyuan.apps.outbox.services import deliver_waiting
from yiyuan.apps.payments.errors import NoMatch
from yiyuan.apps.payments.models import Order, Suspense
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.payments.suspense import agree_match, list_candidates, propose_match
from yiyuan.interfaces.jobs.tasks import HANDLERS
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

RETURNED_ON = date(2019, 11, 21)


def words(actor: Actor = PAYER) -> dict[str, Any]:
    return {"actor": actor, "occurred_at": AT, "request_key": key()}


def told(order: Order, result: str, on: str = "2019-11-21") -> None:
    """Let the bank answer, and the claims hear of it, each twice."""
    why = ",R03,账号不存在" if result == "failed" else ",,"
    line = f"{order.order_no},{result},{on},{order.amount_fen}{why}"
    for name in ("r.csv", "r2.csv"):
        record_returns(name=name, content=answer(line), **words())
        hear()


def hear() -> None:
    deliver_waiting(handlers=HANDLERS, delivered_at=AT)


def returned() -> tuple[Order, Claim]:
    (order,) = send_batch_of(1)
    told(order, "failed")
    return order, Claim.objects.get(number=order.source)


def came_back_late() -> tuple[Order, Claim]:
    """Return an order that was reported paid and whose money came back two days later."""
    (order,) = send_batch_of(1)
    told(order, "paid")
    claim = Claim.objects.get(number=order.source)
    assert claim.state == "paid"
    told(order, "failed", "2019-11-23")
    return order, claim


def agreed(order: Order) -> None:
    line = Suspense.objects.get()
    assert list_candidates(line.pk) == [order.order_no]
    propose_match(suspense_id=line.pk, order_no=order.order_no, note="银行来函：二次退票", **words())
    agree_match(suspense_id=line.pk, **words(PAYER_2))
    hear()


def again(claim: Claim) -> Order:
    number = order_payments(numbers=[claim.number], **words())
    release_batch(number=number, **words(PAYER_2))
    return Order.objects.get(source=claim.number, state="sent")


def shown(state: str = WAITING, **others: str) -> list[str]:
    which = ReturnedFilter(state, **others)
    found = [one.order_no for one in list_returned(which, today=TODAY, scope=EVERYWHERE)]
    assert sum_returned(which, scope=EVERYWHERE) == (len(found), 80_000 * len(found))
    return found


def test_a_returned_payment_is_a_task_of_who_took_the_claim_in_with_a_new_deadline() -> None:
    order, claim = returned()

    (task,) = list_returned(ReturnedFilter(), today=TODAY, scope=EVERYWHERE)

    assert (task.number, task.order_no, task.reason) == (claim.number, order.order_no, "账号不存在")
    assert (task.owner, task.owner_name, task.amount_fen) == ("desk", "理赔岗", 80_000)
    assert (task.returned_on, task.due_on) == (RETURNED_ON, date(2019, 11, 22))
    assert task.days_left == 2
    assert ReturnedPayment.objects.count() == 1


def test_paying_again_ends_the_task_and_a_second_return_opens_another() -> None:
    order, claim = returned()

    second = again(claim)
    assert (shown(), shown(UNDER_WAY), shown(DONE)) == ([], [order.order_no], [])
    assert second.reissues_id == order.pk
    told(second, "failed", "2019-11-25")
    assert (shown(), shown(DONE)) == ([second.order_no], [order.order_no])
    told(again(claim), "paid", "2019-11-27")

    assert (shown(), shown(UNDER_WAY)) == ([], [])
    assert len(shown(DONE)) == 2
    assert Claim.objects.get(pk=claim.pk).state == "paid"


def test_a_task_is_taken_over_or_given_to_somebody_who_works_on_such() -> None:
    returned()
    task, other = ReturnedPayment.objects.get(), replace(DESK, id="desk2", name="理赔乙")
    make_staff(other)
    make_staff(ASSESSOR)

    give_returned(returned_id=task.pk, owner=PAYER.id, **words())
    assert list_owners(scope=EVERYWHERE) == [("payer", "支付甲")]
    give_returned(returned_id=task.pk, owner="desk2", **words())
    assert (shown(owner="desk2"), shown(owner="payer")) == ([task.order_no], [])
    assert (shown(county="411724"), shown(county="411721")) == ([task.order_no], [])
    assert ("desk2", "理赔乙") in list_workers(scope=EVERYWHERE)

    with pytest.raises(RoleMissing), transaction.atomic():
        give_returned(returned_id=task.pk, owner="assessor", **words())
    with pytest.raises(RoleMissing), transaction.atomic():
        give_returned(returned_id=task.pk, owner="approver", **words(APPROVER))
    elsewhere = replace(DESK, scope=Scope(frozenset({"411721"})))
    with pytest.raises(ReturnedPayment.DoesNotExist), transaction.atomic():
        give_returned(returned_id=task.pk, owner="desk", **words(elsewhere))
    assert list_returned(ReturnedFilter(), today=TODAY, scope=elsewhere.scope) == []
    told(again(Claim.objects.get()), "paid", "2019-11-25")
    with pytest.raises(IllegalMove), transaction.atomic():
        give_returned(returned_id=task.pk, owner="desk", **words(DESK))


def test_money_that_comes_back_after_it_was_reported_paid_is_paid_again_once() -> None:
    give(1_000_000)
    order, claim = came_back_late()
    assert sum_accounts()["suspense"] == 80_000
    assert Claim.objects.get(pk=claim.pk).state == "paid"

    agreed(order)

    claim.refresh_from_db()
    assert (claim.state, claim.payment_note) == ("approved", "银行退回：账号不存在")
    kinds = list(Entry.objects.filter(subject=claim.number).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reserve", "send", "pay", "come_back", "return"]
    assert Entry.objects.get(kind="come_back").reverses_id == Entry.objects.get(kind="pay").pk
    assert (sum_accounts()["paid"], sum_accounts()["returned"], sum_accounts()["suspense"]) == (0, 80_000, 0)
    assert check_envelope(occurred_at=AT).is_whole
    assert sums()[:2] == (80_000, 0)
    assert shown() == [order.order_no]

    second = again(claim)
    assert second.reissues_id == order.pk
    told(second, "paid", "2019-11-27")
    told(order, "failed", "2019-11-23")
    told(order, "failed", "2019-11-28")
    told(order, "paid")
    assert sum_accounts()["paid"] == 80_000
    assert sum_envelope().paid_fen == 80_000
    assert check_envelope(occurred_at=AT).is_whole
    assert sums()[:2] == (0, 80_000)
    assert Claim.objects.get(pk=claim.pk).state == "paid"
    assert Order.objects.filter(source=claim.number, state="paid").count() == 1


def test_a_closed_claim_is_taken_up_again_too() -> None:
    order, claim = came_back_late()
    move_claim(number=claim.number, verb=Verb.CLOSE, **words(DESK))

    agreed(order)
    told(again(claim), "paid", "2019-11-27")

    assert Claim.objects.get(pk=claim.pk).state == "paid"
    assert check_envelope(occurred_at=AT).is_whole


def test_what_is_asked_back_from_the_claimant_cannot_come_back_from_the_bank_too() -> None:
    order, claim = came_back_late()
    line = Suspense.objects.get()
    propose_match(suspense_id=line.pk, order_no=order.order_no, note="银行来函", **words())
    open_recovery(number=claim.number, reason="重复享受", **words(APPROVER))

    with pytest.raises(NoMatch), transaction.atomic():
        agree_match(suspense_id=line.pk, **words(PAYER_2))

    assert sum_accounts()["receivable"] == 80_000
    assert Order.objects.get(pk=order.pk).state == "paid"


def test_what_came_back_from_the_bank_is_not_asked_back_from_the_claimant() -> None:
    order, claim = came_back_late()
    agreed(order)

    with pytest.raises(NothingPaid), transaction.atomic():
        open_recovery(number=claim.number, reason="重复享受", **words(APPROVER))


def test_a_late_return_gives_no_limit_back_and_consumes_it_once() -> None:
    claim = report(victim(), "SG-1")
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)
    order = again(claim)
    told(order, "paid")
    assert limit_sums()[:2] == (0, TENTH_FEN)
    told(order, "failed", "2019-11-23")
    agreed(order)
    assert limit_sums()[:2] == (TENTH_FEN, 0)

    told(again(claim), "paid", "2019-11-27")

    assert limit_sums()[:2] == (0, TENTH_FEN)
