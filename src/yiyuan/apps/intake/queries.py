"""Reading imports (导入查询): jobs, what each register brought last, and the rows that were refused."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from yiyuan.apps.intake.choosing import profile_of
from yiyuan.apps.intake.models import ColumnProfile, ImportJob, ImportProgress, ListChange, RefusedRow
from yiyuan.exchange.outputs import NOT_TO_MEND
from yiyuan.exchange.profiles import Profile
from yiyuan.kernel.scope import Scope

PAGE = 50
PROFILES_MAX = 200
ALIVE = (ImportJob.QUEUED, ImportJob.RUNNING, ImportJob.HELD, ImportJob.DONE)


@dataclass(frozen=True, slots=True)
class JobView:
    """One import as pages show it.

    `groups` are those found in it, or the one named.
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
    check_only: bool
    preview: Mapping[str, Any]
    profile_id: int | None
    corrects_id: int | None
    running_since: datetime | None
    started_by: str
    seen_at: datetime | None

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
    can_mend: bool
    corrected_by_id: int | None


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far a file is: `done` of 1000; the counts are 0 until every row has been judged."""

    phase: str
    done: int
    read: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A kept profile of columns; `columns` is header by field."""

    id: int
    kind: str
    name: str
    department: str
    headers: tuple[str, ...]
    columns: Mapping[str, str]
    changed_by_name: str
    changed_at: datetime
    jobs: int


def list_jobs(
    *, scope: Scope, kinds: Collection[str], before_id: int | None = None, limit: int = PAGE
) -> Sequence[JobView]:
    """Return the newest jobs of these kinds first, those older than `before_id` where given."""
    jobs = _within(scope).filter(kind__in=kinds).order_by("-pk").defer("preview", "layouts")
    if before_id is not None:
        jobs = jobs.filter(pk__lt=before_id)
    return [_view(job) for job in jobs[:limit]]


def get_job(job_id: int, *, scope: Scope, kinds: Collection[str] | None = None) -> JobView:
    """Return one job, of these kinds where given.

    :raises ImportJob.DoesNotExist: there is none of this number, or the scope is not the whole city.
    """
    jobs = _within(scope) if kinds is None else _within(scope).filter(kind__in=kinds)
    return _view(jobs.get(pk=job_id))


def get_progress(job_id: int) -> ProgressView | None:
    """Return how far a file is, None where nobody is reading it."""
    found = ImportProgress.objects.filter(pk=job_id).first()
    if found is None:
        return None
    return ProgressView(found.phase, found.done, found.read, found.accepted, found.refused)


def list_profiles() -> Sequence[ProfileView]:
    """Return the profiles in use by kind and name, each with how many files were read by it."""
    kept = ColumnProfile.objects.filter(deleted_at__isnull=True).annotate(n=Count("importjob"))
    return [_profile(one, one.n) for one in kept.order_by("kind", "name")[:PROFILES_MAX]]


def get_profile(profile_id: int) -> ProfileView:
    """Return one profile in use.

    :raises ColumnProfile.DoesNotExist: there is none of this number, or it was deleted.
    """
    return _profile(ColumnProfile.objects.get(pk=profile_id, deleted_at__isnull=True), 0)


def find_profile(kind: str, name: str) -> Profile | None:
    """Return the profile in use that a person names, as the reading takes it; None where there is none."""
    kept = ColumnProfile.objects.filter(kind=kind, name=name, deleted_at__isnull=True).first()
    return profile_of(kept) if kept else None


def count_unseen(actor_id: str) -> int:
    """Return how many files of this person have been read, or wait for them, and were not looked at since."""
    return ImportJob.objects.filter(
        started_by=actor_id, seen_at__isnull=True, finished_at__isnull=False
    ).count()


def list_unseen(actor_id: str, limit: int = PAGE) -> Sequence[JobView]:
    """Return the files of this person that have been read and were not looked at since, newest first."""
    jobs = ImportJob.objects.filter(started_by=actor_id, seen_at__isnull=True, finished_at__isnull=False)
    return [_view(job) for job in jobs.order_by("-pk")[:limit]]


def find_twins(job: JobView) -> Sequence[JobView]:
    """Return other people's files of the same kind, group and month that wait, are read or were just read.

    For a whole list the month is that of its day; for any other file, the last day counts.
    """
    others = ImportJob.objects.filter(
        kind=job.kind, is_whole_list=job.is_whole_list, pk__lt=job.id, state__in=ALIVE, corrects=None
    ).exclude(started_by=job.started_by)
    if job.is_whole_list and job.as_of_on:
        others = others.filter(as_of_on__year=job.as_of_on.year, as_of_on__month=job.as_of_on.month)
    else:
        others = others.filter(started_at__gt=job.started_at - timedelta(days=1))
    groups = set(job.groups)
    views = [_view(other) for other in others.order_by("-pk")[:PAGE]]
    return [view for view in views if not groups or not view.groups or groups & set(view.groups)]


def get_previous(job: JobView) -> JobView | None:
    """Return the last job of the same kind and group that was read to its end before this one."""
    earlier = ImportJob.objects.filter(
        kind=job.kind, state=ImportJob.DONE, pk__lt=job.id, corrects=None
    ).order_by("-pk")
    groups = set(job.groups) or set(job.preview.get("groups", ()))
    views = (_view(other) for other in earlier[:PAGE])
    return next((view for view in views if not groups or groups & set(view.groups)), None)


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


def get_refused_row(job_id: int, row_id: int) -> RefusedView:
    """Return one refused row.

    :raises RefusedRow.DoesNotExist: the import has none of this number.
    """
    return _refused(RefusedRow.objects.get(job_id=job_id, pk=row_id))


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
        check_only=job.check_only,
        # Lists of jobs leave it in the database: it is only shown with one job.
        preview={} if "preview" in job.get_deferred_fields() else job.preview,
        profile_id=job.profile_id,
        corrects_id=job.corrects_id,
        running_since=job.running_since,
        started_by=job.started_by,
        seen_at=job.seen_at,
    )


def _refused(row: RefusedRow) -> RefusedView:
    can_mend = row.cells is not None and row.reason not in NOT_TO_MEND and row.corrected_by_id is None
    return RefusedView(
        row.pk,
        row.sheet,
        row.row,
        row.column,
        row.value,
        row.reason,
        row.remedy,
        can_mend,
        row.corrected_by_id,
    )


def _profile(kept: ColumnProfile, jobs: int) -> ProfileView:
    return ProfileView(
        kept.pk,
        kept.kind,
        kept.name,
        kept.department,
        tuple(kept.headers),
        {field: names[0] for field, names in kept.columns.items()},
        kept.changed_by_name,
        kept.changed_at,
        jobs,
    )
