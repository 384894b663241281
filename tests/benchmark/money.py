"""Money on its way (付款全程): orders released, sent, returned and posted, in batches, with their ledger.

Against a COPY of the rows it leaves into the same tables on the same server, with their keys, indexes,
constraints and triggers, turn about. CPU counts the process that pays and every process of the server. The
COPY is done by a role that row-level security does not bind, and need not read, decide or check anything.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import django
import psycopg

from tests.benchmark.claims import COPY_IN
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
# In an order that foreign keys allow: what paying leaves beside the orders.
LEFT = (
    "payments_keptprofile", "payments_batch", "payments_order", "payments_returnfile", "payments_suspense",
    "outbox_fact", "ledger_entry", "ledger_posting", "audit_entry",
)  # fmt: skip
# Every order is reserved before: what is measured begins with the second person's release.
PREPARE = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from yiyuan.apps.payments.services import OrderRequest, build_batch
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
AT, COUNT, BLOCK = datetime(2019, 11, 20, 2, 0, tzinfo=UTC), int(sys.argv[1]), int(sys.argv[2])
PAYER = Actor("payer", "payer", frozenset({Role.PAYER}), EVERYWHERE)
for first in range(1, COUNT + 1, BLOCK):
    requests = [
        OrderRequest(f"县-医-2019-{pk:06d}", pk, str(411721 + pk % 9), 80_000, pk)
        for pk in range(first, first + BLOCK)
    ]
    build_batch(requests=requests, actor=PAYER, occurred_at=AT, request_key=f"build:{first}")
"""
PAY = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import hand_out_file, release_batch
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
AT, BATCHES = datetime(2019, 11, 20, 2, 0, tzinfo=UTC), int(sys.argv[1])
WORDS = {"actor": Actor("payer2", "payer2", frozenset({Role.PAYER}), EVERYWHERE), "occurred_at": AT}
HEADER = "order_no,result,on,amount_fen,reason_code,reason"
for number in range(1, BATCHES + 1):
    release_batch(number=number, request_key=f"release:{number}", **WORDS)
    sent = hand_out_file(number=number, form="csv", request_key=f"file:{number}", **WORDS).decode("utf-8-sig")
    lines = [HEADER]
    for place, line in enumerate(sent.splitlines()[1:-1]):
        said = "failed" if place % 20 == 0 else "paid"
        lines.append(f"{line.split(',')[0]},{said},2019-11-21,80000,{'R03' if said == 'failed' else ''},")
    content = "\\n".join(lines).encode()
    record_returns(name="r.csv", content=content, request_key=f"return:{number}", **WORDS)
assert not Order.objects.filter(state__in=["reserved", "sent"]).exists()
"""


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the ratio of CPU times, medians of runs turn about, and what stands behind it."""
    # Throwaway keys: what is sealed here is made up and dropped at the end.
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    orders, runs = (15_000, 1) if quick else (100_000, 3)
    ours, copies, rows = _turn_about(orders, runs)
    ratio = median(our.cpu_s / copy.cpu_s for our, copy in zip(ours, copies, strict=True))
    copied = median(copy.cpu_s for copy in copies)
    yield Figure(
        "money_cpu_ratio",
        round(ratio, 2),
        "x",
        f"<= {TARGET_RATIO:g}",
        ratio <= TARGET_RATIO,
        runs,
        f"COPY of the {rows} rows left, {copied:.1f} CPU s",
    )
    seconds = median(our.cpu_s for our in ours)
    yield Figure("money_cpu", round(seconds, 1), "s", None, True, runs, f"{orders} orders")
    yield Figure("money_orders_per_cpu_second", round(orders / seconds), "orders/s", None, True, runs, "")
    yield Figure(
        "money_peak", round(max(our.peak_mib for our in ours)), "MiB", None, True, runs, "paying process"
    )


def _turn_about(orders: int, runs: int) -> tuple[list[Cost], list[Cost], int]:
    ours, copies, rows = [], [], 0
    with running_database(TESTS) as server, TemporaryDirectory(prefix="yiyuan-bench-") as folder:
        database = CopiedDatabase(server)
        database.create()
        try:
            for _ in range(runs):
                database.renew()
                urls = database.urls()
                with psycopg.connect(urls.maintenance) as city:
                    write_world(city, orders)
                cost_of([sys.executable, "-c", PREPARE, str(orders), str(BLOCK)], urls)
                with psycopg.connect(urls.maintenance, autocommit=True) as city:
                    city.execute("ANALYZE")
                ours.append(cost_of([sys.executable, "-c", PAY, str(orders // BLOCK)], urls))
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
