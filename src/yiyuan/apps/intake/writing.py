"""From accepted rows to the registry (入库): people numbered and found again, rows copied in sets.

In: a `Reading` whose rows are judged. Out: rows in the registry, in the caller's transaction, and how many
were new or corrected. Identity numbers stay in the reading's own temporary folder; the database has them
sealed.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb

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

BLOCK_ROWS = 10_000

# One line a person: what the first row that names them says, an empty cell never hiding a filled one.
PEOPLE = {
    "hardship": """SELECT person_id, first(name ORDER BY seq) FILTER (name IS NOT NULL) AS name,
        first(county_code ORDER BY seq) AS county, first(township ORDER BY seq) AS township,
        first(household_no ORDER BY seq) FILTER (household_no IS NOT NULL) AS household_no
        FROM accepted GROUP BY person_id""",
    "settlements": """SELECT person_id, any_value(person_name) AS name, any_value(county_code) AS county,
        NULL AS township, NULL AS household_no FROM accepted GROUP BY person_id""",
    "accounts": """SELECT person_id, any_value(name) AS name, NULL AS county, NULL AS township,
        NULL AS household_no FROM (
            SELECT person_id, name FROM accepted
            UNION ALL SELECT guardian_of, NULL FROM accepted WHERE guardian_of IS NOT NULL
        ) GROUP BY person_id""",
}


def write_rows(reading: Reading, origin: Origin, work: Path) -> int:
    """Bring the accepted rows of a reading into the registry; return how many were new or corrected.

    Imports take turns until their transaction ends; repeating it writes nothing more.
    """
    take_turn()
    if reading.kind.name in PEOPLE:
        _number_people(reading, origin, work)
    return _WRITERS[reading.kind.name](reading.connection, origin, work)


def _number_people(reading: Reading, origin: Origin, work: Path) -> None:
    """Make the table `numbers` (identity number, person id) in the reading."""
    engine = reading.connection
    engine.execute(
        f"CREATE TABLE people AS SELECT CAST(row_number() OVER () AS INTEGER) AS n, * "
        f"FROM ({PEOPLE[reading.kind.name]}) WHERE person_id IS NOT NULL"
    )
    counted = engine.execute("SELECT count(*) FROM people").fetchone()
    assert counted is not None, "a count is one row"
    numbers = record_people(_people(engine), count=int(counted[0]), recorded_at=origin.recorded_at, work=work)
    engine.execute(
        "CREATE TABLE numbers AS SELECT people.person_id AS id_number, "
        f"coalesce(known.person_id, {numbers.base} + n) AS person_id FROM people LEFT JOIN "
        "read_csv(?, auto_detect = false, header = false, columns = {'n': 'INTEGER', 'person_id': 'BIGINT'}) "
        "known USING (n)",
        [str(numbers.known)],
    )


def _people(engine: duckdb.DuckDBPyConnection) -> Iterator[NamedPerson]:
    cursor = engine.cursor()
    cursor.execute("SELECT n, person_id, name, county, township, household_no FROM people ORDER BY n")
    while rows := cursor.fetchmany(BLOCK_ROWS):
        for row in rows:
            yield NamedPerson(*row)


def _write_hardship(engine: duckdb.DuckDBPyConnection, origin: Origin, work: Path) -> int:
    file = work / "statuses.csv"
    _copy(
        engine,
        'SELECT numbers.person_id, "group", county_code, valid_from, valid_to, "row" '
        "FROM accepted JOIN numbers ON accepted.person_id = numbers.id_number ORDER BY seq",
        file,
    )
    return record_statuses(file, origin)


def _write_settlements(engine: duckdb.DuckDBPyConnection, origin: Origin, work: Path) -> int:
    file = work / "settlements.csv"
    is_new = f"setl_id NOT IN ({_known(engine, work)})" if has_settlements() else "TRUE"
    columns = ", ".join(_SETTLEMENT_VALUES.get(name, name) for name in settlement_rows.COLUMNS)
    engine.execute(f"SET VARIABLE job_id = {origin.job_id}")
    engine.execute("SET VARIABLE recorded_at = ?", [origin.recorded_at.isoformat()])
    _copy(
        engine,
        f"SELECT {columns} FROM accepted JOIN numbers ON accepted.person_id = numbers.id_number "
        f"WHERE {is_new}",
        file,
    )
    return record_settlements(file)


def _known(engine: duckdb.DuckDBPyConnection, work: Path) -> str:
    """Return a query for the settlement numbers of this file that the registry has already."""
    numbers, known = work / "numbers.csv", work / "known.csv"
    _copy(engine, "SELECT setl_id FROM accepted", numbers)
    write_known(numbers, known)
    columns = "columns = {'setl_id': 'VARCHAR'}"
    return f"SELECT setl_id FROM read_csv({_text(known)}, auto_detect = false, header = false, {columns})"


_SETTLEMENT_VALUES: Mapping[str, str] = {
    "person_id": "numbers.person_id",
    "source_row": '"row"',
    "import_job_id": "getvariable('job_id')",
    "recorded_at": "getvariable('recorded_at')",
}


def _write_claimed(engine: duckdb.DuckDBPyConnection, origin: Origin, work: Path) -> int:
    file = work / "claimed.csv"
    _copy(engine, "SELECT setl_id FROM accepted ORDER BY seq", file)
    return record_claimed(file, origin)


def _write_accounts(engine: duckdb.DuckDBPyConnection, origin: Origin, work: Path) -> int:
    return record_accounts(_accounts(engine), origin, work)


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


def _write_head_counts(engine: duckdb.DuckDBPyConnection, origin: Origin, work: Path) -> int:
    file = work / "head-counts.csv"
    _copy(engine, 'SELECT county_code, "on", persons, households, source FROM accepted ORDER BY seq', file)
    return record_head_counts(file, origin)


_WRITERS: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Origin, Path], int]] = {
    "hardship": _write_hardship,
    "settlements": _write_settlements,
    "claimed": _write_claimed,
    "accounts": _write_accounts,
    "headcount": _write_head_counts,
}


def _copy(engine: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    engine.execute(f"COPY ({query}) TO {_text(file)} (FORMAT csv, HEADER false)")


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
