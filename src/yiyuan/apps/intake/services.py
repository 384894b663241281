"""The only writer of import jobs (数据导入): a file is put on record here, then read by the worker.

In: where the uploaded file lies below the folder of uploads, its name, kind and checksum. Out: the job's id.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.intake.errors import RoleMissing
from yiyuan.apps.intake.models import ImportJob
from yiyuan.kernel.actor import Actor, Role

ALIVE = (ImportJob.QUEUED, ImportJob.RUNNING, ImportJob.DONE)


@transaction.atomic
def record_upload(
    *,
    kind: str,
    group: str,
    name: str,
    content_path: str,
    sha256: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> int:
    """Put a file on record as a job that waits to be read; return the job's id.

    `content_path` is relative to the folder of uploads. The same bytes for the same kind and group that are
    waiting, being read or read already return that job and leave nothing new, so repeating it is safe; a job
    that failed does not stand in the way.

    :raises RoleMissing: the actor is no clerk.
    """
    if Role.CLERK not in actor.roles:
        raise RoleMissing(actor.id)
    same = ImportJob.objects.filter(sha256=sha256, kind=kind, group=group, state__in=ALIVE)
    if earlier := same.first():
        return earlier.pk
    try:
        with transaction.atomic():
            job = ImportJob.objects.create(
                kind=kind,
                group=group,
                file_name=name[:255],
                stored_as=content_path,
                sha256=sha256,
                state=ImportJob.QUEUED,
                started_by=actor.id,
                started_by_name=actor.name,
                started_at=occurred_at,
            )
    except IntegrityError:
        # Somebody put the same file on record between the look and the write; theirs counts.
        return same.get().pk
    record_entry(
        actor=actor,
        verb="record_upload",
        subject=("import_job", str(job.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"kind": kind, "group": group, "sha256": sha256[:12]},
    )
    return job.pk
