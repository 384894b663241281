"""Writing and delivering facts (待传事实)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from yiyuan.apps.outbox.models import Fact
from yiyuan.apps.rows import Now, insert_rows

Handler = Callable[[Mapping[str, object], datetime], None]
logger = logging.getLogger(__name__)


def record_fact(*, topic: str, body: Mapping[str, object], occurred_at: datetime) -> None:
    """Keep a fact for delivery, in the caller's transaction."""
    Fact.objects.create(topic=topic, body=dict(body), occurred_at=occurred_at)


def record_facts(*, topic: str, bodies: Iterable[Mapping[str, object]], occurred_at: datetime) -> None:
    """Keep facts of one topic for delivery, in the caller's transaction."""
    insert_rows(
        "outbox_fact",
        {"body": "jsonb"},
        ((dict(body),) for body in bodies),
        constants={
            "topic": topic,
            "occurred_at": occurred_at,
            "recorded_at": Now(),
            "attempts": 0,
            "last_error": "",
        },
    )


def deliver_waiting(*, handlers: Mapping[str, Handler], delivered_at: datetime, limit: int = 1000) -> int:
    """Hand waiting facts to their handlers, oldest first; return how many were taken.

    Each fact is delivered in its own transaction together with what its handler writes, so a crash repeats
    at most facts whose effect was not kept. A fact without a handler is marked delivered. A failing handler
    leaves its fact waiting with the error beside it, and the rest go on.
    """
    done = 0
    waiting = (
        Fact.objects.filter(delivered_at__isnull=True).order_by("pk").values_list("pk", flat=True)[:limit]
    )
    for pk in list(waiting):
        try:
            with transaction.atomic():
                fact = (
                    Fact.objects.select_for_update(skip_locked=True).filter(pk=pk, delivered_at=None).first()
                )
                if fact is None:
                    continue
                handler = handlers.get(fact.topic)
                if handler is not None:
                    handler(fact.body, fact.occurred_at)
                fact.delivered_at = delivered_at
                fact.save(update_fields=["delivered_at"])
                done += 1
        except Exception as error:
            logger.exception("fact %s could not be delivered", pk)
            _note_failure(pk, str(error))
    return done


def _note_failure(pk: int, error: str) -> None:
    fact = Fact.objects.get(pk=pk)
    fact.attempts += 1
    fact.last_error = error[:2000]
    fact.save(update_fields=["attempts", "last_error"])
