"""Files into the registry on PostgreSQL: whole or not at all, twice is once, nobody's number in the clear."""

from pathlib import Path

import pytest
from django.db import connection

from tests.builders import AT, CLERK, DESK, key, make_city
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.intake import running
from yiyuan.apps.intake.errors import RoleMissing
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.intake.running import ImportResult, import_file, read_import_job
from yiyuan.apps.registry.models import (
    Account,
    ClaimedSettlement,
    HardshipStatus,
    HeadCount,
    Household,
    Person,
    Settlement,
)
from yiyuan.apps.registry.queries import list_accounts
from yiyuan.apps.registry.searching import search_people
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

A, B = "411724195203040029", "411724201003040014"
LIST = f"""姓名,身份证号,县区,乡镇,户号,享受起始,停发月
马秀兰,{A},正阳县,熊寨镇,H1,2018-07-01,
马小军,{B},正阳县,熊寨镇,H1,2018-07-01,2019-10
坏号,411724195203040024,正阳县,熊寨镇,H2,2018-07-01,
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def bring(path: Path, kind: str = "hardship", group: str = "subsistence_allowance") -> ImportResult:
    return import_file(
        path=path,
        kind=kind,
        group=group if kind == "hardship" else "",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
    )


def snapshot() -> tuple[object, ...]:
    return (
        list(Person.objects.order_by("pk").values_list("pk", "id_index", "name", "household_id")),
        list(HardshipStatus.objects.order_by("pk").values_list("pk", "valid_to", "superseded_at")),
        list(Settlement.objects.order_by("pk").values_list("pk", "setl_id", "hifp_pay_fen")),
        list(Account.objects.order_by("pk").values_list("pk", "account_tail")),
    )


def test_a_list_becomes_people_with_their_status(tmp_path: Path) -> None:
    make_city()

    result = bring(write(tmp_path, "低保.csv", LIST))

    assert (result.state, result.read, result.accepted, result.refused, result.changed) == (
        "done",
        3,
        2,
        1,
        2,
    )
    person = Person.objects.get(name="马秀兰")
    assert (person.township_code, person.sex, str(person.birth_on)) == ("411724101", "2", "1952-03-04")
    assert Household.objects.get().members.count() == 2
    refused = RefusedRow.objects.get()
    assert (refused.row, refused.reason) == (3, "check_digit")
    assert "0304" not in refused.value
    assert [p.name for p in search_people(A, scope=EVERYWHERE)] == ["马秀兰"]
    assert [p.name for p in search_people("maxiu", scope=EVERYWHERE)] == ["马秀兰"]
    assert Entry.objects.filter(verb="finish_import").count() == 1


def test_numbers_lie_sealed_in_the_database(tmp_path: Path) -> None:
    make_city()
    bring(write(tmp_path, "低保.csv", LIST))

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM registry_person")
        stored = [bytes(row[0]) for row in cursor.fetchall()]

    assert len(stored) == 2
    assert not any(A.encode() in value or B.encode() in value for value in stored)
    assert sorted(str(p.id_number) for p in Person.objects.all()) == sorted([A, B])


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    make_city()
    first = bring(write(tmp_path, "低保.csv", LIST))
    before = snapshot()

    second = bring(tmp_path / "低保.csv")
    renamed = bring(write(tmp_path, "改了名.csv", LIST + "\n"))

    assert second.job_id == first.job_id
    assert renamed.changed == 0
    assert snapshot() == before


def test_a_corrected_end_is_put_beside_the_old_one(tmp_path: Path) -> None:
    make_city()
    bring(write(tmp_path, "低保.csv", LIST))

    result = bring(write(tmp_path, "低保11月.csv", LIST.replace("2019-10", "2019-11")))

    assert result.changed == 1
    ends = HardshipStatus.objects.filter(person__name="马小军").order_by("pk")
    assert [(str(s.valid_to), s.superseded_at is None) for s in ends] == [
        ("2019-10-01", False),
        ("2019-11-01", True),
    ]


def test_a_killed_import_leaves_nothing_and_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_city()
    path = write(tmp_path, "低保.csv", LIST)
    before = snapshot()

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_keep_refused", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(path)
    monkeypatch.undo()

    assert snapshot() == before
    job = ImportJob.objects.get()
    assert job.state == "running"
    again = read_import_job(job.pk, occurred_at=AT, path=path)
    assert (again.state, again.accepted) == ("done", 2)
    assert ImportJob.objects.count() == 1


def test_a_file_that_is_something_else_says_so(tmp_path: Path) -> None:
    make_city()

    result = bring(write(tmp_path, "通讯录.csv", "部门,电话\n民政局,0396-1234567\n"))

    assert result.state == "failed"
    assert result.message
    assert not Person.objects.exists()
    assert bring(write(tmp_path, "低保.csv", LIST)).state == "done"


def test_settlements_accounts_claims_and_head_counts(tmp_path: Path) -> None:
    make_city()
    settlements = (
        "setl_id,certno,psn_name,gend,brdy,insu_admdvs,fixmedins_code,begndate,enddate,setl_time,dise_codg,"
        "medfee_sumamt,fulamt_ownpay_amt,overlmt_selfpay,preselfpay_amt,inscp_scp_amt,hifp_pay,cvlserv_pay,"
        "hifes_pay,hifmi_pay,hifob_pay,maf_pay,oth_pay,init_setl_id\n"
        f"S1,{A},马秀兰,2,1952-03-04,411724,H41172400001,2019-10-28,2019-11-12,2019-11-12 10:00:00,N18.0,"
        '"18,642.37",1903.60,212.57,620.00,15906.20,11134.34,0,0,2137.16,0,1384.90,,\n'
    )
    accounts = f"身份证号,姓名,户名,开户行,社保卡账号\n{B},马小军,马小军,农商银行,6228 4507 1800 2233 317\n"

    bring(write(tmp_path, "结算.csv", settlements), "settlements")
    again = bring(write(tmp_path, "结算2.csv", settlements + "\n"), "settlements")
    bring(write(tmp_path, "账户.csv", accounts), "accounts")
    bring(write(tmp_path, "已赔.csv", "setl_id\nS9\n"), "claimed")
    bring(
        write(tmp_path, "人口.csv", "县区,统计日期,人数,户数\n正阳县,2019-01-01,877600,300000\n"), "headcount"
    )

    settlement = Settlement.objects.get()
    assert (settlement.inscp_scp_amt_fen, settlement.hifmi_pay_fen, settlement.oth_pay_fen) == (
        1_590_620,
        213_716,
        0,
    )
    assert again.changed == 0
    assert list_accounts(Person.objects.get(name="马小军").pk)[0].tail == "3317"
    assert ClaimedSettlement.objects.get().setl_id == "S9"
    assert HeadCount.objects.get().persons == 877_600


def test_only_a_clerk_imports(tmp_path: Path) -> None:
    with pytest.raises(RoleMissing):
        import_file(
            path=write(tmp_path, "低保.csv", LIST),
            kind="hardship",
            group="",
            actor=DESK,
            occurred_at=AT,
            request_key=key(),
        )
