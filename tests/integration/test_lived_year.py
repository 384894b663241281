"""Months of the made-up city lived through (过完的几个月): what they leave behind, and that it adds up."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.intake.models import ImportJob, ListChange
from yiyuan.apps.payments.models import Batch, Order
from yiyuan.apps.registry.models import City, Person
from yiyuan.apps.reporting.models import Path as SettlementPath
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.interfaces.commands.first_city import prepare
from yiyuan.interfaces.commands.lived_year import business_date
from yiyuan.runtime.progress import Progress

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_four_months_leave_a_year_like_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_HOME", tmp_path)

    prepare(
        argparse.Namespace(empty=False, today=None, people=20_000, months=4, published_year=False), Progress()
    )

    assert City.objects.get().business_on == date(2019, 5, 17)
    assert not ImportJob.objects.exclude(state=ImportJob.DONE).exists()
    assert Run.objects.count() == Batch.objects.count() == 4
    kinds = set(ListChange.objects.values_list("kind", flat=True))
    assert {ListChange.JOINED, ListChange.LEFT} <= kinds
    assert Claim.objects.filter(state="paid").count() > 10
    assert set(Order.objects.values_list("state", flat=True)) >= {"paid", "returned"}
    assert Proposal.objects.exclude(state=Proposal.CONFIRMED).exists()
    assert Person.objects.count() > 19_900  # the register, less the rows refused as they stand
    assert not Entry.objects.exclude(actor_id__startswith="invented").filter(verb="approve").exists()
    assert check_envelope(occurred_at=datetime(2019, 5, 17, 2, 30, tzinfo=UTC)).is_whole
    assert SettlementPath.objects.filter(stage=6).count() == Order.objects.filter(state="paid").count()


def test_the_last_month_ends_in_the_next_year() -> None:
    assert [business_date(months) for months in (1, 11, 12)] == [
        date(2019, 2, 17),
        date(2019, 12, 17),
        date(2020, 1, 17),
    ]
