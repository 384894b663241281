"""The premium's pages: from the head count to the printed receipt; who sees what; accessible in a browser."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.builders import key
from tests.integration.desk.counties import OF_PINGYU
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.underwriting.cases import (
    CIVIL,
    FINANCE,
    PINGYU,
    ZHENGYANG,
    draw,
    freeze,
    make_two_counties,
)
from yiyuan.apps.underwriting.models import Appropriation, Bill, FrozenHeadCount, Receipt
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db

COUNTY = reverse("desk:premium_county", args=[ZHENGYANG])


@pytest.fixture(autouse=True)
def counties(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    make_two_counties()


def say(browser: Client, url: str, **words: object) -> str:
    answer = browser.post(url, {"request_key": key(), **words}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_head_count_becomes_a_bill_an_order_and_a_receipt() -> None:
    civil, finance = signed_in(CIVIL), signed_in(FINANCE)
    paper = SimpleUploadedFile("户籍.pdf", b"%PDF")
    count = {"counted_on": "2018-12-31", "persons": "811200", "source": "市公安局", "paper": paper}

    frozen = say(civil, f"{COUNTY}freeze/", **count)
    drawn = say(civil, reverse("desk:premium_draw"), due_on="2019-12-30")
    issued = say(finance, f"{COUNTY}order/", chosen=Bill.objects.get().dues.get().pk)
    money = {"chosen": "county", "amount_fen": "811200.00", "moved_on": "2019-11-20", "bank_reference": "B1"}
    received = say(finance, f"{COUNTY}receipt/", **money)

    assert "人数已核定" in frozen
    assert "保费通知书已出具" in drawn
    assert "811,200.00" in drawn
    assert "拨付令已签发" in issued
    assert "收据可以打印" in received
    evidence = civil.get(reverse("desk:premium_evidence", args=[FrozenHeadCount.objects.get().pk]))
    assert b"".join(evidence.streaming_content) == b"%PDF"  # type: ignore[attr-defined]
    for name, number in (
        ("bill_paper", Bill.objects.get().number),
        ("order_paper", Appropriation.objects.get().number),
        ("receipt_paper", Receipt.objects.get().number),
    ):
        page = finance.get(reverse(f"desk:{name}", args=[number])).content.decode()
        assert "人民币捌拾壹万壹仟贰佰元整" in page


def test_a_refusal_says_what_is_wrong_and_keeps_nothing() -> None:
    civil = signed_in(CIVIL)
    paper = SimpleUploadedFile("户籍.pdf", b"%PDF")

    wrong = {"counted_on": "2018-12-31", "persons": "-1", "source": "市公安局", "paper": paper}
    page = say(civil, f"{COUNTY}freeze/", **wrong)

    assert "不能小于 0" in page
    assert not FrozenHeadCount.objects.exists()


def test_the_auditor_reads_and_does_nothing() -> None:
    freeze()
    draw()
    auditor = signed_in(AUDITOR)

    for url in (reverse("desk:premium"), COUNTY):
        page = auditor.get(url)
        assert page.status_code == 200
        assert "request_key" not in page.content.decode().split("<main")[1]
    assert auditor.post(f"{COUNTY}receipt/", {"request_key": key()}).status_code == 403


def test_a_countys_officer_sees_that_county() -> None:
    freeze()
    freeze(PINGYU, 100)
    draw()
    browser = signed_in(Actor("pingyu", "平舆财政", frozenset({Role.FINANCE}), OF_PINGYU))

    page = browser.get(reverse("desk:premium")).content.decode()

    assert "平舆县" in page
    assert "正阳县" not in page
    assert browser.get(COUNTY).status_code == 404
    number = Bill.objects.get(county_code=ZHENGYANG).number
    assert browser.get(reverse("desk:bill_paper", args=[number])).status_code == 404
