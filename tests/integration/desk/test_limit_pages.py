"""The page of limits, what a claim shows of them, and what an approver is told when one is spent."""

import pytest
from django.test import Client

from tests.builders import DESK, key
from tests.integration.desk.money_cases import signed_in, signed_in_as
from tests.integration.test_accident_claims import DIED
from tests.integration.test_budgets import CIVIL, FINANCE, OF_A_COUNTY
from tests.integration.test_running_totals import SUM_FEN, TENTH_FEN, report, say, victim
from yiyuan.apps.adjudication.models import LimitChange, RunningTotal
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

PAGE = "/payments/limits/"
KEPT_OUT = {Role.CLERK, Role.SYSTEM}


def two_claims() -> Claim:
    new = victim()
    report(new, "SG-1")
    return report(new, "SG-2", **DIED)


def propose(client: Client, **words: str) -> int:
    total = RunningTotal.objects.get(limit="death_disability")
    given = {
        "total": str(total.pk), "amount_fen": "5000", "reason": "市政府纪要", "request_key": key(), **words,
    }  # fmt: skip
    return client.post(f"{PAGE}propose/", given).status_code


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_look(role: Role) -> None:
    assert signed_in_as(role).get(PAGE).status_code == (403 if role in KEPT_OUT else 200)


def test_one_proposes_and_another_one_agrees() -> None:
    two_claims()
    finance, civil = signed_in(FINANCE), signed_in(CIVIL)
    assert propose(finance) == 302
    pk, request_key = LimitChange.objects.get().pk, key()
    assert f"{pk}/agree/" not in finance.get(PAGE).content.decode()

    finance.post(f"{PAGE}{pk}/agree/", {"request_key": key()})
    assert RunningTotal.objects.get(limit="death_disability").extra_fen == 0
    for _ in range(2):
        civil.post(f"{PAGE}{pk}/agree/", {"request_key": request_key})

    assert RunningTotal.objects.get(limit="death_disability").extra_fen == 500_000
    page = civil.get(PAGE).content.decode()
    assert "5,000.00" in page
    assert "财政甲" in page
    assert "民政乙" in page


def test_the_address_says_which_limits_are_shown() -> None:
    two_claims()
    client = signed_in(FINANCE)

    full = client.get(f"{PAGE}?limit=death_disability&left=full").content.decode()
    other = client.get(f"{PAGE}?limit=medical_limit").content.decode()

    assert "有 1 份限额用完了" in full
    assert "200,000.00" in full
    assert "这里没有用到限额" in other


def test_what_is_refused_changes_nothing() -> None:
    two_claims()
    finance, county = signed_in(FINANCE), signed_in(OF_A_COUNTY)
    for amount in ("0", "-5", "abc", ""):
        assert propose(finance, amount_fen=amount) == 422
    assert propose(finance, reason=" ") == 422
    propose(county)

    assert LimitChange.objects.count() == 0
    assert f'action="{PAGE}propose/"' not in county.get(PAGE).content.decode()
    propose(finance)
    finance.post(f"{PAGE}{LimitChange.objects.get().pk}/refuse/", {"request_key": key()})
    assert LimitChange.objects.get().state == "refused"
    assert finance.post(f"{PAGE}0/agree/", {"request_key": key()}).status_code == 404


def test_a_claim_shows_what_it_takes_and_what_was_left() -> None:
    second = two_claims()

    page = signed_in(DESK).get(f"/claims/{second.number}/").content.decode()

    assert "用到的限额" in page
    assert "最高 200,000.00 元，以前的赔案用了 20,000.00 元，还剩 180,000.00 元" in page
    assert "每人，每次事故（SUM-1）" in page
    assert second.benefit_fen == SUM_FEN - TENTH_FEN


def test_an_approver_is_told_which_limit_stops_the_claim() -> None:
    new = victim()
    claim = report(new, "SG-1")
    say(claim, Verb.ASSESS, Verb.DECLINE, Verb.APPEAL)
    report(new, "SG-2", **DIED)
    client = signed_in(Actor("approver2", "复核二", frozenset({Role.APPROVER}), EVERYWHERE))

    answer = client.post(
        f"/claims/{claim.number}/move/",
        {"verb": "return_for_assessment", "return_for_assessment-reason": "新材料", "request_key": key()},
        follow=True,
    )

    assert "只剩 0.00 元" in answer.content.decode()
    assert Claim.objects.get(pk=claim.pk).state == "appealed"
