"""Payment batches: reserved, released by a second person, sent as the same bytes, answered once."""

import pytest
from django.db import IntegrityError, transaction

from tests.builders import AT, DESK, PAYER, PAYER_2, key, make_account, make_city, make_person
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.ledger.queries import sum_accounts
from yiyuan.apps.outbox.models import Fact
from yiyuan.apps.payments import errors
from yiyuan.apps.payments.models import Batch, Order, Suspense
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import sum_orders
from yiyuan.apps.payments.services import (
    OrderRequest,
    build_batch,
    rebuild_files,
    release_batch,
    void_batch,
)
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db


def _requests(*amounts_fen: int) -> list[OrderRequest]:
    make_city()
    requests = []
    for place, amount_fen in enumerate(amounts_fen, start=1):
        person = make_person()
        account = make_account(person)
        requests.append(
            OrderRequest(f"正阳-医-2019-{place:05d}", person.pk, "411724", amount_fen, account.pk)
        )
    return requests


def _sent_batch(*amounts_fen: int) -> list[Order]:
    number = build_batch(requests=_requests(*amounts_fen), actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
    return list(Order.objects.order_by("order_no"))


def _answer(*lines: str) -> bytes:
    return "\n".join(["order_no,result,on,amount_fen,reason_code,reason", *lines]).encode()


def test_the_same_key_builds_one_batch() -> None:
    requests, request_key = _requests(80_000, 50_000), key()

    first = build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=request_key)
    second = build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=request_key)

    assert first == second
    assert Order.objects.count() == 2
    assert Batch.objects.get().total_fen == 130_000
    assert Entry.objects.filter(verb="build_batch").count() == 1


def test_a_claim_cannot_be_ordered_twice_while_its_order_lives() -> None:
    requests = _requests(80_000)
    build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=key())

    with pytest.raises(IntegrityError), transaction.atomic():
        build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=key())

    assert Order.objects.count() == 1


def test_the_builder_may_not_release() -> None:
    number = build_batch(requests=_requests(80_000), actor=PAYER, occurred_at=AT, request_key=key())

    with pytest.raises(errors.SameHands):
        release_batch(number=number, actor=PAYER, occurred_at=AT, request_key=key())

    assert Order.objects.get().state == "reserved"
    assert not Fact.objects.exists()


def test_the_database_holds_four_eyes_behind_the_application() -> None:
    build_batch(requests=_requests(80_000), actor=PAYER, occurred_at=AT, request_key=key())

    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.update(state="sent", released_by=PAYER.id)


def test_only_a_payer_builds() -> None:
    with pytest.raises(errors.RoleMissing):
        build_batch(requests=_requests(80_000), actor=DESK, occurred_at=AT, request_key=key())


def test_files_are_the_same_bytes_at_every_rebuild() -> None:
    number = build_batch(requests=_requests(80_000, 41_265), actor=PAYER, occurred_at=AT, request_key=key())

    sent = release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())

    assert all(rebuild_files(number) == sent for _ in range(5))
    assert Batch.objects.get().files == sent.sha256s
    text = sent.contents["csv"].decode("utf-8-sig").splitlines()
    assert text[-1] == "合计,2 笔,,,1212.65,"
    assert "800.00" in text[1]


def test_an_answer_posts_each_line_once() -> None:
    paid, returned = _sent_batch(80_000, 50_000)
    content = _answer(
        f"{paid.order_no},paid,2019-11-21,80000,,",
        f"{returned.order_no},failed,2019-11-21,50000,R03,账号不存在",
        "NOBODY-1,paid,2019-11-21,100,,",
    )

    first = record_returns(name="r.csv", content=content, actor=PAYER, occurred_at=AT, request_key=key())
    again = record_returns(name="r2.csv", content=content, actor=PAYER, occurred_at=AT, request_key=key())

    assert first.pk == again.pk
    assert first.counts == {"paid": 1, "returned": 1, "known": 0, "unmatched": 1, "contradicting": 0}
    assert first.sums == {"file": 130_100, "matched": 130_000, "known": 0, "suspended": 100, "refused": 0}
    assert first.problems[0]["row"] == 3
    assert sum_orders(scope=EVERYWHERE)["paid"] == (1, 80_000)
    assert sum_orders(scope=EVERYWHERE)["returned"] == (1, 50_000)
    assert Fact.objects.filter(topic__in=["payment.paid", "payment.returned"]).count() == 2


def test_a_wrong_amount_hangs_and_the_rest_is_posted() -> None:
    first, second = _sent_batch(80_000, 50_000)
    content = _answer(
        f"{first.order_no},paid,2019-11-21,80000,,", f"{second.order_no},paid,2019-11-21,50001,,"
    )

    file = record_returns(name="r.csv", content=content, actor=PAYER, occurred_at=AT, request_key=key())

    assert file.counts["paid"] == file.counts["contradicting"] == 1
    assert sum_orders(scope=EVERYWHERE)["paid"] == (1, 80_000)
    assert sum_orders(scope=EVERYWHERE)["sent"] == (1, 50_000)
    hanging = Suspense.objects.get()
    assert (hanging.why, hanging.owner, hanging.amount_fen) == ("amount_differs", PAYER.id, 50_001)
    # Nothing came back to us: there is no money of ours to keep.
    assert not hanging.holds_money


def test_a_paid_order_is_not_turned_round() -> None:
    (order,) = _sent_batch(80_000)
    yes = _answer(f"{order.order_no},paid,2019-11-21,80000,,")
    no = _answer(f"{order.order_no},failed,2019-11-22,80000,R01,户名不符")
    record_returns(name="a", content=yes, actor=PAYER, occurred_at=AT, request_key=key())

    record_returns(name="b", content=no, actor=PAYER, occurred_at=AT, request_key=key())

    assert Order.objects.get().state == "paid"
    assert Suspense.objects.get().holds_money
    assert sum_accounts()["suspense"] == 80_000
    assert not Fact.objects.filter(topic="payment.returned").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空"),
        (b"a,b\n1,2\n", "表头"),
        (b"order_no,result,on,amount_fen\nX,maybe,2019-11-21,1\n", "成功"),
        (b"order_no,result,on,amount_fen\nX,paid,2019-13-21,1\n", "2019-11-21"),
        (b"order_no,result,on,amount_fen\nX,paid,2019-11-21,1.5\n", "800.00"),
    ],
)
def test_an_unreadable_answer_says_what_fits(content: bytes, says: str) -> None:
    make_city()

    with pytest.raises(errors.ReturnUnreadable, match=says):
        record_returns(name="r.csv", content=content, actor=PAYER, occurred_at=AT, request_key=key())


def test_a_voided_batch_frees_its_claims() -> None:
    requests = _requests(80_000)
    number = build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=key())

    void_batch(number=number, reason="组错了", actor=PAYER, occurred_at=AT, request_key=key())
    again = build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=key())

    assert again == number + 1
    with pytest.raises(errors.BatchMoved):
        release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
