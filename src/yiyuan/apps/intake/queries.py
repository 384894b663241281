"""Reading imports (导入查询): jobs, what each register brought last, and the rows that were refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from yiyuan.apps.intake.models import ImportJob, ListChange, RefusedRow
from yiyuan.kernel.scope import Scope

PAGE = 50


@dataclass(frozen=True, slots=True)
class JobView:
    """One import as pages show it.

    `rows_total` is 0 until the file has been opened; `groups` are those found in it, or the one named.
    """

    id: int
    kind: str
    groups: tuple[str, ...]
    file_name: str
    stored_as: str
    sha256: str
    state: str
    read: int
    accepted: int
    refused: int
    changed: int
    rows_done: int
    rows_total: int
    refused_by_reason: Mapping[str, int]
    message: str
    started_by_name: str
    started_at: datetime
    finished_at: datetime | None
    is_whole_list: bool
    as_of_on: date | None
    list_county_code: str
    list_applied_at: datetime | None
    list_applied_by_name: str
    undone_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Tell whether the file still waits or is being read."""
        return self.state in (ImportJob.QUEUED, ImportJob.RUNNING)


@dataclass(frozen=True, slots=True)
class ListChangeView:
    """One difference that a whole list made: `kind` is joined, left or changed; periods are half-open."""

    id: int
    kind: str
    person_id: int
    group: str
    county_code: str
    old_from: date | None
    old_to: date | None
    new_from: date | None
    new_to: date | None
    source_row: int


@dataclass(frozen=True, slots=True)
class RefusedView:
    """One refused row: where it stands, the value masked, why, and what would be right."""

    id: int
    sheet: str
    row: int
    column: str
    value: str
    reason: str
    remedy: str


def list_jobs(*, scope: Scope, before_id: int | None = None, limit: int = PAGE) -> Sequence[JobView]:
    """Return the newest jobs first, those older than `before_id` where given."""
    jobs = _within(scope).order_by("-pk")
    if before_id is not None:
        jobs = jobs.filter(pk__lt=before_id)
    return [_view(job) for job in jobs[:limit]]


def get_job(job_id: int, *, scope: Scope) -> JobView:
    """Return one job.

    :raises ImportJob.DoesNotExist: there is none of this number, or the scope is not the whole city.
    """
    return _view(_within(scope).get(pk=job_id))


def list_unfinished() -> Sequence[int]:
    """Return the uploads that wait to be read or were cut while being read."""
    waiting = ImportJob.objects.filter(state__in=[ImportJob.QUEUED, ImportJob.RUNNING]).exclude(stored_as="")
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def list_newest_done(*, scope: Scope) -> Mapping[tuple[str, str], JobView]:
    """Return by (kind, group) the last job read to its end; one file may have brought several groups."""
    done = _within(scope).filter(state=ImportJob.DONE)
    newest = done.order_by("kind", "group", "found_group", "-pk").distinct("kind", "group", "found_group")
    found: dict[tuple[str, str], JobView] = {}
    for job in sorted(newest, key=lambda job: job.pk):
        view = _view(job)
        found |= {(job.kind, group): view for group in view.groups or ("",)}
    return found


def list_refused_rows(
    job_id: int, *, reason: str = "", after_id: int = 0, limit: int = PAGE
) -> Sequence[RefusedView]:
    """Return refused rows of a job in their order, those behind `after_id`."""
    wanted = Q(job_id=job_id, pk__gt=after_id)
    if reason:
        wanted &= Q(reason=reason)
    return [_refused(row) for row in RefusedRow.objects.filter(wanted).order_by("pk")[:limit]]


def iterate_refused_rows(job_id: int) -> Iterator[RefusedView]:
    """Yield every refused row of a job in its order, without holding them all."""
    rows = RefusedRow.objects.filter(job_id=job_id).order_by("pk")
    return (_refused(row) for row in rows.iterator(chunk_size=2000))


def _within(scope: Scope) -> QuerySet[ImportJob]:
    """Return the jobs of a scope: a file speaks of every county, so only the whole city sees it."""
    return ImportJob.objects.all() if scope.is_city else ImportJob.objects.none()


def count_list_changes(job_id: int) -> Mapping[str, int]:
    """Return how many joined, left and changed against what was known before a whole list."""
    rows = ListChange.objects.filter(job_id=job_id).values("kind").annotate(n=Count("pk")).order_by("kind")
    return {row["kind"]: row["n"] for row in rows}


def list_list_changes(
    job_id: int, *, kind: str, after_id: int = 0, limit: int = PAGE
) -> Sequence[ListChangeView]:
    """Return what a whole list changed, of one kind, in its order, behind `after_id`."""
    rows = ListChange.objects.filter(job_id=job_id, kind=kind, pk__gt=after_id).order_by("pk")[:limit]
    return [
        ListChangeView(
            id=row.pk,
            kind=row.kind,
            person_id=row.person_id,
            group=row.group,
            county_code=row.county_code,
            old_from=row.old_from,
            old_to=row.old_to,
            new_from=row.new_from,
            new_to=row.new_to,
            source_row=row.source_row,
        )
        for row in rows
    ]


def _view(job: ImportJob) -> JobView:
    return JobView(
        id=job.pk,
        kind=job.kind,
        groups=tuple(filter(None, (job.found_group or job.group).split(","))),
        file_name=job.file_name,
        stored_as=job.stored_as,
        sha256=job.sha256,
        state=job.state,
        read=job.read,
        accepted=job.accepted,
        refused=job.refused,
        changed=job.changed,
        rows_done=job.rows_done,
        rows_total=job.rows_total,
        refused_by_reason=job.refused_by_reason,
        message=job.message,
        started_by_name=job.started_by_name,
        started_at=job.started_at,
        finished_at=job.finished_at,
        is_whole_list=job.is_whole_list,
        as_of_on=job.as_of_on,
        list_county_code=job.list_county_code,
        list_applied_at=job.list_applied_at,
        list_applied_by_name=job.list_applied_by_name,
        undone_at=job.undone_at,
    )


def _refused(row: RefusedRow) -> RefusedView:
    return RefusedView(row.pk, row.sheet, row.row, row.column, row.value, row.reason, row.remedy)
