"""Putting a scheme version on record (方案入库)."""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.schemes.models import SchemeVersion
from yiyuan.kernel.actor import Actor
from yiyuan.rules.terms import SchemeVersion as Terms


@transaction.atomic
def record_version(*, terms: Terms, actor: Actor, occurred_at: datetime, request_key: str) -> str:
    """Keep that these very bytes are in use; return their sha256. Repeating it changes nothing."""
    _, created = SchemeVersion.objects.get_or_create(
        sha256=terms.sha256,
        defaults={
            "scheme": terms.id,
            "valid_from": terms.valid.from_on,
            "valid_to": terms.valid.to_on,
            "title": terms.title,
            "recorded_at": occurred_at,
            "recorded_by": actor.id,
        },
    )
    if created:
        record_entry(
            actor=actor,
            verb="record_scheme_version",
            subject=("scheme", terms.id),
            occurred_at=occurred_at,
            request_key=request_key,
            detail={"sha256": terms.sha256},
        )
    return terms.sha256
