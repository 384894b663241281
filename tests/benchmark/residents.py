"""Importing a whole city's residents (导入户籍人口), against a COPY of the accepted people into their table.

A file a county, as the police send them, each read by a process of its own; the COPY is one, by a role that
row-level security does not bind. Both start from an empty table with its keys and indexes on the same server.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import duckdb
import psycopg

from tests.benchmark.intake import COPY_IN, IMPORT, Cost, cost_of
from yiyuan.runtime.database import DatabaseUrls
from yiyuan.synthetic.names import given_name, surname

TABLES = (
    "registry_person, registry_household, registry_namepart, registry_tally, intake_importjob,"
    " intake_refusedrow, audit_entry"
)
COUNTIES = (
    "411702", "411721", "411722", "411723", "411724", "411725", "411726", "411727", "411728", "411729",
)  # fmt: skip
NAMES = 200_000
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SUM = " + ".join(f"{weight} * first_17[{place}]::INT" for place, weight in enumerate(WEIGHTS, start=1))
# Everybody's number is another: a birthday, and the place in it. One row in a hundred has a wrong last sign.
FILE = f"""COPY (
    WITH people AS (
        SELECT i, hash(i * 2654435761) AS h, DATE '1935-01-01' + (i // 400 % 29000)::INT AS birth,
            '$county' || strftime(birth, '%Y%m%d') || lpad((i % 400 + 400 * (i // 11600000))::VARCHAR, 3, '0')
                AS first_17
        FROM range($rows) t(i)
    )
    SELECT n.name AS "姓名", first_17 || CASE WHEN i % 100 = 7 THEN '?' ELSE
            substr('10X98765432', 1 + ({CHECK_SUM}) % 11, 1) END AS "公民身份号码",
        CASE WHEN i % 400 % 2 = 1 THEN '男' ELSE '女' END AS "性别", birth AS "出生日期",
        '$county' AS "县区代码", '' AS "乡镇代码", '' AS "村(社区)代码",
        '$county' || lpad((i // 3)::VARCHAR, 7, '0') AS "户号", '户主' AS "与户主关系",
        birth AS "登记日期", '' AS "注销日期"
    FROM people JOIN names n ON n.place = h % {NAMES} ORDER BY i
) TO '$file' (FORMAT csv, HEADER)"""
COPY_OUT = "COPY (SELECT * FROM registry_person ORDER BY id) TO STDOUT"


def write_residents(folder: Path, people: int) -> Sequence[Path]:
    """Write a file a county, ten of them, and return their paths; the same number gives the same bytes."""
    random = Random(5)
    names = [surname(random) + given_name(random, is_female=n % 2 == 0, age=n % 90) for n in range(NAMES)]
    files = []
    with duckdb.connect() as engine:
        engine.execute(
            "CREATE TABLE names AS SELECT unnest(?) AS name, unnest(range(?)) AS place", [names, NAMES]
        )
        for county in COUNTIES:
            file = folder / f"户籍人口_{county}.csv"
            statement = FILE.replace("$county", county).replace("$rows", str(people // len(COUNTIES)))
            engine.execute(statement.replace("$file", str(file)))
            files.append(file)
    return files


def import_residents(files: Sequence[Path], urls: DatabaseUrls) -> Cost:
    """Bring all files into an empty registry; return what it took together, and the highest peak."""
    _empty(urls, TABLES)
    costs = [cost_of([sys.executable, "-c", IMPORT, str(file), "residents"], urls) for file in files]
    return Cost(
        sum(cost.child_s for cost in costs),
        sum(cost.server_s for cost in costs),
        max(cost.peak_mib for cost in costs),
    )


def copy_people(work: Path, urls: DatabaseUrls) -> tuple[Cost, int]:
    """Copy the people that are there into the same table, emptied; return what it took and how many."""
    accepted = work / "people.copy"
    with psycopg.connect(urls.maintenance) as city:
        cursor = city.cursor()
        with accepted.open("wb") as target, cursor.copy(COPY_OUT) as rows:
            for block in rows:
                target.write(block)
        people = cursor.rowcount
    # Households stay: a COPY knows nothing of them but their numbers.
    _empty(urls, "registry_person")
    cost = cost_of([sys.executable, "-c", COPY_IN, str(accepted), urls.maintenance, "registry_person"], urls)
    accepted.unlink()
    return cost, people


def _empty(urls: DatabaseUrls, tables: str) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as city:
        city.execute(f"TRUNCATE {tables} CASCADE")
