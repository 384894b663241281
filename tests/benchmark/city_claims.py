"""Claims at work in a city to measure (测量用的赔案): some made by the services, then many like them.

In: a city with `SEEDS` open proposals. Out: claims in every state over a year, with decisions, events,
clocks, batches, orders and audit; most of them paid, some weeks of them under way.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from tests.benchmark.city_numbers import SEEDS
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claims
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import list_orders
from yiyuan.apps.payments.services import release_batch
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

OPEN_PROPOSALS = 25_000
TODAY = date(2019, 11, 20)
DAYS = 36  # working parties, a week apart from each other, the last on the business date
DESK, ASSESSOR, APPROVER, PAYER, PAYER_2 = (
    Actor(f"bench-{name}", f"测量{name}", frozenset({role}), EVERYWHERE)
    for name, role in (
        ("desk", Role.DESK_AGENT), ("assessor", Role.ASSESSOR), ("approver", Role.APPROVER),
        ("payer", Role.PAYER), ("payer-2", Role.PAYER),
    )
)  # fmt: skip
# Each table's own columns that differ in a likeness; `k` counts the likenesses, `$s` is `SEEDS`.
LIKENESSES = {
    "screening_proposal": {
        "id": "id + k * $s", "setl_id": "'T' || lpad((person_id + k * $s)::text, 10, '0')",
        "person_id": "person_id + k * $s",
    },
    "screening_runchange": {"id": "id + k * $s", "proposal_id": "proposal_id + k * $s"},
    "adjudication_decision": {
        "id": "id + k * $s", "setl_id": "'T' || lpad((person_id + k * $s)::text, 10, '0')",
        "person_id": "person_id + k * $s", "request_key": "request_key || '-' || k",
    },
    "claims_claim": {
        "id": "id + k * $s", "number": "pg_temp.likeness(number, k)", "person_id": "person_id + k * $s",
        "setl_id": "'T' || lpad((person_id + k * $s)::text, 10, '0')", "proposal_id": "proposal_id + k * $s",
        "decision_id": "decision_id + k * $s", "account_id": "account_id + k * $s",
    },
    "claims_claimevent": {
        "id": "id + k * 20 * $s", "claim_id": "claim_id + k * $s", "request_key": "request_key || '-' || k",
    },
    "deadlines_clock": {"id": "id + k * $s", "subject": "pg_temp.likeness(subject, k)"},
    "payments_batch": {
        "id": "id + k * 1000", "number": "number + k * 1000", "request_key": "request_key || '-' || k",
    },
    "payments_order": {
        "id": "id + k * 2 * $s", "batch_id": "batch_id + k * 1000", "order_no": "order_no || '-' || k",
        "source": "pg_temp.likeness(source, k)", "person_id": "person_id + k * $s",
    },
    "audit_entry": {
        "id": "id + k * 40 * $s", "request_key": "request_key || '-' || k",
        "subject_id": "subject_id || '-' || k",
    },
}  # fmt: skip
NUMBER = """CREATE FUNCTION pg_temp.likeness(number text, k bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT regexp_replace(number, '[0-9]+$', '')
    || lpad((substring(number FROM '[0-9]+$')::bigint + k * 1000)::text, 6, '0') $$"""
RUN_CHANGES = """INSERT INTO screening_runchange (run_id, proposal_id, kind, old_outcome, new_outcome,
    new_reason, new_benefit_fen)
SELECT run_id, id, 'new', '', outcome, reason, benefit_fen FROM screening_proposal"""
RUN_COUNTS = """INSERT INTO screening_runcount (run_id, county_code, reason, count, residual_fen, benefit_fen)
SELECT run_id, county_code, reason, count(*), sum(residual_fen), sum(benefit_fen)
FROM screening_proposal GROUP BY 1, 2, 3"""
OPEN = """INSERT INTO screening_proposal (id, run_id, setl_id, person_id, county_code, outcome, reason,
    "group", disease, residual_fen, benefit_fen, clause, missing, state, decided_by, decided_reason)
SELECT n, (SELECT id FROM screening_run), 'T' || lpad(n::text, 10, '0'), n, (411721 + n % 9)::text,
    CASE WHEN n % 14 = 0 THEN 'undetermined' ELSE 'entitled' END,
    CASE WHEN n % 14 = 0 THEN 'needs_proof' ELSE 'entitled' END,
    CASE WHEN n % 500 = 1 THEN 'orphan' ELSE 'registered_poor' END, 'D07', 124980, 80000, 'MED-1B',
    CASE WHEN n % 14 = 0 THEN 'proof' ELSE '' END, 'open', '', ''
FROM generate_series($first, $last) n"""


def make_first_claims() -> None:
    """Work through the first proposals as officers do, a part of them each week."""
    of_a_week = SEEDS // DAYS
    for week in range(DAYS):
        at = datetime(2019, 11, 20, 2, 0, tzinfo=UTC) - timedelta(days=7 * (DAYS - 1 - week))
        first = week * of_a_week + 1
        _work(range(first, first + of_a_week), at, is_recent=week >= DAYS - 3)
    while deliver_facts():
        pass


def _work(proposals: range, at: datetime, *, is_recent: bool) -> None:
    requests = [OpenRequest(pk, f"open:{pk}") for pk in proposals]
    numbers = [claim.number for claim in open_claims(requests=requests, actor=DESK, occurred_at=at)]
    # Of the last weeks some wait at every post; what is older is paid, but for a few.
    lodged, assessed, waiting, approved = (12, 10, 4, 8) if is_recent else (0, 0, 1, 0)
    _say(numbers[:waiting], Verb.REQUEST_DOCUMENTS, DESK, at)
    rest = numbers[waiting + lodged :]
    _say(rest, Verb.ASSESS, ASSESSOR, at)
    _say(rest[:1], Verb.RETURN_FOR_ASSESSMENT, APPROVER, at)
    to_approve = rest[1 + assessed :]
    _say(to_approve, Verb.APPROVE, APPROVER, at)
    _pay(to_approve[approved:], at)


def _say(numbers: Sequence[str], verb: Verb, actor: Actor, at: datetime) -> None:
    keys = {number: f"{verb}:{number}" for number in numbers}
    if keys:
        move_claims(keys=keys, verb=verb, actor=actor, occurred_at=at, reason="测量")


def _pay(numbers: Sequence[str], at: datetime) -> None:
    batch = order_payments(numbers=numbers, actor=PAYER, occurred_at=at, request_key=f"order:{at}")
    release_batch(number=batch, actor=PAYER_2, occurred_at=at, request_key=f"release:{at}")
    lines = ["order_no,result,on,amount_fen,reason_code,reason"]
    for place, order in enumerate(list_orders(batch, limit=len(numbers))):
        answer = "failed" if place == 3 else "paid"
        lines.append(f"{order.order_no},{answer},{at:%Y-%m-%d},{order.amount_fen},,")
    record_returns(
        name=f"{at:%Y-%m-%d}.csv",
        content=("\n".join(lines) + "\n").encode(),
        actor=PAYER,
        occurred_at=at + timedelta(days=1),
        request_key=f"returns:{at}",
    )


def multiply_claims(city: "psycopg.Connection[Any]", claims: int) -> None:
    """Add likenesses of the first claims until there are so many, and proposals nobody has decided yet."""
    times = claims // SEEDS
    city.execute(NUMBER)
    city.execute(RUN_CHANGES)
    for table, changed in LIKENESSES.items():
        _multiply(city, table, changed, times - 1)
    first = times * SEEDS + 1
    last = first + min(OPEN_PROPOSALS, claims // 8)
    city.execute(OPEN.replace("$first", str(first)).replace("$last", str(last)))
    city.execute(RUN_COUNTS)


def _multiply(city: "psycopg.Connection[Any]", table: str, changed: dict[str, str], times: int) -> None:
    columns = [
        str(row[0])
        for row in city.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [table],
        )
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    values = values.replace("$s", str(SEEDS))
    city.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(1, {times}) k")
