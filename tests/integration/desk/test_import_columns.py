"""Odd headers on the site: held, mapped, kept, found again; looked at before anything is written; undone."""

from argparse import Namespace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.builders import AT, CLERK, PAYER, key, make_city
from tests.integration.desk.money_cases import signed_in
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.intake.models import ColumnProfile, ImportJob, ListChange, RefusedRow
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.registry.models import HardshipStatus, Person
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.interfaces.commands.import_files import _profile
from yiyuan.interfaces.commands.main import main
from yiyuan.interfaces.jobs.tasks import read_import
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

A, B = "411724195203040029", "411724201003040014"
ODD = f"""甲栏,乙栏,丙栏,丁栏
马秀兰,{A},2018-07-01,正阳县
马小军,{B},2018-07-01,正阳县
李错号,411724195203040024,2018-07-01,正阳县
"""
PLAIN = ODD.replace("甲栏,乙栏,丙栏,丁栏", "姓名,身份证号,享受起始,县区")
SECOND = Actor("clerk2", "数据员乙", frozenset({Role.CLERK}), EVERYWHERE)


@pytest.fixture(autouse=True)
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    make_city()
    return tmp_path


def upload(client: Client, text: str, name: str = "低保.csv", **more: object) -> ImportJob:
    form = {
        "request_key": key(),
        "kind": "hardship",
        "group": "subsistence_allowance",
        "documents": SimpleUploadedFile(name, text.encode()),
    }
    answer = client.post("/imports/", form | more)
    assert answer.status_code == 302, answer.text[:3000]
    return ImportJob.objects.latest("pk")


def run(job: ImportJob) -> ImportJob:
    """Let the worker do its errand, as far as one is given."""
    assert ProcrastinateJob.objects.filter(args={"job_id": job.pk}).exists()
    read_import(job_id=job.pk)
    job.refresh_from_db()
    return job


def say(client: Client, job: ImportJob, name: str = "县民政", **choice: str) -> str:
    chosen = {f"column-{index[1:]}": field for index, field in choice.items()}
    answer = client.post(
        f"/imports/{job.pk}/columns/", {"request_key": key(), "name": name, **chosen}, follow=True
    )
    return answer.text


def test_a_file_with_odd_headers_waits_and_says_what_is_missing() -> None:
    client = signed_in(CLERK)
    no_code = ODD.replace(A, "见附表").replace(B, "见附表").replace("411724195203040024", "见附表")

    job = run(upload(client, no_code))
    page = client.get(f"/imports/{job.pk}/")

    assert (job.state, job.read) == ("held", 0)
    assert "“身份证号”" in page.text
    assert "对一对栏目" in page.text
    assert not Person.objects.exists()
    assert Entry.objects.filter(verb="hold_import", subject_id=str(job.pk)).count() == 1


def test_columns_are_shown_with_masked_examples() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, ODD, check="1"))

    page = client.get(f"/imports/{job.pk}/columns/")

    assert [line["field"] for line in page.context["lines"]] == ["", "person_id", "valid_from", "county"]
    assert A not in page.text
    assert "马秀兰" not in page.text
    assert f"{A[:2]}**************{A[-2:]}" in page.text
    assert "马**" in page.text
    assert "2018-07-01" in page.text


def test_what_is_chosen_is_kept_and_found_again() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, ODD, check="1"))

    said = say(client, job, c0="name", c1="person_id", c2="valid_from", c3="county")
    job = run(job)
    client.post(f"/imports/{job.pk}/start/", {"request_key": key()})
    job = run(job)
    again = run(upload(client, ODD.replace("2018-07-01", "2018-08-01"), "八月.csv"))

    profile = ColumnProfile.objects.get()
    assert "正在按它再核对一次" in said
    assert (profile.kind, profile.name, profile.columns["name"]) == ("hardship", "县民政", ["甲栏"])
    assert Entry.objects.filter(verb="record_profile", subject_id=str(profile.pk)).count() == 1
    assert (job.state, job.read, job.accepted, job.refused) == ("done", 3, 2, 1)
    assert {person.name for person in Person.objects.all()} == {"马秀兰", "马小军"}
    assert (again.state, again.profile_id, job.profile_id) == ("done", profile.pk, profile.pk)


