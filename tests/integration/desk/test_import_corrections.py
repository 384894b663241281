"""Refused rows put right: on screen, or in the workbook that comes back; each correction is an import."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from tests.builders import APPROVER, AT, CLERK, key, make_city
from tests.integration.desk.money_cases import signed_in
from tests.integration.desk.test_import_columns import A, B, run, say, upload
from tests.integration.intake_files.worlds import write_xlsx
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.registry.models import HardshipStatus, Person

pytestmark = pytest.mark.django_db

RIGHT = "411724199001010014"
WRONG = "411724199001010013"
TEXT = f"""姓名,身份证号,享受起始,县区,备注
马秀兰,{A},2018-07-01,正阳县,
李错号,{WRONG},2018-07-01,正阳县,=1+1
王无日,{B},去年,正阳县,
"""


@pytest.fixture(autouse=True)
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    make_city()
    return tmp_path


def refused(job: ImportJob, row: int) -> RefusedRow:
    return RefusedRow.objects.get(job=job, row=row)


def cells(*values: str) -> dict[str, str]:
    return {f"cell-{place}": value for place, value in enumerate(values)}


def test_the_cells_of_a_refused_row_lie_sealed_and_are_shown_to_a_clerk_with_a_trace() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    row = refused(job, 2)

    page = client.get(f"/imports/{job.pk}/rows/{row.pk}/")

    with connection.cursor() as cursor:
        cursor.execute("SELECT cells FROM intake_refusedrow WHERE id = %s", [row.pk])
        stored = bytes(cursor.fetchone()[0])
    assert WRONG.encode() not in stored
    assert WRONG in page.text
    assert 'aria-invalid="true"' in page.text
    assert Entry.objects.filter(verb="view_refused_row", subject_id=str(job.pk)).count() == 1
    assert WRONG not in client.get(f"/imports/{job.pk}/").text
    assert signed_in(APPROVER).get(f"/imports/{job.pk}/rows/{row.pk}/").status_code == 403


def test_a_row_is_put_right_on_screen_and_the_first_file_stays() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    row = refused(job, 2)
    address = f"/imports/{job.pk}/rows/{row.pk}/"
    good = {"request_key": key(), **cells("李错号", RIGHT, "2018-07-01", "正阳县", "=1+1")}

    still = client.post(address, {**good, "look": "1", "cell-1": WRONG})
    looked = client.post(address, {**good, "look": "1"})
    before = Person.objects.count()
    answer = client.post(address, {**good, "accept": "1"})
    correction = run(ImportJob.objects.latest("pk"))
    page = client.get(f"/imports/{job.pk}/")

    assert (still.status_code, looked.status_code, answer.status_code) == (422, 200, 302)
    assert "还不能用" in still.text
    assert "末位" in still.text
    assert "现在能用了" in looked.text
    assert before == 1
    assert (correction.state, correction.accepted, correction.corrects_id) == ("done", 1, job.pk)
    assert Person.objects.get(name="李错号").hardship.get().group == "subsistence_allowance"
    row.refresh_from_db()
    job.refresh_from_db()
    assert row.corrected_by_id == correction.pk
    assert (job.refused, job.accepted) == (2, 1)
    assert "已更正" in page.text
    assert client.get(address).status_code == 302


def test_pressing_accept_on_a_row_that_is_still_wrong_brings_nothing() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    row = refused(job, 3)

    answer = client.post(
        f"/imports/{job.pk}/rows/{row.pk}/",
        {"request_key": key(), "accept": "1", **cells("王无日", B, "前年", "正阳县", "")},
    )

    assert answer.status_code == 422
    assert "应为真实日期" in answer.text
    assert ImportJob.objects.count() == 1


def test_the_workbook_that_comes_back_is_known_as_a_correction(tmp_path: Path) -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))

    book = client.post(f"/imports/{job.pk}/mend.xlsx", {"request_key": key()})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    heads = [str(cell) for cell in rows[1]]
    fixed = [list(map(str, row)) for row in rows]
    fixed[2][1], fixed[3][2] = RIGHT, "2018-09-01"
    path = write_xlsx(tmp_path / "改好.xlsx", {"名单": fixed})
    form = {
        "request_key": key(),
        "kind": "hardship",
        "documents": SimpleUploadedFile("改好.xlsx", path.read_bytes()),
    }
    client.post("/imports/", form)
    correction = run(ImportJob.objects.latest("pk"))

    assert heads == ["姓名", "身份证号", "享受起始", "县区", "备注", "退回原因", "应改为", "更正号"]
    assert rows[2][1] == WRONG
    assert rows[2][4] == "=1+1"
    assert (correction.state, correction.read, correction.accepted) == ("done", 2, 2), correction.message
    assert correction.corrects_id == job.pk
    assert {row.corrected_by_id for row in RefusedRow.objects.filter(job=job)} == {correction.pk}
    assert HardshipStatus.objects.filter(group="subsistence_allowance").count() == 3
    assert Entry.objects.filter(verb="export_refused_rows").count() == 1
    assert "下载更正表（" not in client.get(f"/imports/{job.pk}/").text


def test_a_correction_is_read_with_the_columns_of_its_file() -> None:
    client = signed_in(CLERK)
    odd = TEXT.replace("姓名,身份证号,享受起始,县区,备注", "甲,乙,丙,丁,戊")
    held = run(upload(client, odd, check="1"))
    say(client, held, c0="name", c1="person_id", c2="valid_from", c3="county")
    run(held)
    client.post(f"/imports/{held.pk}/start/", {"request_key": key()})
    job = run(held)
    row = refused(job, 2)

    client.post(
        f"/imports/{job.pk}/rows/{row.pk}/",
        {"request_key": key(), "accept": "1", **cells("李对号", RIGHT, "2018-07-01", "正阳县", "")},
    )
    correction = run(ImportJob.objects.latest("pk"))

    assert (correction.state, correction.accepted) == ("done", 1)
    assert Person.objects.get(name="李对号").county_code == "411724"


def test_taking_an_import_back_takes_its_corrections_along() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    row = refused(job, 2)
    client.post(
        f"/imports/{job.pk}/rows/{row.pk}/",
        {"request_key": key(), "accept": "1", **cells("李错号", RIGHT, "2018-07-01", "正阳县", "")},
    )
    correction = run(ImportJob.objects.latest("pk"))

    page = client.get(f"/imports/{job.pk}/")
    client.post(f"/imports/{job.pk}/undo/", {"request_key": key(), "reason": "传错了"})

    assert "更正它的 1 次导入一起撤" in page.text
    job.refresh_from_db()
    correction.refresh_from_db()
    row.refresh_from_db()
    assert (job.state, correction.state, row.corrected_by_id) == ("undone", "undone", None)
    assert not Person.objects.exists()
    assert Entry.objects.filter(verb="undo_import").count() == 2


def test_a_correction_taken_back_alone_lets_the_row_be_mended_again() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    row = refused(job, 2)
    client.post(
        f"/imports/{job.pk}/rows/{row.pk}/",
        {"request_key": key(), "accept": "1", **cells("李错号", RIGHT, "2018-07-01", "正阳县", "")},
    )
    correction = run(ImportJob.objects.latest("pk"))

    client.post(f"/imports/{correction.pk}/undo/", {"request_key": key(), "reason": "看错了"})

    assert client.get(f"/imports/{job.pk}/rows/{row.pk}/").status_code == 200
    assert {person.name for person in Person.objects.all()} == {"马秀兰"}


@pytest.mark.parametrize("mark", ["1-999999", "abc", "9" * 30 + "-1", "-", "１-２"])
def test_a_mark_of_no_row_is_refused_plainly(mark: str) -> None:
    client = signed_in(CLERK)
    text = f"姓名,身份证号,享受起始,更正号\n马秀兰,{A},2018-07-01,{mark}\n"

    job = run(upload(client, text))

    assert job.state == "failed"
    assert "更正号" in job.message
    assert not Person.objects.exists()


def test_a_correction_in_the_box_of_another_kind_is_refused_plainly() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, TEXT))
    book = client.post(f"/imports/{job.pk}/mend.xlsx", {"request_key": key()}).content

    client.post(
        "/imports/",
        {
            "request_key": key(),
            "kind": "accounts",
            "documents": SimpleUploadedFile("更正.xlsx", book),
        },
    )
    other = run(ImportJob.objects.latest("pk"))

    assert other.state == "failed"
    assert "这是困难群体名册的更正表" in other.message


def test_rows_of_a_command_can_be_mended_on_screen_too(tmp_path: Path) -> None:
    path = tmp_path / "低保.csv"
    path.write_text(TEXT, encoding="utf-8")
    done = import_file(
        path=path,
        kind="hardship",
        group="",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
    )
    row = RefusedRow.objects.get(job_id=done.job_id, row=2)

    page = signed_in(CLERK).get(f"/imports/{done.job_id}/rows/{row.pk}/")

    assert page.status_code == 200
    assert WRONG in page.text
