"""Administration (人员与单位): sign-ins and offices come, change and go; who may say so, what it leaves."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import AT, DESK, key, make_office, make_staff
from tests.integration.desk.counties import OF_ZHENGYANG, ZHENGYANG, browser_of, make_counties, officer
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in, signed_in_as
from yiyuan.apps.accounts import errors
from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.accounts.offices import OfficeFacts, record_office
from yiyuan.apps.accounts.services import change_staff_member, end_staff_member, reset_password
from yiyuan.apps.audit.models import Entry
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

PAGES = ("staff", "staff_new", "offices", "office_new")
PASSWORD = re.compile(r"<dd class=\"id\">([2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4})</dd>")
OWN = "zhengyang-2019-spring"


def create(browser: Client, username: str = "wangfang", **words: object) -> str:
    """Create a sign-in on screen and return the answer."""
    said = {
        "username": username,
        "name": "王芳",
        "office": make_office(OF_ZHENGYANG).pk,
        "roles": ["desk_agent"],
        "request_key": key(),
        **words,
    }
    return browser.post(reverse("desk:staff_new"), said).content.decode()


def enter(username: str, password: str) -> Client:
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.post(reverse("desk:sign_in"), {"username": username, "password": password})
    return browser


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
@pytest.mark.parametrize("page", PAGES)
def test_the_administration_is_for_administrators(page: str, role: Role) -> None:
    expected = 200 if role is Role.ADMINISTRATOR else 403

    assert signed_in_as(role).get(reverse(f"desk:{page}")).status_code == expected


@pytest.mark.parametrize("act", ["staff_end", "staff_password"])
def test_no_other_role_ends_or_resets(act: str) -> None:
    make_staff(DESK)

    for role in set(Role) - {Role.SYSTEM, Role.ADMINISTRATOR}:
        answer = signed_in_as(role).post(reverse(f"desk:{act}", args=[DESK.id]), {"request_key": key()})
        assert answer.status_code == 403
    assert StaffMember.objects.get(username=DESK.id).is_active


def test_a_new_colleague_from_the_first_password_to_the_own() -> None:
    make_counties()
    page = create(browser_of(ADMINISTRATOR))
    (password,) = set(PASSWORD.findall(page))

    browser = enter("wangfang", password)
    assert browser.get("/")["Location"] == reverse("desk:own_password")
    assert browser.get("/claims/")["Location"] == reverse("desk:own_password")
    said = {"old": password, "new": OWN, "again": OWN, "request_key": key()}
    assert browser.post(reverse("desk:own_password"), said).status_code == 302

    assert browser.get("/").status_code == 200
    assert "_auth_user_id" in enter("wangfang", OWN).session
    assert "_auth_user_id" not in enter("wangfang", password).session
    acts = Entry.objects.filter(subject_kind="staff_member", subject_id="wangfang").order_by("pk")
    assert [(e.verb, e.actor_id) for e in acts] == [
        ("record_staff_member", "administrator"),
        ("change_own_password", "wangfang"),
    ]
    assert not any(password in str(entry.detail) or OWN in str(entry.detail) for entry in acts)


def test_the_first_password_is_on_no_other_page_and_in_no_cache() -> None:
    browser = signed_in(ADMINISTRATOR)
    said = {
        "username": "wangfang", "name": "王芳", "office": make_office().pk, "roles": ["clerk"],
        "request_key": key(),
    }  # fmt: skip
    answer = browser.post(reverse("desk:staff_new"), said)
    (password,) = set(PASSWORD.findall(answer.content.decode()))

    assert answer["Cache-Control"] == "no-store"
    for address in ("/staff/", "/staff/wangfang/", "/audit/"):
        assert password not in browser.get(address).content.decode()


def test_a_double_click_makes_one_account_and_shows_its_password() -> None:
    browser, request_key = signed_in(ADMINISTRATOR), key()

    first, second = (create(browser, request_key=request_key) for _ in range(2))

    assert PASSWORD.findall(first) == PASSWORD.findall(second) != []
    assert Entry.objects.filter(verb="record_staff_member", subject_id="wangfang").count() == 1


def test_a_name_that_is_taken_is_said_beside_the_form() -> None:
    browser = signed_in(ADMINISTRATOR)
    create(browser)

    assert "已经有人用了" in create(browser, name="另一位")
    assert StaffMember.objects.get(username="wangfang").name == "王芳"


def test_the_list_finds_by_name_sign_in_office_and_post() -> None:
    browser = signed_in(ADMINISTRATOR)
    create(browser)

    def found(**words: str) -> bool:
        return "wangfang" in browser.get("/staff/", words).content.decode()

    assert all(found(**w) for w in ({}, {"words": "王"}, {"words": "wangf"}, {"words": "411724"}))
    assert found(role="desk_agent")
    assert not found(role="payer")
    assert not found(words="李")


def test_moving_to_another_office_moves_what_is_seen() -> None:
    here, there = make_counties()
    browser = browser_of(ADMINISTRATOR)
    mover = officer(OF_ZHENGYANG, Role.DESK_AGENT, name="mover")
    moving = browser_of(mover)
    claim = reverse("desk:claim", args=[there.claim.number])
    assert moving.get(claim).status_code == 404
    office = Office.objects.create(name="平舆县民政局", county_code=there.code, kind="bureau")

    said = {"name": "调走的", "office": office.pk, "roles": ["desk_agent"], "request_key": key()}
    browser.post(reverse("desk:staff_member", args=["mover"]), said)

    assert moving.get(claim).status_code == 200
    assert moving.get(reverse("desk:claim", args=[here.claim.number])).status_code == 404
    assert Entry.objects.get(subject_id="mover", verb="move_staff_member").detail["office"] == "平舆县民政局"


def test_who_leaves_is_out_at_once_and_stays_in_the_records() -> None:
    browser, leaving = signed_in(ADMINISTRATOR), signed_in(DESK)
    assert leaving.get("/").status_code == 200

    browser.post(reverse("desk:staff_end", args=[DESK.id]), {"request_key": key()})

    assert "/sign-in/" in leaving.get("/")["Location"]
    assert "已离岗" in browser.get("/staff/").content.decode()
    # Coming back takes a new password, and the old session is no way in.
    page = browser.post(
        reverse("desk:staff_password", args=[DESK.id]), {"request_key": key()}
    ).content.decode()
    assert "/sign-in/" in leaving.get("/")["Location"]
    assert enter(DESK.id, PASSWORD.findall(page)[0]).get("/")["Location"] == reverse("desk:own_password")


def test_a_reset_ends_sessions_and_the_old_password() -> None:
    browser = signed_in(ADMINISTRATOR)
    (password,) = set(PASSWORD.findall(create(browser)))
    holder = enter("wangfang", password)

    page = browser.post(
        reverse("desk:staff_password", args=["wangfang"]), {"request_key": key()}
    ).content.decode()

    assert "/sign-in/" in holder.get("/")["Location"]
    assert "_auth_user_id" not in enter("wangfang", password).session
    assert "_auth_user_id" in enter("wangfang", PASSWORD.findall(page)[0]).session


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"old": "wrong", "new": OWN, "again": OWN}, "这不是现在的密码"),
        ({"old": "old-and-known-9", "new": OWN, "again": "x"}, "两遍输的不一样"),
        ({"old": "old-and-known-9", "new": "short", "again": "short"}, "password"),
        ({"old": "old-and-known-9", "new": "old-and-known-9", "again": "old-and-known-9"}, "和现在的一样"),
    ],
)
def test_a_new_password_is_refused_in_words(said: dict[str, str], words: str) -> None:
    browser = signed_in(DESK)
    member = StaffMember.objects.get(username=DESK.id)
    member.set_password("old-and-known-9")
    member.save()
    browser.force_login(member)

    answer = browser.post(reverse("desk:own_password"), {**said, "request_key": key()})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert StaffMember.objects.get(username=DESK.id).check_password("old-and-known-9")


def test_nobody_takes_the_administration_from_themselves() -> None:
    browser = signed_in(ADMINISTRATOR)
    member = StaffMember.objects.get(username=ADMINISTRATOR.id)
    said = {"name": "管理甲", "office": member.office_id, "roles": ["clerk"], "request_key": key()}

    answer = browser.post(reverse("desk:staff_member", args=[ADMINISTRATOR.id]), said)

    assert "由另一位管理员办" in answer.content.decode()
    with pytest.raises(errors.OwnAdministration):
        end_staff_member(username=ADMINISTRATOR.id, actor=ADMINISTRATOR, occurred_at=AT, request_key=key())
    with pytest.raises(errors.OwnAdministration):
        reset_password(
            username=ADMINISTRATOR.id, password="x", actor=ADMINISTRATOR, occurred_at=AT, request_key=key()
        )
    assert StaffMember.objects.get(username=ADMINISTRATOR.id).roles == ["administrator"]


def test_the_city_keeps_an_administrator() -> None:
    only = make_staff(ADMINISTRATOR)
    make_counties()
    local = officer(OF_ZHENGYANG, Role.ADMINISTRATOR, name="local")
    make_staff(local)
    other = officer(EVERYWHERE, Role.ADMINISTRATOR, name="second")

    with pytest.raises(errors.LastAdministrator):
        end_staff_member(username=only.username, actor=other, occurred_at=AT, request_key=key())
    with pytest.raises(errors.LastAdministrator):
        change_staff_member(
            username=only.username, name="管", roles=[Role.ADMINISTRATOR],
            office_id=make_office(OF_ZHENGYANG).pk, actor=other, occurred_at=AT, request_key=key(),
        )  # fmt: skip
    make_staff(other)

    end_staff_member(username=only.username, actor=other, occurred_at=AT, request_key=key())

    assert not StaffMember.objects.get(username=only.username).is_active


def test_a_county_administrator_hands_out_no_more_than_the_county() -> None:
    make_counties()
    city = make_office()
    browser = browser_of(officer(OF_ZHENGYANG, Role.ADMINISTRATOR, name="local"))

    page = browser.get(reverse("desk:staff_new")).content.decode()
    refused = create(browser, office=city.pk)

    assert city.name not in page
    assert not StaffMember.objects.filter(username="wangfang").exists()
    assert "wangfang" in create(browser)
    with pytest.raises(errors.OutOfScope):
        record_office(
            facts=OfficeFacts("新的市局", "", "bureau"), actor=officer(OF_ZHENGYANG, Role.ADMINISTRATOR),
            occurred_at=AT, request_key=key(),
        )  # fmt: skip
    assert "<h1>" in refused


def test_an_office_comes_changes_and_closes() -> None:
    make_counties()
    browser = browser_of(ADMINISTRATOR)
    said = {
        "name": "熊寨镇服务窗口", "kind": "service_point", "county_code": ZHENGYANG, "address": "熊寨镇 1 号",
        "phone": "0396-0000000",
    }  # fmt: skip

    browser.post(reverse("desk:office_new"), {**said, "request_key": key()})
    office = Office.objects.get(name="熊寨镇服务窗口")
    assert "熊寨镇 1 号" in browser.get("/offices/").content.decode()
    browser.post(reverse("desk:office", args=[office.pk]), {**said, "phone": "1", "request_key": key()})
    browser.post(reverse("desk:office_open", args=[office.pk]), {"open": "0", "request_key": key()})

    office.refresh_from_db()
    assert (office.phone, office.is_open) == ("1", False)
    assert f"{office.name}</option>" not in browser.get(reverse("desk:staff_new")).content.decode()
    verbs = Entry.objects.filter(subject_kind="office", subject_id=str(office.pk)).order_by("pk")
    assert [entry.verb for entry in verbs] == ["record_office", "change_office", "close_office"]


def test_an_office_with_people_is_neither_closed_nor_moved() -> None:
    make_counties()
    browser = browser_of(ADMINISTRATOR)
    office = make_staff(officer(OF_ZHENGYANG, Role.DESK_AGENT)).office
    assert office is not None
    said = {"name": office.name, "kind": "bureau", "county_code": "", "request_key": key()}

    browser.post(reverse("desk:office_open", args=[office.pk]), {"open": "0", "request_key": key()})
    answer = browser.post(reverse("desk:office", args=[office.pk]), said)

    office.refresh_from_db()
    assert office.is_open
    assert office.county_code == ZHENGYANG
    assert "先把人调走" in answer.content.decode()
