"""A person's file: what it shows, what it masks, and the row that says who read it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import AT, DESK, make_account, make_person, make_settlement, make_status
from tests.integration.desk.money_cases import open_claim, propose, signed_in, signed_in_as
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.models import Account, HardshipStatus, Person, Settlement
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_reading_leaves_a_row(role: Role) -> None:
    client = signed_in_as(role)
    person = make_person()

    client.get(f"/people/{person.pk}/")
    client.get(f"/people/{person.pk}/")

    rows = Entry.objects.filter(verb="view_person", subject_kind="person", subject_id=str(person.pk))
    assert [row.actor_id for row in rows] == [f"one-{role}"] * 2
    assert rows[0].detail == {}


def test_nobody_there_leaves_no_row() -> None:
    assert signed_in(DESK).get("/people/404/").status_code == 404
    assert not Entry.objects.filter(verb="view_person").exists()


def test_the_file_shows_claims_settlements_status_and_account_tail() -> None:
    claim = open_claim()

    page = signed_in(DESK).get(f"/people/{claim.person_id}/")

    (row,) = page.context["claims"]
    (settled,) = page.context["settlements"]
    account, person = Account.objects.get(), Person.objects.get()
    assert "马秀兰，今天是低保户" in page.text
    assert (row["claim"].number, row["left"]) == (claim.number, 1)
    assert "剩 1 天" in page.text
    assert (settled["word"], settled["mark"]) == ("应赔付", "yes")
    assert "800.00" in page.text
    assert "尾号 3317" in page.text
    assert str(account.account_no) not in page.text
    assert str(person.id_number) not in page.text


def test_what_screening_left_out_says_so() -> None:
    client = signed_in(DESK)
    person = make_person()
    first, second = make_settlement(person), make_settlement(person)
    Settlement.objects.filter(pk=second.pk).update(reverses_setl_id=first.setl_id)
    other = make_settlement(person)

    page = client.get(f"/people/{person.pk}/")

    words = {row["settlement"].setl_id: row["word"] for row in page.context["settlements"]}
    assert words == {
        first.setl_id: "结算已冲销",
        second.setl_id: "结算已冲销",
        other.setl_id: "入院当天不在六类群体",
    }
    assert "今天不在六类群体" in page.text


def test_an_open_proposal_is_named_and_linked() -> None:
    proposal = propose()

    page = signed_in(DESK).get(f"/people/{proposal.person_id}/")

    assert f'href="/proposals/{proposal.pk}/"' in page.text
    assert page.context["settlements"][0]["mark"] == "open"


def test_the_bar_of_the_year_is_drawn_to_the_day() -> None:
    client = signed_in(DESK)
    person = make_person()
    make_status(person)  # since 2018, still
    for start, end in ((date(2018, 5, 1), date(2019, 4, 1)), (date(2019, 7, 1), date(2020, 2, 1))):
        HardshipStatus.objects.create(
            person=person,
            group="orphan",
            county_code="411724",
            valid_from=start,
            valid_to=end,
            import_job_id=1,
            recorded_at=AT,
        )
    make_settlement(person)

    page = client.get(f"/people/{person.pk}/")
    bars = {bar["label"]: bar["pieces"] for bar in page.context["bars"]}

    # 90 of 365 days to 1 April, 181 to 1 July, 184 from there, 300 to 28 October.
    assert bars["孤儿"] == [{"x": "0.00%", "width": "24.65%"}, {"x": "49.58%", "width": "50.41%"}]
    assert bars["低保户"] == [{"x": "0.00%", "width": "100.00%"}]
    assert page.context["admissions"] == ["82.19%"]
    assert "2019年4月1日（不含）" in page.text


def test_a_full_file_asks_the_database_a_bounded_number_of_times() -> None:
    claim = open_claim()
    person = Person.objects.get(pk=claim.person_id)
    for _ in range(8):
        make_settlement(person)
        make_account(person)
    client = signed_in(DESK)
    client.get(f"/people/{person.pk}/")

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/people/{person.pk}/")

    assert len(asked) <= 27  # one of them writes the row of the audit
