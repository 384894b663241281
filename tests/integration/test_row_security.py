"""Rows by county in PostgreSQL itself: as the application's role, whatever a query forgets to ask."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from tests.builders import AT, PAYER, key
from tests.integration.desk.counties import (
    OF_PINGYU,
    OF_ZHENGYANG,
    PINGYU,
    ZHENGYANG,
    County,
    make_counties,
    make_entitled,
)
from yiyuan.apps.accounts.scoping import show_rows_as_before, show_rows_of
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.registry.models import Person, Settlement
from yiyuan.apps.registry.searching import search_people
from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope

pytestmark = pytest.mark.django_db

TABLES = {
    "registry_person": 2,
    "registry_hardshipstatus": 2,
    "registry_settlement": 2,
    "registry_account": 2,
    "screening_proposal": 2,
    "claims_claim": 1,
    "claims_claimevent": 2,
    "payments_order": 1,
}
# What an import found in a list: imports are opened by those who see the whole city, and by nobody else.
SEEN_BY_THE_WHOLE_CITY_ONLY = {"intake_listchange"}


@pytest.fixture
def counties() -> tuple[County, County]:
    found = make_counties()
    Claim.objects.update(state="approved")
    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    return found


@contextmanager
def seen_as(scope: Scope) -> Iterator[None]:
    show_rows_of(scope)
    yield
    show_rows_as_before()


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize("table", TABLES)
def test_a_county_sees_its_own_rows_only(table: str) -> None:
    whole = count(table)

    with seen_as(OF_ZHENGYANG):
        here = count(table)
    with seen_as(OF_PINGYU):
        there = count(table)

    assert (here, there, whole) == (TABLES[table], TABLES[table], 2 * TABLES[table])


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", ["", "nobody", "411", "4117241", "%"])
def test_without_a_county_there_is_nothing(table: str, setting: str) -> None:
    with seen_as(Scope(frozenset({setting})) if setting else NOWHERE):
        assert count(table) == 0


@pytest.mark.usefixtures("counties")
def test_a_connection_that_nobody_told_sees_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL yiyuan.counties TO DEFAULT")
        cursor.execute("SELECT current_setting('yiyuan.counties', true)")
        # Tests speak for the whole city by the connection's own default; the site's default is empty.
        assert cursor.fetchone() == ("*",)
        cursor.execute("SET LOCAL yiyuan.counties = ''")
        cursor.execute("SELECT count(*) FROM registry_person")
        assert cursor.fetchone() == (0,)


def test_every_table_is_held_against_its_owner_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname"
        )
        assert {row[0] for row in cursor.fetchall()} >= set(TABLES)


def test_every_table_with_a_county_and_a_person_is_held() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute county ON county.attrelid = c.oid "
            "JOIN pg_attribute person ON person.attrelid = c.oid WHERE c.relkind = 'r' "
            "AND county.attname = 'county_code' AND person.attname IN ('person_id', 'id_number') "
            "AND NOT c.relrowsecurity"
        )
        assert {row[0] for row in cursor.fetchall()} <= SEEN_BY_THE_WHOLE_CITY_ONLY


def test_rows_of_another_county_can_be_neither_changed_nor_written(counties: tuple[County, County]) -> None:
    _here, there = counties
    with seen_as(OF_ZHENGYANG):
        assert Person.objects.filter(pk=there.people[0].pk).update(name="改了") == 0
        assert Claim.objects.filter(pk=there.claim.pk).delete()[0] == 0

        with pytest.raises(ProgrammingError, match="row-level security") as refusal, transaction.atomic():
            Settlement.objects.create(
                setl_id="X1",
                person_id=there.people[0].pk,
                county_code=PINGYU,
                import_job_id=1,
                recorded_at=AT,
            )
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_row_cannot_be_moved_into_another_county(counties: tuple[County, County]) -> None:
    here, _there = counties
    with seen_as(OF_ZHENGYANG), pytest.raises(ProgrammingError), transaction.atomic():
        Claim.objects.filter(pk=here.claim.pk).update(county_code=PINGYU)


@pytest.mark.usefixtures("counties")
def test_who_is_insured_here_is_seen_here_though_registered_elsewhere() -> None:
    guest = make_entitled("411700", "外来客", 9)
    Settlement.objects.filter(setl_id=guest.setl_id).update(county_code=ZHENGYANG)

    with seen_as(OF_ZHENGYANG):
        assert Person.objects.get(pk=guest.person_id).accounts.count() == 1
        assert Person.objects.get(pk=guest.person_id).hardship.count() == 1
    with seen_as(OF_PINGYU):
        assert not Person.objects.filter(pk=guest.person_id).exists()


@pytest.mark.usefixtures("counties")
def test_two_counties_and_the_whole_city() -> None:
    with seen_as(Scope(frozenset({ZHENGYANG, PINGYU}))):
        assert count("claims_claim") == 2
    with seen_as(EVERYWHERE):
        assert count("registry_person") == 4


@pytest.mark.django_db(transaction=True)
def test_the_setting_outlives_a_transaction_and_ends_with_the_request() -> None:
    make_counties()
    show_rows_of(OF_ZHENGYANG)
    with transaction.atomic():
        assert count("registry_person") == 2
    assert count("registry_person") == 2

    show_rows_as_before()

    assert count("registry_person") == 4


def test_a_search_by_the_beginning_finds_what_begins_so() -> None:
    make_counties()

    found = search_people("金丝翠", scope=EVERYWHERE)

    assert [person.name for person in found] == ["金丝翠甲", "金丝翠乙"]
    assert search_people("%", scope=EVERYWHERE) == []
