"""The screening page: who was not paid, where, the proposals decided in batches, the runs."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import (
    CLERK,
    DESK,
    key,
    make_account,
    make_city,
    make_person,
    make_settlement,
    make_staff,
    make_status,
    propose,
)
from tests.integration.desk.money_cases import AUDITOR, signed_in, signed_in_as
from yiyuan.apps.accounts.models import StaffMember
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.registry.models import Division
from yiyuan.apps.screening.models import Proposal, Run, RunRequest
from yiyuan.apps.screening.requests import list_unfinished_requests
from yiyuan.interfaces.desk.pages import screening as page_module
from yiyuan.interfaces.jobs.tasks import screen_city, take_up_unfinished
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

QUERIES_MAX = 26


def text_of(client: Client, address: str = "/screening/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def settle(*residuals_fen: int, diagnosis: str = "N18.0") -> None:
    make_city()
    for residual_fen in residuals_fen:
        person = make_person()
        make_status(person)
        make_account(person)
        make_settlement(person, residual_fen=residual_fen, diagnosis=diagnosis)


def screen(client: Client, request_key: str = "") -> str:
    """Start a screening, let the worker run it, and return what its page and the list say then."""
    words = {"request_key": request_key or key()}
    address = client.post("/screening/run/", words)["Location"]
    for request_id in list_unfinished_requests():
        screen_city(request_id=request_id)
    return "".join(client.get(page).content.decode() for page in (address, "/screening/"))


def decide(client: Client, decision: str, *proposals: Proposal, **words: str) -> str:
    picked = [proposal.pk for proposal in proposals]
    sent = {"decision": decision, "picked": picked, "request_key": key(), **words}
    return client.post("/screening/decide/", sent, follow=True).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_reads_it(role: Role) -> None:
    settle(124_980)
    screen(signed_in(CLERK))

    assert "还有 1 人次应赔，没有拿到钱" in text_of(signed_in_as(role))


def test_before_the_first_run_it_says_what_comes_first() -> None:
    page = text_of(signed_in(CLERK))

    assert "还没有筛查过" in page
    assert "开始筛查" in page
    assert "还没有名册或结算，请先导入" in screen(signed_in(CLERK))


def test_running_fills_the_funnel_and_names_the_causes() -> None:
    settle(124_980, 99_999, 0)
    client = signed_in(CLERK)

    page = plain(screen(client))

    assert "第 1 次筛查跑完了" in page
    assert "还有 2 人次应赔，没有拿到钱" in page
    assert "已筛查 3" in page
    assert "没有剩余费用 1" in page
    assert "没有立案：等人确认 2，已决定不赔 0" in page
    assert "1,300.00" in page, "the two benefits, 800 and 500"


def test_the_same_key_runs_once() -> None:
    settle(124_980)
    client, request_key = signed_in(CLERK), key()

    screen(client, request_key)
    screen(client, request_key)

    assert Run.objects.count() == 1


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.CLERK, Role.SYSTEM)])
def test_only_the_clerk_runs(role: Role) -> None:
    settle(124_980)
    client = signed_in_as(role)

    assert client.post("/screening/run/", {"request_key": key()}).status_code == 403
    assert "开始筛查" not in text_of(client)
    assert not Run.objects.exists()


def test_a_county_outside_the_pool_is_hatched_with_its_reason() -> None:
    settle(124_980)
    Division.objects.create(code="411729", name="新蔡县", level=1, in_pool=False)
    screen(signed_in(CLERK))

    page = text_of(signed_in(DESK))

    tile = page[page.index("新蔡") - 120 : page.index("新蔡") + 160]
    assert "tile-none" in tile
    assert "自行投保，不在统筹内" in tile


def test_another_figure_by_link() -> None:
    settle(124_980, 124_980)
    screen(signed_in(CLERK))
    client = signed_in(DESK)

    paid, unpaid = text_of(client), text_of(client, "/screening/?show=unpaid")

    assert "各县区到账率" in paid
    assert "各县区还差人次" in unpaid
    assert re.search(r'tile-value">2<', unpaid)


def test_many_are_confirmed_each_with_a_claim() -> None:
    one, two, left = propose(), propose(), propose()

    page = decide(signed_in(DESK), "confirm", one, two)

    assert "已立案 2 件" in page
    assert set(Claim.objects.values_list("proposal_id", flat=True)) == {one.pk, two.pk}
    left.refresh_from_db()
    assert left.state == "open"


def test_what_cannot_be_confirmed_is_named_and_the_rest_is_done() -> None:
    good, bad, unclear = propose(), propose(residual_fen=0), propose(diagnosis="A15.0")

    page = decide(signed_in(DESK), "confirm", good, bad, unclear)

    assert "已立案 1 件" in page
    assert "按现在的名册和结算，这一条不该赔：没有剩余费用" in page
    assert "光看编码判不了，要看证明" in page
    assert [Proposal.objects.get(pk=p.pk).state for p in (good, bad, unclear)] == [
        "confirmed",
        "open",
        "open",
    ]


def test_confirming_twice_opens_one_claim() -> None:
    proposal, request_key = propose(), key()
    client = signed_in(DESK)

    decide(client, "confirm", proposal, request_key=request_key)
    again = decide(client, "confirm", proposal, request_key=request_key)
    other = decide(client, "confirm", proposal)

    assert Claim.objects.count() == 1
    assert "没有办" not in again
    assert "别人已经决定了这一条" in other


def test_declining_needs_its_reason() -> None:
    proposal = propose()
    client = signed_in(DESK)

    refused = decide(client, "decline", proposal, reason="  ")
    assert "没有写理由，一个也没有动" in refused
    proposal.refresh_from_db()
    assert proposal.state == "open"

    done = decide(client, "decline", proposal, reason="户籍已迁出")
    assert "1 人已决定不赔" in done
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_reason) == ("declined", "户籍已迁出")


def test_nobody_picked_and_an_unknown_decision_change_nothing() -> None:
    proposal = propose()
    client = signed_in(DESK)

    assert "还没有选中人" in decide(client, "confirm")
    assert (
        client.post(
            "/screening/decide/", {"decision": "forget", "picked": [proposal.pk], "request_key": key()}
        ).status_code
        == 404
    )
    assert not Claim.objects.exists()


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.DESK_AGENT, Role.SYSTEM)])
def test_only_the_desk_agent_decides(role: Role) -> None:
    proposal = propose()
    client = signed_in_as(role)

    answer = client.post(
        "/screening/decide/", {"decision": "confirm", "picked": [proposal.pk], "request_key": key()}
    )

    assert answer.status_code == 403
    assert 'name="picked"' not in text_of(client)
    assert not Claim.objects.exists()


def test_the_list_by_county_group_outcome_and_state() -> None:
    entitled = propose(name="甲一")
    undetermined = propose(
        name="乙一", outcome="undetermined", reason="missing_fact", missing="diagnosis_code", benefit_fen=0
    )
    client = signed_in(DESK)

    assert ("甲一" in text_of(client), "乙一" in text_of(client)) == (True, False)
    other = text_of(client, "/screening/?outcome=undetermined")
    assert ("甲一" in other, "乙一" in other) == (False, True)
    assert "缺主要诊断编码" in other
    assert "甲一" not in text_of(client, "/screening/?county=411702")
    assert "甲一" not in text_of(client, "/screening/?group=orphan")
    assert "甲一" not in text_of(client, "/screening/?state=declined")
    assert f"/proposals/{entitled.pk}/" in text_of(client)
    assert f"/proposals/{undetermined.pk}/" in other


def test_pages_follow_by_the_last_one_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PAGE", 2)
    proposals = [propose() for _ in range(3)]
    client = signed_in(DESK)

    first = text_of(client)
    second = text_of(client, f"/screening/?after={proposals[1].pk}")

    assert f"?after={proposals[1].pk}#proposals" in first
    assert [f"/proposals/{p.pk}/" in first for p in proposals] == [True, True, False]
    assert [f"/proposals/{p.pk}/" in second for p in proposals] == [False, False, True]


def test_a_run_shows_its_manifest_and_gives_it_away() -> None:
    settle(124_980, 0)
    screen(signed_in(CLERK))
    client = signed_in(AUDITOR)

    page, manifest = plain(text_of(client, "/screening/runs/1/")), client.get("/screening/runs/1/manifest/")

    run = Run.objects.get()
    assert "第 1 次筛查：1 人次应赔" in page
    assert run.scheme_sha256 in page
    assert "没有剩余费用" in page
    for entry in run.manifest["inputs"]:
        assert entry["sha256"] in page
    assert json.loads(manifest.content) == run.manifest
    assert "attachment" in manifest["Content-Disposition"]
    assert client.get("/screening/runs/9/").status_code == 404
    assert client.get("/screening/runs/9/manifest/").status_code == 404


def test_the_page_costs_no_more_queries_when_the_list_grows() -> None:
    settle(124_980)
    screen(signed_in(CLERK))
    client = signed_in(DESK)
    client.get("/screening/")

    with CaptureQueriesContext(connection) as few:
        client.get("/screening/")
    for _ in range(6):
        propose()
    with CaptureQueriesContext(connection) as many:
        client.get("/screening/")

    assert len(many) == len(few)
    assert len(many) <= QUERIES_MAX


def test_a_screening_runs_in_the_background_and_its_page_follows_it() -> None:
    settle(124_980)
    clerk = signed_in(CLERK)

    address = clerk.post("/screening/run/", {"request_key": key()})["Location"]

    waiting = text_of(clerk, address)
    assert "已排队" in waiting
    assert f'hx-get="{address}"' in waiting
    assert "正在筛查，看到哪里了" in text_of(clerk)
    assert not Run.objects.exists()

    (request_id,) = list_unfinished_requests()
    assert screen_city(request_id=request_id) == "done"

    assert "第 1 次筛查跑完了" in text_of(clerk, address)
    assert clerk.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "重新筛查" in text_of(clerk)
    assert screen_city(request_id=request_id) == "done"
    assert Run.objects.count() == 1


def test_a_second_start_is_refused_plainly_while_one_runs() -> None:
    settle(124_980)
    clerk = signed_in(CLERK)
    first = clerk.post("/screening/run/", {"request_key": key()})["Location"]

    second = clerk.post("/screening/run/", {"request_key": key()}, follow=True)

    assert second.request["PATH_INFO"] == first
    assert "已有一次筛查在跑，跑完再开始下一次" in second.content.decode()
    assert RunRequest.objects.count() == 1


def test_a_screening_that_was_cut_is_taken_up_and_runs_once() -> None:
    settle(124_980)
    signed_in(CLERK).post("/screening/run/", {"request_key": key()})
    RunRequest.objects.update(state="running")

    assert take_up_unfinished() == 1
    (request_id,) = list_unfinished_requests()
    screen_city(request_id=request_id)

    assert (RunRequest.objects.get().state, Run.objects.count()) == ("done", 1)


def test_who_asked_for_a_screening_is_told_when_it_is_done_until_she_looks() -> None:
    settle(124_980)
    clerk = signed_in(CLERK)
    address = clerk.post("/screening/run/", {"request_key": key()})["Location"]
    waiting = text_of(clerk, "/imports/")
    (request_id,) = list_unfinished_requests()
    screen_city(request_id=request_id)

    told, bench = text_of(clerk, "/imports/"), text_of(clerk, "/?as=clerk")
    text_of(signed_in(DESK), address)
    still = text_of(clerk, "/imports/")
    text_of(clerk, address)
    after, bench_after = text_of(clerk, "/imports/"), text_of(clerk, "/?as=clerk")

    assert "筛完了" not in waiting
    assert "筛完了" in told
    assert "筛查有结果了" in bench
    assert address in bench
    assert "筛完了" in still, "another's look is not hers"
    assert "筛完了" not in after
    assert "筛查有结果了" not in bench_after


def test_who_has_lost_the_post_since_screens_no_more() -> None:
    settle(124_980)
    signed_in(CLERK).post("/screening/run/", {"request_key": key()})
    make_staff(CLERK)
    StaffMember.objects.filter(username=CLERK.id).update(roles=["desk_agent"])
    (request_id,) = list_unfinished_requests()

    assert screen_city(request_id=request_id) == "failed"

    assert RunRequest.objects.get().failed_code == "role_missing"
    assert not Run.objects.exists()
