"""What the bank says and no order bears out (待查款): owned, worked off by two, never lost or doubled."""

import random

import pytest
from django.db import IntegrityError, transaction

from tests.builders import AT, DESK, PAYER, PAYER_2, key
from tests.integration.desk.money_cases import AUDITOR, answer, send_batch_of, signed_in
from yiyuan.apps.ledger.queries import sum_accounts, sum_envelope
from yiyuan.apps.payments import errors
from yiyuan.apps.payments.models import Order, ReturnFile, Suspense
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.suspense import (
    agree_match,
    list_candidates,
    list_suspense,
    propose_match,
    send_back,
    sum_suspense,
    take_over,
)
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db


def post(*lines: str) -> ReturnFile:
    return record_returns(
        name="r.csv", content=answer(*lines), actor=PAYER, occurred_at=AT, request_key=key()
    )


def words(actor: Actor = PAYER) -> dict[str, object]:
    return {"actor": actor, "occurred_at": AT, "request_key": key()}


def hanging_line() -> tuple[Order, Suspense]:
    """Return an order on its way and a line that came back for it under a wrong number."""
    (order,) = send_batch_of(1)
    post(f"{order.order_no[:-1]}X,failed,2019-11-21,80000,R03,账号不存在")
    return order, Suspense.objects.get()


def test_a_line_is_matched_by_two_and_posts_as_the_bank_said() -> None:
    order, line = hanging_line()
    assert list_candidates(line.pk) == [order.order_no]
    assert sum_accounts()["suspense"] == 80_000

    propose_match(suspense_id=line.pk, order_no=order.order_no, note="银行来函", **words())  # type: ignore[arg-type]
    with pytest.raises(errors.SameHands), transaction.atomic():
        agree_match(suspense_id=line.pk, **words())  # type: ignore[arg-type]
    agree_match(suspense_id=line.pk, **words(PAYER_2))  # type: ignore[arg-type]

    order.refresh_from_db()
    assert (order.state, order.reason) == ("returned", "账号不存在")
    assert sum_accounts()["suspense"] == 0
    assert sum_envelope().returned_fen == 80_000
    assert sum_envelope().is_whole
    with pytest.raises(errors.SuspenseClosed), transaction.atomic():
        send_back(suspense_id=line.pk, note="再退", **words())  # type: ignore[arg-type]


def test_a_line_goes_back_to_the_bank_with_a_note() -> None:
    order, line = hanging_line()

    with pytest.raises(errors.NoteMissing), transaction.atomic():
        send_back(suspense_id=line.pk, note="  ", **words())  # type: ignore[arg-type]
    send_back(suspense_id=line.pk, note="不是我们的，11 月 22 日原路退回", **words())  # type: ignore[arg-type]

    order.refresh_from_db()
    assert order.state == "sent"
    assert sum_accounts()["suspense"] == 0
    assert sum_suspense(scope=EVERYWHERE).count == 0
    assert len(list_suspense(scope=EVERYWHERE, is_open=False)) == 1


def test_what_does_not_fit_is_not_matched() -> None:
    order, line = hanging_line()

    for number in ("nobody", ""):
        with pytest.raises(errors.NoMatch), transaction.atomic():
            propose_match(suspense_id=line.pk, order_no=number, note="函", **words())  # type: ignore[arg-type]
    with pytest.raises(errors.RoleMissing), transaction.atomic():
        propose_match(suspense_id=line.pk, order_no=order.order_no, note="函", **words(DESK))  # type: ignore[arg-type]
    with pytest.raises(errors.SuspenseClosed), transaction.atomic():
        agree_match(suspense_id=line.pk, **words(PAYER_2))  # type: ignore[arg-type]


def test_an_order_answered_meanwhile_is_not_answered_again() -> None:
    order, line = hanging_line()
    propose_match(suspense_id=line.pk, order_no=order.order_no, note="函", **words())  # type: ignore[arg-type]
    post(f"{order.order_no},failed,2019-11-22,80000,R03,账号不存在")

    with pytest.raises(errors.NoMatch), transaction.atomic():
        agree_match(suspense_id=line.pk, **words(PAYER_2))  # type: ignore[arg-type]

    assert Suspense.objects.get().state == "proposed"


def test_the_owner_is_whoever_takes_it() -> None:
    _, line = hanging_line()

    take_over(suspense_id=line.pk, **words(PAYER_2))  # type: ignore[arg-type]

    assert Suspense.objects.get().owner == PAYER_2.id


def test_the_database_holds_the_second_person_and_loses_no_line() -> None:
    order, line = hanging_line()

    with pytest.raises(IntegrityError), transaction.atomic():
        Suspense.objects.update(
            state="matched", matched_to=order, proposed_by="a", closed_by="a", closed_at=AT, note="x"
        )
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        Suspense.objects.all().delete()
    assert Suspense.objects.get().pk == line.pk


def test_files_replayed_shuffled_cut_and_doubled_change_nothing_twice() -> None:
    orders = send_batch_of(6)
    lines = [
        *(f"{order.order_no},paid,2019-11-21,80000,," for order in orders[:3]),
        f"{orders[3].order_no},failed,2019-11-21,80000,R03,账号不存在",
        f"{orders[4].order_no},paid,2019-11-21,1,,",
        "NOBODY,failed,2019-11-21,700,R09,",
        ",failed,2019-11-21,900,,",
        ",failed,2019-11-21,900,,",
    ]
    first = post(*lines)
    before = (sum_accounts(), Suspense.objects.count(), dict(Order.objects.values_list("order_no", "state")))
    drawn = random.Random(5)

    for _ in range(20):
        again = drawn.sample(lines, drawn.randint(1, len(lines)))
        # A line of a known order may come twice; two nameless ones are two, as they were.
        again += [line for line in again if not line.startswith(",") and drawn.random() < 0.5]
        drawn.shuffle(again)
        file = post(*again)
        assert file.sums["matched"] == file.sums["suspended"] == 0
        assert file.sums["file"] == file.sums["known"]

    assert (first.sums["matched"], first.sums["suspended"]) == (320_000, 2_501)
    after = (sum_accounts(), Suspense.objects.count(), dict(Order.objects.values_list("order_no", "state")))
    assert after == before
    assert Suspense.objects.count() == 4


def test_the_page_shows_and_works_off_what_hangs() -> None:
    order, line = hanging_line()
    first, second = signed_in(PAYER), signed_in(PAYER_2)

    page = first.get("/payments/suspense/").content.decode()
    assert "1 笔待查，合计 800.00 元" in page
    assert order.order_no in page
    path = f"/payments/suspense/{line.pk}"
    first.post(f"{path}/match/", {"request_key": key(), "order_no": order.order_no, "note": "银行来函"})
    assert "同意，入账到" in second.get("/payments/suspense/").content.decode()
    second.post(f"{path}/agree/", {"request_key": key()})

    order.refresh_from_db()
    assert order.state == "returned"
    assert "没有待查款" in signed_in(AUDITOR).get("/payments/suspense/").content.decode()
    assert "文件合计 800.00 元 = 入账 0.00" in first.get("/payments/").content.decode()
