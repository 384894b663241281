"""Filing in bulk (成批立案到支付): proposals become claims, decided, signed twice, ordered, in the ledger.

Against a COPY of the rows it leaves into the same tables on the same server, with their keys, indexes,
constraints and triggers. CPU counts the process that files and every process of the server. The COPY is done
by a role that row-level security does not bind, and need not read, decide or check anything.
"""

from collections.abc import Iterator

from tests.benchmark.against_copy import Named, Work, figures_of, set_up
from tests.benchmark.claims_world import write_world
from tests.benchmark.figures import Figure

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


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the ratio of CPU times, medians of runs turn about, and what stands behind it."""
    set_up()
    proposals, runs = (20_000, 1) if quick else (100_000, 3)
    work = Work(lambda city: write_world(city, proposals), [FILE, str(proposals), str(BLOCK)], LEFT)
    yield from figures_of(work, Named("claims", proposals, "proposals", "filing process"), runs)
