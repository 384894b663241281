"""Claims of accidents (事故赔案): decided by the event rules, lodged with a clock, told by clauses."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    CLERK,
    DESK,
    key,
    make_account,
    make_city,
    make_person,
    make_staff,
)
from yiyuan.apps.adjudication.accidents import Accident
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.claims.accidents import NewAccident, open_accident_claim
from yiyuan.apps.claims.errors import AccountMissing, IllegalMove, NotEntitled, RoleMissing
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.claims.undoing import undo_confirmation
from yiyuan.apps.ledger.queries import sum_accounts
from yiyuan.rules.events.facts import Value

pytestmark = pytest.mark.django_db

DIED: dict[str, Value] = {"residence": "registered", "recognised_by": "county", "died": True}


def reported() -> NewAccident:
    make_city()
    person = make_person()
    account = make_account(person)
    accident = Accident("SG-1", "L1", date(2019, 11, 1), DIED)
    return NewAccident(accident, person.pk, "411724", account.pk)


def opened(new: NewAccident, request_key: str = "") -> Claim:
    return open_accident_claim(new=new, actor=DESK, occurred_at=AT, request_key=request_key or key())


def test_a_brave_persons_death_is_lodged_with_its_sum_and_clock() -> None:
    claim = opened(reported())

    assert (claim.number, claim.state, claim.cause) == ("正阳-事-2019-00001", "lodged", "L1")
    assert claim.benefit_fen == 20_000_000
    assert claim.due_on == date(2019, 12, 4)  # ten working days
    decision = Decision.objects.get()
    assert (decision.reason, decision.outcome) == ("accident", "entitled")
    assert "SUM-1" in {step["clause"] for step in decision.trace}


def test_two_people_decide_it_and_the_money_is_reserved() -> None:
    claim = opened(reported())

    for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
        move_claim(number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key())

    assert sum_accounts()["payable"] == 20_000_000


def test_the_same_key_opens_one() -> None:
    new, once = reported(), key()

    assert opened(new, once) == opened(new, once)
    assert Claim.objects.count() == Decision.objects.count() == 1


def test_what_pays_nothing_or_cannot_be_told_opens_nothing() -> None:
    new = reported()
    village = replace(new.accident, facts={**DIED, "recognised_by": "village"})
    unknown = replace(new.accident, facts={"residence": "registered", "died": True})

    for accident in (village, unknown):
        with pytest.raises(NotEntitled):
            opened(replace(new, accident=accident))

    assert not Claim.objects.exists()
    assert not Decision.objects.exists()


def test_another_persons_account_and_another_post_are_refused() -> None:
    new = reported()
    others = make_account(make_person("李四"))

    with pytest.raises(AccountMissing):
        opened(replace(new, account_id=others.pk))
    with pytest.raises(RoleMissing):
        open_accident_claim(new=new, actor=CLERK, occurred_at=AT, request_key=key())

    assert not Claim.objects.exists()


def test_it_has_no_proposal_to_go_back_to() -> None:
    claim = opened(reported())

    with pytest.raises(IllegalMove):
        undo_confirmation(number=claim.number, reason="点错了", actor=DESK, occurred_at=AT, request_key=key())


def test_its_page_tells_what_happened_and_by_which_clause() -> None:
    claim = opened(reported())
    client = Client()
    client.force_login(make_staff(DESK))

    page = client.get(reverse("desk:claim", args=[claim.number])).content.decode()

    assert "2019-11-01 出险：见义勇为" in page
    assert "SUM-1" in page
    assert "事故报案 SG-1" in page
    assert "入院当天在册" not in page
