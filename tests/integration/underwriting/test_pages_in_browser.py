"""The contract's file in a real browser and in English: accessible at 1366 and 360, nothing sideways."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from tests.browsing import InBrowser
from tests.builders import AT, key
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.desk.test_english_pages import CHINESE, NAMES, in_english
from tests.integration.desk.test_records_in_browser import assert_sound
from tests.integration.underwriting.cases import CIVIL, FINANCE, ZHENGYANG, draw, freeze, make_two_counties
from tests.integration.underwriting.contract_cases import JUDGES, appoint, bid, draft, publish
from tests.integration.underwriting.test_agreement import receive
from tests.integration.underwriting.test_file_papers import KEPT
from tests.integration.underwriting.test_money_terms import write
from yiyuan.apps.reporting.statements import draw_statement
from yiyuan.apps.underwriting.file_papers import add_agreement_paper, add_tender_paper
from yiyuan.apps.underwriting.models import Bill
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db

NUMBERS = re.compile(r"驻一元〔\d+〕\d+号|第 ?\d+ ?条")
LAWS = (
    "政府采购货物和服务招标投标管理办法", "政府采购法实施条例", "政府采购法", "工商银行", "人保财险",
    "合作协议", "2019 年度一元民生", "市公安局", "户籍人口.pdf", "人口保费", CIVIL.name, FINANCE.name,
    *(judge.name for judge in JUDGES), KEPT.name,
)  # fmt: skip
PAGES = [
    (CIVIL, "/underwriting/"),
    (FINANCE, f"/underwriting/county/{ZHENGYANG}/"),
    (CIVIL, f"/underwriting/county/{ZHENGYANG}/"),
    (FINANCE, "/underwriting/bills/{bill}/"),
    (CIVIL, "/underwriting/agreement/"),
    (CIVIL, "/underwriting/tenders/"),
    (CIVIL, "/underwriting/tenders/{tender}/"),
    (JUDGES[0], "/underwriting/tenders/{tender}/"),
    (FINANCE, "/underwriting/statements/"),
    (FINANCE, "/underwriting/statements/{statement}/"),
    (AUDITOR, "/underwriting/statements/{statement}/misses/"),
    (CIVIL, "/"),
]
EMPTY = [(CIVIL, "/underwriting/"), (AUDITOR, "/underwriting/agreement/"), (CIVIL, "/underwriting/tenders/")]
EMPTY.append((AUDITOR, "/underwriting/statements/"))


def _fill() -> dict[str, str]:
    make_two_counties()
    freeze()
    draw()
    tender = publish()
    bid(tender, "人保财险")
    appoint(tender)
    agreement = draft()
    receive(agreement)
    write(agreement)
    words = {"file": KEPT, "actor": CIVIL, "occurred_at": AT}
    add_agreement_paper(agreement_id=agreement.pk, kind="plan", request_key=key(), **words)  # type: ignore[arg-type]
    add_tender_paper(tender_id=tender.pk, kind="tender", request_key=key(), **words)  # type: ignore[arg-type]
    statement = draw_statement(
        kind="insurer",
        month=date(2019, 3, 1),
        reason="",
        actor=CIVIL,
        occurred_at=AT,
        request_key=key(),
    )
    return {
        "bill": Bill.objects.get().number, "tender": tender.number, "statement": statement.number,
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(("actor", "path"), PAGES)
def test_sound_on_a_screen_and_on_a_phone(in_browser: InBrowser, actor: Actor, path: str) -> None:
    made = _fill()

    assert_sound(in_browser, signed_in(actor).get(path.format(**made)).text)


@pytest.mark.browser
@pytest.mark.parametrize(("actor", "path"), EMPTY)
def test_sound_while_empty(in_browser: InBrowser, actor: Actor, path: str) -> None:
    make_two_counties()

    assert_sound(in_browser, signed_in(actor).get(path).text)


@pytest.mark.parametrize(("actor", "path"), PAGES)
def test_english_pages_are_english(actor: Actor, path: str) -> None:
    made = _fill()

    page = in_english(actor).get(path.format(**made))

    assert page.status_code == 200
    text = unescape(re.sub(r"<b lang=\"zh-Hans\">.*?</b>", "", page.text))
    text = NUMBERS.sub("", text)
    for name in sorted((*NAMES, *LAWS), key=len, reverse=True):
        text = text.replace(name, "")
    assert CHINESE.findall(text) == []


def test_every_page_has_its_help() -> None:
    made = _fill()

    for actor, path in PAGES:
        assert 'class="help' in signed_in(actor).get(path.format(**made)).text, path
    assert reverse("desk:premium") == "/underwriting/"
