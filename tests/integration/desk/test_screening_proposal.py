"""One proposal: the reasons before anybody decides, what is missing, the proof, the decision."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import AT, DESK, key, propose
from tests.integration.desk.money_cases import signed_in, signed_in_as
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.registry.models import ClaimedSettlement, HardshipStatus
from yiyuan.apps.screening.models import Proposal
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db

QUERIES_MAX = 22


def page_of(client: Client, proposal: Proposal) -> str:
    answer = client.get(f"/proposals/{proposal.pk}/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def decide(client: Client, proposal: Proposal, decision: str, **words: str) -> HttpResponse:
    sent = {"decision": decision, "request_key": key(), **words}
    answer = client.post(f"/proposals/{proposal.pk}/decide/", sent)
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_reads_the_reasons(role: Role) -> None:
    page = page_of(signed_in_as(role), propose())

    assert "为什么是 800.00 元" in page
    assert ("确认并立案 800.00 元" in page) is (role is Role.DESK_AGENT)


def test_confirming_leads_to_the_claim() -> None:
    proposal = propose()
    client = signed_in(DESK)

    answer = decide(client, proposal, "confirm")

    claim = Claim.objects.get(proposal_id=proposal.pk)
    assert answer.status_code == 302
    assert claim.number in page_of(client, proposal)
    assert claim.benefit_fen == 80_000


def test_confirming_twice_with_one_key_is_one_claim() -> None:
    proposal, request_key = propose(), key()
    client = signed_in(DESK)

    first = decide(client, proposal, "confirm", request_key=request_key)
    second = decide(client, proposal, "confirm", request_key=request_key)

    assert first["Location"] == second["Location"]
    assert Claim.objects.count() == 1


def test_without_an_account_it_says_what_will_happen() -> None:
    assert "没有收款账户：立案后先等账户" in page_of(signed_in(DESK), propose(with_account=False))


def test_a_code_that_cannot_tell_asks_for_the_proof() -> None:
    proposal = propose(diagnosis="A15.0", outcome="undetermined", reason="needs_proof", benefit_fen=0)
    client = signed_in(DESK)

    page = page_of(client, proposal)
    refused = decide(client, proposal, "confirm", note=" ")

    assert "光看编码判不了，要看证明" in page
    assert "看过证明就赔 800.00 元" in page
    assert refused.status_code == 422
    assert "请写明看过什么证明" in refused.content.decode()
    assert not Claim.objects.exists()

    assert decide(client, proposal, "confirm", note="市中心医院 11月15日 耐药报告").status_code == 302
    claim = Claim.objects.get()
    assert claim.benefit_fen == 80_000
    assert "耐药报告" in client.get(f"/claims/{claim.number}/").content.decode()


def test_a_missing_fact_is_named_with_what_settles_it() -> None:
    proposal = propose(diagnosis="", outcome="undetermined", reason="missing_fact", missing="diagnosis_code")
    client = signed_in(DESK)

    page = page_of(client, proposal)

    assert "判不了：缺主要诊断编码" in page
    assert "看出院小结或病案首页" in page
    assert "确认并立案" not in page
    decide(client, proposal, "confirm")
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: HardshipStatus.objects.all().delete(), "名册里没有这个人"),
        (
            lambda p: ClaimedSettlement.objects.create(setl_id=p.setl_id, import_job_id=1, recorded_at=AT),
            "不赔：已经赔过",
        ),
    ],
)
def test_what_is_no_longer_entitled_says_why(change: object, said: str) -> None:
    proposal = propose()
    change(proposal)  # type: ignore[operator]  # a function of the case above
    client = signed_in(DESK)

    page = page_of(client, proposal)

    assert said in page
    assert "现在不该赔" in page
    assert "确认并立案" not in page


def test_declining_with_and_without_a_reason() -> None:
    proposal = propose()
    client = signed_in(DESK)

    refused = decide(client, proposal, "decline", reason="")
    assert refused.status_code == 422
    assert 'href="#id_reason"' in refused.content.decode()

    decide(client, proposal, "decline", reason="本人已去世")
    proposal.refresh_from_db()
    assert proposal.state == "declined"
    assert "已决定不赔。理由：本人已去世" in page_of(client, proposal)


def test_what_somebody_decided_stays_decided() -> None:
    proposal = propose()
    client = signed_in(DESK)
    decide(client, proposal, "decline", reason="本人已去世")

    answer = client.post(
        f"/proposals/{proposal.pk}/decide/", {"decision": "confirm", "request_key": key()}, follow=True
    )

    assert "别人已经决定了这一条" in answer.content.decode()
    assert not Claim.objects.exists()


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.DESK_AGENT, Role.SYSTEM)])
def test_only_the_desk_agent_decides(role: Role) -> None:
    proposal = propose()
    client = signed_in_as(role)

    assert decide(client, proposal, "confirm").status_code == 403
    assert decide(client, proposal, "decline", reason="x").status_code == 403
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_a_number_nobody_gave_is_not_found() -> None:
    client = signed_in(DESK)

    assert client.get("/proposals/987654/").status_code == 404
    words = {"decision": "confirm", "request_key": key()}
    assert client.post("/proposals/987654/decide/", words).status_code == 404
    words = {"decision": "decline", "reason": "x", "request_key": key()}
    assert client.post("/proposals/987654/decide/", words).status_code == 404


def test_what_a_page_costs() -> None:
    proposal = propose()
    client = signed_in(DESK)
    client.get(f"/proposals/{proposal.pk}/")

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/proposals/{proposal.pk}/")

    assert len(asked) <= QUERIES_MAX
