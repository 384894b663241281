"""Filing in bulk (成批立案到支付): proposals become claims, decided, signed twice, ordered, in the ledger.

Against a COPY of the rows it leaves into the same tables on the same server, with their keys, indexes,
constraints and triggers. CPU counts the process that files and every process of the server. The COPY is done
by a role that row-level security does not bind, and need not read, decide or check anything.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import django
import psycopg

from tests.benchmark.claims_world import write_world
from tests.benchmark.figures import Figure
from tests.benchmark.intake import Cost, cost_of
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import DatabaseUrls, running_database
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

TARGET_RATIO = 3.0
BLOCK = 5_000
# In an order that foreign keys allow.
LEFT = (
    "adjudication_decision", "claims_claim", "claims_claimevent", "deadlines_clock", "payments_batch",
    "payments_order", "ledger_entry", "ledger_posting", "audit_entry",
)  # fmt: skip
FILE = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claims
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
AT, BLOCK = datetime(2019, 11, 20, 2, 0, tzinfo=UTC), int(sys.argv[2])
DESK, ASSESSOR, APPROVER, PAYER = (
    Actor(role, role, frozenset({role}), EVERYWHERE)
    for role in (Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER, Role.PAYER)
)
for first in range(1, int(sys.argv[1]) + 1, BLOCK):
    requests = [OpenRequest(pk, f"open:{pk}") for pk in range(first, first + BLOCK)]
    numbers = [claim.number for claim in open_claims(requests=requests, actor=DESK, occurred_at=AT)]
    for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
        keys = {number: f"{verb}:{number}" for number in numbers}
        move_claims(keys=keys, verb=verb, actor=actor, occurred_at=AT)
    order_payments(numbers=numbers, actor=PAYER, occurred_at=AT, request_key=f"order:{first}")
"""
COPY_IN = """
import sys, psycopg
with psycopg.connect(sys.argv[2]) as city:
    for table in sys.argv[3:]:
        copy = city.cursor().copy(f"COPY {table} FROM STDIN")
        with open(f"{sys.argv[1]}/{table}", "rb") as rows, copy as target:
            while block := rows.read(1 << 20):
                target.write(block)
"""


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the ratio of CPU times, medians of runs turn about, and what stands behind it."""
    # Throwaway keys: what is sealed here is made up and dropped at the end.
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    proposals, runs = (20_000, 1) if quick else (100_000, 3)
    ours, copies, rows = _turn_about(proposals, runs)
    ratio = median(our.cpu_s / copy.cpu_s for our, copy in zip(ours, copies, strict=True))
    copied = median(copy.cpu_s for copy in copies)
    yield Figure(
        "claims_cpu_ratio",
        round(ratio, 2),
        "x",
        f"<= {TARGET_RATIO:g}",
        ratio <= TARGET_RATIO,
        runs,
        f"COPY of the {rows} rows left, {copied:.1f} CPU s",
    )
    seconds = median(our.cpu_s for our in ours)
    yield Figure("claims_cpu", round(seconds, 1), "s", None, True, runs, f"{proposals} proposals")
    yield Figure("claims_per_cpu_second", round(proposals / seconds), "claims/s", None, True, runs, "")
    yield Figure(
        "claims_peak", round(max(our.peak_mib for our in ours)), "MiB", None, True, runs, "filing process"
    )


def _turn_about(proposals: int, runs: int) -> tuple[list[Cost], list[Cost], int]:
    ours, copies, rows = [], [], 0
    with running_database(TESTS) as server, TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        database = CopiedDatabase(server)
        database.create()
        try:
            for _ in range(runs):
                database.renew()
                urls = database.urls()
                with psycopg.connect(urls.maintenance) as city:
                    write_world(city, proposals)
                ours.append(cost_of([sys.executable, "-c", FILE, str(proposals), str(BLOCK)], urls))
                rows = _dump(Path(folder), urls)
                copies.append(cost_of([sys.executable, "-c", COPY_IN, folder, urls.maintenance, *LEFT], urls))
        finally:
            database.drop()
    return ours, copies, rows


def _dump(folder: Path, urls: DatabaseUrls) -> int:
    rows = 0
    with psycopg.connect(urls.maintenance) as city:
        for table in LEFT:
            cursor = city.cursor()
            with (
                (folder / table).open("wb") as target,
                cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT") as left,
            ):
                for block in left:
                    target.write(block)
            rows += cursor.rowcount
        city.execute(f"TRUNCATE {', '.join(LEFT)} CASCADE")
    return rows
