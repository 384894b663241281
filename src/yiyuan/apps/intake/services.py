"""The only writer of import jobs (数据导入): a file is put on record here, then read by the worker.

In: where the uploaded file lies below the folder of uploads, its name, kind and checksum. Out: the job's id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yiyuan.apps.adjudication.queries import count_decisions_resting_on
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.claims.questions import count_claims_paid_to, count_ended_by
from yiyuan.apps.intake.errors import ImportRested, OutOfScope, RoleMissing
from yiyuan.apps.intake.models import ImportJob, RefusedRow
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

HOLIDAYS, BANK_RETURNS = "holidays", "bank-returns"
ALIVE = (ImportJob.QUEUED, ImportJob.RUNNING, ImportJob.HELD, ImportJob.DONE)
# Who may bring a kind of file, where it is not the data clerk: the bank's answers move money.
MAY_BRING = {BANK_RETURNS: Role.PAYER}


@dataclass(frozen=True, slots=True)
class WholeList:
    """A register as a whole on a day (全部名单): who is not on it is out. Empty county: those in the list."""

    as_of_on: date
    county_code: str = ""


def _upload_again(*, request_key: str, **_words: object) -> int:
    return int(get_request(request_key)[0])


@exactly_once(again=_upload_again)
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
    check_only: bool = False,
) -> int:
    """Put a file on record as a job that waits to be read; return the job's id.

    `content_path` is relative to the folder of uploads. The same bytes for the same kind and group that are
    waiting, being read or read already return that job and leave nothing new, so repeating it is safe; a job
    that failed does not stand in the way. With `check_only` the worker tries it out and asks before writing.

    :raises RoleMissing: the actor may not bring files of this kind.
    :raises OutOfScope: a file may speak of every county, and the actor works for a part of the city.
    """
    if MAY_BRING.get(kind, Role.CLERK) not in actor.roles:
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
                check_only=check_only,
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


@exactly_once()
@transaction.atomic
def undo_import(*, job_id: int, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    """Take a whole import back as long as nothing rests on it; return how many rows went.

    Its rows leave the registry, what it had corrected is in force again, blanks it filled are blank again,
    people whom nothing else names go, open proposals of its settlements lapse, and corrections of its refused
    rows go with it. The job stays as history. Undoing it again does nothing.

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
    removed = 0
    # The newest first: a correction may have corrected what an earlier one wrote.
    for one in (*reversed(_corrections(job.pk)), job):
        removed += _take_back(one, reason, actor, occurred_at, request_key)
    return removed


def _corrections(job_id: int) -> list[ImportJob]:
    """Return the imports that mended refused rows of this one, and theirs, the oldest first."""
    found: list[ImportJob] = []
    for one in ImportJob.objects.filter(corrects_id=job_id, state=ImportJob.DONE).order_by("pk"):
        found += [one, *_corrections(one.pk)]
    return sorted(found, key=lambda one: one.pk)


def _take_back(job: ImportJob, reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    affected = list_affected_people(job.pk)
    lapse_proposals(list_settlement_numbers(job.pk))
    removed = remove_import(job.pk)
    record_tallies(MOVED_BY.get(job.kind, ()))
    compare_decisions(person_ids=affected, import_job_id=job.pk, occurred_at=occurred_at)
    job.state, job.undone_at = ImportJob.UNDONE, occurred_at
    job.save(update_fields=["state", "undone_at"])
    RefusedRow.objects.filter(corrected_by=job).update(corrected_by=None)
    record_entry(
        actor=actor,
        verb="undo_import",
        subject=("import_job", str(job.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"removed": removed, "reason": reason.strip()[:200]},
    )
    return removed


def count_corrections(job_id: int) -> int:
    """Return how many imports would be taken back along with this one, because they mend its rows."""
    return len(_corrections(job_id))


def find_obstacle(job_id: int) -> ImportRested | None:
    """Return what stands in the way of undoing an import, or None where nothing rests on it."""
    job = ImportJob.objects.get(pk=job_id)
    if job.state != ImportJob.DONE:
        return ImportRested("not_done")
    if job.kind in (HOLIDAYS, BANK_RETURNS):
        return ImportRested(job.kind.replace("-", "_"))
    corrections = _corrections(job_id)
    along = {one.pk for one in corrections}
    found = (_obstacle_of(one.pk, along) for one in (job, *corrections))
    return next((obstacle for obstacle in found if obstacle is not None), None)


def _obstacle_of(job_id: int, along: Collection[int]) -> ImportRested | None:
    if (later := find_later_correction(job_id)) and later not in along:
        return ImportRested("corrected_since", later)
    if decisions := count_decisions_resting_on(job_id):
        return ImportRested("decided", decisions)
    if accounts := count_claims_paid_to(list_account_ids(job_id)):
        return ImportRested("paid_to", accounts)
    if declined := count_decided(list_settlement_numbers(job_id)):
        return ImportRested("declined", declined)
    if ended := count_ended_by(job_id):
        return ImportRested("answered", ended)
    return None
