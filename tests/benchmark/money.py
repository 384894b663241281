"""Money on its way (付款全程): orders released, sent, returned and posted, in batches, with their ledger.

Against a COPY of the rows it leaves into the same tables on the same server, with their keys, indexes,
constraints and triggers, turn about. CPU counts the process that pays and every process of the server. The
COPY is done by a role that row-level security does not bind, and need not read, decide or check anything.
"""

from collections.abc import Iterator

from tests.benchmark.against_copy import Named, Work, figures_of, set_up
from tests.benchmark.claims_world import write_world
from tests.benchmark.figures import Figure
from tests.benchmark.money_verify import measure_ledger

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
    """Yield the ratio of CPU times, medians of runs turn about, and what a ledger of a million costs."""
    set_up()
    orders, runs = (15_000, 1) if quick else (100_000, 3)
    work = Work(
        lambda city: write_world(city, orders),
        [PAY, str(orders // BLOCK)],
        LEFT,
        before=[PREPARE, str(orders), str(BLOCK)],
    )
    yield from measure_ledger(quick)
    yield from figures_of(work, Named("money", orders, "orders", "paying process"), runs)