def test_one_field_takes_one_column_and_needed_facts_are_named() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, ODD, check="1"))

    twice = say(client, job, c0="name", c1="person_id", c2="valid_from", c3="name")
    missing = say(client, job, c0="name", c1="person_id", c2="", c3="county")
    foreign = say(client, job, c0="setl_id", c1="person_id", c2="valid_from")
    unnamed = say(client, job, name=" ", c1="person_id", c2="valid_from")

    assert "姓名 只能是一栏" in twice
    assert "还缺：“开始日期”" in missing
    assert "选了不认识的栏目" in foreign
    assert "请给这个对应起个名字" in unnamed
    assert not ColumnProfile.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.check_only) == ("held", True)


def test_a_column_that_looks_right_can_be_left_out() -> None:
    client = signed_in(CLERK)
    text = PLAIN.replace("县区", "县区,身份证").replace("正阳县", f"正阳县,{B}")
    job = run(upload(client, text, check="1"))

    say(client, job, c1="", c4="person_id", c2="valid_from")
    job = run(job)

    assert job.preview["read"] == 3
    assert job.preview["refused"] == {"duplicate": 2}
    fields = [column["field"] for column in job.preview["sheets"][0]["columns"]]
    assert fields == ["", "", "valid_from", "", "person_id"]


def test_checking_writes_nothing_and_tells_what_would_be() -> None:
    client = signed_in(CLERK)
    run(upload(client, PLAIN, "十月.csv"))
    people, statuses = Person.objects.count(), HardshipStatus.objects.count()
    text = PLAIN.replace(f"马秀兰,{A}", "王新来,411724199001010022").replace("马小军", "马小君")

    job = run(upload(client, text, "十一月.csv", check="1", is_whole_list="on", as_of_on="2019-11-20"))
    page = client.get(f"/imports/{job.pk}/")

    assert job.state == "held"
    assert job.preview["list"] == {"joined": 1, "left": 1, "changed": 0}
    assert job.preview["changed"] == 1
    assert "核对过了：读到 3 行，2 行能用，1 行要另存" in page.text
    assert "您选的" in page.text
    assert "十月.csv" in page.text
    assert "导入能用的 2 行" in page.text
    assert "411724199001010022" not in page.text
    assert (Person.objects.count(), HardshipStatus.objects.count()) == (people, statuses)
    assert not ListChange.objects.exists()


def test_a_checked_file_can_be_put_aside_and_brought_again() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, PLAIN, check="1"))

    client.post(f"/imports/{job.pk}/drop/", {"request_key": key()})
    late = client.post(f"/imports/{job.pk}/start/", {"request_key": key()}, follow=True)
    again = run(upload(client, PLAIN))

    job.refresh_from_db()
    assert job.state == "dropped"
    assert "别人已经处理了这份文件" in late.text
    assert (again.state, again.pk != job.pk) == ("done", True)
    assert Entry.objects.filter(verb="drop_import").count() == 1


def test_a_profile_can_be_changed_taken_along_and_deleted(tmp_path: Path) -> None:
    client = signed_in(CLERK)
    job = run(upload(client, ODD, check="1"))
    say(client, job, c0="name", c1="person_id", c2="valid_from", c3="county")
    profile = ColumnProfile.objects.get()
    address = f"/imports/profiles/{profile.pk}"

    wrong = client.post(f"{address}/", {"request_key": key(), "name": "县民政", "column-0": "name"})
    client.post(
        f"{address}/",
        {"request_key": key(), "name": "县民政低保", "column-1": "person_id", "column-2": "valid_from"},
    )
    taken = client.get(f"{address}.yaml")
    client.post(f"{address}/delete/", {"request_key": key()})

    assert wrong.status_code == 422
    assert "还缺" in wrong.text
    profile.refresh_from_db()
    assert (profile.name, sorted(profile.columns)) == ("县民政低保", ["person_id", "valid_from"])
    assert "person_id:\n  - 乙栏" in taken.text
    assert profile.deleted_at is not None
    assert client.get(f"{address}/").status_code == 404
    assert "还没有存下栏目对应" in client.get("/imports/profiles/").text
    assert Entry.objects.filter(verb="change_profile").count() == 1
    assert Entry.objects.filter(verb="delete_profile").count() == 1


def test_two_people_with_one_file_are_told_of_each_other() -> None:
    first, second = signed_in(CLERK), signed_in(SECOND)
    run(upload(first, PLAIN))

    same = second.post(
        "/imports/",
        {
            "request_key": key(),
            "kind": "hardship",
            "group": "subsistence_allowance",
            "documents": SimpleUploadedFile("别名.csv", PLAIN.encode()),
        },
        follow=True,
    )
    other = second.post(
        "/imports/",
        {
            "request_key": key(),
            "kind": "hardship",
            "group": "subsistence_allowance",
            "documents": SimpleUploadedFile("也是十一月.csv", PLAIN.replace("李错号", "李某").encode()),
        },
        follow=True,
    )
    run(ImportJob.objects.latest("pk"))

    assert "低保.csv（数据员，" in same.text
    assert "早就收过，没有再读一遍" in same.text
    assert "数据员 在" in other.text
    assert "也传过困难群体名册（低保.csv）" in other.text
    assert ImportJob.objects.count() == 2
    assert Person.objects.count() == HardshipStatus.objects.count() == 2


