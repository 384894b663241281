"""As a county's officer: every list, page, search and export shows that county and nothing of the other."""

import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from tests.builders import AT, CLERK, DESK, PAYER, PAYER_2, key, make_staff
from tests.integration.desk.counties import (
    OF_ZHENGYANG,
    PINGYU,
    County,
    browser_of,
    make_counties,
    officer,
)
from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import order_payments, set_account
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.intake.errors import OutOfScope as UploadOutOfScope
from yiyuan.apps.intake.services import record_upload
from yiyuan.apps.payments.errors import NothingToPay, OutOfScope
from yiyuan.apps.payments.models import Batch
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.screening.errors import OutOfScope as RunOutOfScope
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.interfaces.desk.urls import urlpatterns
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope

pytestmark = pytest.mark.django_db

LISTS = [
    *(f"/?as={role}" for role in Role if role is not Role.SYSTEM),
    "/claims/",
    "/claims/?state=lodged&sort=-sum",
    "/claims/?due=later",
    f"/claims/?county={PINGYU}",
    "/claims/export/",
    f"/claims/export/?county={PINGYU}",
    "/screening/",
    f"/screening/?county={PINGYU}&outcome=&state=",
    "/screening/?outcome=&state=confirmed&show=count",
    "/screening/runs/1/",
    "/screening/runs/1/manifest/",
    "/payments/",
    "/payments/budgets/",
    "/payments/limits/",
    "/payments/returned/",
    f"/payments/returned/?county={PINGYU}&state=done",
    "/payments/suspense/",
    "/ledger/",
    "/ledger/accounts/payable/",
    "/ledger/statement/",
    "/underwriting/",
    "/questions/",
    "/imports/",
    "/questions/",
    "/audit/",
    "/staff/",
    "/offices/",
    "/scheme/",
    "/dashboard/",
    "/divisions/",
    "/search/?q=jin si",
    "/search/?q=金丝",
]


@pytest.fixture
def counties() -> tuple[County, County]:
    found = make_counties()
    make_staff(officer(Scope(frozenset({PINGYU})), name="of-the-other"))
    Claim.objects.filter(pk=found[1].claim.pk).update(state="approved")
    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    return found


def whole(answer: object) -> str:
    content = getattr(answer, "getvalue", None)
    return (content() if content else getattr(answer, "content", b"")).decode()


@pytest.mark.parametrize("address", LISTS)
def test_no_list_tells_of_the_other_county(counties: tuple[County, County], address: str) -> None:
    _here, there = counties

    answer = browser_of(officer(OF_ZHENGYANG)).get(address)
    page = whole(answer)

    assert answer.status_code == 200
    for canary in (*there.canaries, "of-the-other", "411723民政局"):
        assert canary not in page, (address, canary)


def test_the_same_lists_tell_of_ones_own(counties: tuple[County, County]) -> None:
    here, _there = counties
    browser = browser_of(officer(OF_ZHENGYANG))

    assert here.claim.number in whole(browser.get("/claims/"))
    assert here.claim.number in whole(browser.get("/claims/export/"))
    assert here.people[0].name in whole(browser.get("/screening/"))
    assert here.people[1].name in whole(browser.get("/search/?q=金丝"))


def test_the_city_sees_both(counties: tuple[County, County]) -> None:
    page = whole(browser_of(officer(EVERYWHERE)).get("/claims/export/"))

    assert all(county.claim.number in page for county in counties)


def test_pages_of_the_other_county_are_not_there(counties: tuple[County, County]) -> None:
    here, there = counties
    browser = browser_of(officer(OF_ZHENGYANG))
    batch = Batch.objects.get()

    def addresses(county: County) -> list[str]:
        return [
            reverse("desk:claim", args=[county.claim.number]),
            reverse("desk:proposal", args=[county.waiting.pk]),
            reverse("desk:person", args=[county.people[0].pk]),
        ]

    assert [browser.get(address).status_code for address in addresses(here)] == [200, 200, 200]
    found = [
        *addresses(there),
        reverse("desk:batch", args=[batch.number]),
        reverse("desk:batch_file", args=[batch.number, "csv"]),
        reverse("desk:staff_member", args=["of-the-other"]),
        reverse("desk:office", args=[StaffMember.objects.get(username="of-the-other").office_id]),
    ]
    assert [(address, browser.get(address).status_code) for address in found] == [(a, 404) for a in found]
    assert "没有找到" in whole(browser.get("/search/", {"q": there.claim.number}))


def test_forms_for_the_other_county_change_nothing(counties: tuple[County, County]) -> None:
    here, there = counties
    browser = browser_of(officer(OF_ZHENGYANG))
    posts = [
        (reverse("desk:claim_move", args=[there.claim.number]), {"verb": "assess"}),
        (reverse("desk:claim_account", args=[there.claim.number]), {"account": "1"}),
        (reverse("desk:proposal_decide", args=[there.waiting.pk]), {"decision": "confirm"}),
        (reverse("desk:staff_end", args=["of-the-other"]), {}),
        (reverse("desk:staff_password", args=["of-the-other"]), {}),
    ]
    before = Claim.objects.count()

    answers = [browser.post(address, {**words, "request_key": key()}) for address, words in posts]
    picked = {"picked": [here.waiting.pk, there.waiting.pk], "decision": "confirm", "request_key": key()}
    browser.post(reverse("desk:proposals_decide"), picked)
    browser.post(
        reverse("desk:claims_batch"),
        {"picked": [here.claim.number, there.claim.number], "verb": "assess", "request_key": key()},
    )

    assert [answer.status_code for answer in answers] == [404] * len(posts)
    assert Proposal.objects.get(pk=there.waiting.pk).state == Proposal.OPEN
    assert StaffMember.objects.get(username="of-the-other").is_active
    # What was picked of one's own is done all the same.
    assert Claim.objects.count() == before + 1
    assert Claim.objects.get(pk=here.claim.pk).state == "assessed"
    assert Claim.objects.get(pk=there.claim.pk).state == "approved"


