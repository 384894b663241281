"""The statuses of a hardship register (整批登记困难身份).

In: a CSV `person id, group, county, from, to, row of the file`. Out: how many were new or corrected. A whole
list can be compared with what was known before it, and the statuses of those who left it ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yiyuan.apps.registry.bulk.copying import Origin, copy_out, execute, stage

COLUMNS = (
    """person_id bigint, "group" text, county_code text, valid_from date, valid_to date, source_row integer"""
)
SUPERSEDE = """UPDATE registry_hardshipstatus h SET superseded_at = %s, superseded_by_job_id = %s
FROM staged_status s
WHERE h.superseded_at IS NULL AND h.person_id = s.person_id AND h."group" = s."group"
    AND h.valid_from = s.valid_from AND h.valid_to IS DISTINCT FROM s.valid_to"""
ADD = """INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from, valid_to,
    import_job_id, source_row, recorded_at)
SELECT DISTINCT ON (person_id, "group", valid_from) person_id, "group", coalesce(county_code, ''), valid_from,
    valid_to, %s, source_row, %s
FROM staged_status ORDER BY person_id, "group", valid_from, source_row
ON CONFLICT (person_id, "group", valid_from) WHERE superseded_at IS NULL DO NOTHING"""
CHANGE_COLUMNS = (
    "kind", "person_id", '"group"', "county_code", "status_id", "old_from", "old_to", "new_from", "new_to",
    "source_row",
)  # fmt: skip
# A person stands on the list as often as the file names them; the row that begins last tells where they are.
LISTED = """listed AS (
    SELECT DISTINCT ON (person_id, "group") person_id, "group", coalesce(county_code, '') AS county_code,
        valid_from, valid_to, source_row
    FROM staged_status ORDER BY person_id, "group", valid_from DESC, source_row
), held AS (
    SELECT DISTINCT ON (person_id, "group") * FROM registry_hardshipstatus
    WHERE superseded_at IS NULL AND "group" IN (SELECT "group" FROM staged_status)
    ORDER BY person_id, "group", valid_from DESC
)"""
COMPARE = f"""COPY (WITH {LISTED}
SELECT 'joined', l.person_id, l."group", l.county_code, h.id, h.valid_from, h.valid_to, l.valid_from,
    l.valid_to, l.source_row
FROM listed l LEFT JOIN held h USING (person_id, "group") WHERE h.id IS NULL OR h.valid_to <= l.valid_from
UNION ALL
SELECT 'changed', l.person_id, l."group", l.county_code, h.id, h.valid_from, h.valid_to, l.valid_from,
    l.valid_to, l.source_row
FROM listed l JOIN held h USING (person_id, "group")
WHERE (l.valid_from, l.valid_to) IS DISTINCT FROM (h.valid_from, h.valid_to)
    AND (h.valid_to IS NULL OR h.valid_to > l.valid_from)
UNION ALL
SELECT 'left', h.person_id, h."group", h.county_code, h.id, h.valid_from, h.valid_to, NULL, NULL, 0
FROM held h
WHERE (h.valid_to IS NULL OR h.valid_to > DATE '{{ended_on}}') AND h.valid_from < DATE '{{ended_on}}'
    AND h.county_code = ANY(string_to_array('{{counties}}', ','))
    AND NOT EXISTS (SELECT FROM listed l WHERE l.person_id = h.person_id AND l."group" = h."group")
    AND NOT EXISTS (SELECT FROM staged_named n WHERE n.person_id = h.person_id)
ORDER BY 1, 2) TO STDOUT (FORMAT csv)"""
END_COLUMNS = "status_id bigint"
END = """WITH ended AS (
    UPDATE registry_hardshipstatus h SET superseded_at = %(at)s, superseded_by_job_id = %(job)s
    FROM staged_ending e
    WHERE h.id = e.status_id AND h.superseded_at IS NULL AND h.valid_from < %(on)s
        AND (h.valid_to IS NULL OR h.valid_to > %(on)s)
    RETURNING h.*
)
INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from, valid_to, import_job_id,
    source_row, recorded_at)
SELECT person_id, "group", county_code, valid_from, %(on)s, %(job)s, 0, %(at)s FROM ended"""
# A period that the whole list has with another start takes the place of the one it overlaps.
REPLACE = """UPDATE registry_hardshipstatus h SET superseded_at = %s, superseded_by_job_id = %s
FROM staged_ending e WHERE h.id = e.status_id AND h.superseded_at IS NULL"""


@dataclass(frozen=True, slots=True)
class ListScope:
    """What a whole list speaks of: counties by code, and the day from which those not on it are out."""

    counties: tuple[str, ...]
    ended_on: date


def record_statuses(file: Path, origin: Origin) -> int:
    """Add new periods, and put a corrected end beside the old one; return how many rows were written."""
    stage("staged_status", COLUMNS, file)
    execute(SUPERSEDE, [origin.recorded_at, origin.job_id])
    return execute(ADD, [origin.job_id, origin.recorded_at])


def write_list_changes(file: Path, named: Path, scope: ListScope, target: Path) -> None:
    """Write who joined, who left and whose period changed, in the order of `CHANGE_COLUMNS`.

    Called before the list itself is recorded. `named` holds the numbers of people whom a refused row names:
    they are on the list, although their row could not be used, and so have not left it.
    """
    stage("staged_status", COLUMNS, file)
    stage("staged_named", "person_id bigint", named)
    assert all(code.isalnum() for code in scope.counties), "codes of counties are letters and digits"
    counties = ",".join(scope.counties)
    copy_out(COMPARE.format(ended_on=scope.ended_on.isoformat(), counties=counties), target)


def end_statuses(status_ids: Iterable[int], *, ended_on: date, origin: Origin, work: Path) -> int:
    """End these statuses on a day, the ended row beside the old one; return how many.

    One that was corrected since, or does not hold across that day, stays as it is; repeating it ends none.
    """
    _stage_endings(status_ids, work)
    return execute(END, {"at": origin.recorded_at, "job": origin.job_id, "on": ended_on})


def replace_statuses(status_ids: Iterable[int], *, origin: Origin, work: Path) -> int:
    """Put these statuses aside, because the list has the same stay with another start; return how many."""
    _stage_endings(status_ids, work)
    return execute(REPLACE, [origin.recorded_at, origin.job_id])


def _stage_endings(status_ids: Iterable[int], work: Path) -> None:
    file = work / "endings.csv"
    with file.open("w", encoding="ascii") as target:
        target.writelines(f"{status_id}\n" for status_id in status_ids)
    stage("staged_ending", END_COLUMNS, file)
