"""The bank's answers as an import: line by line, once; the money page and the import agree."""

import csv
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from tests.builders import AT, CLERK, PAYER, PAYER_2, key, make_account, make_city, make_person
from tests.integration.desk.money_cases import signed_in
from tests.integration.desk.test_import_columns import run
from yiyuan.apps.intake.errors import RoleMissing
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.intake.running import ImportResult, import_file
from yiyuan.apps.intake.services import find_obstacle
from yiyuan.apps.ledger.models import Posting
from yiyuan.apps.outbox.models import Fact
from yiyuan.apps.payments.models import Order, ReturnFile
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import OrderRequest, build_batch, release_batch
from yiyuan.exchange.reading import read_files
from yiyuan.interfaces.commands.main import main
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db

HEADER = "order_no,result,on,amount_fen,reason_code,reason\n"


def sent(*amounts_fen: int) -> list[Order]:
    """Write a batch of these sums that went to the bank."""
    make_city()
    requests = []
    for place, amount_fen in enumerate(amounts_fen, start=1):
        person = make_person()
        account = make_account(person)
        requests.append(
            OrderRequest(f"正阳-医-2019-{place:05d}", person.pk, "411724", amount_fen, account.pk)
        )
    number = build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
    return list(Order.objects.order_by("order_no"))


