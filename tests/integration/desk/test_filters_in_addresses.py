"""Filters in an address hold whatever somebody writes there: unknown finds nothing, and no page breaks."""

import pytest
from django.test import Client

from tests.builders import make_staff, opened
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.audit.queries import list_subject_kinds
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

EVERYBODY = Actor("ci-tester", "来访者", frozenset(Role) - {Role.SYSTEM}, EVERYWHERE)
ADDRESSES = (
    "/?as=assessor&county={}",
    "/claims/?county={}",
    "/screening/?county={}",
    "/screening/?group={}",
    "/search/?q={}",
    "/staff/?words={}",
    "/audit/?kind={}&id={}&actor={}",
    "/dashboard/?county={}",
)


@pytest.mark.parametrize("words", ["%00", "411724%00", "999999", "%27%22%3C", "x" * 500])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_filter_nobody_has_breaks_no_page(client: Client, address: str, words: str) -> None:
    opened()
    client.force_login(make_staff(EVERYBODY))

    answer = client.get(address.replace("{}", words))

    assert answer.status_code == 200


def test_the_kinds_the_audit_speaks_of_are_each_told_once_in_order() -> None:
    opened()

    kinds = list_subject_kinds()

    every = Entry.objects.order_by("subject_kind").values_list("subject_kind", flat=True).distinct()
    assert kinds == list(every)
    assert "claim" in kinds


def test_an_empty_audit_speaks_of_nothing() -> None:
    assert list_subject_kinds() == []
