"""The money page and the page of a batch: who may, what a double click does, what the bank's answers say."""

import hashlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests.builders import PAYER, PAYER_2, key
from tests.integration.desk.money_cases import (
    PASSWORD,
    answer,
    approve_claim,
    build_batch_of,
    open_claim,
    send_batch_of,
    signed_in,
    signed_in_as,
)
from tests.integration.test_money import asked
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.payments.models import Batch, Order, ReturnFile
from yiyuan.apps.registry.models import Account
from yiyuan.interfaces.desk.pages import payments
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

MAY_LOOK = {
    Role.DESK_AGENT,
    Role.ASSESSOR,
    Role.APPROVER,
    Role.PAYER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
}


def _file(content: bytes, name: str = "回单.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/csv")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_look(role: Role) -> None:
    number = build_batch_of(1)
    client = signed_in_as(role)

    expected = 200 if role in MAY_LOOK else 403

    assert client.get("/payments/").status_code == expected
    assert client.get(f"/payments/{number}/").status_code == expected


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SYSTEM, Role.PAYER)])
def test_only_payers_act(role: Role) -> None:
    number = build_batch_of(1)
    approve_claim()
    client = signed_in_as(role)

    statuses = {
        client.post("/payments/build/", {"request_key": key()}).status_code,
        client.post(
            "/payments/returns/", {"request_key": key(), "content": _file(answer("x,paid,2019-11-21,1,,"))}
        ).status_code,
        client.post(f"/payments/{number}/release/", {"request_key": key(), "password": PASSWORD}).status_code,
        client.post(f"/payments/{number}/void/", {"request_key": key(), "reason": "错"}).status_code,
        client.post(f"/payments/{number}/take-out/", {"request_key": key()}).status_code,
        client.get(f"/payments/{number}/bank-file.csv").status_code,
    }

    assert statuses == {403}
    assert Batch.objects.get().state == "reserved"
    assert not ReturnFile.objects.exists()


def test_the_page_says_where_the_money_is() -> None:
    orders = send_batch_of(3)
    approve_claim(name="李凤英")
    approve_claim(name="王改荣", with_account=True)
    client = signed_in(PAYER)
    content = answer(
        f"{orders[0].order_no},paid,2019-11-21,80000,,",
        f"{orders[1].order_no},failed,2019-11-21,80000,E1,销户",
    )
    client.post("/payments/returns/", {"request_key": key(), "content": _file(content)})
    deliver_facts(timestamp=0)

    page = client.get("/payments/")
    envelope = {row["label"]: (row["count"], row["fen"]) for row in page.context["envelope"]}

    assert envelope == {
        "已复核、可以付": (2, 160_000),
        "已组批、未放行": (0, 0),
        "已送银行": (3, 240_000),
        "其中 在途": (1, 80_000),
        "其中 已到账": (1, 80_000),
        "其中 已退回": (1, 80_000),
    }
    assert "把 2 件、合计 1,600.00 元装入新的一批" in page.text


def test_the_button_takes_everything_that_can_be_paid_and_a_double_click_is_one_act() -> None:
    approve_claim()
    approve_claim()
    open_claim()
    client, request_key = signed_in(PAYER), key()

    first = client.post("/payments/build/", {"request_key": request_key})
    second = client.post("/payments/build/", {"request_key": request_key})

    batch = Batch.objects.get()
    assert first["Location"] == second["Location"] == f"/payments/{batch.number}/"
    assert (batch.order_count, batch.total_fen, batch.built_by) == (2, 160_000, PAYER.id)
    assert Entry.objects.filter(verb="build_batch").count() == 1


def test_nothing_to_pay_is_said_and_nothing_is_built() -> None:
    client = signed_in(PAYER)

    page = client.post("/payments/build/", {"request_key": key()}, follow=True)

    assert "没有可以付款的赔案" in page.text
    assert "可以付的都装批了" in page.text
    assert not Batch.objects.exists()


def test_a_form_without_its_key_does_nothing() -> None:
    approve_claim()

    assert signed_in(PAYER).post("/payments/build/").status_code == 403
    assert not Batch.objects.exists()


def test_the_builder_is_told_to_find_another() -> None:
    number = build_batch_of(1)
    client = signed_in(PAYER)

    page = client.get(f"/payments/{number}/")
    tried = client.post(
        f"/payments/{number}/release/", {"request_key": key(), "password": PASSWORD}, follow=True
    )

    assert "这一批是您组的，要由另一位支付专员放行" in page.text
    assert 'action="/payments/1/release/"' not in page.text
    assert "您经手过这一步，要由另一人来办" in tried.text
    assert Batch.objects.get().state == "reserved"


def test_the_second_payer_releases_once() -> None:
    number = build_batch_of(2)
    client, request_key = signed_in(PAYER_2), key()
    before = client.get(f"/payments/{number}/")

    first = client.post(
        f"/payments/{number}/release/", {"request_key": request_key, "password": PASSWORD}, follow=True
    )
    client.post(f"/payments/{number}/release/", {"request_key": request_key, "password": PASSWORD})

    batch = Batch.objects.get()
    assert "您可以签：这一批不是您组的" in before.text
    assert "放行 2 笔、1,600.00 元" in before.text
    assert (batch.state, batch.released_by) == ("sent", PAYER_2.id)
    assert batch.files["csv"] in first.text
    assert Entry.objects.filter(verb="release_batch").count() == 1


