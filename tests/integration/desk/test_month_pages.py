"""Month on month on screen: a list against the last one, an import undone, questions, promises that moved."""

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.builders import APPROVER, ASSESSOR, AT, CLERK, DESK, TODAY, key, make_city, opened, propose, say
from tests.integration.desk.money_cases import signed_in, signed_in_as
from tests.integration.test_month_on_month import bring, in_force, row
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.intake.models import ImportJob
from yiyuan.apps.registry.models import HardshipStatus
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.interfaces.desk.pages.imports import UploadForm
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db


def plain(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def lists(folder: Path) -> int:
    make_city()
    bring(folder, "10月.csv", row(1), row(2), row(3))
    return bring(folder, "11月.csv", row(1), row(3, start="2018-10-01"), row(4), whole=True).job_id


def test_the_comparison_shows_who_left_with_masked_names(tmp_path: Path) -> None:
    job_id, client = lists(tmp_path), signed_in(CLERK)

    page = plain(client, f"/imports/{job_id}/changes/")

    assert "进来 1 人，离开 1 人，时间改了 1 人" in page
    assert "某*" in page
    assert "某2" not in page
    assert "2018-07-01 起" in plain(client, f"/imports/{job_id}/changes/?kind=changed")
    assert "离开的人还没有停" in plain(client, f"/imports/{job_id}/")


def test_the_clerk_updates_by_the_list(tmp_path: Path) -> None:
    job_id, client = lists(tmp_path), signed_in(CLERK)

    wrong = client.post(f"/imports/{job_id}/changes/apply/", {"request_key": key(), "ended_on": "明天"})
    assert wrong.status_code == 422
    client.post(f"/imports/{job_id}/changes/apply/", {"request_key": key(), "ended_on": "2019-10-01"})

    assert in_force("某2") == [("2018-07-01", "2019-10-01")]
    assert "数据员 在" in plain(client, f"/imports/{job_id}/changes/")


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SYSTEM, Role.CLERK)])
def test_only_a_clerk_updates_or_undoes(role: Role, tmp_path: Path) -> None:
    job_id, client = lists(tmp_path), signed_in_as(role)

    for act in ("changes/apply", "undo"):
        assert client.post(f"/imports/{job_id}/{act}/", {"request_key": key()}).status_code == 403
    assert in_force("某2") == [("2018-07-01", None)]


def test_the_comparison_as_a_file(tmp_path: Path) -> None:
    job_id, client = lists(tmp_path), signed_in(CLERK)

    answer = client.get(f"/imports/{job_id}/changes.csv")

    lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [line[0] for line in lines] == ["变化", "离开的", "进来的", "时间改了的"]
    assert all("19520304" not in cell for line in lines for cell in line)


