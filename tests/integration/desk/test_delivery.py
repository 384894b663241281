"""Asking for delivery: after the commit, once, and never at the cost of the caller's act."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.builders import AT, make_city
from yiyuan.apps.outbox.services import record_fact
from yiyuan.apps.registry.models import City
from yiyuan.interfaces.jobs.delivery import ask_for_delivery

pytestmark = pytest.mark.django_db


def _waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name__endswith="deliver_facts", status="todo").count()


def test_nothing_is_queued_before_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_fact(topic="payment.sent", body={}, occurred_at=AT)
        ask_for_delivery()
        assert _waiting() == 0

    assert _waiting() == 1


def test_one_that_waits_is_enough_and_the_transaction_goes_on(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_delivery()
        ask_for_delivery()

    make_city()  # fails if the second refusal had broken the transaction
    assert _waiting() == 1
    assert City.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_fails_does_not_undo_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fail() -> None:
        asked.append("deliver_facts")
        raise RuntimeError("no queue")

    monkeypatch.setattr("yiyuan.interfaces.jobs.delivery.deliver_facts.defer", fail)

    with transaction.atomic():
        make_city()
        ask_for_delivery()

    assert asked == ["deliver_facts"]
    assert City.objects.count() == 1
