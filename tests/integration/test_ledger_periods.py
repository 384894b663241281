"""Closing months: a closed one takes nothing, another person can open the last one again."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.builders import PAYER, key
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.errors import (
    PeriodClosed,
    PeriodNotOver,
    PeriodOutOfOrder,
    ReasonMissing,
    RoleMissing,
    SameHands,
)
from yiyuan.apps.ledger.models import Anchor, Entry, PeriodMove
from yiyuan.apps.ledger.periods import close_period, get_period, reopen_period
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

FINANCE = Actor("finance", "财政甲", frozenset({Role.FINANCE}), EVERYWHERE)
FINANCE_2 = Actor("finance2", "财政乙", frozenset({Role.FINANCE}), EVERYWHERE)
OF_A_COUNTY = Actor("finance3", "县财政", frozenset({Role.FINANCE}), Scope(frozenset({"411724"})))
OCTOBER, NOVEMBER = date(2019, 10, 1), date(2019, 11, 1)
NOW = timezone.make_aware(datetime(2019, 11, 20, 10))
LAST_OF_OCTOBER = timezone.make_aware(datetime(2019, 10, 31, 23, 59, 59))


def close(month: date, actor: Actor = FINANCE, request_key: str = "") -> None:
    close_period(month=month, actor=actor, occurred_at=NOW, request_key=request_key or key())


def reopen(month: date, actor: Actor = FINANCE_2, reason: str = "补记一笔") -> None:
    reopen_period(month=month, reason=reason, actor=actor, occurred_at=NOW, request_key=key())


def post(occurred_at: datetime) -> None:
    entry = NewEntry(EntryKind.RESERVE, "正阳-医-2019-00001", 300, key(), "411724")
    with transaction.atomic():
        post_entries(entries=[entry], actor=PAYER, occurred_at=occurred_at)


def test_a_closed_month_takes_nothing_and_is_corrected_in_the_open_one() -> None:
    post(LAST_OF_OCTOBER)
    close(OCTOBER)

    with pytest.raises(PeriodClosed):
        post(LAST_OF_OCTOBER)
    with pytest.raises(PeriodClosed), transaction.atomic():
        take_back(LAST_OF_OCTOBER)
    assert Entry.objects.count() == 1
    take_back(LAST_OF_OCTOBER + timedelta(seconds=1))
    assert Entry.objects.count() == 2
    assert Anchor.objects.count() == 1


def take_back(occurred_at: datetime) -> None:
    reverse_entry(
        subject="正阳-医-2019-00001", posted=EntryKind.RESERVE, kind=EntryKind.UNRESERVE, actor=PAYER,
        occurred_at=occurred_at, request_key=key(),
    )  # fmt: skip


def test_a_month_is_closed_once_it_is_over_and_once_a_request() -> None:
    with pytest.raises(PeriodNotOver):
        close(NOVEMBER)
    request_key = key()
    close(OCTOBER, request_key=request_key)
    close(OCTOBER, request_key=request_key)
    with pytest.raises(PeriodOutOfOrder):
        close(OCTOBER)
    with pytest.raises(PeriodOutOfOrder):
        close(date(2019, 9, 1))

    assert PeriodMove.objects.count() == 1
    assert get_period().open_from == NOVEMBER


@pytest.mark.parametrize("actor", [PAYER, OF_A_COUNTY])
def test_months_are_closed_by_the_citys_finance_officer(actor: Actor) -> None:
    with pytest.raises(RoleMissing):
        close(OCTOBER, actor)
    close(OCTOBER)
    with pytest.raises(RoleMissing):
        reopen(OCTOBER, actor)


def test_only_the_last_month_is_opened_again_by_another_person_for_a_reason() -> None:
    close(date(2019, 9, 1))
    close(OCTOBER)

    with pytest.raises(ReasonMissing):
        reopen(OCTOBER, reason=" ")
    with pytest.raises(PeriodOutOfOrder):
        reopen(date(2019, 9, 1))
    with pytest.raises(SameHands):
        reopen(OCTOBER, FINANCE)
    reopen(OCTOBER)

    post(LAST_OF_OCTOBER)
    assert (get_period().open_from, get_period().is_closing) == (OCTOBER, False)
    close(OCTOBER)
    with pytest.raises(PeriodClosed):
        post(LAST_OF_OCTOBER)
