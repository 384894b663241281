"""Running an import (读入一个文件): judged outside any transaction, written whole or not at all.

In: a job on record, or a file from the command line. Out: the job with its counts and refused rows. A process
that is killed leaves the registry untouched and the job marked as running; reading it again does it once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.questions import compare_decisions
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.intake.services import WholeList, record_upload
from yiyuan.apps.intake.writing import write_rows
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.apps.registry.bulk.undoing import list_affected_people
from yiyuan.apps.registry.tallies import MOVED_BY, record_tallies
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.reading import Reading, read_files
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor

REFUSED_KEPT = 20_000  # the rest are counted by reason; the department's file has them all
BLOCK_ROWS = 2_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import came to; `message` says why where it failed."""

    job_id: int
    state: str
    read: int
    accepted: int
    refused: int
    refused_by_reason: dict[str, int]
    changed: int
    message: str


def import_file(
    *,
    path: Path,
    kind: str,
    group: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    profile: Profile | None = None,
    progress: Progress | None = None,
    is_whole_list: bool = False,
    as_of_on: date | None = None,
    county_code: str = "",
) -> ImportResult:
    """Bring a file on this machine into the registry and return what came of it.

    A whole list (`is_whole_list`, as of a day, perhaps of one county) is compared with what was known before
    it as well; those who left are ended by `lists.apply_list` only. The same
    bytes for the same kind and group return the first result and change nothing.

    :raises RoleMissing: the actor is no clerk.
    """
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    job_id = record_upload(
        kind=kind,
        group=group,
        name=path.name,
        content_path="",
        sha256=digest,
        actor=actor,
        occurred_at=occurred_at,
        request_key=request_key,
        whole_list=WholeList(as_of_on or localtime(occurred_at).date(), county_code)
        if is_whole_list
        else None,
    )
    return read_import_job(job_id, occurred_at=occurred_at, path=path, profile=profile, progress=progress)


def read_import_job(
    job_id: int,
    *,
    occurred_at: datetime,
    path: Path | None = None,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Read the file of a job and write its rows; return what came of it. A job that is done stays as it is.

    A file that cannot be understood leaves the job failed, with what was found and what would be right.
    """
    job = ImportJob.objects.get(pk=job_id)
    if job.state in (ImportJob.DONE, ImportJob.FAILED, ImportJob.UNDONE):
        return result_of(job)
    ImportJob.objects.filter(pk=job_id).update(state=ImportJob.RUNNING)
    source = path or Path(settings.MEDIA_ROOT) / job.stored_as
    try:
        with read_files(
            job.kind, [source], profile=profile, group=job.group or None, progress=_shown(job, progress)
        ) as reading:
            _finish(job, reading, occurred_at)
    except UnreadableFile as error:
        _fail(job, str(error), occurred_at)
    return result_of(job)


def close_abandoned(*, occurred_at: datetime) -> int:
    """Mark as failed what a stopped command was reading, since its file is not kept here; return how many.

    Called while nothing else imports. Nothing of such a file was written, so it can simply be brought again.
    """
    abandoned = ImportJob.objects.filter(state=ImportJob.RUNNING, stored_as="")
    for job in abandoned:
        _fail(job, "读到一半被中断，什么都没有写入；请再导入一次", occurred_at)
    return len(abandoned)


def _shown(job: ImportJob, progress: Progress | None) -> Progress:
    def show(done: int, total: int) -> None:
        ImportJob.objects.filter(pk=job.pk).update(rows_done=done, rows_total=total)
        if progress:
            progress(done, total)

    return show


@transaction.atomic
def _finish(job: ImportJob, reading: Reading, occurred_at: datetime) -> None:
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.state == ImportJob.DONE:
        # Another worker took the same job up after a cut and was first.
        job.refresh_from_db()
        return
    count = reading.files[0]
    with TemporaryDirectory(prefix="yiyuan-write-") as work:
        job.changed = write_rows(reading, Origin(job.pk, occurred_at), Path(work), _list_of(job))
    record_tallies(MOVED_BY.get(job.kind, ()))
    _keep_refused(job, reading)
    compare_decisions(person_ids=list_affected_people(job.pk), import_job_id=job.pk, occurred_at=occurred_at)
    job.state = ImportJob.DONE
    job.read, job.accepted = count.read, count.accepted
    job.refused_by_reason = dict(count.refused)
    job.refused = sum(count.refused.values())
    job.found_group = ",".join(count.groups)[:200]
    job.message = "；".join(count.notes)
    job.finished_at = occurred_at
    job.save()
    _audit(job, "finish_import", occurred_at)


def _list_of(job: ImportJob) -> WholeList | None:
    if not job.is_whole_list:
        return None
    assert job.as_of_on is not None, "the database keeps no whole list without its day"
    return WholeList(job.as_of_on, job.list_county_code)


def _keep_refused(job: ImportJob, reading: Reading) -> None:
    cursor = reading.connection.execute(
        'SELECT sheet, "row", "column", value, reason, "right" FROM refused ORDER BY seq LIMIT ?',
        [REFUSED_KEPT],
    )
    while rows := cursor.fetchmany(BLOCK_ROWS):
        RefusedRow.objects.bulk_create(
            RefusedRow(
                job=job,
                sheet=(sheet or "")[:100],
                row=row,
                column=(column or "")[:60],
                value=(value or "")[:100],
                reason=reason,
                remedy=(right or "")[:300],
            )
            for sheet, row, column, value, reason, right in rows
        )


def _fail(job: ImportJob, message: str, occurred_at: datetime) -> None:
    job.state, job.message, job.finished_at = ImportJob.FAILED, message, occurred_at
    job.save(update_fields=["state", "message", "finished_at"])
    _audit(job, "fail_import", occurred_at)


def _audit(job: ImportJob, verb: str, occurred_at: datetime) -> None:
    record_entry(
        actor=SYSTEM_ACTOR,
        verb=verb,
        subject=("import_job", str(job.pk)),
        occurred_at=occurred_at,
        request_key=f"import:{job.pk}:{verb}",
        detail={"read": job.read, "accepted": job.accepted, "refused": job.refused, "changed": job.changed},
    )


def result_of(job: ImportJob) -> ImportResult:
    """Return what a job came to."""
    return ImportResult(
        job_id=job.pk,
        state=job.state,
        read=job.read,
        accepted=job.accepted,
        refused=job.refused,
        refused_by_reason=dict(job.refused_by_reason),
        changed=job.changed,
        message=job.message,
    )
