"""The page of budgets, what an approver is told when one is spent, and what a claim shows is left."""

from datetime import date

import pytest
from django.test import Client

from tests.browsing import InBrowser
from tests.builders import APPROVER, ASSESSOR, AT, key
from tests.integration.desk.money_cases import open_claim, signed_in, signed_in_as
from tests.integration.desk.test_records_in_browser import assert_sound
from tests.integration.test_budgets import CIVIL, FINANCE, OF_A_COUNTY, give
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.ledger.budgets import list_budgets, list_changes
from yiyuan.apps.ledger.models import BudgetChange
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

PAGE = "/payments/budgets/"
KEPT_OUT = {Role.CLERK, Role.SYSTEM}


def assess_claim() -> str:
    number = open_claim().number
    move_claim(number=number, verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT, request_key=key())
    return number


def propose(client: Client, **words: str) -> int:
    given = {
        "programme_from": "2019-01-01", "county_code": "", "kind": "given", "amount_fen": "5000",
        "reason": "财社〔2019〕12号", "request_key": key(), **words,
    }  # fmt: skip
    return client.post(f"{PAGE}propose/", given).status_code


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_look(role: Role) -> None:
    assert signed_in_as(role).get(PAGE).status_code == (403 if role in KEPT_OUT else 200)


def test_one_proposes_and_another_one_agrees() -> None:
    finance, civil = signed_in(FINANCE), signed_in(CIVIL)
    assert propose(finance) == 302
    pk, request_key = BudgetChange.objects.get().pk, key()
    assert f"{pk}/agree/" not in finance.get(PAGE).content.decode()

    for _ in range(2):
        civil.post(f"{PAGE}{pk}/agree/", {"request_key": request_key})

    (budget,) = list_budgets()
    assert (budget.given_fen, budget.left_fen) == (500_000, 500_000)
    page = civil.get(PAGE).content.decode()
    assert "最紧的一份预算还剩 5,000.00 元" in page
    assert "财政甲" in page
    assert "民政乙" in page


def test_who_proposed_is_refused_and_may_take_it_back() -> None:
    finance = signed_in(FINANCE)
    propose(finance)
    pk = BudgetChange.objects.get().pk

    finance.post(f"{PAGE}{pk}/agree/", {"request_key": key()})
    assert list_budgets() == []

    finance.post(f"{PAGE}{pk}/refuse/", {"request_key": key()})
    assert list_changes(is_open=True) == []
    assert finance.post(f"{PAGE}0/agree/", {"request_key": key()}).status_code == 404


@pytest.mark.parametrize("amount", ["0", "abc", "1.234", ""])
def test_a_sum_that_says_nothing_is_refused_beside_its_field(amount: str) -> None:
    assert propose(signed_in(FINANCE), amount_fen=amount) == 422
    assert propose(signed_in(FINANCE), kind="extra", amount_fen="-5") == 422
    assert BudgetChange.objects.count() == 0


def test_a_countys_officer_proposes_nothing() -> None:
    county = signed_in(OF_A_COUNTY)

    propose(county)

    assert BudgetChange.objects.count() == 0
    assert f'action="{PAGE}propose/"' not in county.get(PAGE).content.decode()


def test_an_approver_of_many_is_told_which_claims_did_not_fit() -> None:
    numbers = [assess_claim() for _ in range(3)]
    benefit_fen = Claim.objects.get(number=numbers[0]).benefit_fen
    give(2 * benefit_fen + 1)
    client = signed_in(APPROVER)

    answer = client.post(
        "/claims/batch/", {"verb": "approve", "picked": numbers, "request_key": key()}, follow=True
    )

    text = answer.content.decode()
    assert Claim.objects.filter(state="approved").count() == 2
    assert "全市的预算不够，只剩 0.01 元" in text
    assert numbers[2] in text
    page = client.get(f"/claims/{numbers[0]}/").content.decode()
    assert "预算还剩" in page
    assert "0.01" in page
    assert list_budgets()[0].programme_from == date(2019, 1, 1)


@pytest.mark.browser
@pytest.mark.parametrize("is_filled", [True, False])
def test_sound_on_a_screen_and_on_a_phone(in_browser: InBrowser, *, is_filled: bool) -> None:
    if is_filled:
        give(5_000_000)
        assess_claim()
        propose(signed_in(FINANCE), kind="extra")

    assert_sound(in_browser, signed_in(CIVIL).get(PAGE).text)
