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
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.claims.papers import settle_matches
from yiyuan.apps.intake.checking import columns_of, preview_of, require_of_this_city, try_out
from yiyuan.apps.intake.choosing import Chooser
from yiyuan.apps.intake.correcting import mark_corrected
from yiyuan.apps.intake.holding import mark_seen
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.apps.intake.progress import Teller
from yiyuan.apps.intake.services import WholeList, record_upload
from yiyuan.apps.intake.writing import write_rows
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.apps.registry.bulk.undoing import list_affected_people
from yiyuan.apps.registry.queries import list_counties
from yiyuan.apps.registry.tallies import MOVED_BY, record_tallies
from yiyuan.exchange.errors import ColumnsMissing, UnreadableFile
from yiyuan.exchange.looking import years_told
from yiyuan.exchange.places import county_names
from yiyuan.exchange.profiles import Profile, profile_words
from yiyuan.exchange.reading import Reading, read_files
from yiyuan.exchange.sheets import SheetPlan
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor
from yiyuan.kernel.scope import EVERYWHERE

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
    result = read_import_job(job_id, occurred_at=occurred_at, path=path, profile=profile, progress=progress)
    # Who brings a file here waits for what comes of it, and need not be told again.
    mark_seen(job_id=job_id, actor=actor, occurred_at=occurred_at)
    return result


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
    if job.state not in (ImportJob.QUEUED, ImportJob.RUNNING):
        return result_of(job)
    job.state, job.running_since = ImportJob.RUNNING, occurred_at
    job.save(update_fields=["state", "running_since"])
    run = _Run(
        job, path or Path(settings.MEDIA_ROOT) / job.stored_as, profile, Chooser(job.kind), occurred_at
    )
    try:
        with Teller(job.pk) as teller:
            _read(run, teller, progress)
    except ColumnsMissing as error:
        # Somebody can say which column is which; a file that is not kept here cannot be asked about.
        if job.stored_as:
            _hold(run, {"sheets": columns_of(job, run.source, profile, run.chooser)}, str(error))
        else:
            _fail(job, str(error), occurred_at)
    except UnreadableFile as error:
        _fail(job, str(error), occurred_at)
    return result_of(job)


@dataclass(frozen=True, slots=True)
class _Run:
    """One reading of one job."""

    job: ImportJob
    source: Path
    profile: Profile | None
    chooser: Chooser
    occurred_at: datetime


def _read(run: _Run, teller: Teller, progress: Progress | None) -> None:
    def show(done: int, total: int) -> None:
        teller.read(done, total)
        if progress:
            progress(done, total)

    job = run.job
    with read_files(
        job.kind,
        [run.source],
        profile=run.profile,
        group=job.group or None,
        progress=show,
        choose=run.chooser,
        keep_cells=True,
    ) as reading:
        count = reading.files[0]
        teller.judged(count.read, count.accepted, count.read - count.accepted)
        require_of_this_city(reading, _own_counties())
        if job.check_only:
            _check(run, reading, teller)
        else:
            _finish(run, reading, teller)


def close_abandoned(*, occurred_at: datetime) -> int:
    """Mark as failed what a stopped command was reading, since its file is not kept here; return how many.

    Called while nothing else imports. Nothing of such a file was written, so it can simply be brought again.
    """
    abandoned = ImportJob.objects.filter(state=ImportJob.RUNNING, stored_as="")
    for job in abandoned:
        _fail(job, "读到一半被中断，什么都没有写入；请再导入一次", occurred_at)
    return len(abandoned)


def _own_counties() -> frozenset[str]:
    return frozenset(county.code for county in list_counties(scope=EVERYWHERE)) | set(county_names())


def _check(run: _Run, reading: Reading, teller: Teller) -> None:
    """Keep what the import would do, and wait for a person."""
    job = run.job
    found = try_out(job, reading, Origin(job.pk, run.occurred_at), _list_of(job), teller)
    sheets = columns_of(job, run.source, run.profile, run.chooser)
    _hold(
        run, {**preview_of(reading, job.group), **found, "sheets": sheets, "notes": _notes(job, reading)}, ""
    )


