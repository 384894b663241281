"""Imports that wait for a person (等人看过的导入): go on with one, look at it again, or put it aside.

In: a held job. Out: the same job waiting for the worker again, or dropped; the caller gives the errand.
"""

from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.intake.errors import NotHeld, RoleMissing
from yiyuan.apps.intake.models import ImportJob
from yiyuan.apps.intake.services import MAY_BRING
from yiyuan.kernel.actor import Actor, Role


@exactly_once(again=nothing)
@transaction.atomic
def start_held(
    *, job_id: int, only_check: bool, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Let the worker read a held file, or check it again with the columns as they are kept now.

    :raises RoleMissing: the actor may not bring files of this kind.
    :raises NotHeld: the job waits for nobody.
    """
    job = _held(job_id, actor)
    job.state, job.check_only, job.message = ImportJob.QUEUED, only_check, ""
    job.finished_at = job.seen_at = None
    job.save(update_fields=["state", "check_only", "message", "finished_at", "seen_at"])
    _audit(job, "check_import" if only_check else "start_import", actor, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def drop_held(*, job_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Put a held file aside; nothing of it was written. The same file can be brought again.

    :raises RoleMissing: the actor may not bring files of this kind.
    :raises NotHeld: the job waits for nobody.
    """
    job = _held(job_id, actor)
    job.state, job.finished_at = ImportJob.DROPPED, occurred_at
    job.save(update_fields=["state", "finished_at"])
    _audit(job, "drop_import", actor, occurred_at, request_key)


def mark_seen(*, job_id: int, actor: Actor, occurred_at: datetime) -> None:
    """Keep that the person who brought a file has seen how it ended; repeating it changes nothing."""
    ImportJob.objects.filter(
        pk=job_id, started_by=actor.id, seen_at__isnull=True, finished_at__isnull=False
    ).update(seen_at=occurred_at)


def _held(job_id: int, actor: Actor) -> ImportJob:
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if MAY_BRING.get(job.kind, Role.CLERK) not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    if job.state != ImportJob.HELD:
        raise NotHeld(str(job_id))
    return job


def _audit(job: ImportJob, verb: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("import_job", str(job.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"kind": job.kind, "sha256": job.sha256[:12]},
    )
