"""The statuses of a hardship register (整批登记困难身份).

In: a CSV `person id, group, county, from, to, row of the file`. Out: how many were new or corrected.
"""

from pathlib import Path

from yiyuan.apps.registry.bulk.copying import Origin, execute, stage

COLUMNS = (
    """person_id bigint, "group" text, county_code text, valid_from date, valid_to date, source_row integer"""
)
SUPERSEDE = """UPDATE registry_hardshipstatus h SET superseded_at = %s FROM staged_status s
WHERE h.superseded_at IS NULL AND h.person_id = s.person_id AND h."group" = s."group"
    AND h.valid_from = s.valid_from AND h.valid_to IS DISTINCT FROM s.valid_to"""
ADD = """INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from, valid_to,
    import_job_id, source_row, recorded_at)
SELECT DISTINCT ON (person_id, "group", valid_from) person_id, "group", coalesce(county_code, ''), valid_from,
    valid_to, %s, source_row, %s
FROM staged_status ORDER BY person_id, "group", valid_from, source_row
ON CONFLICT (person_id, "group", valid_from) WHERE superseded_at IS NULL DO NOTHING"""


def record_statuses(file: Path, origin: Origin) -> int:
    """Add new periods, and put a corrected end beside the old one; return how many rows were written."""
    stage("staged_status", COLUMNS, file)
    execute(SUPERSEDE, [origin.recorded_at])
    return execute(ADD, [origin.job_id, origin.recorded_at])
