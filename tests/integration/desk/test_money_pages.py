"""Money that turns, on screen: the night's check, what is to be got back, and heirs."""

from datetime import date

import pytest

from tests.builders import APPROVER, AT, DESK, PAYER, key
from tests.integration.desk.money_cases import answer, approve_claim, send_batch_of, signed_in
from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.models import Claim, Heir, Recovery
from yiyuan.apps.claims.recoveries import open_recovery
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db

APPROVER_2 = Actor("approver2", "复核二", frozenset({Role.APPROVER}), APPROVER.scope)


def recovery_of_a_paid_claim() -> Recovery:
    (order,) = send_batch_of(1)
    line = f"{order.order_no},paid,2019-11-21,{order.amount_fen},,"
    record_returns(name="r", content=answer(line), actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()
    return open_recovery(
        number=order.source, reason="结算已冲销", actor=APPROVER, occurred_at=AT, request_key=key()
    )


def test_the_page_shows_where_the_money_is_by_both_books() -> None:
    send_batch_of(1)
    check_envelope(occurred_at=AT)

    page = signed_in(PAYER).get("/payments/").content.decode()

    assert "账本核对" in page
    assert "账对不上" not in page


def test_a_broken_envelope_stands_in_red_on_the_page() -> None:
    (order,) = send_batch_of(1)
    Order.objects.filter(pk=order.pk).update(state="paid")
    check_envelope(occurred_at=AT)

    page = signed_in(PAYER).get("/payments/").content.decode()

    assert '<li class="error">账对不上' in page


def test_a_payer_notes_the_day_the_money_came_back() -> None:
    recovery = recovery_of_a_paid_claim()
    client = signed_in(PAYER)
    assert "款项退回来了" in client.get("/payments/").content.decode()
    url = f"/recoveries/{recovery.pk}/repaid/"

    client.post(url, {"request_key": key(), "received_on": "someday"})
    recovery.refresh_from_db()
    assert recovery.state == "open"

    client.post(url, {"request_key": key(), "received_on": "2019-12-02"})
    recovery.refresh_from_db()
    assert (recovery.state, recovery.received_on) == ("repaid", date(2019, 12, 2))
    assert "已追回" in signed_in(DESK).get(f"/claims/{recovery.claim.number}/").content.decode()


def test_two_approvers_let_a_debt_go() -> None:
    recovery = recovery_of_a_paid_claim()
    first, second = signed_in(APPROVER), signed_in(APPROVER_2)

    first.post(f"/recoveries/{recovery.pk}/waive/", {"request_key": key(), "reason": "无遗产"})
    assert "同意不再追" not in first.get("/payments/").content.decode()
    assert "同意不再追" in second.get("/payments/").content.decode()
    first.post(f"/recoveries/{recovery.pk}/agree/", {"request_key": key()})
    recovery.refresh_from_db()
    assert recovery.state == "open"

    second.post(f"/recoveries/{recovery.pk}/agree/", {"request_key": key()})
    recovery.refresh_from_db()
    assert recovery.state == "waived"


@pytest.mark.parametrize("act", ["repaid", "waive", "agree"])
def test_the_desk_may_not_close_a_recovery(act: str) -> None:
    recovery = recovery_of_a_paid_claim()

    refused = signed_in(DESK).post(
        f"/recoveries/{recovery.pk}/{act}/",
        {"request_key": key(), "received_on": "2019-12-02", "reason": "无遗产"},
    )

    assert refused.status_code == 403
    assert Recovery.objects.get().state == "open"


def test_the_desk_records_who_takes_the_money() -> None:
    claim = approve_claim()
    client, url = signed_in(DESK), f"/claims/{claim.number}/heir/"
    words = {
        "died_on": "2019-11-18",
        "name": "马小军",
        "relation": "儿子",
        "bank_name": "农商银行",
        "account_no": "6228 4507 9999 0001",
        "consent": "其他子女书面同意，存卷",
    }

    assert client.get(url).status_code == 200
    wrong = client.post(url, {**words, "consent": "", "request_key": key()})
    assert (wrong.status_code, Heir.objects.count()) == (422, 0)
    done = client.post(url, {**words, "request_key": key()})

    assert done.status_code == 302
    page = client.get(f"/claims/{claim.number}/").content.decode()
    assert "由儿子 马小军 领取" in page
    assert "尾号 0001" in page
    assert Claim.objects.get(pk=claim.pk).state == "approved"