def test_a_questioned_claim_is_taken_out_by_one_button_and_the_rest_goes() -> None:
    number = build_batch_of(2)
    held, free = Claim.objects.order_by("pk")
    asked(held)
    client = signed_in(PAYER_2)

    page = client.get(f"/payments/{number}/")
    refused = client.post(
        f"/payments/{number}/release/", {"request_key": key(), "password": PASSWORD}, follow=True
    )
    client.post(f"/payments/{number}/take-out/", {"request_key": key()})
    after = client.get(f"/payments/{number}/")
    client.post(f"/payments/{number}/release/", {"request_key": key(), "password": PASSWORD})

    address = reverse("desk:claim", args=[held.number])
    assert f'这一批还不能放行：</b> <a href="{address}"' in page.text
    assert "取出 1 件有疑问的" in page.text
    assert 'action="/payments/1/release/"' not in page.text
    assert f"先不付款；可以把它们取出，其余的照付：{held.number}" in refused.text
    assert "放行 1 笔、800.00 元" in after.text
    assert "有疑问，已取出" in after.text
    states = dict(Order.objects.values_list("source", "state"))
    assert states == {held.number: "taken_out", free.number: "sent"}


def test_taking_back_needs_a_reason_and_frees_the_claims() -> None:
    number = build_batch_of(1)
    client = signed_in(PAYER)

    without = client.post(f"/payments/{number}/void/", {"request_key": key(), "reason": "  "}, follow=True)
    assert "请写明理由" in without.text
    assert Batch.objects.get().state == "reserved"

    client.post(f"/payments/{number}/void/", {"request_key": key(), "reason": "账号不对"})
    again = client.post("/payments/build/", {"request_key": key()}, follow=True)

    assert Batch.objects.get(number=number).state == "voided"
    assert Order.objects.get(batch__number=number).reason == "账号不对"
    assert "第 2 批" in again.text


def test_a_released_batch_cannot_be_taken_back() -> None:
    orders = send_batch_of(1)

    page = signed_in(PAYER).post(
        f"/payments/{orders[0].batch.number}/void/", {"request_key": key(), "reason": "后悔"}, follow=True
    )

    assert "这一批已经送出或撤回" in page.text
    assert Order.objects.get().state == "sent"


def test_the_bank_files_come_only_after_release_with_their_checksums() -> None:
    number = build_batch_of(2)
    client = signed_in(PAYER_2)

    early = client.get(f"/payments/{number}/bank-file.csv", follow=True)
    client.post(f"/payments/{number}/release/", {"request_key": key(), "password": PASSWORD})
    as_csv = client.get(f"/payments/{number}/bank-file.csv")
    as_xlsx = client.get(f"/payments/{number}/bank-file.xlsx")

    batch = Batch.objects.get()
    sheet = load_workbook(BytesIO(as_xlsx.content)).active
    accounts = {str(account.account_no) for account in Account.objects.all()}
    assert "text/html" in early["Content-Type"]
    assert not any(account in early.text for account in accounts)
    assert hashlib.sha256(as_csv.content).hexdigest() == batch.files["csv"]
    assert hashlib.sha256(as_xlsx.content).hexdigest() == batch.files["xlsx"]
    assert {row[2].value for row in list(sheet.iter_rows())[1:-1]} == accounts
    assert Entry.objects.filter(verb="hand_out_file", actor_id=PAYER_2.id).count() == 2
    assert client.get(f"/payments/{number}/bank-file.exe").status_code == 404


def test_the_page_never_shows_a_whole_account() -> None:
    orders = send_batch_of(2)
    page = signed_in(PAYER).get(f"/payments/{orders[0].batch.number}/")

    assert "尾号 3317" in page.text
    assert not any(str(account.account_no) in page.text for account in Account.objects.all())
    assert 'href="/claims/' in page.text
    assert "1,600.00" in page.text


def test_the_banks_answers_reach_the_claims_and_are_counted_once() -> None:
    paid, returned = send_batch_of(2)
    content = answer(
        f"{paid.order_no},paid,2019-11-21,80000,,",
        f"{returned.order_no},failed,2019-11-21,80000,E01,账号销户",
        "Y20191120-9999-00001,paid,2019-11-21,12345,,",
    )
    client = signed_in(PAYER)

    first = client.post("/payments/returns/", {"request_key": key(), "content": _file(content)}, follow=True)
    second = client.post("/payments/returns/", {"request_key": key(), "content": _file(content)}, follow=True)

    assert "到账 1 笔，退回 1 笔，早已入账 0 笔，没有对上 1 笔" in first.text
    assert "Y20191120-9999-00001" in first.text
    assert "123.45" in first.text
    assert "这份回单早就收过" in second.text
    assert ReturnFile.objects.count() == 1
    assert {order.state for order in Order.objects.all()} == {"paid", "returned"}


