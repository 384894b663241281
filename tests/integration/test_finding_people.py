"""Finding people by any part of a name, by initials and by telephone, within one's own county."""

from pathlib import Path

import pytest
from django.db import connection

from tests.builders import APPROVER, AT, CLERK, DESK, key, make_city, make_person
from tests.integration.desk.counties import (
    OF_PINGYU,
    OF_ZHENGYANG,
    PINGYU,
    ZHENGYANG,
    browser_of,
    make_counties,
    officer,
)
from tests.integration.desk.money_cases import signed_in
from yiyuan.apps.accounts.scoping import show_rows_as_before, show_rows_of
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.apps.registry.bulk.people import NamedPerson, record_people
from yiyuan.apps.registry.bulk.undoing import remove_import
from yiyuan.apps.registry.contacts import end_contact, list_contacts, record_contact
from yiyuan.apps.registry.errors import NoPhone, RoleMissing
from yiyuan.apps.registry.models import Contact, NamePart, Person
from yiyuan.apps.registry.names import name_parts
from yiyuan.apps.registry.queries import SEARCH_LIMIT
from yiyuan.apps.registry.searching import search_people
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

PHONE = "13839612345"


def bring(names: dict[str, str], work: Path, job_id: int = 7) -> None:
    """Register people as a file would, each in the county that stands beside the name."""
    people = [
        NamedPerson(n, f"{county}1952030{n % 9 + 1}{n:04d}", name, county, None, None)
        for n, (name, county) in enumerate(names.items(), start=1)
    ]
    record_people(people, count=len(people), origin=Origin(job_id, AT), work=work)


def found(words: str, scope: Scope = EVERYWHERE) -> list[str]:
    return [person.name for person in search_people(words, scope=scope)]


def test_any_part_of_a_name_and_its_initials_find_the_person(tmp_path: Path) -> None:
    bring({"马秀兰": ZHENGYANG, "秀英": ZHENGYANG, "欧阳秀": PINGYU, "单雄信": PINGYU}, tmp_path)

    assert found("秀兰") == ["马秀兰"]
    assert found("兰") == ["马秀兰"]
    assert found(" 秀 ") == ["秀英", "马秀兰", "欧阳秀"]  # who begins so comes first, then by sound
    assert found("mxl") == found("ma xiu") == found("MaXiuLan") == ["马秀兰"]
    assert found("sxx") == found("shan") == ["单雄信"]
    assert found("秀马") == found("xiulan") == found("%") == found("_") == found("") == []


def test_a_part_finds_nobody_of_another_county(tmp_path: Path) -> None:
    bring({"马秀兰": ZHENGYANG, "李秀兰": PINGYU}, tmp_path)

    show_rows_of(OF_PINGYU)
    try:
        assert found("秀兰", OF_PINGYU) == ["李秀兰"]
        assert found("mxl", OF_PINGYU) == []
        # The net under the filter: the policy alone hides them as well.
        assert found("秀兰", EVERYWHERE) == ["李秀兰"]
    finally:
        show_rows_as_before()


def test_a_name_is_kept_once_and_goes_with_its_last_bearer(tmp_path: Path) -> None:
    bring({"马秀兰": ZHENGYANG, "李国栋": PINGYU}, tmp_path, job_id=7)
    before = NamePart.objects.count()
    bring({"马秀兰": ZHENGYANG, "李国栋": PINGYU}, tmp_path, job_id=8)

    assert NamePart.objects.count() == before == len(name_parts("马秀兰")) + len(name_parts("李国栋"))
    Person.objects.filter(name="马秀兰").update(import_job_id=None)
    remove_import(7)

    assert set(NamePart.objects.values_list("name", flat=True)) == {"马秀兰"}


def test_who_begins_so_fills_the_page_before_who_has_it_further_on() -> None:
    make_city()
    for _ in range(SEARCH_LIMIT):
        make_person("秀英")
    NamePart.objects.create(part="秀兰", name="马秀兰")
    make_person("马秀兰")

    assert found("秀") == ["秀英"] * SEARCH_LIMIT


@pytest.mark.parametrize(
    "typed", ["13839612345", "138 3961 2345", "+86 138-3961-2345", "１３８３９６１２３４５"]
)
def test_a_telephone_finds_whom_it_reaches(typed: str) -> None:
    make_city()
    person = make_person()
    make_person("李凤英")
    record_contact(person_id=person.pk, phone=typed, actor=DESK, occurred_at=AT, request_key=key())

    assert found(PHONE) == found("138-3961-2345") == ["马秀兰"]
    assert found("13839612346") == found("1383961") == []


