"""The tender's and the agreement's pages: each step on screen; sealed points stay sealed; alarms."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import key, make_staff
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.underwriting.cases import CIVIL, CIVIL_2, FINANCE, make_two_counties
from tests.integration.underwriting.contract_cases import JUDGES, WEIGHTS, appoint, bid, publish, score
from yiyuan.apps.underwriting.models import Agreement, Award, Bond, BondCall, InForce, Tender
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db

AGREEMENT = reverse("desk:agreement")
BOND = {
    "kind": "guarantee", "amount_fen": "80000", "issuer": "工商银行", "document_no": "BH-1",
    "received_on": "2019-01-02", "expires_on": "2019-12-10",
}  # fmt: skip


@pytest.fixture(autouse=True)
def city() -> None:
    make_two_counties()


def say(browser: Client, name: str, of: object = None, **words: object) -> str:
    url = reverse(f"desk:{name}", args=[] if of is None else [of])
    answer = browser.post(url, {"request_key": key(), **words}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def drafted(browser: Client, **words: object) -> str:
    said = {
        "number": "驻一元〔2018〕1号", "title": "合作协议", "until_on": "2020-01-01",
        "contract_fen": "8017100.00", "bond_fen": "80000", "parties": "人保财险 60%\n别家财险 40%",
        "county_points": "1", "township_points": "1", "on_time": "95", "reports": "10",
    }  # fmt: skip
    return say(browser, "agreement_draft", **{**said, **words})


def test_an_agreement_goes_from_draft_to_force_and_its_bond_is_called() -> None:
    civil, second, finance = signed_in(CIVIL), signed_in(CIVIL_2), signed_in(FINANCE)

    assert "协议已登记" in drafted(civil)
    pk = Agreement.objects.get().pk
    assert "还不能生效" in say(civil, "agreement_start", pk, from_on="2019-01-01")
    for party in ("policyholder", "insurer"):
        say(civil, "agreement_sign", pk, party=party, signer="某某", signed_on="2018-12-27")
    assert "保证金已登记" in say(civil, "bond_receive", pk, **BOND)
    assert "协议已生效" in say(civil, "agreement_start", pk, from_on="2019-01-01")
    assert InForce.objects.count() == 1
    bond = Bond.objects.get().pk
    assert "等另一位" in say(civil, "bond_call", bond, amount_fen="100", reason="没有按时赔付")
    call = BondCall.objects.get().pk
    assert "要由另一人来办" in say(civil, "bond_agree", call)
    assert "已同意动用" in say(second, "bond_agree", call)
    assert "已登记到账" in say(finance, "bond_arrived", call, arrived_on="2019-11-20")
    page = civil.get(AGREEMENT).content.decode()
    assert "没做到" in page
    assert "79,900.00" in page
    assert "保证金已退还" in say(civil, "bond_return", bond, returned_on="2019-11-20")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"parties": "人保财险 60%\n别家财险 41%"}, "合计要是 100%"),
        ({"bond_fen": "801710.01"}, "第 48 条"),
        ({"parties": "人保财险"}, "名称 份额%"),
        ({"contract_fen": "0"}, "金额或依据不对"),
    ],
)
def test_a_wrong_draft_is_refused_with_the_reason(words: dict[str, str], said: str) -> None:
    page = drafted(signed_in(CIVIL), **words)

    assert said in page
    assert not Agreement.objects.exists()


def test_a_bond_that_expires_soon_is_on_the_workbench() -> None:
    civil = signed_in(CIVIL)
    drafted(civil)
    say(civil, "bond_receive", Agreement.objects.get().pk, **BOND)

    page = civil.get(reverse("desk:workbench")).content.decode()

    assert "保证金快到期" in page
    assert "2019年12月10日 到期" in page


def test_a_tender_goes_from_publication_to_the_filed_contract() -> None:
    civil, second = signed_in(CIVIL), signed_in(CIVIL_2)
    for judge in JUDGES:
        make_staff(judge)
    weights = {f"weight_{name}": weight // 100 for name, weight in WEIGHTS.items()}
    said = {"title": "2020 年度", "budget_fen": "8017100", "published_on": "2019-10-20", **weights}
    assert "投标时间不够" in say(civil, "tender_open", closes_at="2019-11-08T09:00", **said)
    assert "招标已登记" in say(civil, "tender_open", closes_at="2019-11-19T09:00", **said)
    number = Tender.objects.get().number

    offer = {"price_fen": "8000000", "received_at": "2019-11-18T09:00"}
    assert "投标已登记" in say(civil, "tender_bid", number, bidder="人保财险", **offer)
    for judge in JUDGES:
        say(civil, "tender_judge", number, chosen=judge.id)
    tender = Tender.objects.get()
    fields = [f"{one.pk}-{c.pk}" for one in tender.bids.all() for c in tender.criteria.all()]
    for judge in JUDGES:
        assert "评分已交" in say(signed_in(judge), "tender_score", number, **dict.fromkeys(fields, 90))
    assert "等另一位" in say(civil, "tender_award", number, chosen=tender.bids.get().pk)
    say(civil, "tender_agree", number)
    assert not Award.objects.get().agreed_by
    assert "已定标" in say(second, "tender_agree", number)
    page = say(civil, "tender_step", number, chosen="award_notice", done_on="2019-11-20")

    assert "已登记" in page
    assert "90.00" in page
    assert "政府采购法第 46 条" in page


def test_a_judge_sees_only_their_own_points_on_screen() -> None:
    tender = publish()
    bid(tender, "人保财险")
    judges = appoint(tender)
    score(tender, judges[0], {"人保财险": 37})
    score(tender, judges[1], {"人保财险": 83})

    page = signed_in(judges[0]).get(reverse("desk:tender", args=[tender.number])).content.decode()
    civil = signed_in(CIVIL).get(reverse("desk:tender", args=[tender.number])).content.decode()

    assert ">37<" in page
    assert ">83<" not in page
    assert ">83<" not in civil
    assert ">37<" not in civil


def test_strangers_and_counties_find_no_tender() -> None:
    tender = publish()
    address = reverse("desk:tender", args=[tender.number])
    desk = Actor("desk9", "理赔岗", frozenset({Role.DESK_AGENT}), CIVIL.scope)
    county = Actor("zy", "正阳民政", frozenset({Role.CIVIL_AFFAIRS}), OF_ZHENGYANG)

    for actor in (desk, county):
        assert signed_in(actor).get(address).status_code == 404
    assert signed_in(AUDITOR).get(address).status_code == 200
    page = signed_in(county).get(AGREEMENT)
    assert "县区看不到" in page.content.decode()
    assert date(2018, 11, 21) == tender.closes_at.date()