def test_who_brought_a_file_is_told_when_it_is_read() -> None:
    client = signed_in(CLERK)
    job = run(upload(client, PLAIN))

    before = client.get("/imports/")
    bench = client.get("/?as=clerk")
    other = signed_in(SECOND).get("/imports/")
    client.get(f"/imports/{job.pk}/")
    after = client.get("/imports/")

    assert "读完 1 份" in before.text
    assert "读完的文件" in bench.text
    assert "读完 1 份" not in other.text
    assert "读完 1 份" not in after.text


def test_a_payer_sees_answers_of_the_bank_and_no_lists() -> None:
    job = run(upload(signed_in(CLERK), PLAIN))
    payer = signed_in(PAYER)

    page = payer.get("/imports/")

    assert payer.get(f"/imports/{job.pk}/").status_code == 404
    assert "低保.csv" not in page.text
    assert [code for code, _ in page.context["form"].fields["kind"].choices] == ["bank-returns"]
    assert RefusedRow.objects.count() == 1


def test_the_command_knows_what_was_said_on_the_site(tmp_path: Path) -> None:
    client = signed_in(CLERK)
    job = run(upload(client, ODD, check="1"))
    say(client, job, c0="name", c1="person_id", c2="valid_from", c3="county")
    path = tmp_path / "九月.csv"
    path.write_text(ODD.replace("2018-07-01", "2018-09-01"), encoding="utf-8")

    done = import_file(
        path=path,
        kind="hardship",
        group="subsistence_allowance",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
    )
    named = _profile(Namespace(kind="hardship", profile="县民政"))

    brought = ImportJob.objects.get(pk=done.job_id)
    assert (done.state, done.accepted) == ("done", 2)
    assert brought.profile_id == ColumnProfile.objects.get().pk
    assert named is not None
    assert named.columns["name"] == ("甲栏",)
    assert _profile(Namespace(kind="hardship", profile=None)) is None
    with pytest.raises(UnreadableFile, match="也没有叫这个名字的栏目对应"):
        _profile(Namespace(kind="accounts", profile="县民政"))


def test_without_a_database_a_profile_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, kept = tmp_path / "低保.csv", tmp_path / "低保.yaml"
    path.write_text(ODD, encoding="utf-8")
    kept.write_text("columns: {person_id: [乙栏], valid_from: [丙栏]}\nignored: [丁栏]\n", encoding="utf-8")
    words = ["import", "hardship", str(path), "--group", "orphan", "--dry-run", "--profile"]

    by_name, missing = main([*words, "县民政"]), capsys.readouterr().err
    by_file, told = main([*words, str(kept)]), capsys.readouterr().out

    assert (by_name, "没有配置文件 县民政" in missing) == (1, True)
    assert (by_file, "读到 3 行，收下 2 行，退回 1 行" in told) == (0, True)


def test_a_file_of_which_nothing_is_missing_is_read_at_once_and_can_be_looked_into() -> None:
    client = signed_in(CLERK)

    job = run(upload(client, PLAIN))
    page = client.get(f"/imports/{job.pk}/columns/")

    assert job.state == "done"
    assert "需要的栏目都认出来了" in page.text
    assert "看栏目怎么认的" in client.get(f"/imports/{job.pk}/").text


def test_a_settlement_is_previewed_by_the_names_and_sums_a_clerk_knows() -> None:
    client = signed_in(CLERK)
    text = (
        "setl_id,certno,insu_admdvs,begndate,enddate,dise_codg,inscp_scp_amt,hifp_pay\n"
        f"S1,{A},411724,2019-10-01,2019-10-09,N18.0,15906.20,11134.34\n"
    )

    job = run(upload(client, text, "结算.csv", kind="settlements", check="1"))
    page = client.get(f"/imports/{job.pk}/")

    shown = dict(page.context["rows"])
    assert shown["政策范围内费用"] == ["15,906.20"]
    assert shown["县区"] == ["正阳县"]
    assert A not in page.text
    assert (job.state, job.preview["changed"]) == ("held", 1)
