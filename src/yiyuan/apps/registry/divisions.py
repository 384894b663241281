"""A county that gets another code (区划代码变更): the new one beside the old, nothing is rewritten."""

from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.accounts.codes import record_code_change
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.errors import DivisionUnknown, RoleMissing
from yiyuan.apps.registry.models import Division
from yiyuan.kernel.actor import Actor, Role

COUNTY = 1


@exactly_once()
@transaction.atomic
def rename_county(
    *,
    old_code: str,
    new_code: str,
    new_name: str,
    changed_on: date,
    source: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> bool:
    """Keep that a county has another code from a day on, by which decree; return whether that was new.

    People, stays, claims and payments keep the code they were written under. Its offices see both, and a
    county that is outside the pool is outside under either.

    :raises RoleMissing: the actor is no administrator of the whole city.
    :raises DivisionUnknown: no county has the old code.
    :raises CodeChanged: the old code was changed otherwise before, or the new one is itself an old code.
    """
    if Role.ADMINISTRATOR not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    if not Division.objects.filter(code=old_code, level=COUNTY).exists():
        raise DivisionUnknown(old_code)
    Division.objects.get_or_create(code=new_code, defaults={"name": new_name, "level": COUNTY})
    is_new = record_code_change(
        old_code=old_code,
        new_code=new_code,
        changed_on=changed_on,
        source=source,
        recorded_by=actor.id,
        occurred_at=occurred_at,
    )
    if is_new:
        record_entry(
            actor=actor,
            verb="rename_county",
            subject=("divisions", old_code),
            occurred_at=occurred_at,
            request_key=request_key,
            detail={"new_code": new_code, "changed_on": changed_on.isoformat()},
        )
    return is_new
