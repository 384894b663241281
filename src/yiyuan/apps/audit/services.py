"""The only writer of the audit (留痕)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from yiyuan.apps.audit.once import AskedKey
from yiyuan.apps.rows import Now, insert_rows
from yiyuan.kernel.actor import Actor

COLUMNS = {
    "verb": "text",
    "subject_kind": "text",
    "subject_id": "text",
    "request_key": "text",
    "asked_digest": "text",
    "detail": "jsonb",
}
NO_DETAIL: Mapping[str, object] = MappingProxyType({})


class NewEntry(NamedTuple):
    """One write to be left on record; `detail` carries no personal data."""

    verb: str
    subject: tuple[str, str]
    request_key: str
    detail: Mapping[str, object] = NO_DETAIL


def record_entry(
    *,
    actor: Actor,
    verb: str,
    subject: tuple[str, str],
    occurred_at: datetime,
    request_key: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Leave the row of one write, in the caller's transaction; `detail` carries no personal data."""
    new = NewEntry(verb, subject, request_key, detail or NO_DETAIL)
    record_entries(entries=[new], actor=actor, occurred_at=occurred_at)


def record_entries(*, entries: Iterable[NewEntry], actor: Actor, occurred_at: datetime) -> None:
    """Leave the rows of many writes of one person at one moment, in the caller's transaction."""
    insert_rows(
        "audit_entry",
        COLUMNS,
        map(_row, entries),
        constants={
            "occurred_at": occurred_at,
            "recorded_at": Now(),
            "actor_id": actor.id,
            "actor_name": actor.name,
        },
    )


def _row(entry: NewEntry) -> tuple[object, ...]:
    verb, subject, request_key, detail = entry
    asked_digest = ""
    if isinstance(request_key, AskedKey) and not request_key.is_kept:
        asked_digest, request_key.is_kept = request_key.asked_digest, True
    return verb, *subject, request_key, asked_digest, dict(detail)
