"""Bringing files in: who may, where the bytes go, one job a file, progress, refused rows safe to open."""

import csv
import io
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.builders import AT, CLERK, DESK, TODAY, key, make_city
from tests.integration.desk.money_cases import signed_in, signed_in_as
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.deadlines.models import CalendarDay
from yiyuan.apps.intake.errors import RoleMissing
from yiyuan.apps.intake.models import ImportJob, ImportProgress, RefusedRow
from yiyuan.apps.intake.services import record_upload
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.uploads import drop_upload, keep_upload
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "imports"


def _file(name: str = "城乡低保花名册.xls", content: bytes = b"rows") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _form(*files: SimpleUploadedFile, kind: str = "hardship", group: str = "") -> dict[str, object]:
    return {"request_key": key(), "kind": kind, "group": group, "documents": list(files)}


def _job(**words: object) -> ImportJob:
    facts: dict[str, object] = {
        "kind": "hardship",
        "file_name": "名册.csv",
        "sha256": key(),
        "state": ImportJob.DONE,
        "started_by": "clerk",
        "started_by_name": "数据员",
        "started_at": AT,
    }
    return ImportJob.objects.create(**(facts | words))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_who_may_look(role: Role) -> None:
    client, job = signed_in_as(role), _job()
    looks = 200 if role in (Role.CLERK, Role.PAYER, Role.AUDITOR, Role.ADMINISTRATOR) else 403
    # A payer sees the bank's answers, and no lists of people.
    opens = 404 if role is Role.PAYER else looks

    assert client.get("/imports/").status_code == looks
    assert client.get(f"/imports/{job.pk}/").status_code == opens
    assert client.get(f"/imports/{job.pk}/refused.csv").status_code == opens


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SYSTEM, Role.CLERK)])
def test_only_clerks_bring_files(role: Role, uploads: Path) -> None:
    client = signed_in_as(role)

    assert client.post("/imports/", _form(_file())).status_code == (422 if role is Role.PAYER else 403)
    assert not ImportJob.objects.exists()
    assert not uploads.exists()


def test_a_file_becomes_a_job_that_the_worker_reads(uploads: Path) -> None:
    client = signed_in(CLERK)

    answer = client.post("/imports/", _form(_file(content=b"a,b\n1,2\n"), group="subsistence_allowance"))

    job = ImportJob.objects.get()
    (kept,) = uploads.glob("*/*")
    errand = ProcrastinateJob.objects.get()
    assert answer["Location"] == f"/imports/{job.pk}/"
    assert (job.state, job.kind, job.group) == ("queued", "hardship", "subsistence_allowance")
    assert (job.file_name, job.started_by) == ("城乡低保花名册.xls", CLERK.id)
    assert job.stored_as == f"imports/{kept.parent.name}/城乡低保花名册.xls"
    assert kept.read_bytes() == b"a,b\n1,2\n"
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (errand.task_name.rsplit(".", 1)[-1], errand.args) == ("read_import", {"job_id": job.pk})
    assert Entry.objects.filter(verb="record_upload", subject_id=str(job.pk)).count() == 1


def test_the_same_bytes_are_taken_once(uploads: Path) -> None:
    client, form = signed_in(CLERK), _form(_file())
    client.post("/imports/", form)

    again = client.post("/imports/", _form(_file(name="换个名字.xls")), follow=True)

    assert "早就收过，没有再读一遍" in again.text
    assert ImportJob.objects.count() == 1
    assert ProcrastinateJob.objects.count() == 1
    assert len(list(uploads.iterdir())) == 1


def test_a_failed_job_does_not_stand_in_the_way() -> None:
    client = signed_in(CLERK)
    client.post("/imports/", _form(_file()))
    ImportJob.objects.update(state=ImportJob.FAILED)

    client.post("/imports/", _form(_file()))

    assert sorted(ImportJob.objects.values_list("state", flat=True)) == ["failed", "queued"]


