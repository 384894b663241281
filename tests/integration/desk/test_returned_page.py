"""The page of returned payments: found by state, county and owner, given to somebody, paid again."""

from dataclasses import replace

import pytest

from tests.builders import DESK, PAYER, key
from tests.integration.desk.money_cases import signed_in, signed_in_as
from tests.integration.test_returned import hear, returned
from yiyuan.apps.claims.models import ReturnedPayment
from yiyuan.apps.payments.models import Order
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

PAGE = "/payments/returned/"
SEE = {Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER, Role.PAYER, Role.AUDITOR, Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_look(role: Role) -> None:
    assert signed_in_as(role).get(PAGE).status_code == (200 if role in SEE else 403)


def test_a_returned_payment_is_found_by_state_county_and_owner() -> None:
    order, claim = returned()
    client = signed_in(DESK)

    def has(query: str) -> bool:
        return order.order_no in client.get(f"{PAGE}{query}").text

    page = client.get(PAGE).text
    assert "1 笔退回的等着再付，合计 800.00 元" in page
    assert "账号不存在" in page
    assert "负责人 理赔岗" in page
    assert "还有 2 个工作日" in page
    assert has("?state=waiting&county=411724&owner=desk")
    assert not has("?county=411721")
    assert not has("?owner=payer")
    assert not has("?state=done")
    assert has("?state=nothing")
    assert claim.number in signed_in(PAYER).get("/payments/").text
    assert "1 笔等着再付" in signed_in(PAYER).get("/payments/").text


def test_it_is_taken_over_and_given_away() -> None:
    returned()
    pk, other = ReturnedPayment.objects.get().pk, replace(DESK, id="desk2", name="理赔乙")
    client = signed_in(other)

    assert "由我来办" in client.get(PAGE).text
    client.post(f"{PAGE}{pk}/take/", {"request_key": key()})
    assert ReturnedPayment.objects.get().owner == "desk2"
    assert "由我来办" not in client.get(PAGE).text
    signed_in(PAYER)
    client.post(f"{PAGE}{pk}/give/", {"owner": "payer", "request_key": key()})

    assert ReturnedPayment.objects.get().owner == "payer"
    assert client.post(f"{PAGE}{pk}/give/", {"owner": "nobody", "request_key": key()}).status_code == 404
    assert signed_in_as(Role.AUDITOR).post(f"{PAGE}{pk}/take/", {"request_key": key()}).status_code == 403


def test_it_is_paid_again_once_from_the_list() -> None:
    order, claim = returned()
    client, request_key = signed_in(PAYER), key()
    assert "再付 800.00 元" in client.get(PAGE).text
    assert "再付 800.00 元" not in signed_in(DESK).get(PAGE).text

    for _ in range(2):
        client.post(f"{PAGE}{claim.number}/again/", {"request_key": request_key})
    refused = client.post(f"{PAGE}{claim.number}/again/", {"request_key": key()}, follow=True)

    second = Order.objects.get(source=claim.number, state="reserved")
    assert second.reissues_id == order.pk
    assert Order.objects.count() == 2
    assert refused.status_code == 200
    assert order.order_no in client.get(f"{PAGE}?state=under_way").text
    hear()
    assert "这里没有退回的" in client.get(PAGE).text
