"""Rows by county in PostgreSQL itself: as the application's role, whatever a query forgets to ask."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from tests.builders import APPROVER, ASSESSOR, AT, PAYER, TODAY, key, make_run, say
from tests.integration.desk.counties import (
    OF_PINGYU,
    OF_ZHENGYANG,
    PINGYU,
    ZHENGYANG,
    County,
    make_counties,
    make_entitled,
    officer,
)
from yiyuan.apps.accounts.scoping import show_rows_as_before, show_rows_of
from yiyuan.apps.claims.errors import NotEntitled
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claims
from yiyuan.apps.deadlines.models import Clock, ClockChange
from yiyuan.apps.intake.models import ImportJob, ListChange
from yiyuan.apps.ledger.models import Entry as LedgerEntry
from yiyuan.apps.ledger.sealing import seal_entries
from yiyuan.apps.registry.cases import list_cases
from yiyuan.apps.registry.models import Person, Reversal, Settlement
from yiyuan.apps.registry.queries import get_settlement_facts, list_settlements_of
from yiyuan.apps.registry.searching import search_people
from yiyuan.apps.reporting.services import refresh_path
from yiyuan.apps.rows import FEW
from yiyuan.apps.screening.models import RunChange
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope

pytestmark = pytest.mark.django_db

COUNTIES_CUT_FOR_EACH_ROW = """SELECT tablename FROM pg_policies
WHERE strpos(qual, 'string_to_array(( SELECT') > 0 OR strpos(with_check, 'string_to_array(( SELECT') > 0"""
TABLES = {
    "registry_person": 2,
    "registry_hardshipstatus": 2,
    "registry_settlement": 2,
    "registry_account": 2,
    "screening_proposal": 2,
    "claims_claim": 1,
    "claims_claimevent": 4,
    "claims_question": 1,
    "payments_order": 1,
    "reporting_path": 2,
    "reporting_pathsum": 2,
    "intake_listchange": 1,
    "screening_runchange": 1,
    "adjudication_decision": 1,
    "deadlines_clock": 1,
    "deadlines_clockchange": 1,
    "ledger_entry": 1,
    "ledger_posting": 2,
    "ledger_balance": 2,
}

WRITTEN = {
    "ledger_link": "INSERT INTO ledger_link (position, entry_id, link)"
    " SELECT position + 99, entry_id, link FROM ledger_link LIMIT 1",
    "ledger_seal": "INSERT INTO ledger_seal (sealed_at, last_position, root, top_id, horizon, settled_id)"
    " VALUES (now(), 1, '', 1, 1, 1)",
    "ledger_anchor": "INSERT INTO ledger_anchor (anchored_at, position, root, request_key)"
    " VALUES (now(), 1, '', 'x')",
    "ledger_periodmove": "INSERT INTO ledger_periodmove (open_from, is_closing, reason, occurred_at,"
    " actor_id, actor_name, request_key) VALUES (now(), true, '', now(), 'x', 'x', 'x')",
}


@pytest.fixture
def counties() -> tuple[County, County]:
    found = make_counties()
    for county in found:
        say(county.claim, Verb.ASSESS, ASSESSOR)
        say(county.claim, Verb.APPROVE, APPROVER)
        leave_changes(county)
    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    refresh_path(today=TODAY, refreshed_at=AT)
    seal_entries(sealed_at=AT)
    return found


def leave_changes(county: County) -> None:
    """Write what a later month leaves: a change of the list, of the run and of the clock, and a question."""
    job, _ = ImportJob.objects.get_or_create(kind="hardship", sha256="0" * 64, started_at=AT)
    ListChange.objects.create(
        job=job,
        kind=ListChange.JOINED,
        person_id=county.people[0].pk,
        group="orphan",
        county_code=county.code,
    )
    RunChange.objects.create(
        run=make_run(), proposal=county.waiting, kind=RunChange.NEW, new_outcome="entitled",
        new_reason="entitled", new_benefit_fen=80_000,
    )  # fmt: skip
    ClockChange.objects.create(
        clock=Clock.objects.get(subject=county.claim.number), cause=ClockChange.CALENDAR, old_due_on=TODAY,
        new_due_on=TODAY, reason="新的通知", occurred_at=AT,
    )  # fmt: skip
    Question.objects.create(
        claim=county.claim, old_outcome="entitled", old_reason="entitled", old_benefit_fen=80_000,
        new_outcome="not_entitled", new_reason="reversed", new_benefit_fen=0, raised_at=AT,
        state=Question.LAPSED,
    )  # fmt: skip


@contextmanager
def seen_as(scope: Scope) -> Iterator[None]:
    show_rows_of(scope)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            show_rows_as_before()


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def count_rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize("table", TABLES)
def test_a_county_sees_its_own_rows_only(table: str) -> None:
    whole = count_rows(table)

    with seen_as(OF_ZHENGYANG):
        here = count_rows(table)
    with seen_as(OF_PINGYU):
        there = count_rows(table)

    assert (here, there, whole) == (TABLES[table], TABLES[table], 2 * TABLES[table])


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", ["", "nobody", "411", "4117241", "%"])
def test_without_a_county_there_is_nothing(table: str, setting: str) -> None:
    with seen_as(Scope(frozenset({setting})) if setting else NOWHERE):
        assert count_rows(table) == 0


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize("table", ["ledger_link", "ledger_seal", "ledger_anchor", "ledger_periodmove"])
def test_the_chain_is_seen_by_all_and_written_by_the_city_alone(table: str) -> None:
    whole = count_rows(table)

    with seen_as(OF_ZHENGYANG):
        assert count_rows(table) == whole
    with (
        seen_as(OF_ZHENGYANG),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(WRITTEN[table])


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
        # What this test's city has written is checked at its end, and must be seen for that.
        cursor.execute("SET LOCAL yiyuan.counties TO DEFAULT")


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
        assert cursor.fetchall() == []


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


def cancel(setl_id: str, county_code: str) -> Settlement:
    """Write the row that reverses a stay, under whatever county the file names, or none."""
    stay = Settlement.objects.get(setl_id=setl_id)
    return Settlement.objects.create(
        setl_id=f"R{setl_id}", person=stay.person, county_code=county_code, reverses_setl_id=setl_id,
        admitted_on=stay.admitted_on, import_job_id=2, recorded_at=AT,
    )  # fmt: skip


@pytest.mark.parametrize("elsewhere", ["", PINGYU])
def test_a_reversal_under_another_county_or_none_is_known_where_the_stay_is_decided(elsewhere: str) -> None:
    here, _there = make_counties()
    setl_id = here.waiting.setl_id
    reversing = cancel(setl_id, elsewhere)

    with seen_as(OF_ZHENGYANG):
        assert not Settlement.objects.filter(pk=reversing.pk).exists()
        assert get_settlement_facts(setl_id).is_reversed
        assert list_cases([setl_id])[setl_id].facts.is_reversed
        seen = {view.setl_id: view.is_reversed for view in list_settlements_of(here.people[0].pk)}
        with pytest.raises(NotEntitled, match="reversed"):
            open_from_proposal(
                proposal_id=here.waiting.pk, actor=officer(OF_ZHENGYANG), occurred_at=AT, request_key=key()
            )
    assert seen == {setl_id: True}


def test_a_reversal_goes_and_moves_with_the_row_that_said_so() -> None:
    here, _there = make_counties()
    first, second = here.waiting.setl_id, here.claim.setl_id
    reversing = cancel(first, "")

    assert get_settlement_facts(first).is_reversed
    assert get_settlement_facts(reversing.setl_id).is_reversed
    Settlement.objects.filter(pk=reversing.pk).update(reverses_setl_id=second)
    assert (get_settlement_facts(first).is_reversed, get_settlement_facts(second).is_reversed) == (
        False,
        True,
    )
    Settlement.objects.filter(pk=reversing.pk).delete()
    assert not get_settlement_facts(second).is_reversed
    assert not Reversal.objects.exists()


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_a_county_files_decides_and_orders_its_own_under_the_policies(count: int) -> None:
    make_counties()
    entitled = [make_entitled(ZHENGYANG, f"某{place}", 100 + place) for place in range(count)]
    desk, assessor, approver, payer = (
        officer(OF_ZHENGYANG, role, name=str(role))
        for role in (Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER, Role.PAYER)
    )

    with seen_as(OF_ZHENGYANG):
        requests = [OpenRequest(one.pk, f"open:{one.pk}") for one in entitled]
        numbers = [claim.number for claim in open_claims(requests=requests, actor=desk, occurred_at=AT)]
        for verb, actor in ((Verb.ASSESS, assessor), (Verb.APPROVE, approver)):
            keys = {number: f"{verb}:{number}" for number in numbers}
            assert len(move_claims(keys=keys, verb=verb, actor=actor, occurred_at=AT)) == count
        order_payments(numbers=numbers, actor=payer, occurred_at=AT, request_key=key())
        check_constraints()

        assert count_rows("ledger_posting") == 2 * count
        assert count_rows("payments_order") == count
    with seen_as(OF_PINGYU):
        assert count_rows("ledger_posting") == count_rows("payments_order") == 0


@pytest.mark.parametrize("scope", [NOWHERE, OF_PINGYU])
def test_who_sees_no_postings_cannot_add_any(scope: Scope, counties: tuple[County, County]) -> None:
    posted = LedgerEntry.objects.get(subject=counties[0].claim.number)
    check_constraints()
    taken = "INSERT INTO ledger_posting (entry_id, account_id, amount_fen) VALUES (%s, %s, %s)"

    with seen_as(scope), connection.cursor() as cursor:
        cursor.execute(taken, [posted.pk, "paid", 1])
        with pytest.raises(DatabaseError, match="sum to zero"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.set_rollback(True)


@pytest.mark.usefixtures("counties")
def test_two_counties_and_the_whole_city() -> None:
    with seen_as(Scope(frozenset({ZHENGYANG, PINGYU}))):
        assert count_rows("claims_claim") == 2
    with seen_as(EVERYWHERE):
        assert count_rows("registry_person") == 4


@pytest.mark.django_db(transaction=True)
def test_the_setting_outlives_a_transaction_and_ends_with_the_request() -> None:
    make_counties()
    show_rows_of(OF_ZHENGYANG)
    with transaction.atomic():
        assert count_rows("registry_person") == 2
    assert count_rows("registry_person") == 2

    show_rows_as_before()

    assert count_rows("registry_person") == 4


def test_a_search_by_the_beginning_finds_what_begins_so() -> None:
    make_counties()

    found = search_people("金丝翠", scope=EVERYWHERE)

    assert [person.name for person in found] == ["金丝翠甲", "金丝翠乙"]
    assert search_people("%", scope=EVERYWHERE) == []


def test_no_policy_cuts_the_counties_to_pieces_for_each_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNTIES_CUT_FOR_EACH_ROW)

        assert cursor.fetchall() == []
