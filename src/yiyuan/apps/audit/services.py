"""The only writer of the audit (留痕)."""

from collections.abc import Mapping
from datetime import datetime

from yiyuan.apps.audit.models import Entry
from yiyuan.kernel.actor import Actor


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
    kind, subject_id = subject
    Entry.objects.create(
        occurred_at=occurred_at,
        actor_id=actor.id,
        actor_name=actor.name,
        verb=verb,
        subject_kind=kind,
        subject_id=subject_id,
        request_key=request_key,
        detail=dict(detail or {}),
    )
