"""Files as they should not be, through the command's path and the site's: understood, or refused in words.

Each is brought both ways; accepted and refused rows add up to what was read, and nothing is written twice.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django import Settings

from tests.builders import AT, CLERK, key, make_city
from tests.integration.desk.money_cases import signed_in
from tests.integration.desk.test_import_columns import run
from yiyuan.apps.intake.models import ImportJob
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.intake.services import undo_import
from yiyuan.apps.registry.models import (
    FilledBlank,
    HardshipStatus,
    HeadCount,
    Household,
    Person,
    Settlement,
)

pytestmark = pytest.mark.django_db

A, B = "411724195203040029", "411724201003040014"
LIST = f"""姓名,身份证号,县区,享受起始
马秀兰,{A},正阳县,2018-07-01
马小军,{B},正阳县,2018-07-01
坏号,411724195203040024,正阳县,2018-07-01
"""
SETTLED = f"""setl_id,certno,insu_admdvs,begndate,enddate,dise_codg,inscp_scp_amt,hifp_pay
S1,{A},411724,2019-10-01,2019-10-09,N18.0,15906.20,11134.34
S2,{B},411724,2019-10-01,2019-10-09,C16.9,5906.20,1134.34
"""
Bring = Callable[..., ImportJob]


@pytest.fixture(params=["command", "site"])
def bring(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Bring:
    settings.MEDIA_ROOT = tmp_path / "media"
    make_city()

    def by_command(path: Path, kind: str = "hardship", **more: str) -> ImportJob:
        whole = {"is_whole_list": True, "county_code": more["county"]} if more else {}
        done = import_file(
            path=path,
            kind=kind,
            group="subsistence_allowance" if kind == "hardship" else "",
            actor=CLERK,
            occurred_at=AT,
            request_key=key(),
            **whole,  # type: ignore[arg-type]
        )
        return ImportJob.objects.get(pk=done.job_id)

    def by_site(path: Path, kind: str = "hardship", **more: str) -> ImportJob:
        form: dict[str, object] = {
            "request_key": key(),
            "kind": kind,
            "group": "subsistence_allowance",
            "documents": SimpleUploadedFile(path.name, path.read_bytes()),
        }
        if more:
            form |= {"is_whole_list": "on", "as_of_on": "2019-11-20", "list_county": more["county"]}
        answer = signed_in(CLERK).post("/imports/", form)
        assert answer.status_code == 302, answer.text
        return run(ImportJob.objects.latest("pk"))

    return by_command if request.param == "command" else by_site


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def adds_up(job: ImportJob) -> bool:
    refused = int(sum(job.refused_by_reason.values()))
    return job.refused == refused and job.read == job.accepted + refused


def test_the_same_file_with_one_row_changed(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "低保.csv", LIST))

    job = bring(write(tmp_path, "低保.csv", LIST.replace(f"{B},正阳县,2018-07-01", f"{B},正阳县,2018-08-01")))

    assert (job.state, job.read, job.accepted, job.changed) == ("done", 3, 2, 1)
    assert adds_up(job)
    assert Person.objects.count() == 2
    assert HardshipStatus.objects.filter(person__name="马秀兰").count() == 1


def test_a_settlement_that_comes_again_otherwise_is_refused_and_stays(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "结算.csv", SETTLED), "settlements")

    job = bring(write(tmp_path, "结算.csv", SETTLED.replace("11134.34", "10134.34")), "settlements")

    assert (job.read, job.accepted, job.changed) == (2, 1, 0)
    assert job.refused_by_reason == {"known_differently": 1}
    assert adds_up(job)
    refused = job.refused_rows.get()
    assert (refused.row, "先报冲正" in refused.remedy) == (1, True)
    assert Settlement.objects.get(setl_id="S1").hifp_pay_fen == 1_113_434


def test_a_settlement_that_comes_again_as_it_was_is_no_change(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "结算.csv", SETTLED), "settlements")

    job = bring(
        write(tmp_path, "结算.csv", SETTLED + f"S3,{A},411724,2019-11-01,2019-11-02,N18.0,5,1\n"),
        "settlements",
    )

    assert (job.read, job.accepted, job.refused, job.changed) == (3, 3, 0, 1)


def test_a_settlement_file_in_the_hardship_box(bring: Bring, tmp_path: Path) -> None:
    job = bring(write(tmp_path, "结算.csv", SETTLED))

    assert (job.state, job.read, job.accepted, job.refused) == ("failed", 0, 0, 0)
    assert "这是住院结算" in job.message
    assert "请换成" in job.message
    assert not Person.objects.exists()


def test_a_list_of_another_city(bring: Bring, tmp_path: Path) -> None:
    job = bring(write(tmp_path, "低保.csv", LIST.replace("正阳县", "411602")))

    assert job.state == "failed"
    assert "没有一行是本市的" in job.message
    assert not Person.objects.exists()


def test_a_whole_list_of_another_county(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "十月.csv", LIST))

    job = bring(write(tmp_path, "十一月.csv", LIST.replace("正阳县", "平舆县")), county="411724")

    assert job.state == "failed"
    assert "说好只是 411724 的全部名单" in job.message
    assert HardshipStatus.objects.count() == 2


def test_a_list_of_last_year_says_so_and_ends_nobody(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "今年.csv", LIST))

    old = f"2018年12月低保花名册,,,\n{LIST.replace(B, '411724199001010014')}"
    job = bring(write(tmp_path, "2018年低保.csv", old), county="411724")

    assert job.state == "done"
    assert "写着 2018 年" in job.message
    assert (
        HardshipStatus.objects.filter(person__name="马小军", superseded_at=None, valid_to=None).count() == 2
    )


def test_a_truncated_workbook(bring: Bring, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "全.xlsx"))
    for place, line in enumerate(LIST.splitlines()):
        book.get_worksheet_by_name("名单") or book.add_worksheet("名单")
        book.get_worksheet_by_name("名单").write_row(place, 0, line.split(","))
    book.close()
    whole = (tmp_path / "全.xlsx").read_bytes()
    path = tmp_path / "低保.xlsx"
    path.write_bytes(whole[: len(whole) * 2 // 3])

    job = bring(path)

    assert (job.state, job.read) == ("failed", 0)
    assert "表格打不开" in job.message


def test_many_empty_rows(bring: Bring, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "一.xlsx"))
    sheet = book.add_worksheet()
    for place, line in enumerate(LIST.splitlines()):
        sheet.write_row(place, 0, line.split(","))
    book.close()
    path = tmp_path / "低保.xlsx"
    empty = "".join(f'<row r="{n}"/>' for n in range(5, 200_000))
    with zipfile.ZipFile(tmp_path / "一.xlsx") as source, zipfile.ZipFile(path, "w", 8) as out:
        for part in source.infolist():
            text = source.read(part).decode()
            out.writestr(part.filename, text.replace("</sheetData>", f"{empty}</sheetData>"))

    job = bring(path)

    assert (job.state, job.read, job.accepted) == ("done", 3, 2)
    assert adds_up(job)


def test_head_counts_come_in_with_their_day_and_source(bring: Bring, tmp_path: Path) -> None:
    header, ours = "统计日期,县区,户籍人口,户数,数据来源", "2018-12-31,正阳县,80万,20万,市公安局"
    text = f"{header}\n{ours}\n2018-12-31,某地,1,1,市公安局\n"

    job = bring(write(tmp_path, "人口.csv", text), "headcount")
    later = bring(write(tmp_path, "人口2.csv", text.replace("80万", "81万")), "headcount")

    assert (job.read, job.accepted, job.refused_by_reason) == (2, 1, {"county": 1})
    assert (later.changed, adds_up(later)) == (1, True)
    figures = HeadCount.objects.order_by("pk").values_list(
        "county_code", "persons", "source", "superseded_at"
    )
    assert [(c, p, s, at is None) for c, p, s, at in figures] == [
        ("411724", 800_000, "市公安局", False),
        ("411724", 810_000, "市公安局", True),
    ]
    assert str(HeadCount.objects.latest("pk").on) == "2018-12-31"


def test_blanks_that_an_import_filled_are_blank_again_when_it_is_taken_back(
    bring: Bring, tmp_path: Path
) -> None:
    bring(write(tmp_path, "低保.csv", f"身份证号,享受起始\n{A},2018-07-01\n"))
    Person.objects.update(county_code="")

    job = bring(
        write(
            tmp_path,
            "户籍.csv",
            f"姓名,身份证号,县区,乡镇,户号,与户主关系,注销日期\n马秀兰,{A},正阳县,熊寨镇,H1,户主,2019-01-01\n",
        ),
        "residents",
    )
    filled = Person.objects.get()
    kept = FilledBlank.objects.get()
    undo_import(job_id=job.pk, reason="传错", actor=CLERK, occurred_at=AT, request_key=key())

    assert (filled.name, filled.township_code, filled.relation) == ("马秀兰", "411724101", "户主")
    assert set(kept.columns.split(",")) == {
        "name",
        "county_code",
        "township_code",
        "household_id",
        "relation",
        "left_on",
    }
    person = Person.objects.get()
    assert (person.relation, person.left_on) == ("", None)
    assert (person.name, person.name_key, person.township_code) == ("", "", "")
    assert person.household_id is None
    # The county is still told by the register of the other import.
    assert person.county_code == "411724"
    assert not FilledBlank.objects.exists()
    assert HardshipStatus.objects.count() == 1
    assert Household.objects.count() <= 1


def test_what_was_known_before_is_not_emptied(bring: Bring, tmp_path: Path) -> None:
    bring(write(tmp_path, "低保.csv", LIST))

    job = bring(write(tmp_path, "户籍.csv", f"姓名,身份证号,县区,户号\n马秀兰,{A},正阳县,H1\n"), "residents")
    undo_import(job_id=job.pk, reason="传错", actor=CLERK, occurred_at=AT, request_key=key())

    person = Person.objects.get(name="马秀兰")
    assert (person.county_code, person.household_id) == ("411724", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_filledblank")
        assert cursor.fetchone() == (0,)