def write(folder: Path, *lines: str, name: str = "回单.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def bring(path: Path, actor: Actor = PAYER) -> ImportResult:
    return import_file(
        path=path, kind="bank-returns", group="", actor=actor, occurred_at=AT, request_key=key()
    )


def test_lines_that_agree_are_posted_and_the_others_are_refused_with_a_reason(tmp_path: Path) -> None:
    paid, returned, wrong = sent(80_000, 50_000, 30_000)
    moved = Posting.objects.count()

    done = bring(
        write(
            tmp_path,
            f"{paid.order_no},paid,2019-11-21,80000,,",
            f"{returned.order_no},failed,2019-11-21,50000,R03,账号不存在",
            f"{wrong.order_no},paid,2019-11-21,30001,,",
            "NOBODY-1,paid,2019-11-21,100,,",
            f"{paid.order_no},paid,2019-11-21,80000,,",
            "X-1,maybe,2019-11-21,100,,",
            "X-2,paid,soon,100,,",
            "X-3,paid,2019-11-21,ten,,",
        )
    )

    assert (done.state, done.read, done.accepted, done.changed) == ("done", 8, 2, 2)
    assert done.refused_by_reason == {
        "amount": 1,
        "amount_differs": 1,
        "date": 1,
        "duplicate": 1,
        "result": 1,
        "unknown_order": 1,
    }
    assert {o.order_no: o.state for o in Order.objects.all()} == {
        paid.order_no: "paid",
        returned.order_no: "returned",
        wrong.order_no: "sent",
    }
    told = RefusedRow.objects.get(reason="amount_differs")
    assert (told.row, "送出 300.00 元，回单 300.01 元" in told.remedy) == (3, True)
    assert {fact.topic for fact in Fact.objects.filter(topic__in=["payment.paid", "payment.returned"])} == {
        "payment.paid",
        "payment.returned",
    }
    # Two entries, each from one account to another.
    assert Posting.objects.count() - moved == 4
    assert ReturnFile.objects.get().counts["paid"] == 1


def test_what_was_answered_before_is_refused_and_moves_nothing(tmp_path: Path) -> None:
    paid, returned = sent(80_000, 50_000)
    bring(
        write(
            tmp_path,
            f"{paid.order_no},paid,2019-11-21,80000,,",
            f"{returned.order_no},failed,2019-11-21,50000,R03,",
        )
    )
    moved = Posting.objects.count()

    again = bring(
        write(
            tmp_path,
            f"{paid.order_no},paid,2019-11-22,80000,,",
            f"{returned.order_no},paid,2019-11-22,50000,,",
            name="第二天.csv",
        )
    )

    assert (again.accepted, again.refused_by_reason) == (0, {"answered_before": 1, "answered_otherwise": 1})
    assert Posting.objects.count() == moved
    assert Order.objects.get(pk=paid.pk).answered_on is not None
    assert str(Order.objects.get(pk=paid.pk).answered_on) == "2019-11-21"


def test_the_money_page_and_the_import_never_post_one_file_twice(tmp_path: Path) -> None:
    (order,) = sent(80_000)
    path = write(tmp_path, f"{order.order_no},paid,2019-11-21,80000,,")

    record_returns(name=path.name, content=path.read_bytes(), actor=PAYER, occurred_at=AT, request_key=key())
    moved = Posting.objects.count()
    done = bring(path)

    assert (done.accepted, done.refused_by_reason) == (0, {"answered_before": 1})
    assert Posting.objects.count() == moved
    assert ReturnFile.objects.count() == 1


def test_only_a_payer_brings_them_and_nobody_takes_them_back(tmp_path: Path) -> None:
    (order,) = sent(80_000)
    path = write(tmp_path, f"{order.order_no},paid,2019-11-21,80000,,")

    with pytest.raises(RoleMissing):
        bring(path, CLERK)
    done = bring(path)

    obstacle = find_obstacle(done.job_id)
    assert obstacle is not None
    assert obstacle.why == "bank_returns"


def test_a_payer_brings_them_on_the_site(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    (order,) = sent(80_000)
    client = signed_in(PAYER)
    form = {"request_key": key(), "kind": "bank-returns"}
    text = f"指令号,处理结果,处理日期,金额(元)\n{order.order_no},成功,2019/11/21,800.00\n合计,,,800.00\n"

    client.post("/imports/", {**form, "documents": SimpleUploadedFile("回单.csv", text.encode("gb18030"))})
    job = run(ImportJob.objects.get())
    page = client.get(f"/imports/{job.pk}/")
    refused = signed_in(CLERK).post(
        "/imports/", {**form, "documents": SimpleUploadedFile("回单2.csv", b"a,b\n1,2\n")}
    )

    assert (job.state, job.read, job.accepted) == ("done", 1, 1), (job.message, job.refused_by_reason)
    assert Order.objects.get().state == "paid"
    assert "银行回单已经入账，不能撤" not in page.text
    assert "撤销这次导入" not in page.text
    assert refused.status_code == 422


def test_the_command_writes_canonical_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "银行回单.csv"
    path.write_text(
        "代发流水号,交易结果,入账日期,交易金额,失败原因\n"
        'P-1,成功,20191121,"1,234.50",\nP-2,失败,2019年11月21日,80,账号不存在\nP-3,在途,2019-11-21,1,\n'
        "P-1,成功,20191121,1234.50,\n",
        encoding="utf-8",
    )

    code = main(["import", "bank-returns", str(path), "--to", str(tmp_path / "out"), "--json"])

    counts = json.loads(capsys.readouterr().out)
    with (tmp_path / "out/bank-returns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (tmp_path / "out/refused.csv").open(encoding="utf-8", newline="") as file:
        refused = list(csv.DictReader(file))
    assert code == 0
    assert rows == [
        ["order_no", "result", "on", "amount_fen", "reason_code", "reason"],
        ["P-1", "paid", "2019-11-21", "123450", "", ""],
        ["P-2", "failed", "2019-11-21", "8000", "", "账号不存在"],
    ]
    assert [(row["row"], row["reason"], row["column"]) for row in refused] == [
        ("3", "result", "交易结果"),
        ("4", "duplicate", "代发流水号"),
    ]
    assert (counts["read"], counts["accepted"], counts["refused"]) == (4, 2, {"duplicate": 1, "result": 1})


@pytest.mark.parametrize(
    ("amount", "fen"), [("0", 0), ("80000", 80_000), ("-1", None), ("1.5", None), ("9" * 19, None)]
)
def test_fen_are_whole_and_bounded(amount: str, fen: int | None, tmp_path: Path) -> None:
    path = write(tmp_path, f"P-1,paid,2019-11-21,{amount},,")

    with read_files("bank-returns", [path]) as reading:
        found = reading.connection.execute("SELECT amount_fen FROM accepted").fetchall()
        refused = reading.connection.execute("SELECT reason FROM refused").fetchall()

    assert (found, refused) == (([], [("amount",)]) if fen is None else ([(fen,)], []))
