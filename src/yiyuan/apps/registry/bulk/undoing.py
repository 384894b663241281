"""Taking an import back (撤销一次导入), and whom an import touched (受影响的人).

In: the number of an import. Out: the people whose facts it changed; or its rows gone, and what it had
corrected in force again.
"""

from yiyuan.apps.registry.bulk.copying import execute, fetch_number, fetch_rows

AFFECTED = """SELECT person_id FROM registry_hardshipstatus WHERE import_job_id = %(job)s
UNION SELECT person_id FROM registry_hardshipstatus WHERE superseded_by_job_id = %(job)s
UNION SELECT person_id FROM registry_settlement WHERE import_job_id = %(job)s"""
# Asked for in two steps: of rows that came in this transaction the planner knows nothing yet, and may join
# a million of them with each other row by row.
TOLD_OF = """SELECT reverses_setl_id FROM registry_settlement
    WHERE import_job_id = %(job)s AND reverses_setl_id <> ''
UNION SELECT setl_id FROM registry_claimedsettlement WHERE import_job_id = %(job)s"""
PEOPLE_OF = "SELECT DISTINCT person_id FROM registry_settlement WHERE setl_id = ANY (%s)"
CORRECTED_SINCE = """SELECT min(n) FROM (
    SELECT min(superseded_by_job_id) AS n FROM registry_hardshipstatus
    WHERE import_job_id = %(job)s AND superseded_by_job_id <> %(job)s
    UNION ALL SELECT min(superseded_by_job_id) FROM registry_headcount
    WHERE import_job_id = %(job)s AND superseded_by_job_id <> %(job)s
) AS later"""
SETTLEMENTS = "SELECT setl_id FROM registry_settlement WHERE import_job_id = %s"
ACCOUNTS = "SELECT id FROM registry_account WHERE import_job_id = %s"
# What the import corrected is in force again once its own rows are gone; its own corrections go with them.
REMOVE = tuple(
    f"DELETE FROM registry_{table} WHERE import_job_id = %(job)s"
    for table in ("hardshipstatus", "settlement", "account", "claimedsettlement", "headcount")
)
# A paper bill whose file row goes is told by the paper alone again; names nobody has decided on go too.
FORGET = (
    """UPDATE registry_paperbill SET feed_setl_id = '', matched_job_id = NULL, matched_at = NULL
    WHERE matched_job_id = %(job)s""",
    "DELETE FROM registry_namesaid WHERE import_job_id = %(job)s AND state = 'open'",
)
# A period that came again in a later import stays as that one has it.
RESTORE = (
    """UPDATE registry_hardshipstatus h SET superseded_at = NULL, superseded_by_job_id = NULL
    WHERE h.superseded_by_job_id = %(job)s AND NOT EXISTS (SELECT FROM registry_hardshipstatus n
        WHERE n.person_id = h.person_id AND n."group" = h."group" AND n.valid_from = h.valid_from
            AND n.superseded_at IS NULL)""",
    """UPDATE registry_headcount SET superseded_at = NULL, superseded_by_job_id = NULL
    WHERE superseded_by_job_id = %(job)s""",
)
# Somebody another file knows as well stays; only those whom nothing else names go.
REMOVE_PEOPLE = """DELETE FROM registry_person p WHERE p.import_job_id = %(job)s
    AND NOT EXISTS (SELECT FROM registry_hardshipstatus h WHERE h.person_id = p.id)
    AND NOT EXISTS (SELECT FROM registry_settlement s WHERE s.person_id = p.id)
    AND NOT EXISTS (SELECT FROM registry_account a WHERE a.person_id = p.id)
    AND NOT EXISTS (SELECT FROM registry_account a WHERE a.guardian_of_id = p.id)
    AND NOT EXISTS (SELECT FROM registry_namesaid n WHERE n.person_id = p.id)
    AND NOT EXISTS (SELECT FROM registry_contact c WHERE c.person_id = p.id)"""
# A blank it had filled is blank again; the county stays where a row of another import still tells it.
EMPTY_AGAIN = """UPDATE registry_person p SET
    name = CASE WHEN 'name' = ANY(f.told) THEN '' ELSE p.name END,
    name_key = CASE WHEN 'name' = ANY(f.told) THEN '' ELSE p.name_key END,
    county_code = CASE WHEN 'county_code' = ANY(f.told) THEN coalesce(
        (SELECT h.county_code FROM registry_hardshipstatus h WHERE h.person_id = p.id
            AND h.superseded_at IS NULL AND h.county_code <> '' ORDER BY h.id DESC LIMIT 1),
        (SELECT s.county_code FROM registry_settlement s WHERE s.person_id = p.id
            AND s.county_code <> '' ORDER BY s.id DESC LIMIT 1), '') ELSE p.county_code END,
    township_code = CASE WHEN 'township_code' = ANY(f.told) THEN '' ELSE p.township_code END,
    village_code = CASE WHEN 'village_code' = ANY(f.told) THEN '' ELSE p.village_code END,
    household_id = CASE WHEN 'household_id' = ANY(f.told) THEN NULL ELSE p.household_id END,
    relation = CASE WHEN 'relation' = ANY(f.told) THEN '' ELSE p.relation END,
    left_on = CASE WHEN 'left_on' = ANY(f.told) THEN NULL ELSE p.left_on END
FROM (SELECT person_id, string_to_array(columns, ',') AS told FROM registry_filledblank
    WHERE import_job_id = %(job)s) AS f
WHERE p.id = f.person_id"""
FORGET_FILLED = "DELETE FROM registry_filledblank WHERE import_job_id = %(job)s"
REMOVE_NAME_PARTS = """DELETE FROM registry_namepart n
    WHERE NOT EXISTS (SELECT FROM registry_person p WHERE p.name = n.name)"""
KEEP_PEOPLE = "UPDATE registry_person SET import_job_id = NULL WHERE import_job_id = %(job)s"


def list_affected_people(job_id: int) -> list[int]:
    """Return whose status, settlements or earlier payments an import has changed."""
    people = {int(row[0]) for row in fetch_rows(AFFECTED, {"job": job_id})}
    if told_of := [str(row[0]) for row in fetch_rows(TOLD_OF, {"job": job_id})]:
        people.update(int(row[0]) for row in fetch_rows(PEOPLE_OF, [told_of]))
    return list(people)


def find_later_correction(job_id: int) -> int | None:
    """Return the first import that has corrected rows of this one since, or None."""
    return fetch_number(CORRECTED_SINCE, {"job": job_id})


def list_settlement_numbers(job_id: int) -> list[str]:
    """Return the settlements an import brought."""
    return [str(row[0]) for row in fetch_rows(SETTLEMENTS, [job_id])]


def list_account_ids(job_id: int) -> list[int]:
    """Return the accounts an import brought."""
    return [int(row[0]) for row in fetch_rows(ACCOUNTS, [job_id])]


def remove_import(job_id: int) -> int:
    """Take the rows of an import out and put in force again what it had corrected; return how many rows went.

    The caller has made sure that nothing rests on them. Repeating it removes nothing.
    """
    removed = sum(execute(statement, {"job": job_id}) for statement in REMOVE)
    for statement in (*FORGET, *RESTORE):
        execute(statement, {"job": job_id})
    for statement in (EMPTY_AGAIN, FORGET_FILLED):
        execute(statement, {"job": job_id})
    people = execute(REMOVE_PEOPLE, {"job": job_id})
    if people:
        execute(REMOVE_NAME_PARTS, [])
    removed += people
    execute(KEEP_PEOPLE, {"job": job_id})
    return removed
