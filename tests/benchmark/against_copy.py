"""A command against a COPY of the rows it leaves (和原样写入比): turn about, on the same server.

In: a world, the command, the tables it fills. Out: what each side took, and how many rows were left. The COPY
goes into the same tables with their keys, indexes, constraints and triggers, by a role that row-level
security does not bind, and need not read, decide or check anything. CPU counts the process and every process
of the server.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import django
import psycopg

from tests.benchmark.figures import Figure
from tests.benchmark.intake import Cost, cost_of
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import DatabaseUrls, running_database
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

TARGET_RATIO = 3.0
COPY_IN = """
import sys, psycopg
with psycopg.connect(sys.argv[2]) as city:
    for table in sys.argv[3:]:
        copy = city.cursor().copy(f"COPY {table} FROM STDIN")
        with open(f"{sys.argv[1]}/{table}", "rb") as rows, copy as target:
            while block := rows.read(1 << 20):
                target.write(block)
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured: the world it starts from, what is done before, the command, and what it fills.

    `left` is in an order that foreign keys allow.
    """

    write_world: Callable[["psycopg.Connection[Any]"], None]
    command: Sequence[str]
    left: Sequence[str]
    before: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """How the figures are called: by name, of how many of what, and by which process."""

    name: str
    count: int
    what: str
    process: str


def set_up() -> None:
    """Prepare this process; its keys are thrown away, as what is sealed with them is made up."""
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()


def figures_of(work: Work, named: Named, runs: int) -> Iterator[Figure]:
    """Yield the ratio of CPU times, medians of runs turn about, and what stands behind it."""
    ours, copies, rows = _turn_about(work, runs)
    name = named.name
    ratio = median(our.cpu_s / copy.cpu_s for our, copy in zip(ours, copies, strict=True))
    copied = median(copy.cpu_s for copy in copies)
    yield Figure(
        f"{name}_cpu_ratio",
        round(ratio, 2),
        "x",
        f"<= {TARGET_RATIO:g}",
        ratio <= TARGET_RATIO,
        runs,
        f"COPY of the {rows} rows left, {copied:.1f} CPU s",
    )
    seconds = median(our.cpu_s for our in ours)
    yield Figure(f"{name}_cpu", round(seconds, 1), "s", None, True, runs, f"{named.count} {named.what}")
    rate, metric = round(named.count / seconds), f"{name}_{named.what}_per_cpu_second"
    yield Figure(metric, rate, f"{named.what}/s", None, True, runs, "")
    peak = max(our.peak_mib for our in ours)
    yield Figure(f"{name}_peak", round(peak), "MiB", None, True, runs, named.process)


def _turn_about(work: Work, runs: int) -> tuple[list[Cost], list[Cost], int]:
    ours, copies, rows = [], [], 0
    with running_database(TESTS) as server, TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        database = CopiedDatabase(server)
        database.create()
        try:
            for _ in range(runs):
                database.renew()
                urls = database.urls()
                with psycopg.connect(urls.maintenance) as city:
                    work.write_world(city)
                if work.before:
                    cost_of([sys.executable, "-c", *work.before], urls)
                    with psycopg.connect(urls.maintenance, autocommit=True) as city:
                        city.execute("ANALYZE")
                ours.append(cost_of([sys.executable, "-c", *work.command], urls))
                rows = _dump(Path(folder), urls, work.left)
                copy_in = [sys.executable, "-c", COPY_IN, folder, urls.maintenance, *work.left]
                copies.append(cost_of(copy_in, urls))
        finally:
            database.drop()
    return ours, copies, rows


def _dump(folder: Path, urls: DatabaseUrls, left: Sequence[str]) -> int:
    rows = 0
    with psycopg.connect(urls.maintenance) as city:
        for table in left:
            cursor = city.cursor()
            with (
                (folder / table).open("wb") as target,
                cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT") as copied,
            ):
                for block in copied:
                    target.write(block)
            rows += cursor.rowcount
        city.execute(f"TRUNCATE {', '.join(left)} CASCADE")
    return rows
