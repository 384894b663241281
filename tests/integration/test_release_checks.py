"""Before money goes out (放行前核对): the name on the account, a call back, the password again."""

from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from tests.builders import AT, DESK, PAYER, PAYER_2, key
from tests.integration.desk.money_cases import PASSWORD, build_batch_of, signed_in
from yiyuan.apps.claims.checking import get_call_back, list_concerns, record_check
from yiyuan.apps.claims.errors import ChecksMissing, IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, PaymentCheck
from yiyuan.apps.claims.releasing import release_payments, take_out_unchecked
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.payments.models import Batch, Order
from yiyuan.apps.registry.models import Person
from yiyuan.rules.scheme_file.loading import load_file

pytestmark = pytest.mark.django_db
ZHUMADIAN = Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan"


def renamed(number: int) -> Order:
    """Return an order whose person has got another name since it was made."""
    order = Order.objects.filter(batch__number=number).order_by("pk")[0]
    Person.objects.filter(pk=order.person_id).update(name="马秀蓝")
    return order


def release(number: int) -> None:
    release_payments(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())


def note(number: int, order: Order, kind: str = "holder_name", text: str = "派出所证明是同一人") -> None:
    record_check(
        number=number,
        order_no=order.order_no,
        kind=kind,
        note=text,
        actor=PAYER,
        occurred_at=AT,
        request_key=key(),
    )


def make_large(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(amount_fen=get_call_back(None).from_fen)


def test_a_name_that_differs_is_listed_and_holds_the_batch() -> None:
    number = build_batch_of(2)
    order = renamed(number)

    (concern,) = list_concerns(number, Batch.objects.get().contract_from)
    with pytest.raises(ChecksMissing, match=order.source), transaction.atomic():
        release(number)

    assert (concern.holder_name, concern.expected, concern.kind) == ("马秀兰", "马秀蓝", "holder_name")
    assert {one.state for one in Order.objects.all()} == {"reserved"}


def test_a_note_lets_it_go_and_without_one_it_is_left_out() -> None:
    number = build_batch_of(2)
    order = renamed(number)
    note(number, order)
    release(number)
    assert {one.state for one in Order.objects.all()} == {"sent"}

    second = build_batch_of(2)
    left = renamed(second)
    taken = take_out_unchecked(number=second, actor=PAYER_2, occurred_at=AT, request_key=key())
    release(second)

    assert taken == [left.source]
    assert set(Order.objects.filter(batch__number=second).values_list("state", flat=True)) == {
        "sent",
        "taken_out",
    }


def test_a_large_sum_waits_for_a_call_back() -> None:
    number = build_batch_of(1)
    order = Order.objects.get()
    make_large(order)

    with pytest.raises(ChecksMissing), transaction.atomic():
        release(number)
    note(number, order, "holder_name", "户名没有问题")
    with pytest.raises(ChecksMissing), transaction.atomic():
        release(number)
    note(number, order, "call_back", "11 月 20 日打 0396 开头的座机，本人说收款账户是自己的")
    release(number)

    assert Order.objects.get().state == "sent"


def test_the_scheme_says_from_which_sum_or_an_assumed_one_holds(tmp_path: Path) -> None:
    assert get_call_back(date(2019, 1, 1)).is_assumed

    text = (ZHUMADIAN / "2019-01-01.yaml").read_text(encoding="utf-8")
    clause = "MED-1B"
    for name in ("2019-01-01.yaml", "sources.yaml"):
        (tmp_path / name).write_text((ZHUMADIAN / name).read_text(encoding="utf-8"), encoding="utf-8")
    said = f"{text}\ncall_back: {{from_fen: 500_000, clause: {clause}}}\n"
    (tmp_path / "2019-01-01.yaml").write_text(said, encoding="utf-8")

    assert load_file(tmp_path / "2019-01-01.yaml").call_back_from_fen == 500_000


def test_who_may_note_and_what_is_kept() -> None:
    number = build_batch_of(1)
    order = renamed(number)
    words = {"number": number, "order_no": order.order_no, "kind": "holder_name", "occurred_at": AT}

    for actor, text, refusal in ((DESK, "x", RoleMissing), (PAYER, " ", ReasonMissing)):
        with pytest.raises(refusal), transaction.atomic():
            record_check(note=text, actor=actor, request_key=key(), **words)  # type: ignore[arg-type]
    with pytest.raises(IllegalMove), transaction.atomic():
        record_check(note="x", actor=PAYER, request_key=key(), **{**words, "order_no": "Y-0"})  # type: ignore[arg-type]
    note(number, order)
    with pytest.raises(DatabaseError), transaction.atomic():
        PaymentCheck.objects.update(note="别的")
    assert PaymentCheck.objects.get().note == "派出所证明是同一人"


def test_a_release_asks_for_the_password_again() -> None:
    number = build_batch_of(1)
    client = signed_in(PAYER_2)
    path = f"/payments/{number}/release/"

    page = client.post(path, {"request_key": key(), "password": "不是这个"}, follow=True)
    assert "密码不对，没有放行" in page.text
    assert Order.objects.get().state == "reserved"
    client.post(path, {"request_key": key(), "password": PASSWORD})

    assert Order.objects.get().state == "sent"


def test_the_page_lists_what_to_check_and_takes_the_note() -> None:
    number = build_batch_of(1)
    order = renamed(number)
    client = signed_in(PAYER)

    page = client.get(f"/payments/{number}/").text
    assert "账户户名 马秀兰，本人 马秀蓝" in page
    client.post(
        f"/payments/{number}/check/",
        {"request_key": key(), "order_no": order.order_no, "kind": "holder_name", "note": "已核对"},
    )

    assert "账户户名" not in client.get(f"/payments/{number}/").text
    assert PaymentCheck.objects.get().claim_id == Claim.objects.get().pk


def test_what_was_taken_out_can_be_ordered_again() -> None:
    number = build_batch_of(2)
    left = renamed(number)
    take_out_unchecked(number=number, actor=PAYER, occurred_at=AT, request_key=key())
    Person.objects.filter(pk=left.person_id).update(name="马秀兰")

    again = order_payments(numbers=[left.source], actor=PAYER, occurred_at=AT, request_key=key())

    assert list_concerns(again, None) == []