def test_services_refuse_the_other_county_themselves(counties: tuple[County, County]) -> None:
    _here, there = counties
    local = officer(OF_ZHENGYANG)
    words: dict[str, Any] = {"actor": local, "occurred_at": AT}

    with pytest.raises(Claim.DoesNotExist):
        move_claim(number=there.claim.number, verb=Verb.CLOSE, request_key=key(), **words)
    with pytest.raises(Claim.DoesNotExist):
        set_account(number=there.claim.number, account_id=1, request_key=key(), **words)
    with pytest.raises(Proposal.DoesNotExist):
        decline_proposal(proposal_id=there.waiting.pk, reason="不", request_key=key(), **words)
    with pytest.raises(Batch.DoesNotExist):
        release_batch(number=Batch.objects.get().number, request_key=key(), **words)
    with pytest.raises(NothingToPay):
        order_payments(numbers=None, request_key=key(), **words)


def test_what_covers_the_whole_city_is_not_done_from_a_county() -> None:
    words: dict[str, Any] = {"actor": officer(OF_ZHENGYANG), "occurred_at": AT, "request_key": key()}
    file: dict[str, Any] = {
        "kind": "claimed",
        "group": "",
        "name": "a.csv",
        "content_path": "",
        "sha256": "0" * 64,
    }

    with pytest.raises(RunOutOfScope):
        run_screening(actor=officer(OF_ZHENGYANG), started_at=AT, request_key=key())
    with pytest.raises(UploadOutOfScope):
        record_upload(**file, **words)
    with pytest.raises(OutOfScope):
        record_returns(name="r.csv", content=b"", **words)
    with pytest.raises(RunOutOfScope):
        run_screening(actor=officer(NOWHERE), started_at=AT, request_key=key())


def test_a_batch_of_one_county_is_the_countys_own(counties: tuple[County, County]) -> None:
    here, _there = counties
    Claim.objects.filter(pk=here.claim.pk).update(state="approved")
    first, second = (officer(OF_ZHENGYANG, Role.PAYER, name=name) for name in ("one", "two"))

    number = order_payments(numbers=None, actor=first, occurred_at=AT, request_key=key())

    assert whole(browser_of(second).get(f"/payments/{number}/")).count(here.people[1].name) >= 1
    assert release_batch(number=number, actor=second, occurred_at=AT, request_key=key()).contents["csv"]


def test_without_an_office_there_is_nothing(counties: tuple[County, County]) -> None:
    browser = browser_of(officer(NOWHERE))

    for address in ("/claims/", "/claims/export/", "/screening/", "/search/?q=金丝", "/staff/"):
        page = whole(browser.get(address))
        for county in counties:
            assert not any(canary in page for canary in county.canaries), address
    assert browser.get(reverse("desk:claim", args=[counties[0].claim.number])).status_code == 404


def test_a_closed_office_sees_nothing_at_once(counties: tuple[County, County]) -> None:
    browser = browser_of(officer(OF_ZHENGYANG))
    assert browser.get(reverse("desk:claim", args=[counties[0].claim.number])).status_code == 200

    Office.objects.update(is_open=False)

    assert browser.get(reverse("desk:claim", args=[counties[0].claim.number])).status_code == 404


@pytest.mark.usefixtures("counties")
def test_the_database_is_told_for_the_request_and_no_longer() -> None:
    browser_of(officer(OF_ZHENGYANG)).get("/claims/export/").getvalue()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('yiyuan.counties', true)")
        assert cursor.fetchone() == ("*",)


def test_the_net_holds_where_a_query_forgets(
    counties: tuple[County, County], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yiyuan.interfaces.desk import access

    monkeypatch.setattr(access, "actor_of", lambda request: officer(EVERYWHERE))
    monkeypatch.setattr("yiyuan.interfaces.desk.pages.claims.scope_of", lambda request: EVERYWHERE)

    page = whole(browser_of(officer(OF_ZHENGYANG)).get("/claims/export/"))

    assert counties[0].claim.number in page
    assert counties[1].claim.number not in page


def test_every_page_is_one_of_those_tried_here_or_stands_for_itself() -> None:
    tried = {re.sub(r"\?.*", "", address).strip("/").split("/")[0] for address in LISTS}
    apart = {
        "sign-in",
        "sign-out",
        "password",
        "people",
        "proposals",
        "new-staff",
        "recoveries",
        "kit",
        "paper",
        "names",
    }

    first_words = {str(route.pattern).split("/")[0] for route in urlpatterns}

    assert first_words - tried - apart == set()


def test_builders_work_for_the_whole_city() -> None:
    assert {actor.scope for actor in (CLERK, DESK, PAYER, PAYER_2)} == {EVERYWHERE}