def test_several_files_at_once_and_a_group_only_for_registers() -> None:
    client = signed_in(CLERK)

    answer = client.post(
        "/imports/",
        _form(_file("甲.csv", b"1"), _file("乙.csv", b"2"), kind="settlements", group="orphan"),
        follow=True,
    )

    assert "收下 2 个文件，正在读入" in answer.text
    assert set(ImportJob.objects.values_list("file_name", "group")) == {("甲.csv", ""), ("乙.csv", "")}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (_form(), "请选至少一个文件"),
        (_form(_file(content=b"")), "有一个文件是空的，请换一个"),
        (_form(_file(content=b"x" * 2048)), "城乡低保花名册.xls 太大"),
    ],
)
def test_what_cannot_be_taken_is_said_in_words(
    form: dict[str, object], words: str, settings: Settings, uploads: Path
) -> None:
    settings.IMPORT_BYTES_MAX = 1024

    page = signed_in(CLERK).post("/imports/", form)

    assert page.status_code == 422
    assert words in page.text
    assert not ImportJob.objects.exists()
    assert not uploads.exists()


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../etc/名册.csv", "名册.csv"),
        ("C:\\部门\\名册.csv", "名册.csv"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("a|b<c>.xlsx", "a_b_c_.xlsx"),
        ("长" * 200 + ".xlsx", "长" * 70 + ".xlsx"),
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, kept_as: str, settings: Settings, tmp_path: Path) -> None:
    file = _file()
    # As a browser could send it: the setter of Django cleans a part of it already.
    vars(file)["_name"] = name

    kept = keep_upload(file)

    lies = (tmp_path / kept.path).resolve()
    assert lies.name == kept_as
    assert lies.parent.parent == (tmp_path / "imports").resolve()
    assert lies.read_bytes() == b"rows"
    drop_upload(kept.path)
    assert list((tmp_path / "imports").iterdir()) == []


