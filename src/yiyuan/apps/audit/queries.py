"""Reading the audit (留痕查询)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from yiyuan.apps.audit.models import Entry

PAGE = 50
# From kind to kind over the index: as many steps as kinds, however many entries.
SUBJECT_KINDS = """WITH RECURSIVE kinds AS (
    (SELECT subject_kind FROM audit_entry ORDER BY subject_kind LIMIT 1)
    UNION ALL SELECT (
        SELECT subject_kind FROM audit_entry WHERE subject_kind > kinds.subject_kind
        ORDER BY subject_kind LIMIT 1
    ) FROM kinds WHERE kinds.subject_kind IS NOT NULL
) SELECT subject_kind FROM kinds WHERE subject_kind IS NOT NULL"""


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
    actors: Sequence[str] | None = None,
    limit: int = PAGE,
) -> list[AuditLine]:
    """Return the newest entries first, at most `limit`, older than `before_id` where given.

    `actor` is the start of a name or a whole sign-in; empty texts mean all. `actors` are the only sign-ins
    whose acts the reader may see, None for everybody's.
    """
    entries = Entry.objects.order_by("-pk")
    if before_id is not None:
        entries = entries.filter(pk__lt=before_id)
    if subject_kind:
        entries = entries.filter(subject_kind=subject_kind)
    if subject_id:
        entries = entries.filter(subject_id=subject_id)
    if actors is not None:
        entries = entries.filter(actor_id__in=actors)
    if actor:
        entries = entries.filter(Q(actor_id=actor) | Q(actor_name__startswith=actor))
    return [
        AuditLine(e.pk, e.occurred_at, e.actor_id, e.actor_name, e.verb, e.subject_kind, e.subject_id)
        for e in entries[:limit]
    ]


def count_acts(*, actor_id: str, verb: str, subject_kind: str, since: datetime, days: int) -> int:
    """Return how often somebody did a thing to subjects of a kind in so many days from a moment on."""
    acts = Entry.objects.filter(
        actor_id=actor_id, occurred_at__gte=since, occurred_at__lt=since + timedelta(days=days)
    )
    return acts.filter(verb=verb, subject_kind=subject_kind).count()


def list_subject_kinds() -> list[str]:
    """Return the kinds of subjects the audit speaks of, some tens at most."""
    with connection.cursor() as cursor:
        cursor.execute(SUBJECT_KINDS)
        return [kind for (kind,) in cursor.fetchall()]


def has_entry(*, subject: tuple[str, str], request_key: str) -> bool:
    """Tell whether this request has written to this subject before."""
    kind, subject_id = subject
    return Entry.objects.filter(subject_kind=kind, subject_id=subject_id, request_key=request_key).exists()


def find_last(*, verb: str, subject_kind: str) -> tuple[datetime, Mapping[str, object]] | None:
    """Return when a thing of this kind was last done and with which detail, or None where it never was."""
    found = Entry.objects.filter(subject_kind=subject_kind, verb=verb).order_by("-pk").first()
    return None if found is None else (found.occurred_at, found.detail)


def list_details(
    *, verb: str, subject_kind: str, limit: int = 10_000
) -> Sequence[tuple[str, Mapping[str, object]]]:
    """Return, the newest first, under which key a thing of this kind was done and with which detail."""
    found = Entry.objects.filter(subject_kind=subject_kind, verb=verb).order_by("-pk")
    return list(found.values_list("request_key", "detail")[:limit])


def get_request(request_key: str) -> tuple[str, Mapping[str, Any]]:
    """Return the subject and the detail that a command left under its key.

    :raises Entry.DoesNotExist: no command was done under it.
    """
    asked = Entry.objects.exclude(asked_digest="")
    subject_id, detail = asked.values_list("subject_id", "detail").get(request_key=str(request_key))
    return subject_id, detail


def get_last_id() -> int:
    """Return the number of the newest entry, 0 before the first: it grows with every write."""
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
