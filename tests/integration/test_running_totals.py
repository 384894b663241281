"""Running totals of limits: never over, also when two claims take at once; given back exactly."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.builders import APPROVER, AT, key
from tests.integration.test_races import at_once
from yiyuan.apps.adjudication.errors import LimitSpent, NothingConsumed
from yiyuan.apps.adjudication.models import Consumption, RunningTotal
from yiyuan.apps.adjudication.running import (
    Account,
    Taking,
    account_of,
    consume,
    get_used,
    give_back,
    lock_used,
)
from yiyuan.apps.audit.models import Entry
from yiyuan.rules.scheme_file.loading import load_scheme

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = Account("qingshi-tutorial", "2027-01-01", "person_year", "person:7", "year:0")
EVENT = Account("qingshi-tutorial", "2027-01-01", "event_total", "event:flood", "event:flood")
TUTORIAL = Path(__file__).parents[1] / "schemes-of-others" / "qingshi-tutorial"


def take(*takings: Taking, request_key: str = "") -> None:
    consume(takings=takings, actor=APPROVER, occurred_at=AT, request_key=request_key or key())


def back(consumed_with: str) -> None:
    give_back(consumed_with=consumed_with, actor=APPROVER, occurred_at=AT, request_key=key())


def used(*accounts: Account) -> Sequence[int]:
    return list(get_used(accounts).values())


def test_two_claims_on_the_last_of_a_limit_never_pass_it() -> None:
    for number in range(10):
        account = Account("s", "v", "limit", f"person:{number}", "term")
        take(Taking(account, 900, 1_000))

        results = at_once(lambda n, one=account: take(Taking(one, 100, 1_000)))  # type: ignore[misc]

        assert sum(result is None for result in results) == 1
        assert all(isinstance(result, LimitSpent) for result in results if result is not None)
        assert used(account) == [1_000]
        assert Consumption.objects.filter(total__holder=account.holder).count() == 2


def test_two_claims_that_take_the_same_limits_in_another_order_do_not_lock_each_other_out() -> None:
    both = (Taking(PERSON, 1, 1_000), Taking(EVENT, 1, 1_000))

    results = at_once(lambda n: take(*(both if n % 2 else both[::-1])), threads=6)

    assert results == [None] * 6
    assert used(PERSON, EVENT) == [6, 6]


def test_all_is_taken_or_nothing() -> None:
    take(Taking(EVENT, 950, 1_000))

    with pytest.raises(LimitSpent) as refused:
        take(Taking(PERSON, 100, 1_000), Taking(EVENT, 100, 1_000))

    assert (refused.value.limit, refused.value.left_fen) == ("event_total", 50)
    assert used(PERSON, EVENT) == [0, 950]
    assert Entry.objects.filter(verb="consume_limits").count() == 1


def test_a_double_click_takes_once() -> None:
    request_key = key()

    at_once(lambda n: take(Taking(PERSON, 400, 1_000), request_key=request_key))

    assert used(PERSON) == [400]
    assert Entry.objects.filter(verb="consume_limits").count() == 1


def test_a_reversal_gives_back_exactly_what_it_took() -> None:
    take(Taking(PERSON, 123, 1_000), Taking(EVENT, 77, 1_000), request_key="first")
    before = used(PERSON, EVENT)
    take(Taking(PERSON, 456, 1_000), Taking(EVENT, 456, 1_000), request_key="second")

    at_once(lambda n: back("second"))

    assert used(PERSON, EVENT) == before
    assert Consumption.objects.filter(gives_back__isnull=False).count() == 2
    assert Entry.objects.filter(verb="give_back_limits").count() == 1
    with pytest.raises(NothingConsumed):
        back("third")


def test_who_holds_a_limit_keeps_others_waiting() -> None:
    with transaction.atomic():
        assert lock_used([PERSON]) == {PERSON: 0}

    take(Taking(PERSON, 5, 10))

    with transaction.atomic():
        assert lock_used([PERSON, EVENT]) == {PERSON: 5, EVENT: 0}


def test_the_database_keeps_what_was_consumed() -> None:
    take(Taking(PERSON, 5, 10))

    for statement in (
        "UPDATE adjudication_consumption SET amount_fen = 1",
        "DELETE FROM adjudication_consumption",
        "DELETE FROM adjudication_runningtotal",
        "UPDATE adjudication_runningtotal SET used_fen = -1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError), transaction.atomic():
        RunningTotal.objects.create(**{name: getattr(PERSON, name) for name in PERSON.__slots__})
    assert used(PERSON) == [5]


def test_each_limit_runs_on_its_own_account() -> None:
    terms = load_scheme(TUTORIAL)
    limits = {limit.name: limit for limit in terms.events.limits}

    def named(limit: str, on: date) -> Account:
        return account_of(terms, limits[limit], holder_id="7", on=on, event="flood")

    assert named("person_year", date(2027, 7, 20)) == PERSON
    assert named("event_total", date(2027, 7, 20)) == EVENT
    assert named("medical_year", date(2027, 12, 31)).holder == "person:7"
