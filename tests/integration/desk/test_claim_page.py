"""One claim's page: the reasons, the readings, who may say what, and the account the money goes to."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.encoding import iri_to_uri

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    BOTH,
    DESK,
    PAYER,
    PAYER_2,
    key,
    make_account,
    make_person,
    opened,
    say,
)
from tests.integration.desk.money_cases import signed_in, signed_in_as
from yiyuan.apps.adjudication.queries import list_readings
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.registry.models import Account, Person
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

QUERIES_MAX = 29  # what is left of the budget is the latest


def page_of(client: Client, claim: Claim) -> str:
    answer = client.get(f"/claims/{claim.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def move(client: Client, claim: Claim, verb: Verb, reason: str = "", request_key: str = "") -> HttpResponse:
    words = {"verb": verb, f"{verb}-reason": reason, "request_key": request_key or key()}
    answer = client.post(f"/claims/{claim.number}/move/", words)
    assert isinstance(answer, HttpResponse)
    return answer


def state(claim: Claim) -> str:
    return Claim.objects.get(pk=claim.pk).state


def assessed() -> Claim:
    claim = opened()
    say(claim, Verb.ASSESS, ASSESSOR)
    return claim


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_reads_the_reasons(role: Role) -> None:
    assert "为什么是 800.00 元" in page_of(signed_in_as(role), opened())


def test_a_number_nobody_gave_is_not_found() -> None:
    client = signed_in(DESK)

    assert client.get("/claims/正阳-医-2019-99999/").status_code == 404
    assert client.post("/claims/正阳-医-2019-99999/account/", {"request_key": key()}).status_code == 404
    words = {"verb": "withdraw", "withdraw-reason": "x", "request_key": key()}
    assert client.post("/claims/正阳-医-2019-99999/move/", words).status_code == 404


def test_four_steps_with_their_clauses_and_sums() -> None:
    page = plain(page_of(signed_in(APPROVER), opened(residual_fen=124_980)))

    assert "入院当天在困难群体名册里：低保户" in page
    assert "低保户从 2018年7月1日 起，没有止日；2019年10月28日 入院，当天在册" in page
    assert "病在约定病种里 终末期肾病：主要诊断 N18.0，与病种表 D07 相符。" in page
    assert "医保报销后，还剩 1,249.80 元要自己付" in page
    assert "1,249.80 元满 1,000.00 元，赔 800.00 元" in page
    for clause in ("GROUP-1", "MED-2", "MED-1", "MED-1B", "TIME-2"):
        assert f"条款 {clause}，" in page, clause
    assert "暂定" in page


@pytest.mark.parametrize(
    ("residual_fen", "title"),
    [
        (99_999, "999.99 元不到 1,000.00 元，赔 500.00 元"),
        (100_000, "1,000.00 元满 1,000.00 元，赔 800.00 元"),
        (100_001, "1,000.01 元满 1,000.00 元，赔 800.00 元"),
    ],
)
def test_the_boundary_in_words(residual_fen: int, title: str) -> None:
    assert title in plain(page_of(signed_in(APPROVER), opened(residual_fen=residual_fen)))


def test_every_reading_with_its_sum_the_adopted_one_first() -> None:
    claim = opened(residual_fen=124_980)

    readings = list_readings(get_terms(), 124_980, adopted="flat")
    page = page_of(signed_in(APPROVER), claim)

    assert [(r.name, r.benefit_fen, r.is_adopted) for r in readings] == [
        ("flat", 80_000, True),
        ("capped", 62_490, False),
        ("banded", 74_980, False),
    ]
    panel = plain(page[page.index('class="readings"') :])
    assert re.search(r"A 采用 .* 800\.00 元 B .* 624\.90 元 C .* 749\.80 元", panel)


def test_personal_numbers_stay_masked() -> None:
    claim = opened()
    person = Person.objects.get(pk=claim.person_id)
    account = Account.objects.get(person_id=claim.person_id)

    page = page_of(signed_in(DESK), claim)

    assert str(person.id_number) not in page
    assert str(account.account_no) not in page
    assert "尾号 3317" in page


def test_the_disease_never_reaches_paper() -> None:
    page = page_of(signed_in(DESK), opened())

    named = re.findall(r"<[^>]+>(?=[^<]*(?:终末期肾病|N18))", page)
    assert named == ['<p class="screen-only">']


def test_the_button_carries_the_sum_and_says_who_may_press_it() -> None:
    claim = assessed()

    hers, his = page_of(signed_in(APPROVER), claim), page_of(signed_in(ASSESSOR), claim)

    assert "同意赔付 800.00 元" in hers
    assert "您可以签：您没有经手本案" in hers
    assert "同意赔付" not in his
    assert "复核同意：由复核岗办" in plain(his)


def test_the_one_who_assessed_reads_why_not() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, BOTH)

    page = page_of(signed_in(BOTH), claim)

    assert "同意赔付 800.00 元" not in page
    assert "您经手过这一步，要由另一人来办" in page


def test_approving_and_saying_so() -> None:
    claim = assessed()
    client = signed_in(APPROVER)

    answer = move(client, claim, Verb.APPROVE)

    assert state(claim) == "approved"
    assert answer.status_code == 302
    assert f"{claim.number} 已复核" in page_of(client, claim)


def test_pressing_twice_is_one_act() -> None:
    claim, request_key = assessed(), key()
    client = signed_in(APPROVER)

    move(client, claim, Verb.APPROVE, request_key=request_key)
    answer = move(client, claim, Verb.APPROVE, request_key=request_key)

    assert answer.status_code == 302
    assert claim.events.filter(verb="approve").count() == 1


def test_without_a_key_nothing_is_done() -> None:
    claim = assessed()

    answer = signed_in(APPROVER).post(f"/claims/{claim.number}/move/", {"verb": "approve"})

    assert answer.status_code == 403
    assert state(claim) == "assessed"


def test_declining_asks_for_a_reason_at_the_field() -> None:
    claim = assessed()
    client = signed_in(APPROVER)

    answer = move(client, claim, Verb.DECLINE, "  ")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert state(claim) == "assessed"
    assert 'role="alert"' in html
    assert 'href="#id_decline-reason"' in html
    assert html.count('id="id_decline-reason"') == 1
    assert move(client, claim, Verb.DECLINE, "住院不在保险期内").status_code == 302
    assert "不予赔付，理由：住院不在保险期内" in page_of(client, claim)


def test_a_held_business_date_may_be_lived_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = assessed()  # its clock started at ten o'clock of the day that the city holds
    monkeypatch.setattr(clock, "now", lambda: AT - timedelta(hours=4))

    answer = move(signed_in(APPROVER), claim, Verb.DECLINE, "住院不在保险期内")

    stopped = Clock.objects.get(subject=claim.number)
    assert answer.status_code == 302
    assert stopped.stopped_at == stopped.started_at


def test_what_no_longer_applies_is_refused_in_words() -> None:
    claim = opened()

    answer = signed_in(APPROVER).post(
        f"/claims/{claim.number}/move/", {"verb": "approve", "request_key": key()}, follow=True
    )

    assert "这件赔案已经走到别的一步" in answer.content.decode()
    assert state(claim) == "lodged"


def test_four_eyes_hold_against_a_made_up_request() -> None:
    claim = opened()
    say(claim, Verb.ASSESS, BOTH)

    move(signed_in(BOTH), claim, Verb.APPROVE)

    assert state(claim) == "assessed"


@pytest.mark.parametrize("role", [Role.CLERK, Role.PAYER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_posts_that_handle_no_claims_cannot_move_one(role: Role) -> None:
    claim = assessed()

    assert move(signed_in_as(role), claim, Verb.APPROVE).status_code == 403
    assert state(claim) == "assessed"


@pytest.mark.parametrize("role", [Role.DESK_AGENT, Role.ASSESSOR])
def test_posts_of_other_steps_are_told_so(role: Role) -> None:
    claim = assessed()
    client = signed_in_as(role)

    move(client, claim, Verb.APPROVE)

    assert state(claim) == "assessed"
    assert "这一步不归您的岗位办" in page_of(client, claim)


def test_a_verb_nobody_knows_is_not_found() -> None:
    claim = opened()
    words = {"verb": "bless", "request_key": key()}

    assert signed_in(DESK).post(f"/claims/{claim.number}/move/", words).status_code == 404


ACCOUNT = {"bank_name": "农商银行", "account_no": "6228 4507 1800 2233 174", "holder_name": "马秀兰"}


def give_account(client: Client, claim: Claim, **words: str) -> HttpResponse:
    answer = client.post(f"/claims/{claim.number}/account/", {**ACCOUNT, "request_key": key(), **words})
    assert isinstance(answer, HttpResponse)
    return answer


def test_an_account_given_at_the_desk_is_kept_and_chosen() -> None:
    claim = opened(with_account=False)
    client = signed_in(DESK)

    answer = give_account(client, claim)

    account = Account.objects.get(person_id=claim.person_id)
    assert answer.status_code == 302
    assert Claim.objects.get(pk=claim.pk).account_id == account.pk
    assert str(account.account_no) == "6228450718002233174"
    assert "尾号 3174" in page_of(client, claim)
    assert move(client, claim, Verb.RECEIVE_DOCUMENTS).status_code == 302
    assert state(claim) == "lodged"


def test_the_same_account_twice_is_one_account() -> None:
    claim, request_key = opened(with_account=False), key()
    client = signed_in(DESK)

    give_account(client, claim, request_key=request_key)
    give_account(client, claim, request_key=request_key)

    assert Account.objects.filter(person_id=claim.person_id).count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"account_no": "6228"}, "账号应为 8 到 32 位数字，现在 4 位"),
        ({"account_no": "6228x4507"}, "账号里只能有数字"),
        ({"holder_name": "别人"}, "户名应是参保人 马秀兰"),
        ({"bank_name": ""}, "开户行"),
    ],
)
def test_a_wrong_account_is_refused_at_its_field(words: dict[str, str], said: str) -> None:
    claim = opened(with_account=False)

    answer = give_account(signed_in(DESK), claim, **words)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html[html.index('role="alert"') :]
    assert 'value="农商银行"' in html or "bank_name" in words
    assert not Account.objects.filter(person_id=claim.person_id).exists()


def test_a_guardians_account_says_so() -> None:
    claim = opened(with_account=False)
    client = signed_in(DESK)

    give_account(client, claim, holder_name="马大山", is_guardian="on")

    assert "户名 马大山，监护人" in page_of(client, claim)


def test_an_account_of_somebody_else_cannot_be_chosen() -> None:
    claim = opened()
    before = Claim.objects.get(pk=claim.pk).account_id
    stranger = make_account(make_person("别人"))

    answer = signed_in(DESK).post(
        f"/claims/{claim.number}/account/", {"account": stranger.pk, "request_key": key()}, follow=True
    )

    assert "没有可用的收款账户" in answer.content.decode()
    assert Claim.objects.get(pk=claim.pk).account_id == before


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.DESK_AGENT, Role.SYSTEM)])
def test_only_the_desk_agent_changes_the_account(role: Role) -> None:
    claim = opened(with_account=False)
    client = signed_in_as(role)

    assert give_account(client, claim).status_code == 403
    assert 'name="account_no"' not in page_of(client, claim)


def test_money_that_came_back_is_told_with_its_reason() -> None:
    claim = assessed()
    say(claim, Verb.APPROVE, APPROVER)
    batch = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=batch, actor=PAYER_2, occurred_at=AT, request_key=key())
    order = Order.objects.get(source=claim.number)
    answer = f"order_no,result,on,amount_fen,reason\n{order.order_no},failed,2019-11-21,80000,账号已注销\n"
    record_returns(name="r", content=answer.encode(), actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()

    page = page_of(signed_in(DESK), claim)

    assert "账号已注销" in page
    assert order.order_no in page
    assert f"第 {batch} 批" in page[page.index('class="timeline"') :]
    assert 'name="account_no"' in page


def test_the_page_in_english() -> None:
    claim = assessed()
    client = signed_in(APPROVER)
    client.cookies["django_language"] = "en"

    page = plain(page_of(client, claim))

    assert "Approve 800.00 yuan" in page
    assert "1,249.80 yuan reach 1,000.00: 800.00 yuan are paid" in page
    assert "From 1,000 yuan left, 800 yuan is paid." in page


def test_the_next_one_of_the_queue_is_one_key_away() -> None:
    first, second = assessed(), assessed()
    lodged = opened()

    page = page_of(signed_in(APPROVER), first)

    link = page[page.index('aria-keyshortcuts="n"') - 200 : page.index('aria-keyshortcuts="n"')]
    assert iri_to_uri(f"/claims/{second.number}/") in link
    assert 'aria-keyshortcuts="n"' not in page_of(signed_in(ASSESSOR), lodged)


def test_what_a_page_costs() -> None:
    claim = assessed()
    client = signed_in(APPROVER)
    client.get(f"/claims/{claim.number}/")

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/claims/{claim.number}/")

    assert len(asked) <= QUERIES_MAX
