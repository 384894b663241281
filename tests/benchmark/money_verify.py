"""The ledger at a million postings (百万分录): the verification, the auditor's export, and the money pages.

The verification counts the digest of every entry anew from its postings and walks the whole chain. It stands
against a plain sequential read of the same rows, entries, postings and links, by COPY TO STDOUT thrown away:
no digest is counted and nothing is compared there. Turn about; CPU counts the process that reads and every
process of the server.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import psycopg

from tests.benchmark.figures import Figure
from tests.benchmark.intake import Cost, cost_of
from tests.benchmark.money_world import write_ledger
from tests.benchmark.site import run_module
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import DatabaseUrls, running_database

PAGE_MS, MEMORY_MIB = 120, 512
# Written at the end of a child: its own peak, for the operating system tells only that of all children.
PEAK = """
import resource
open(sys.argv[-1], "w").write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""
SEAL = """
from datetime import UTC, datetime
import django
django.setup()
from yiyuan.apps.ledger.sealing import anchor_chain, seal_entries
from yiyuan.kernel.actor import SYSTEM_ACTOR
AT = datetime(2019, 11, 20, 2, 0, tzinfo=UTC)
anchor_chain(actor=SYSTEM_ACTOR, anchored_at=AT, request_key="anchor")
# As each minute: what the run before has seen is settled then, and no page looks there for unsealed entries.
seal_entries(sealed_at=AT)
seal_entries(sealed_at=AT)
"""
VERIFY = (
    """
import sys
import django
django.setup()
from yiyuan.apps.ledger.verifying import verify_ledger
found = verify_ledger()
assert found.is_whole and found.checked == int(sys.argv[1]), found
"""
    + PEAK
)
EXPORT = (
    """
import sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from yiyuan.apps.ledger.exporting import export_ledger
from yiyuan.kernel.actor import SYSTEM_ACTOR
AT = datetime(2019, 11, 20, 2, 0, tzinfo=UTC)
export_ledger(folder=Path(sys.argv[1]), actor=SYSTEM_ACTOR, occurred_at=AT, request_key="export")
"""
    + PEAK
)
READ = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as city:
    for table in ("ledger_entry", "ledger_posting", "ledger_link"):
        with city.cursor().copy(f"COPY {table} TO STDOUT") as rows:
            for block in rows:
                pass
"""


def measure_ledger(quick: bool) -> Iterator[Figure]:
    """Yield what verifying, exporting and reading on screen cost."""
    postings, runs, visits = (120_000, 1, 15) if quick else (1_000_000, 3, 100)
    with running_database(TESTS) as server, TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        database = CopiedDatabase(server)
        database.create()
        try:
            urls = database.urls()
            with psycopg.connect(urls.maintenance) as city:
                made = write_ledger(city, postings)
            cost_of([sys.executable, "-c", SEAL], urls)
            with psycopg.connect(urls.maintenance, autocommit=True) as city:
                city.execute("VACUUM ANALYZE")
            yield from _verifying(urls, made, runs, Path(folder))
            yield _exporting(urls, made, Path(folder))
            yield from _pages(urls, visits, made)
        finally:
            database.drop()


def _verifying(urls: DatabaseUrls, postings: int, runs: int, folder: Path) -> Iterator[Figure]:
    entries, rows = postings // 2, postings * 2
    ours, reads, told = [], [], folder / "verify.peak"
    for _ in range(runs):
        ours.append(cost_of([sys.executable, "-c", VERIFY, str(entries), str(told)], urls))
        reads.append(cost_of([sys.executable, "-c", READ, urls.maintenance], urls))
    seconds, read = _seconds(ours), _seconds(reads)
    ratio = median(our.cpu_s / one.cpu_s for our, one in zip(ours, reads, strict=True))
    said = f"{postings:,} postings of {entries:,} sealed entries"
    yield Figure("money_verify_cpu", round(seconds, 1), "s", None, True, runs, said)
    yield Figure(
        "money_verify_rows_per_cpu_second",
        round(rows / seconds),
        "rows/s",
        None,
        True,
        runs,
        "entries, postings and links together",
    )
    said = f"COPY TO STDOUT of the same {rows:,} rows, thrown away: {read:.2f} CPU s"
    yield Figure("money_verify_cpu_ratio", round(ratio, 2), "x", None, True, runs, said)
    peak = float(told.read_text())
    yield Figure(
        "money_verify_peak",
        round(peak),
        "MiB",
        f"<= {MEMORY_MIB}",
        peak <= MEMORY_MIB,
        runs,
        "the process that verifies",
    )


def _seconds(costs: list[Cost]) -> float:
    return median(one.cpu_s for one in costs)


def _exporting(urls: DatabaseUrls, postings: int, folder: Path) -> Figure:
    told = folder / "export.peak"
    cost = cost_of([sys.executable, "-c", EXPORT, str(folder / "export"), str(told)], urls)
    peak = float(told.read_text())
    said = f"the auditor's export of {postings:,} postings, {cost.cpu_s:.1f} CPU s"
    return Figure("money_export_peak", round(peak), "MiB", f"<= {MEMORY_MIB}", peak <= MEMORY_MIB, 1, said)


def _pages(urls: DatabaseUrls, visits: int, postings: int) -> Iterator[Figure]:
    found = run_module(urls, "money_visits", str(visits))
    for kind, worked in found["worked"].items():
        high = quantiles(worked, n=20)[-1]
        said = f"{postings:,} postings; median {median(worked):.0f} ms; slowest {found['slowest'][kind][1]}"
        target, is_met = f"<= {PAGE_MS}", high <= PAGE_MS
        yield Figure(f"money_page_{kind}_cpu_p95", round(high, 1), "ms", target, is_met, len(worked), said)
    said = "the process that shows the pages and a month's card as CSV"
    peak = found["peak_mib"]
    yield Figure("money_pages_peak", round(peak), "MiB", f"<= {MEMORY_MIB}", peak <= MEMORY_MIB, 1, said)
