"""Reading the audit (留痕查询)."""

from dataclasses import dataclass
from datetime import datetime

from yiyuan.apps.audit.models import Entry


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of what happened."""

    occurred_at: datetime
    actor_name: str
    verb: str
    subject_kind: str
    subject_id: str


def list_entries(*, before_id: int | None = None, limit: int = 50) -> list[AuditLine]:
    """Return the newest entries first, at most `limit`, older than `before_id` where given."""
    entries = Entry.objects.order_by("-pk")
    if before_id is not None:
        entries = entries.filter(pk__lt=before_id)
    return [
        AuditLine(e.occurred_at, e.actor_name, e.verb, e.subject_kind, e.subject_id) for e in entries[:limit]
    ]
