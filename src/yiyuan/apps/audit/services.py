"""The only writer of the audit (留痕)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yiyuan.apps.rows import Now, insert_rows
from yiyuan.kernel.actor import Actor

COLUMNS = {
    "verb": "text",
    "subject_kind": "text",
    "subject_id": "text",
    "request_key": "text",
    "detail": "jsonb",
}


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One write to be left on record; `detail` carries no personal data."""

    verb: str
    subject: tuple[str, str]
    request_key: str
    detail: Mapping[str, object] = field(default_factory=dict)


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
    new = NewEntry(verb, subject, request_key, detail or {})
    record_entries(entries=[new], actor=actor, occurred_at=occurred_at)


def record_entries(*, entries: Iterable[NewEntry], actor: Actor, occurred_at: datetime) -> None:
    """Leave the rows of many writes of one person at one moment, in the caller's transaction."""
    insert_rows(
        "audit_entry",
        COLUMNS,
        [
            {
                "verb": new.verb,
                "subject_kind": new.subject[0],
                "subject_id": new.subject[1],
                "request_key": new.request_key,
                "detail": dict(new.detail),
            }
            for new in entries
        ],
        constants={
            "occurred_at": occurred_at,
            "recorded_at": Now(),
            "actor_id": actor.id,
            "actor_name": actor.name,
        },
    )
