"""The only writer of import jobs (数据导入): a file is put on record here, then read by the worker.

In: where the uploaded file lies below the folder of uploads, its name, kind and checksum. Out: the job's id.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yiyuan.apps.adjudication.queries import count_decisions_resting_on
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.questions import compare_decisions, count_claims_paid_to
from yiyuan.apps.intake.errors import ImportRested, OutOfScope, RoleMissing
from yiyuan.apps.intake.models import ImportJob
from yiyuan.apps.registry.bulk.copying import take_turn
from yiyuan.apps.registry.bulk.undoing import (
    find_later_correction,
    list_account_ids,
    list_affected_people,
    list_settlement_numbers,
    remove_import,
)
from yiyuan.apps.registry.tallies import MOVED_BY, record_tallies
from yiyuan.apps.screening.services import count_decided, lapse_proposals
from yiyuan.kernel.actor import Actor, Role

HOLIDAYS = "holidays"
ALIVE = (ImportJob.QUEUED, ImportJob.RUNNING, ImportJob.DONE)


@dataclass(frozen=True, slots=True)
class WholeList:
    """A register as a whole on a day (全部名单): who is not on it is out. Empty county: those in the list."""

    as_of_on: date
    county_code: str = ""


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
    whole_list: WholeList | None = None,
) -> int:
    """Put a file on record as a job that waits to be read; return the job's id.

    `content_path` is relative to the folder of uploads. The same bytes for the same kind and group that are
    waiting, being read or read already return that job and leave nothing new, so repeating it is safe; a job
    that failed does not stand in the way.

    :raises RoleMissing: the actor is no clerk.
    :raises OutOfScope: a file may speak of every county, and the actor works for a part of the city.
    """
    if Role.CLERK not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)
    same = ImportJob.objects.filter(
        sha256=sha256, kind=kind, group=group, is_whole_list=whole_list is not None, state__in=ALIVE
    )
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
                is_whole_list=whole_list is not None,
                as_of_on=whole_list.as_of_on if whole_list else None,
                list_county_code=whole_list.county_code if whole_list else "",
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


@transaction.atomic
def undo_import(*, job_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    """Take a whole import back as long as nothing rests on it; return how many rows went.

    Its rows leave the registry, what it had corrected is in force again, people whom nothing else names go,
    and open proposals of its settlements lapse. The job stays as history. Undoing it again does nothing.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises ImportRested: a decision, a claim or a later import rests on it, or it is not read to its end.
    """
    if Role.CLERK not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    take_turn()
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.state == ImportJob.UNDONE:
        return 0
    if (obstacle := find_obstacle(job_id)) is not None:
        raise obstacle
    affected = list_affected_people(job_id)
    lapse_proposals(list_settlement_numbers(job_id))
    removed = remove_import(job_id)
    record_tallies(MOVED_BY.get(job.kind, ()))
    compare_decisions(person_ids=affected, import_job_id=job_id, occurred_at=occurred_at)
    job.state, job.undone_at = ImportJob.UNDONE, occurred_at
    job.save(update_fields=["state", "undone_at"])
    record_entry(
        actor=actor,
        verb="undo_import",
        subject=("import_job", str(job_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"removed": removed, "reason": reason.strip()[:200]},
    )
    return removed


def find_obstacle(job_id: int) -> ImportRested | None:
    """Return what stands in the way of undoing an import, or None where nothing rests on it."""
    job = ImportJob.objects.get(pk=job_id)
    if job.state != ImportJob.DONE:
        return ImportRested("not_done")
    if job.kind == HOLIDAYS:
        return ImportRested("holidays")
    if later := find_later_correction(job_id):
        return ImportRested("corrected_since", later)
    if decisions := count_decisions_resting_on(job_id):
        return ImportRested("decided", decisions)
    if accounts := count_claims_paid_to(list_account_ids(job_id)):
        return ImportRested("paid_to", accounts)
    if declined := count_decided(list_settlement_numbers(job_id)):
        return ImportRested("declined", declined)
    return None