def test_a_telephone_is_sealed_kept_once_and_its_audit_does_not_say_it() -> None:
    make_city()
    person = make_person()
    first, again = (
        record_contact(person_id=person.pk, phone=PHONE, actor=DESK, occurred_at=AT, request_key=key())
        for _ in range(2)
    )

    assert first == again
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(phone, 'LATIN1'), phone_tail FROM registry_contact")
        ((stored, tail),) = cursor.fetchall()
    assert PHONE not in stored
    assert tail == "2345"
    (entry,) = Entry.objects.filter(verb="record_contact")
    assert PHONE not in str(entry.detail)
    assert entry.subject_id == str(person.pk)


def test_a_number_out_of_use_finds_nobody_and_stays_as_history() -> None:
    make_city()
    person = make_person()
    contact_id = record_contact(
        person_id=person.pk, phone=PHONE, actor=DESK, occurred_at=AT, request_key=key()
    )

    for _ in range(2):
        end_contact(contact_id=contact_id, actor=APPROVER, occurred_at=AT, request_key=key())

    assert found(PHONE) == []
    assert not list_contacts(person.pk)
    assert Contact.objects.get().superseded_at == AT
    assert Entry.objects.filter(verb="end_contact").count() == 1
    record_contact(person_id=person.pk, phone=PHONE, actor=DESK, occurred_at=AT, request_key=key())
    assert found(PHONE) == ["马秀兰"]


@pytest.mark.parametrize("typed", ["", "12345678901", "1383961234", "411724195203041234", "电话", "0396"])
def test_what_is_no_telephone_is_not_kept(typed: str) -> None:
    make_city()
    person = make_person()

    with pytest.raises(NoPhone):
        record_contact(person_id=person.pk, phone=typed, actor=DESK, occurred_at=AT, request_key=key())

    assert not Contact.objects.exists()


def test_only_who_handles_claims_writes_telephones_and_only_of_their_county() -> None:
    here, there = make_counties()
    stranger = officer(OF_ZHENGYANG, Role.DESK_AGENT)

    with pytest.raises(RoleMissing):
        record_contact(
            person_id=here.people[0].pk, phone=PHONE, actor=CLERK, occurred_at=AT, request_key=key()
        )
    with pytest.raises(Person.DoesNotExist):
        record_contact(
            person_id=there.people[0].pk, phone=PHONE, actor=stranger, occurred_at=AT, request_key=key()
        )

    assert not Contact.objects.exists()


def test_a_telephone_is_seen_by_the_county_that_sees_the_person() -> None:
    here, _there = make_counties()
    record_contact(person_id=here.people[0].pk, phone=PHONE, actor=DESK, occurred_at=AT, request_key=key())

    show_rows_of(OF_PINGYU)
    unseen = Contact.objects.count()
    show_rows_of(OF_ZHENGYANG)
    seen = Contact.objects.count()
    show_rows_as_before()

    assert (unseen, seen) == (0, 1)
    assert found(PHONE, OF_PINGYU) == []
    assert found(PHONE, OF_ZHENGYANG) == [here.people[0].name]


def test_on_the_page_it_is_added_read_and_put_out_of_use() -> None:
    client = signed_in(DESK)
    person = make_person()
    address = f"/people/{person.pk}/"

    refused = client.post(f"{address}phones/", {"phone": "123", "request_key": key()}, follow=True)
    assert "这不像电话" in refused.text
    added = client.post(f"{address}phones/", {"phone": PHONE, "request_key": key()}, follow=True)

    assert PHONE in added.text
    assert client.get("/search/", {"q": PHONE}).context["rows"][0]["person"].id == person.pk
    clerk = signed_in(CLERK).get(address)
    assert PHONE not in clerk.text
    assert "尾号 2345" in clerk.text
    contact = Contact.objects.get()
    ended = client.post(f"{address}phones/end/", {"contact": contact.pk, "request_key": key()}, follow=True)
    assert PHONE not in ended.text
    assert "还没有电话" in ended.text


def test_a_stranger_of_another_county_is_told_there_is_nobody() -> None:
    here, there = make_counties()
    client = browser_of(officer(OF_ZHENGYANG, Role.DESK_AGENT))

    answer = client.post(
        f"/people/{there.people[0].pk}/phones/", {"phone": PHONE, "request_key": key()}, follow=True
    )

    assert answer.status_code == 404
    assert not Contact.objects.exists()
    assert here.code != there.code
