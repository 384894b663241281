"""From accepted rows to the registry (入库): people numbered and found again, rows copied in sets.

In: a `Reading` whose rows are judged. Out: rows in the registry, in the caller's transaction, and how many
were new or corrected. Identity numbers stay in the reading's own temporary folder; the database has them
sealed.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb

from yiyuan.apps.intake.answers import take_answers
from yiyuan.apps.intake.lists import STATUSES, compare_list, copy_rows, path_literal
from yiyuan.apps.intake.notices import take_notices
from yiyuan.apps.intake.progress import Tell
from yiyuan.apps.intake.services import WholeList
from yiyuan.apps.registry.bulk import settlements as settlement_rows
from yiyuan.apps.registry.bulk.accounts import ReadAccount, record_accounts, record_head_counts
from yiyuan.apps.registry.bulk.copying import Origin, take_turn
from yiyuan.apps.registry.bulk.people import NamedPerson, record_people
from yiyuan.apps.registry.bulk.settlements import (
    has_settlements,
    record_claimed,
    record_settlements,
    write_known,
)
from yiyuan.apps.registry.bulk.statuses import record_statuses
from yiyuan.exchange.reading import Reading
from yiyuan.kernel.workdays import HolidayRow

BLOCK_ROWS = 10_000
# Of all the writing, what numbering and adding people takes.
PEOPLE_SHARE = 0.8

NOT_TOLD = "NULL AS village, NULL AS relation, NULL::DATE AS left_on"
# One line a person: what the first row that names them says, an empty cell never hiding a filled one.
PEOPLE = {
    "hardship": f"""SELECT person_id, first(name ORDER BY seq) FILTER (name IS NOT NULL) AS name,
        first(county_code ORDER BY seq) AS county, first(township ORDER BY seq) AS township,
        first(household_no ORDER BY seq) FILTER (household_no IS NOT NULL) AS household_no, {NOT_TOLD}
        FROM accepted GROUP BY person_id""",
    "settlements": f"""SELECT person_id, any_value(person_name) AS name, any_value(county_code) AS county,
        NULL AS township, NULL AS household_no, {NOT_TOLD} FROM accepted GROUP BY person_id""",
    "accounts": f"""SELECT person_id, any_value(name) AS name, NULL AS county, NULL AS township,
        NULL AS household_no, {NOT_TOLD} FROM (
            SELECT person_id, name FROM accepted
            UNION ALL SELECT guardian_of, NULL FROM accepted WHERE guardian_of IS NOT NULL
        ) GROUP BY person_id""",
    # A register of residents names nobody twice: the second row was refused.
    "residents": """SELECT person_id, name, county_code AS county, township, household_no, village, relation,
        left_on FROM accepted""",
}


def write_rows(
    reading: Reading,
    origin: Origin,
    work: Path,
    whole_list: WholeList | None = None,
    tell: Tell | None = None,
) -> int:
    """Bring the accepted rows of a reading into the registry; return how many were new or corrected.

    Imports take turns until their transaction ends; repeating it writes nothing more. A whole list is
    compared with what was known before it. Rows that contradict what is known become refused rows of the
    reading. `tell` hears the share done.

    :raises UnreadableFile: when a whole list speaks of another county, or a notice contradicts one we have.
    """
    take_turn()
    if reading.kind.name in PEOPLE:
        _number_people(reading, origin, work, tell or _keep_quiet)
    if whole_list is not None:
        compare_list(reading, whole_list, origin, work)
    return _WRITERS[reading.kind.name](reading, origin, work)


def _keep_quiet(_share: float) -> None:
    return


def _number_people(reading: Reading, origin: Origin, work: Path, tell: Tell) -> None:
    """Make the table `numbers` (identity number, person id) in the reading."""
    engine = reading.connection
    engine.execute(
        f"CREATE TABLE people AS SELECT CAST(row_number() OVER () AS INTEGER) AS n, * "
        f"FROM ({PEOPLE[reading.kind.name]}) WHERE person_id IS NOT NULL"
    )
    counted = engine.execute("SELECT count(*) FROM people").fetchone()
    assert counted is not None, "a count is one row"
    count = int(counted[0])
    numbers = record_people(_people(engine, count, tell), count=count, origin=origin, work=work)
    engine.execute(f"SET VARIABLE added = {numbers.added}")
    engine.execute(
        "CREATE TABLE numbers AS SELECT people.person_id AS id_number, "
        f"coalesce(known.person_id, {numbers.base} + n) AS person_id FROM people LEFT JOIN "
        "read_csv(?, auto_detect = false, header = false, columns = {'n': 'INTEGER', 'person_id': 'BIGINT'}) "
        "known USING (n)",
        [str(numbers.known)],
    )


def _people(engine: duckdb.DuckDBPyConnection, count: int, tell: Tell) -> Iterator[NamedPerson]:
    cursor = engine.cursor()
    cursor.execute(
        "SELECT n, person_id, name, county, township, household_no, village, relation, left_on FROM people "
        "ORDER BY n"
    )
    while rows := cursor.fetchmany(BLOCK_ROWS):
        for row in rows:
            yield NamedPerson(*row)
        tell(PEOPLE_SHARE * rows[-1][0] / count)


def _write_hardship(reading: Reading, origin: Origin, work: Path) -> int:
    file = work / "statuses.csv"
    copy_rows(reading.connection, STATUSES, file)
    return record_statuses(file, origin)


def _write_settlements(reading: Reading, origin: Origin, work: Path) -> int:
    engine, file = reading.connection, work / "settlements.csv"
    is_new = "TRUE"
    if has_settlements():
        _read_known(engine, work)
        _refuse_changed(reading)
        is_new = "setl_id NOT IN (SELECT setl_id FROM known)"
    columns = ", ".join(_SETTLEMENT_VALUES.get(name, name) for name in settlement_rows.COLUMNS)
    engine.execute(f"SET VARIABLE job_id = {origin.job_id}")
    engine.execute("SET VARIABLE recorded_at = ?", [origin.recorded_at.isoformat()])
    copy_rows(
        engine,
        f"SELECT {columns} FROM accepted JOIN numbers ON accepted.person_id = numbers.id_number "
        f"WHERE {is_new}",
        file,
    )
    return record_settlements(file)


def _read_known(engine: duckdb.DuckDBPyConnection, work: Path) -> None:
    """Make the table `known`: the settlements of this file that the registry has already, all as text."""
    numbers, known = work / "numbers.csv", work / "known.csv"
    copy_rows(engine, "SELECT setl_id FROM accepted", numbers)
    write_known(numbers, known)
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in settlement_rows.SAID_BY_FILE)
    engine.execute(
        f"CREATE TABLE known AS SELECT * FROM read_csv({path_literal(known)}, auto_detect = false, "
        f"header = false, columns = {{{columns}}})"
    )


def _refuse_changed(reading: Reading) -> None:
    """Refuse rows whose settlement is known otherwise: it stays as it is until a reversal takes it out."""
    told = ", ".join(
        f"coalesce(CAST({_SETTLEMENT_VALUES.get(name, f'a.{name}')} AS VARCHAR), '')"
        for name in settlement_rows.SAID_BY_FILE
    )
    held = ", ".join(f"coalesce(k.{name}, '')" for name in settlement_rows.SAID_BY_FILE)
    reading.refuse(
        "known_differently",
        "setl_id",
        "SELECT a.seq, a.setl_id, NULL::VARCHAR FROM accepted a JOIN known k USING (setl_id) "
        f"LEFT JOIN numbers ON numbers.id_number = a.person_id WHERE row({told}) <> row({held})",
    )


_SETTLEMENT_VALUES: Mapping[str, str] = {
    "person_id": "numbers.person_id",
    "source_row": '"row"',
    "import_job_id": "getvariable('job_id')",
    "recorded_at": "getvariable('recorded_at')",
}


def _write_claimed(reading: Reading, origin: Origin, work: Path) -> int:
    file = work / "claimed.csv"
    copy_rows(reading.connection, "SELECT setl_id FROM accepted ORDER BY seq", file)
    return record_claimed(file, origin)


def _write_accounts(reading: Reading, origin: Origin, work: Path) -> int:
    return record_accounts(_accounts(reading.connection), origin, work)


def _accounts(engine: duckdb.DuckDBPyConnection) -> Iterator[ReadAccount]:
    cursor = engine.cursor()
    cursor.execute(
        "SELECT own.person_id, bank_name, account_no, holder_name, kind, ward.person_id FROM accepted "
        "JOIN numbers own ON accepted.person_id = own.id_number "
        "LEFT JOIN numbers ward ON accepted.guardian_of = ward.id_number ORDER BY seq"
    )
    while rows := cursor.fetchmany(BLOCK_ROWS):
        for row in rows:
            yield ReadAccount(*row)


def _write_head_counts(reading: Reading, origin: Origin, work: Path) -> int:
    file = work / "head-counts.csv"
    copy_rows(
        reading.connection,
        'SELECT county_code, "on", persons, households, source FROM accepted ORDER BY seq',
        file,
    )
    return record_head_counts(file, origin)


def _count_residents(reading: Reading, _origin: Origin, _work: Path) -> int:
    """Return how many people were new; they were all written as they were numbered."""
    added = reading.connection.execute("SELECT getvariable('added')").fetchone()
    return int(added[0]) if added else 0


def _write_holidays(reading: Reading, origin: Origin, _work: Path) -> int:
    rows = reading.connection.execute(
        'SELECT "year", version, known_from, "date", name, kind FROM accepted ORDER BY seq'
    ).fetchall()
    return take_notices([HolidayRow(*row) for row in rows], origin)


_WRITERS: Mapping[str, Callable[[Reading, Origin, Path], int]] = {
    "hardship": _write_hardship,
    "settlements": _write_settlements,
    "claimed": _write_claimed,
    "accounts": _write_accounts,
    "headcount": _write_head_counts,
    "residents": _count_residents,
    "holidays": _write_holidays,
    "bank-returns": take_answers,
}
