"""Reading the audit (留痕查询)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from yiyuan.apps.audit.models import Entry

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of what happened."""

    id: int
    occurred_at: datetime
    actor_id: str
    actor_name: str
    verb: str
    subject_kind: str
    subject_id: str


def list_entries(
    *,
    before_id: int | None = None,
    subject_kind: str = "",
    subject_id: str = "",
    actor: str = "",
    limit: int = PAGE,
) -> list[AuditLine]:
    """Return the newest entries first, at most `limit`, older than `before_id` where given.

    `actor` is the start of a name or a whole sign-in; empty texts mean all.
    """
    entries = Entry.objects.order_by("-pk")
    if before_id is not None:
        entries = entries.filter(pk__lt=before_id)
    if subject_kind:
        entries = entries.filter(subject_kind=subject_kind)
    if subject_id:
        entries = entries.filter(subject_id=subject_id)
    if actor:
        entries = entries.filter(Q(actor_id=actor) | Q(actor_name__startswith=actor))
    return [
        AuditLine(e.pk, e.occurred_at, e.actor_id, e.actor_name, e.verb, e.subject_kind, e.subject_id)
        for e in entries[:limit]
    ]


def list_subject_kinds() -> list[str]:
    """Return the kinds of subjects the audit speaks of, some tens at most."""
    return list(Entry.objects.order_by("subject_kind").values_list("subject_kind", flat=True).distinct())