def test_when_the_errand_cannot_be_given_nothing_stays(
    uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(CLERK)
    client.raise_request_exception = False

    def fail(**_facts: object) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr("yiyuan.interfaces.jobs.tasks.read_import.defer", fail)
    answer = client.post("/imports/", _form(_file()))

    assert answer.status_code == 500
    assert not ImportJob.objects.exists()
    assert list(uploads.iterdir()) == []


def test_the_service_refuses_other_posts() -> None:
    make_city()
    facts: dict[str, Any] = {
        "kind": "claimed",
        "group": "",
        "name": "x.csv",
        "content_path": "imports/x",
        "sha256": "0" * 64,
    }

    with pytest.raises(RoleMissing), transaction.atomic():
        record_upload(**facts, actor=DESK, occurred_at=AT, request_key=key())

    first = record_upload(**facts, actor=CLERK, occurred_at=AT, request_key=key())
    again = record_upload(**facts, actor=CLERK, occurred_at=AT, request_key=key())
    other = record_upload(**(facts | {"kind": "accounts"}), actor=CLERK, occurred_at=AT, request_key=key())
    assert first == again != other
    assert Entry.objects.filter(verb="record_upload").count() == 2


def test_the_page_says_what_is_there_and_what_is_missing() -> None:
    _job(kind="hardship", group="orphan", accepted=812, refused=3)
    _job(kind="settlements", group="", state=ImportJob.FAILED)

    page = signed_in(CLERK).get("/imports/")

    assert "12 种文件到了 1 种，还差 11 种" in page.text
    assert "接受 812，另存 3" in page.text
    assert [row["label"] for row in page.context["registers"] if row["job"]] == ["孤儿"]


def test_notices_that_came_with_the_product_are_there() -> None:
    CalendarDay.objects.create(year=2019, version=1, on=TODAY, name="元旦", kind="off")

    page = signed_in(CLERK).get("/imports/")

    assert "12 种文件到了 1 种，还差 11 种" in page.text


def test_a_file_that_brought_several_groups_counts_for_each() -> None:
    _job(group="", found_group="orphan,subsistence_allowance", accepted=7)
    newer = _job(group="orphan", accepted=9)

    page = signed_in(CLERK).get("/imports/")

    jobs = {row["label"]: row["job"].accepted for row in page.context["registers"] if row["job"]}
    assert jobs == {"孤儿": newer.accepted, "低保户": 7}
    other = ImportJob.objects.exclude(pk=newer.pk).get()
    assert "低保户、孤儿" in signed_in(CLERK).get(f"/imports/{other.pk}/").text


def test_a_running_job_asks_again_and_an_ended_one_stops() -> None:
    job = _job(state=ImportJob.RUNNING, running_since=AT)
    ImportProgress.objects.create(
        job_id=job.pk, phase="writing", done=655, read=84_210, accepted=84_201, refused=9
    )
    client, url = signed_in(CLERK), f"/imports/{job.pk}/"

    page = client.get(url)
    part = client.get(url, headers={"HX-Request": "true"})
    ImportJob.objects.update(state=ImportJob.DONE)
    ended = client.get(url, headers={"HX-Request": "true"})

    assert f'hx-get="{url}"' in page.text
    assert "65 / 100" in part.text
    assert "读到 84,210 行，接受 84,201 行，另存 9 行" in part.text
    assert "<html" not in part.text
    assert f'hx-get="{url}"' in part.text
    assert "HX-Refresh" not in part.headers
    assert "hx-get" not in ended.text
    assert ended["HX-Refresh"] == "true"


def test_the_time_left_is_told_in_words() -> None:
    make_city()
    job = _job(
        state=ImportJob.RUNNING,
        # It waited long for its turn; only the reading counts.
        started_at=clock.now() - timedelta(hours=3),
        running_since=clock.now() - timedelta(seconds=60),
    )
    ImportProgress.objects.create(job_id=job.pk, phase="reading", done=250)

    page = signed_in(CLERK).get(f"/imports/{job.pk}/")

    assert "大约还要 3 分钟。" in page.text or "大约还要 4 分钟。" in page.text
    assert "可以离开本页" in page.text


def test_refused_rows_are_listed_by_reason_and_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yiyuan.interfaces.desk.pages.import_job.PAGE", 2)
    job = _job(read=5, refused=4, refused_by_reason={"check_digit": 3, "date": 1})
    for row, reason in enumerate(("check_digit", "date", "check_digit", "check_digit"), start=1):
        RefusedRow.objects.create(
            job=job,
            sheet="农村",
            row=row * 10,
            column="证号",
            value=f"41**{row}",
            reason=reason,
            remedy="核对",
        )
    client, url = signed_in(CLERK), f"/imports/{job.pk}/"

    first, chosen = client.get(url), client.get(url, {"reason": "check_digit"})
    rest = client.get(f"{url}?{chosen.context['next']}")

    assert [row.row for row, _ in first.context["rows"]] == [10, 20]
    assert [row.row for row, _ in chosen.context["rows"]] == [10, 30]
    assert [row.row for row, _ in rest.context["rows"]] == [40]
    assert rest.context["next"] == ""
    assert "号码最后一位校验不上" in first.text
    assert [(code, n) for code, _, n, _ in first.context["reasons"]] == [("check_digit", 3), ("date", 1)]


def test_the_file_of_refused_rows_runs_nothing_in_a_spreadsheet() -> None:
    job = _job(file_name="名册.xlsx", refused=2)
    RefusedRow.objects.create(
        job=job, row=7, column="姓名", value='=HYPERLINK("http://x")', reason="missing", remedy="+补上"
    )
    RefusedRow.objects.create(job=job, row=9, column="证号", value="41**46", reason="length", remedy="18 位")

    answer = signed_in(CLERK).get(f"/imports/{job.pk}/refused.csv")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[1] == ["", "7", "姓名", '\'=HYPERLINK("http://x")', "缺必填的一项", "'+补上"]
    assert rows[2][3:5] == ["41**46", "号码位数不对"]
    assert "refused-" in answer["Content-Disposition"]


def test_a_failed_job_says_why() -> None:
    job = _job(state=ImportJob.FAILED, message="里面没有一张表。请存成 Excel 再传。")

    page = signed_in(CLERK).get(f"/imports/{job.pk}/")

    assert "里面没有一张表。请存成 Excel 再传。" in page.text


def test_an_unknown_job_is_not_found() -> None:
    client = signed_in(CLERK)

    assert client.get("/imports/999/").status_code == 404
    assert client.get("/imports/999/refused.csv").status_code == 404
    assert client.get("/imports/?before=99999999999999999999999").status_code == 200


def test_pages_ask_the_database_a_bounded_number_of_times() -> None:
    jobs = [_job(refused=1) for _ in range(12)]
    client = signed_in(CLERK)
    for url in ("/imports/", f"/imports/{jobs[0].pk}/"):
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        assert len(asked) <= 25, (url, len(asked))