def _hold(run: _Run, preview: dict[str, object], message: str) -> None:
    job = run.job
    job.state, job.preview, job.message = ImportJob.HELD, preview, message
    job.profile_id, job.finished_at = run.chooser.profile_id, run.occurred_at
    job.save(update_fields=["state", "preview", "message", "profile", "finished_at"])
    _audit(job, "hold_import", run.occurred_at)


@transaction.atomic
def _finish(run: _Run, reading: Reading, teller: Teller) -> None:
    job, occurred_at = run.job, run.occurred_at
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.state == ImportJob.DONE:
        # Another worker took the same job up after a cut and was first.
        job.refresh_from_db()
        return
    with TemporaryDirectory(prefix="yiyuan-write-") as work:
        job.changed = write_rows(
            reading, Origin(job.pk, occurred_at), Path(work), _list_of(job), teller.wrote
        )
    record_tallies(MOVED_BY.get(job.kind, ()))
    _keep_refused(job, reading)
    settle_matches(job_id=job.pk, occurred_at=occurred_at)
    compare_decisions(person_ids=list_affected_people(job.pk), import_job_id=job.pk, occurred_at=occurred_at)
    count = reading.files[0]
    job.state = ImportJob.DONE
    job.read, job.accepted = count.read, count.accepted
    job.refused_by_reason = dict(count.refused)
    job.refused = sum(count.refused.values())
    job.found_group = ",".join(count.groups)[:200]
    job.message = "；".join(_notes(job, reading))
    job.finished_at = occurred_at
    job.profile_id, job.corrects_id = run.chooser.profile_id, run.chooser.corrects
    job.used_profile = profile_words(run.profile or run.chooser.used or Profile())
    job.layouts = {str(place): _layout(plan) for (_, place), plan in reading.plans.items()}
    job.preview = {}
    job.save()
    if job.corrects_id is not None:
        mark_corrected(job, reading)
    _audit(job, "finish_import", occurred_at)


def _notes(job: ImportJob, reading: Reading) -> list[str]:
    """Return what a clerk should know of the file, such as a list that speaks of an earlier year."""
    notes = list(reading.files[0].notes)
    told = years_told(reading)
    if job.is_whole_list and job.as_of_on and told and max(told) < job.as_of_on.year:
        notes.append(
            f"文件名或标题写着 {max(told)} 年，名单却说截至 {job.as_of_on.isoformat()}："
            "请核对是不是以前的名单；在您看过之前，离开的人不会停"
        )
    return notes


def _layout(plan: SheetPlan) -> dict[str, object]:
    """Return how a sheet was read, so that its refused rows can be mended and read the same way."""
    facts = plan.facts
    width = max(plan.columns.values(), default=0) + 1
    filled = (place for place, text in enumerate(plan.header_texts, 1) if text.strip())
    headers = plan.header_texts[: max([width, *filled])] or ("",) * width
    return {
        "sheet": plan.sheet.name,
        "title": " ".join((facts.title, facts.file.rsplit(".", 1)[0])).strip(),
        "headers": list(headers),
        "columns": dict(plan.columns),
        "group": facts.group,
        "county": facts.county,
        "date_order": facts.date_order,
    }


def _list_of(job: ImportJob) -> WholeList | None:
    if not job.is_whole_list:
        return None
    assert job.as_of_on is not None, "the database keeps no whole list without its day"
    return WholeList(job.as_of_on, job.list_county_code)


def _keep_refused(job: ImportJob, reading: Reading) -> None:
    cursor = reading.connection.execute(
        'SELECT sheet, "row", "column", value, reason, "right", sheet_no, cells FROM refused '
        "ORDER BY seq LIMIT ?",
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
                place=place,
                cells=cells,
            )
            for sheet, row, column, value, reason, right, place, cells in rows
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