def test_a_whole_list_is_marked_when_it_is_brought(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = signed_in(CLERK)

    def bring_it(**words: str) -> int:
        form = {
            "request_key": key(),
            "kind": "hardship",
            "group": "orphan",
            "documents": [SimpleUploadedFile("孤儿.csv", b"a,b\n")],
            "is_whole_list": "on",
        }
        return client.post("/imports/", form | words).status_code

    assert bring_it() == 422
    assert bring_it(kind="accounts", as_of_on="2019-11-20") == 422
    assert bring_it(as_of_on="2019-11-20", list_county="411724") == 302

    job = ImportJob.objects.get()
    assert (job.is_whole_list, job.as_of_on, job.list_county_code) == (True, date(2019, 11, 20), "411724")


def test_a_form_that_says_nothing_of_lists_brings_no_whole_list() -> None:
    form = UploadForm((), [], {"kind": "claimed"}, {"documents": SimpleUploadedFile("a.csv", b"1")})

    assert form.errors == {} or form.is_valid() is False
    if form.is_valid():
        assert form.whole_list() is None


def test_an_import_is_undone_on_its_page(tmp_path: Path) -> None:
    job_id, client = lists(tmp_path), signed_in(CLERK)
    assert "可以整个撤掉" in plain(client, f"/imports/{job_id}/")

    client.post(f"/imports/{job_id}/undo/", {"request_key": key(), "reason": "传错了"})

    assert in_force("某3") == [("2018-07-01", None)]
    assert "已撤销" in plain(client, f"/imports/{job_id}/")


def test_the_page_says_what_stands_in_the_way_of_undoing(tmp_path: Path) -> None:
    make_city()
    first = bring(tmp_path, "10月.csv", row(1), row(2, end="2019-10"))
    bring(tmp_path, "11月.csv", row(1), row(2, end="2019-11"))
    client = signed_in(CLERK)

    page = plain(client, f"/imports/{first.job_id}/")
    client.post(f"/imports/{first.job_id}/undo/", {"request_key": key(), "reason": "x"})

    assert "现在不能撤：后来的导入" in page
    assert ImportJob.objects.get(pk=first.job_id).state == "done"


def questioned() -> Question:
    claim = opened()
    return Question.objects.create(
        claim=claim,
        changes=[{"fact": "statuses", "before": "subsistence_allowance 2018-07-01～", "now": ""}],
        old_outcome="entitled",
        old_reason="entitled",
        old_benefit_fen=80_000,
        new_outcome="not_entitled",
        new_reason="no_group_on_date",
        new_benefit_fen=0,
        raised_at=AT,
    )


def test_a_question_is_shown_and_answered() -> None:
    question = questioned()
    client = signed_in(APPROVER)

    for address in ("/questions/", f"/claims/{question.claim.number}/"):
        page = plain(client, address)
        assert "当时：应赔付 800.00 元；现在算：入院当天不在六类群体 0.00 元" in page
        assert "困难身份" in page
    answer = {"request_key": key(), "answer": "kept", "reason": "有低保证为凭"}
    client.post(f"/questions/{question.pk}/answer/", answer)

    assert Question.objects.get().state == "kept"
    assert "有低保证为凭" in plain(client, f"/claims/{question.claim.number}/")
    assert "没有等人决定的疑问" in plain(client, "/questions/")


def test_a_question_without_a_reason_or_an_answer_stays_open() -> None:
    question, client = questioned(), signed_in(APPROVER)

    for words in ({"answer": "kept", "reason": " "}, {"answer": "", "reason": "x"}):
        client.post(f"/questions/{question.pk}/answer/", {"request_key": key(), **words})
    refused = signed_in(DESK).post(
        f"/questions/{question.pk}/answer/", {"request_key": key(), "answer": "kept", "reason": "x"}
    )

    assert Question.objects.get().state == "open"
    assert refused.status_code == 403


def test_a_paused_promise_and_its_history_are_on_the_claims_page() -> None:
    claim = opened()
    say(claim, Verb.REQUEST_DOCUMENTS, DESK, "缺出院小结")
    client = signed_in(DESK)
    assert "等补件，时限暂停" in client.get(f"/claims/{claim.number}/").content.decode()

    say(claim, Verb.RECEIVE_DOCUMENTS, DESK)

    page = plain(client, f"/claims/{claim.number}/")
    assert "通知补件，暂停" in page
    assert "材料补齐，接着数" in page
    again = {"verb": "request_documents", "request_documents-reason": "还缺", "request_key": key()}
    refused = client.post(f"/claims/{claim.number}/move/", again, follow=True)
    assert "已经通知补过一次" in refused.content.decode()


def test_an_emergency_is_marked_on_the_page_and_leads_the_queue() -> None:
    opened(name="甲某")
    urgent = opened(name="乙某")

    signed_in(DESK).post(
        f"/claims/{urgent.number}/emergency/",
        {"request_key": key(), "is_emergency": "1", "reason": "在重症监护室"},
    )

    page = plain(signed_in(ASSESSOR), "/")
    assert "急难 1 件，先办" in page
    assert page.index("乙某") < page.index("甲某")
    assert "在重症监护室" in plain(signed_in(DESK), f"/claims/{urgent.number}/")


def test_what_is_overdue_stands_on_the_workbench() -> None:
    claim = opened()
    late = TODAY - timedelta(days=8)
    Claim.objects.filter(pk=claim.pk).update(due_on=late)
    Clock.objects.filter(subject=claim.number).update(due_on=late)

    for actor in (ASSESSOR, CLERK):
        page = plain(signed_in(actor), "/")
        assert "超期要上报" in page
        assert "超期 6 个工作日" in page


def test_a_run_shows_what_changed_against_the_last() -> None:
    proposal = propose()
    run_screening(actor=CLERK, started_at=AT, request_key=key())
    HardshipStatus.objects.update(valid_to=date(2019, 1, 1))
    run = run_screening(actor=CLERK, started_at=AT, request_key=key())

    client = signed_in(DESK)
    page = plain(client, f"/screening/runs/{run.number}/")

    assert "不再应赔 1" in page
    assert "马秀兰" in plain(client, f"/screening/runs/{run.number}/?change=gone")
    assert "留着备查" in plain(client, f"/proposals/{proposal.pk}/")


def test_a_proposal_made_anew_shows_the_old_reason() -> None:
    proposal = propose()
    run_screening(actor=CLERK, started_at=AT, request_key=key())
    decline_proposal(
        proposal_id=proposal.pk, reason="本人放弃", actor=DESK, occurred_at=AT, request_key=key()
    )
    HardshipStatus.objects.update(valid_from=date(2017, 1, 1))
    run_screening(actor=CLERK, started_at=AT, request_key=key())

    assert Proposal.objects.get().state == "open"
    assert "以前决定过，现在重新看：2019-11-20 本人放弃" in plain(
        signed_in(DESK), f"/proposals/{proposal.pk}/"
    )
