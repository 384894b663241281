"""A city of one's own (自己的城市): what its first administrator finds; help behind the question mark."""

import argparse

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import AT, key, propose
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in, signed_in_as
from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.accounts.services import change_own_password
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.models import Person, Settlement
from yiyuan.interfaces.commands.first_city import CHANGED, prepare
from yiyuan.interfaces.desk.help_texts import HELP
from yiyuan.interfaces.desk.import_labels import KINDS
from yiyuan.interfaces.desk.urls import urlpatterns
from yiyuan.kernel.actor import Role
from yiyuan.runtime.progress import Progress

pytestmark = pytest.mark.django_db

EMPTY = argparse.Namespace(empty=True, today=None, people=1000)


def page_of(browser: Client, address: str = "/") -> str:
    return browser.get(address).content.decode()


def test_an_empty_city_has_one_administrator_and_nothing_invented() -> None:
    ((titles, username, password),) = prepare(EMPTY, Progress())
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.post(reverse("desk:sign_in"), {"username": username, "password": password})

    page = page_of(browser)

    assert "管理员" in titles
    assert "欢迎，这座城市还是空的" in page
    assert "演示数据" not in page
    assert "虚构" not in page
    assert not StaffMember.objects.filter(is_invented=True).exists()
    assert not Person.objects.exists()
    assert not Settlement.objects.exists()
    assert not Entry.objects.filter(actor_id__startswith="invented").exists()
    assert Office.objects.get().county_code == ""


def test_a_second_start_prints_the_same_sign_in_until_it_is_changed() -> None:
    first = prepare(EMPTY, Progress())
    assert prepare(EMPTY, Progress()) == first
    actor = StaffMember.objects.get().as_actor()

    change_own_password(password="zhengyang-2019", actor=actor, occurred_at=AT, request_key=key())

    assert [password for _, _, password in prepare(EMPTY, Progress())] == [CHANGED]
    assert StaffMember.objects.get().check_password("zhengyang-2019")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CLERK])
def test_the_welcome_says_what_each_file_unlocks_and_who_is_needed(role: Role) -> None:
    page = page_of(signed_in_as(role))

    for kind, (label, unlocks) in KINDS.items():
        assert str(unlocks) in page
        assert kind == "hardship" or str(label) in page
    assert all(word in page for word in ("理赔岗", "初审岗", "复核岗", "支付专员", "审计员"))
    assert reverse("desk:imports") in page
    assert ("?role=desk_agent" in page) is (role is Role.ADMINISTRATOR)


def test_a_link_of_the_welcome_page_picks_the_post() -> None:
    page = page_of(signed_in(ADMINISTRATOR), f"{reverse('desk:staff_new')}?role=payer")

    box = page[page.index('value="payer"') :]
    assert "checked" in box[: box.index(">")]


def test_the_welcome_goes_when_something_is_there() -> None:
    assert "欢迎" in page_of(signed_in(ADMINISTRATOR))
    propose()

    assert "欢迎" not in page_of(signed_in(ADMINISTRATOR))


def test_an_auditor_reads_the_audit_from_the_first_day() -> None:
    assert "欢迎" not in page_of(signed_in_as(Role.AUDITOR))


@pytest.mark.parametrize("name", ["workbench", "imports", "screening", "payments", "claims"])
def test_pages_say_what_they_are_for_and_what_comes_next(name: str) -> None:
    propose()
    page = page_of(signed_in(ADMINISTRATOR), reverse(f"desk:{name}"))

    assert str(HELP[name].purpose) in page
    assert str(HELP[name].next_step) in page


def test_help_stands_for_pages_that_exist() -> None:
    assert set(HELP) <= {route.name for route in urlpatterns}


def test_the_welcome_speaks_english() -> None:
    browser = signed_in(ADMINISTRATOR)

    page = browser.get("/", headers={"accept-language": "en"}).content.decode()

    assert "Welcome; this city is still empty" in page
    assert "What this page is for" in page


# Pages that only answer a form, send a file, or are the sample sheet of the components.
NOT_PAGES = {
    "sign_in", "sign_out", "kit", "claim_move", "claim_account", "claims_export", "claims_batch",
    "recovery_repaid", "recovery_waive", "recovery_agree", "proposals_decide", "screening_run",
    "run_manifest", "proposal_decide", "payments_build", "returns", "batch_release", "batch_void",
    "batch_file", "import_undo", "import_refused", "list_apply", "list_export", "question_answer",
    "claim_emergency", "staff_end", "staff_password", "office_open", "dashboard_file",
    "scheme_propose", "scheme_approve", "batch_take_out", "claim_holder", "claim_undo", "guide_paper",
    "import_drop", "import_start", "mending_book", "name_decide", "notice_told", "paper_feed", "phone_add",
    "phone_end", "profile_delete", "profile_file", "proposal_appeal", "suspense_take", "suspense_match",
    "suspense_agree", "suspense_back", "batch_check", "batch_take_unchecked",
    "premium_draw", "premium_freeze",
    "premium_evidence", "premium_order", "premium_receipt", "premium_remind", "premium_refund",
    "premium_refunded", "agreement_draft", "agreement_sign", "agreement_start", "agreement_report",
    "bond_receive", "bond_call", "bond_return", "bond_agree", "bond_arrived", "tender_open", "tender_bid",
    "tender_judge", "tender_score", "tender_award", "tender_agree", "tender_step", "ledger_close",
    "ledger_reopen", "ledger_file", "ledger_statement_file", "ledger_card_file", "scheme_draft_place",
    "scheme_draft_replay_request", "budget_propose", "budget_agree", "budget_refuse",
    "limit_propose", "limit_agree", "limit_refuse",
    "returned_take", "returned_give", "returned_again", "agreement_money", "agreement_paper",
    "tender_paper", "file_paper",
    "statement_draw", "statement_issue", "statement_file",
}  # fmt: skip


def test_every_page_says_what_it_is_for() -> None:
    assert {route.name for route in urlpatterns} - NOT_PAGES - set(HELP) == set()
