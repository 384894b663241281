"""Reading facts that are not delivered yet (待传事实查询)."""

from yiyuan.apps.outbox.models import Fact


def list_waiting(*, topic: str, name: str) -> set[str]:
    """Return what the waiting facts of a topic say under `name`; a working day's facts at most."""
    waiting = Fact.objects.filter(topic=topic, delivered_at__isnull=True)
    return {str(body[name]) for body in waiting.values_list("body", flat=True) if name in body}
