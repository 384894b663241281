"""Importing settlements and residents (导入), against a COPY of the accepted rows into the same table.

Both sides start from an empty table with its keys and indexes on the same server, turn about; CPU counts the
reading process and every process of the server. The product's side reads the department's CSV, checks every
row, finds or adds the people behind a blind index, seals their numbers, and keeps what it refused. The COPY
is done by a role that row-level security does not bind.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import django
import psutil
import psycopg

from tests.benchmark.figures import Figure
from tests.benchmark.intake_file import write_settlements
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS, server_process
from yiyuan.runtime.database import DatabaseUrls, running_database
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

TABLES = "registry_settlement, registry_person, intake_importjob, intake_refusedrow, audit_entry"
TARGET_RATIO = 4.0
PEOPLE, PEAK_MIB = 9_600_000, 2_048
IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from yiyuan.apps.intake.running import import_file
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
done = import_file(
    path=Path(sys.argv[1]), kind=sys.argv[2], group="", occurred_at=datetime.now(UTC),
    request_key=sys.argv[1],
    actor=Actor("bench", "bench", frozenset({Role.CLERK}), EVERYWHERE),
)
assert done.state == "done" and done.changed == done.accepted, done
print(done.accepted, done.refused)
"""
COPY_OUT = "COPY (SELECT * FROM registry_settlement ORDER BY id) TO STDOUT"
COPY_IN = """
import sys, psycopg
with psycopg.connect(sys.argv[2]) as city, open(sys.argv[1], "rb") as rows:
    with city.cursor().copy(f"COPY {sys.argv[3]} FROM STDIN") as target:
        while block := rows.read(1 << 20):
            target.write(block)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: CPU of the child and of the server, and the child's peak memory."""

    child_s: float
    server_s: float
    peak_mib: float

    @property
    def cpu_s(self) -> float:
        """Return all CPU seconds of the run."""
        return self.child_s + self.server_s


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the ratio of CPU times, medians of interleaved runs, and what stands behind it."""
    # Throwaway keys: what is sealed here is made up and dropped at the end.
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)))
    django.setup()
    rows, runs = (100_000, 2) if quick else (1_000_000, 5)
    with TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        file = Path(folder) / "住院结算.csv"
        write_settlements(file, rows)
        ours, copies = _interleave(file, runs)
    ratios = [our.cpu_s / copy.cpu_s for our, copy in zip(ours, copies, strict=True)]
    baseline = f"COPY of the accepted rows, {median(copy.cpu_s for copy in copies):.1f} CPU s"
    ratio = median(ratios)
    yield Figure(
        "intake_cpu_ratio",
        round(ratio, 2),
        "x",
        f"<= {TARGET_RATIO:g}",
        ratio <= TARGET_RATIO,
        runs,
        baseline,
    )
    seconds = median(our.cpu_s for our in ours)
    yield Figure("intake_cpu", round(seconds, 1), "s", None, True, runs, f"{rows} rows read")
    yield Figure("intake_rows_per_cpu_second", round(rows / seconds), "rows/s", None, True, runs, "")
    yield Figure(
        "intake_peak", round(max(our.peak_mib for our in ours)), "MiB", None, True, runs, "reading process"
    )
    yield from _measure_residents(*(50_000, 1) if quick else (PEOPLE, 1))


def _measure_residents(people: int, runs: int) -> Iterator[Figure]:
    """Yield the same for a whole city's residents, a file a county."""
    from tests.benchmark import residents

    ours, copies, accepted = [], [], 0
    with _copied_database() as urls, TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        files = residents.write_residents(Path(folder), people)
        for _ in range(runs):
            ours.append(residents.import_residents(files, urls))
            copy, accepted = residents.copy_people(Path(folder), urls)
            copies.append(copy)
    ratio = median(our.cpu_s / copy.cpu_s for our, copy in zip(ours, copies, strict=True))
    said = f"COPY of the {accepted} people accepted, {median(copy.cpu_s for copy in copies):.1f} CPU s"
    is_met = ratio <= TARGET_RATIO
    yield Figure("residents_cpu_ratio", round(ratio, 2), "x", f"<= {TARGET_RATIO:g}", is_met, runs, said)
    seconds, peak = median(our.cpu_s for our in ours), max(our.peak_mib for our in ours)
    yield Figure("residents_cpu", round(seconds, 1), "s", None, True, runs, f"{people} rows read")
    yield Figure(
        "residents_peak",
        round(peak),
        "MiB",
        f"<= {PEAK_MIB}",
        peak <= PEAK_MIB,
        runs,
        "the reading process of the largest file",
    )


def _interleave(file: Path, runs: int) -> tuple[list[Cost], list[Cost]]:
    ours, copies = [], []
    with _copied_database() as urls:
        accepted = file.with_suffix(".copy")
        for _ in range(runs):
            ours.append(_import(file, urls))
            _dump(accepted, urls)
            copies.append(_copy(accepted, urls))
    return ours, copies


@contextmanager
def _copied_database() -> Iterator[DatabaseUrls]:
    with running_database(TESTS) as server:
        database = CopiedDatabase(server)
        database.create()
        try:
            yield database.urls()
        finally:
            database.drop()


def _import(file: Path, urls: DatabaseUrls) -> Cost:
    _empty(urls, TABLES)
    return cost_of([sys.executable, "-c", IMPORT, str(file), "settlements"], urls)


def _dump(accepted: Path, urls: DatabaseUrls) -> None:
    with (
        psycopg.connect(urls.maintenance) as city,
        accepted.open("wb") as target,
        city.cursor().copy(COPY_OUT) as rows,
    ):
        for block in rows:
            target.write(block)


def _copy(accepted: Path, urls: DatabaseUrls) -> Cost:
    # The people stay: a COPY knows nothing of them but their numbers.
    _empty(urls, "registry_settlement")
    command = [sys.executable, "-c", COPY_IN, str(accepted), urls.maintenance, "registry_settlement"]
    return cost_of(command, urls)


def _empty(urls: DatabaseUrls, tables: str) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as city:
        city.execute(f"TRUNCATE {tables} CASCADE")


def cost_of(command: list[str], urls: DatabaseUrls) -> Cost:
    """Run a command against the database and return what it took of this machine, with the server's part."""
    server_before, child_before = _server_cpu(urls), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **urls.environment(), "YIYUAN_COUNTIES": "*"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors.decode()[-2000:])
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    child_s = child.ru_utime + child.ru_stime - child_before.ru_utime - child_before.ru_stime
    return Cost(child_s, _server_cpu(urls) - server_before, child.ru_maxrss / 1024)


def _server_cpu(urls: DatabaseUrls) -> float:
    """Return the CPU seconds of the server: its own, its living processes' and those of all that ended."""
    assert urls.cluster is not None, "the benchmark starts a server of its own"
    number = server_process(urls.cluster)
    assert number is not None, "the server runs"
    server = psutil.Process(number)
    own = server.cpu_times()
    living = sum(sum(child.cpu_times()[:2]) for child in server.children())
    return float(own.user + own.system + own.children_user + own.children_system + living)
