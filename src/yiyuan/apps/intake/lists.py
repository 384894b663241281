"""A new list of a register against the last one (名单对比): who joined, who left, whose period changed.

In: a reading of a whole list, before its rows are written. Out: `ListChange` rows beside the job. Those who
left are ended only when a clerk says so (`apply_list`), the ended row beside the old one.
"""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from django.db import transaction

from yiyuan.apps.accounts.codes import list_same_county
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.comparing import compare_decisions
from yiyuan.apps.intake.errors import ListOutdated, NoWholeList, RoleMissing
from yiyuan.apps.intake.models import ImportJob, ListChange
from yiyuan.apps.intake.services import WholeList
from yiyuan.apps.registry.bulk.copying import Origin, copy_through, take_turn
from yiyuan.apps.registry.bulk.people import find_people
from yiyuan.apps.registry.bulk.statuses import (
    CHANGE_COLUMNS,
    ListScope,
    end_statuses,
    replace_statuses,
    write_list_changes,
)
from yiyuan.apps.registry.bulk.undoing import list_affected_people
from yiyuan.apps.registry.tallies import STATUSES as STATUS_TALLY
from yiyuan.apps.registry.tallies import record_tallies
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.reading import Reading
from yiyuan.kernel.actor import Actor, Role

STATUSES = (
    'SELECT numbers.person_id, "group", county_code, valid_from, valid_to, "row" '
    "FROM accepted JOIN numbers ON accepted.person_id = numbers.id_number ORDER BY seq"
)
# A row that could not be used may still name its person: then that person is on the list.
NAMED_BY_REFUSED = (
    "SELECT DISTINCT person_id FROM checked WHERE (fault IS NOT NULL OR late_fault IS NOT NULL) "
    "AND regexp_full_match(person_id, '[0-9]{17}[0-9X]')"
)


def compare_list(reading: Reading, whole_list: WholeList, origin: Origin, work: Path) -> None:
    """Keep what the list changes against what is known now; called before its rows are written.

    :raises UnreadableFile: it is to speak of one county and has rows of another.
    """
    engine = reading.connection
    counties = _counties(engine, whole_list)
    statuses, named, found = work / "listed.csv", work / "named.csv", work / "changes.csv"
    copy_rows(engine, STATUSES, statuses)
    numbers = (row[0] for row in engine.execute(NAMED_BY_REFUSED).fetchall())
    with named.open("w", encoding="ascii") as file:
        file.writelines(f"{person_id}\n" for person_id in find_people(numbers, work))
    scope = ListScope(counties, whole_list.as_of_on.replace(day=1))
    write_list_changes(statuses, named, scope, found)
    numbered = work / "list-changes.csv"
    with found.open(encoding="utf-8") as rows, numbered.open("w", encoding="utf-8") as file:
        file.writelines(f"{origin.job_id},{row}" for row in rows)
    copy_through("intake_listchange", ("job_id", *CHANGE_COLUMNS), numbered, texts=("county_code",))


def _counties(engine: duckdb.DuckDBPyConnection, whole_list: WholeList) -> tuple[str, ...]:
    rows = engine.execute(
        "SELECT county_code, count(*) FROM accepted WHERE county_code IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if not whole_list.county_code:
        return tuple(sorted({same for code, _ in rows for same in list_same_county(str(code))}))
    # Files and records of a county may stand under its codes of before and after a decree.
    counties = list_same_county(whole_list.county_code)
    others = sum(int(count) for code, count in rows if code not in counties)
    if others:
        raise UnreadableFile(
            f"说好只是 {whole_list.county_code} 的全部名单，文件里却有 {others} 行是别的县区。"
            "请换成这个县区的名单，或者不选县区"
        )
    return tuple(counties)


@exactly_once()
@transaction.atomic
def apply_list(
    *, job_id: int, actor: Actor, occurred_at: datetime, request_key: str, ended_on: date | None = None
) -> int:
    """End the statuses of those who left a whole list, by default on the first of its month; return how many.

    A period that the list has with another start takes the place of the old one. Decisions that would now
    come out otherwise become questions. Saying it again ends nobody twice.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises NoWholeList: the job is no whole list that has been read to its end.
    :raises ListOutdated: a list of a later day has been applied for the same group.
    """
    if Role.CLERK not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    take_turn()
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.state != ImportJob.DONE or not job.is_whole_list or job.as_of_on is None:
        raise NoWholeList(str(job_id))
    if job.list_applied_at is not None:
        return 0
    if _later_list(job):
        raise ListOutdated(str(job_id))
    origin = Origin(job.pk, occurred_at)
    changes = ListChange.objects.filter(job=job)
    left = changes.filter(kind=ListChange.LEFT).values_list("status_id", flat=True)
    moved = changes.filter(kind=ListChange.CHANGED).values_list("status_id", "old_from", "new_from")
    with TemporaryDirectory(prefix="yiyuan-list-") as work:
        ended = end_statuses(
            (status_id for status_id in left.iterator() if status_id is not None),
            ended_on=ended_on or job.as_of_on.replace(day=1),
            origin=origin,
            work=Path(work),
        )
        replace_statuses(
            (status_id for status_id, old, new in moved.iterator() if status_id is not None and old != new),
            origin=origin,
            work=Path(work),
        )
    record_tallies((STATUS_TALLY,))
    job.list_applied_at, job.list_applied_by_name = occurred_at, actor.name
    job.save(update_fields=["list_applied_at", "list_applied_by_name"])
    compare_decisions(person_ids=list_affected_people(job.pk), import_job_id=job.pk, occurred_at=occurred_at)
    record_entry(
        actor=actor,
        verb="apply_list",
        subject=("import_job", str(job.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"ended": ended, "as_of": job.as_of_on.isoformat()},
    )
    return ended


def _later_list(job: ImportJob) -> bool:
    applied = ImportJob.objects.filter(
        state=ImportJob.DONE, is_whole_list=True, list_applied_at__isnull=False, as_of_on__gt=job.as_of_on
    )
    mine = set((job.found_group or job.group).split(","))
    return any(mine & set((other.found_group or other.group).split(",")) for other in applied)


def copy_rows(engine: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query over a reading into a CSV file without a header."""
    engine.execute(f"COPY ({query}) TO {path_literal(file)} (FORMAT csv, HEADER false)")


def path_literal(path: Path) -> str:
    """Return a path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"