def test_answers_that_claims_have_not_heard_of_pay_nobody_twice() -> None:
    paid, returned = send_batch_of(2)
    client = signed_in(PAYER)
    content = answer(
        f"{paid.order_no},paid,2019-11-21,80000,,", f"{returned.order_no},failed,2019-11-21,80000,E01,销户"
    )
    client.post("/payments/returns/", {"request_key": key(), "content": _file(content)})

    page = client.post("/payments/build/", {"request_key": key()}, follow=True)

    assert "没有可以付款的赔案" in page.text
    assert page.context["ready"] == 0
    assert Batch.objects.count() == 1


def test_a_returned_claim_is_held_with_its_reason() -> None:
    (order,) = send_batch_of(1)
    client = signed_in(PAYER)
    content = answer(f"{order.order_no},failed,2019-11-21,80000,E01,账号销户")
    client.post("/payments/returns/", {"request_key": key(), "content": _file(content)})
    deliver_facts(timestamp=0)

    page = client.get("/payments/")

    assert "银行退回：账号销户" in page.text
    assert page.context["ready"] == 0
    assert Claim.objects.get().state == "approved"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("结果,日期\n成功,2019-11-21".encode(), "表头应有 指令号、结果、日期、金额"),
        (answer("A-1,也许,2019-11-21,1,,"), "现在是“也许”"),
        (b"", "这个文件是空的"),
        (b"\xff\xfe\xff\xff\xff", "文字编码读不懂"),
    ],
)
def test_an_unreadable_file_is_refused_in_plain_words(content: bytes, words: str) -> None:
    page = signed_in(PAYER).post("/payments/returns/", {"request_key": key(), "content": _file(content)})

    assert page.status_code == 422
    assert words in page.text
    assert 'href="#id_content"' in page.text
    assert not ReturnFile.objects.exists()


def test_no_file_is_said_at_the_field() -> None:
    page = signed_in(PAYER).post("/payments/returns/", {"request_key": key()})

    assert page.status_code == 422
    assert "请选择银行发回的文件" in page.text


def test_a_contradicting_line_hangs_and_the_rest_is_posted() -> None:
    first, second = send_batch_of(2)
    content = answer(
        f"{first.order_no},paid,2019-11-21,80000,,", f"{second.order_no},paid,2019-11-21,70000,,"
    )

    page = signed_in(PAYER).post(
        "/payments/returns/", {"request_key": key(), "content": _file(content)}, follow=True
    )

    assert "到账 1 笔，退回 0 笔，早已入账 0 笔，没有对上 1 笔" in page.text
    assert "文件合计 1,500.00 元 = 入账 800.00 + 早已入账 0.00 + 待查 700.00 + 拒收 0.00" in page.text
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("paid", "sent")


def test_an_unknown_batch_is_not_found() -> None:
    client = signed_in(PAYER)

    assert client.get("/payments/77/").status_code == 404
    assert (
        client.post("/payments/77/release/", {"request_key": key(), "password": PASSWORD}).status_code == 404
    )
    assert client.get("/payments/77/bank-file.csv").status_code == 404


def test_a_long_batch_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yiyuan.interfaces.desk.pages.batch.PAGE", 2)
    orders = send_batch_of(3)
    client, url = signed_in(PAYER), f"/payments/{orders[0].batch.number}/"

    first, rest, whole = (
        client.get(url),
        client.get(f"{url}?after={orders[1].order_no}"),
        client.get(f"{url}?all"),
    )

    assert orders[2].order_no not in first.text
    assert f"?after={orders[1].order_no}" in first.text
    assert orders[2].order_no in rest.text
    assert orders[0].order_no not in rest.text
    assert all(order.order_no in whole.text for order in orders)


@pytest.mark.parametrize("size", [1, 6])
def test_pages_ask_the_database_a_bounded_number_of_times(size: int) -> None:
    orders = send_batch_of(size)
    approve_claim()
    client = signed_in(PAYER)
    for url in ("/payments/", f"/payments/{orders[0].batch.number}/"):
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        assert len(asked) <= 20, (url, len(asked))


def test_the_page_speaks_english() -> None:
    approve_claim()
    client = signed_in(PAYER)
    client.post("/i18n/setlang/", {"language": "en"})

    page = client.get("/payments/")

    assert "Build a batch (claims: 1, total: 800.00 yuan)" in page.text
    assert "装入" not in page.text


def test_a_long_list_shows_its_newest_and_the_rest_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = build_batch_of(1), build_batch_of(1)
    monkeypatch.setattr(payments, "LINES", 1)
    client = signed_in_as(Role.PAYER)

    short, long = (client.get(address).content.decode() for address in ("/payments/", "/payments/?more=1"))

    assert f"/payments/{newer}/" in short
    assert f"/payments/{older}/" not in short
    assert "每张单子多列一些" in short
    assert f"/payments/{older}/" in long
    assert "每张单子多列一些" not in long
