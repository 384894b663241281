"""The workbench of each post: what it says first, its filters, and moves said to many claims at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import APPROVER, ASSESSOR, BOTH, DESK, PAYER, TODAY, key, opened, propose, say
from tests.integration.desk.money_cases import AUDITOR, signed_in, signed_in_as
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.kernel.actor import Actor, Role

pytestmark = pytest.mark.django_db

QUERIES_MAX = 32


def assessed(name: str = "马秀兰", *, by: Actor = ASSESSOR) -> Claim:
    claim = opened(name=name)
    say(claim, Verb.ASSESS, by)
    return claim


def due(claim: Claim, days: int) -> Claim:
    Claim.objects.filter(pk=claim.pk).update(due_on=TODAY + timedelta(days=days))
    return claim


def text_of(client: Client, address: str = "/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_has_a_workbench(role: Role) -> None:
    propose()

    assert "<h1>" in text_of(signed_in_as(role))


def test_without_signing_in_there_is_none() -> None:
    answer = Client().get("/")

    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


def test_the_approver_reads_the_finding_and_the_most_urgent_case_first() -> None:
    late, today = due(assessed("田国栋"), -1), due(assessed("孙德贵"), 0)
    assessed("何金玲")

    page = text_of(signed_in(APPROVER))

    assert "今天要复核 2 件" in page
    assert "先办这一件：</strong>" not in page
    headline = page[page.index('class="headline') : page.index("</section>")]
    assert late.number in headline
    assert "田国栋" in headline
    assert "headline-late" in headline
    assert "超 1 天" in headline
    assert page.index(late.number) < page.index(today.number)
    assert "待我复核 3 件" in page
    assert "已超期 1 件" in page
    assert "下个工作日到期 1 件" in page


def test_the_ruler_filters_and_keeps_its_state_in_the_address() -> None:
    late, other = due(assessed("田国栋"), -1), assessed("何金玲")

    page = text_of(signed_in(APPROVER), "/?due=late")

    queue = page[page.index('id="queue"') :]
    assert late.number in queue
    assert other.number not in queue
    assert 'name="due" value="late"' in page


def test_a_county_without_claims_says_what_to_do() -> None:
    assessed()

    page = text_of(signed_in(APPROVER), "/?county=411702")

    assert "这个条件下没有案件" in page
    assert "看全部" in page


def test_an_empty_queue_is_no_blank_page() -> None:
    page = text_of(signed_in(APPROVER))

    assert "没有等您复核的案件" in page
    assert "等您办的都办完了" in page


def test_largest_sum_first_where_asked() -> None:
    small, large = assessed("小"), assessed("大")
    Claim.objects.filter(pk=small.pk).update(benefit_fen=1)

    page = text_of(signed_in(APPROVER), "/?sort=-sum")

    queue = page[page.index('id="queue"') :]
    assert queue.index(large.number) < queue.index(small.number)
    assert 'aria-sort="descending"' in queue


def test_the_assessor_sees_what_came_back_and_why() -> None:
    claim = assessed()
    say(claim, Verb.RETURN_FOR_ASSESSMENT, APPROVER, "户名不一致")

    page = text_of(signed_in(ASSESSOR))

    assert "今天没有到期的，1 件可以先办" in page
    assert "户名不一致" in page[page.index('id="returned"') :]


def test_the_desk_agent_sees_proposals_and_what_waits_for_documents() -> None:
    propose()
    propose()
    waiting = opened(with_account=False)

    page = text_of(signed_in(DESK))

    assert "有 2 人等您立案" in page
    assert waiting.number in page
    assert "缺收款账户" in page
    assert "等补件，没有起算" in page


def test_the_payer_sees_what_can_be_paid() -> None:
    claim = assessed()
    say(claim, Verb.APPROVE, APPROVER)

    page = text_of(signed_in(PAYER))

    assert "有 1 件可以装批送银行" in page
    assert claim.number in page


def test_what_the_bank_sent_back_is_named_to_the_desk() -> None:
    claim = assessed()
    say(claim, Verb.APPROVE, APPROVER)
    Claim.objects.filter(pk=claim.pk).update(payment_note="银行退回：账号已注销")

    page = text_of(signed_in(DESK))

    aside = page[page.index('id="came-back"') :]
    assert claim.number in aside
    assert "账号已注销" in aside


def test_the_auditor_sees_the_newest_lines() -> None:
    opened()

    page = text_of(signed_in(AUDITOR))

    assert "在案 1 件" in page
    assert "立案" in page[page.index('id="audit"') :]


def test_who_holds_two_posts_changes_between_them() -> None:
    assessed()
    client = signed_in(BOTH)

    assert "待我复核 1 件" in text_of(client)
    assert "待我初审 0 件" in text_of(client, "/?as=assessor")
    assert "待我复核 1 件" in text_of(client, "/?as=payer")


@pytest.mark.parametrize("address", ["/", "/?due=tomorrow"])
@pytest.mark.parametrize("actor", [APPROVER, ASSESSOR, DESK, PAYER], ids=lambda actor: actor.id)
def test_the_queue_costs_no_more_queries_when_it_grows(actor: Actor, address: str) -> None:
    def grow() -> None:
        opened()
        opened(with_account=False)
        assessed()
        say(assessed(), Verb.APPROVE, APPROVER)

    grow()
    client = signed_in(actor)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    grow()
    grow()
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few)
    assert len(many) <= QUERIES_MAX


def batch(client: Client, verb: str, *claims: Claim, request_key: str | None = None) -> str:
    words = {"verb": verb, "picked": [c.number for c in claims], "request_key": request_key or key()}
    return client.post("/claims/batch/", words, follow=True).content.decode()


def states(*claims: Claim) -> list[str]:
    return [Claim.objects.get(pk=claim.pk).state for claim in claims]


def test_many_are_assessed_together() -> None:
    one, two, left = opened(), opened(), opened()

    page = batch(signed_in(ASSESSOR), "assess", one, two)

    assert "初审办好了 2 件" in page
    assert states(one, two, left) == ["assessed", "assessed", "lodged"]


def test_ones_own_are_left_out_of_a_batch_and_named() -> None:
    own, other = assessed(by=BOTH), assessed()

    page = batch(signed_in(BOTH), "approve", own, other)

    assert states(own, other) == ["assessed", "approved"]
    assert "复核同意办好了 1 件" in page
    assert f"1 件没有办，您经手过这一步，要由另一人来办（{own.number}）" in page


def test_the_same_batch_twice_is_one_act() -> None:
    claim, request_key = opened(), key()
    client = signed_in(ASSESSOR)

    batch(client, "assess", claim, request_key=request_key)
    again = batch(client, "assess", claim, request_key=request_key)

    assert states(claim) == ["assessed"]
    assert claim.events.filter(verb="assess").count() == 1
    assert "没有办" not in again


def test_a_batch_without_picks_or_with_another_verb_changes_nothing() -> None:
    claim = assessed()
    client = signed_in(APPROVER)

    assert "还没有选中案件" in batch(client, "approve")
    assert "还没有选中案件" in batch(client, "decline", claim)
    assert states(claim) == ["assessed"]


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.ASSESSOR, Role.APPROVER, Role.SYSTEM)])
def test_other_posts_say_nothing_to_many(role: Role) -> None:
    claim = opened()

    answer = signed_in_as(role).post(
        "/claims/batch/", {"verb": "assess", "picked": [claim.number], "request_key": key()}
    )

    assert answer.status_code == 403
    assert states(claim) == ["lodged"]


def test_a_batch_leads_back_only_into_this_site() -> None:
    claim = opened()
    words = {"verb": "assess", "picked": [claim.number], "request_key": key(), "next": "https://evil.test/"}

    assert signed_in(ASSESSOR).post("/claims/batch/", words)["Location"] == "/"
