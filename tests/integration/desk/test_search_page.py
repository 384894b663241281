"""The search box: straight to a claim, masked people, and a hint when nothing fits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import DESK, make_person
from tests.integration.desk.money_cases import open_claim, signed_in, signed_in_as
from yiyuan.kernel.actor import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_post_may_search(role: Role) -> None:
    assert signed_in_as(role).get("/search/?q=马").status_code == 200


def test_a_claim_number_leads_to_its_claim() -> None:
    claim = open_claim()

    answer = signed_in(DESK).get("/search/", {"q": f" {claim.number} "})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/claims/")
    assert signed_in(DESK).get(answer.headers["Location"]).status_code == 200


def test_people_are_found_by_name_sound_and_whole_number_and_shown_masked() -> None:
    client = signed_in(DESK)
    person = make_person("马秀兰")
    make_person("李凤英")
    number = str(person.id_number)

    for words in ("马秀", "ma x", number, number.lower()):
        page = client.get("/search/", {"q": words})
        assert [row["person"].id for row in page.context["rows"]] == [person.pk], words
        assert f'href="/people/{person.pk}/"' in page.text
        assert f"{number[:2]}{'*' * 14}{number[-2:]}" in page.text
        assert "正阳县熊寨镇" in page.text
        assert "67 岁" in page.text
    found = client.get("/search/", {"q": "马秀"})
    assert number not in found.text


def test_a_number_that_was_typed_is_said_nowhere_but_in_its_box() -> None:
    client = signed_in(DESK)

    page = client.get("/search/", {"q": "411724195203041234"})

    assert page.text.count("411724195203041234") <= 2  # the search box, and the address to come back to
    assert "<title>查人、查案" in page.text
    assert "没有找到“这个号码”" in page.text


def test_nothing_found_says_what_can_be_typed() -> None:
    page = signed_in(DESK).get("/search/?q=没有此人")

    assert "没有找到“没有此人”" in page.text
    assert "身份证号、案号和电话要打全" in page.text
    assert page.context["rows"] == []


def test_without_words_nobody_is_listed() -> None:
    client = signed_in(DESK)
    make_person()

    page = client.get("/search/?q=+")

    assert page.context["rows"] == []
    assert "在上面的框里打几个字" in page.text


def test_fifty_at_most_in_few_questions() -> None:
    client = signed_in(DESK)
    for _ in range(51):
        make_person()
    client.get("/search/?q=马")

    with CaptureQueriesContext(connection) as asked:
        page = client.get("/search/?q=马")

    assert len(page.context["rows"]) == 50
    assert "只显示前 50 人" in page.text
    assert len(asked) <= 20
