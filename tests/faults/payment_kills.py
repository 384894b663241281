"""Killing a site in the middle of its payment runs (付款时杀进程), and what was left in the end.

In: a home, how many kills, the seed. Out: for each kill who died and how long until the site served again and
its worker did a job; and counts of what must never be, by the ledger, the records and the bank's own book.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any

import psycopg

from tests.faults.bank import Bank
from tests.faults.payables import PASSWORD
from tests.faults.payment_run import OWNER_DIGITS, PAYER, POSTS, PaymentRun
from tests.faults.site import RunningSite
from tests.faults.visitor import Visitor
from yiyuan.runtime.cluster import SUPERUSER
from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.processes import free_port

# One process of the server dies too (session): its server then recovers in place.
VICTIMS = ("web", "worker", "session", "web", "worker", "database")
WORDS = ("--empty", "--today", "2019-11-20")
A_RUN, FAILS_ONE_IN, LAST_RUNS_MAX = 3, 4, 20
RECOVERY_MAX_S = 120
BACKEND = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' ORDER BY state = 'active' DESC, random() LIMIT 1"""
DONE_SINCE = """SELECT EXISTS (SELECT FROM procrastinate_events
WHERE type = 'succeeded' AND at > to_timestamp(%s))"""
# Counted in one snapshot; all of them must be 0.
FAULTS = {
    "unbalanced": "SELECT count(*) FROM (SELECT FROM ledger_posting GROUP BY entry_id "
    "HAVING sum(amount_fen) <> 0 OR count(*) < 2) x",
    "ledger_sum": "SELECT coalesce(sum(amount_fen), 0) FROM ledger_posting",
    "approved": """SELECT sum(p.amount_fen) FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
        WHERE (p.account_id = 'fund' AND e.kind IN ('reserve', 'unreserve'))
            OR (p.account_id = 'payable' AND e.kind NOT IN ('send', 'take_back'))""",
    "sent": """SELECT sum(p.amount_fen) FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
        WHERE (p.account_id = 'payable' AND e.kind IN ('send', 'take_back'))
            OR p.account_id IN ('in_flight', 'returned', 'paid')""",
    "approved_by_claims": """SELECT (SELECT coalesce(sum(benefit_fen), 0) FROM claims_claim
        WHERE state IN ('approved', 'paid')) + (SELECT coalesce(sum(p.amount_fen), 0) FROM ledger_posting p
        JOIN ledger_entry e ON e.id = p.entry_id
        WHERE p.account_id = 'fund' AND e.kind IN ('reserve', 'unreserve'))""",
    "in_flight_by_orders": """SELECT (SELECT coalesce(sum(amount_fen), 0) FROM payments_order
        WHERE state = 'sent') - (SELECT coalesce(sum(amount_fen), 0) FROM ledger_posting
        WHERE account_id = 'in_flight')""",
    "paid_by_orders": """SELECT (SELECT coalesce(sum(amount_fen), 0) FROM payments_order
        WHERE state = 'paid') - (SELECT coalesce(sum(amount_fen), 0) FROM ledger_posting
        WHERE account_id = 'paid')""",
    "paid_twice_by_claims": "SELECT count(*) FROM (SELECT FROM payments_order WHERE state = 'paid' "
    "GROUP BY source HAVING count(*) > 1) x",
}
LOST = """SELECT said FROM unnest(%s::text[]) said WHERE NOT EXISTS (
    SELECT FROM audit_entry a WHERE a.request_key = said)"""
HELD_FOR_PAID = """SELECT coalesce(sum(amount_fen), 0) FROM payments_order
WHERE state = 'paid' AND order_no = ANY(%s)"""
STUCK = """SELECT (SELECT count(*) FROM claims_claim WHERE state = 'approved' AND number IN (SELECT source
        FROM payments_order))
    + (SELECT count(*) FROM outbox_fact WHERE delivered_at IS NULL)
    + (SELECT count(*) FROM payments_batch WHERE state = 'reserved')
    + (SELECT count(*) FROM payments_order WHERE state IN ('reserved', 'sent'))"""


@dataclass(frozen=True, slots=True)
class Strike:
    """Who died, how far into its run, and how long it took until all was served again, in seconds."""

    victim: str
    after_s: float
    recovery_s: float
    faults: Mapping[str, int]

    def __str__(self) -> str:
        wrong = {name: count for name, count in self.faults.items() if count} or "all well"
        return f"{self.victim} after {self.after_s:.2f} s, back in {self.recovery_s:.1f} s, {wrong}"


@dataclass
class KilledCity:
    """A city whose payment runs are struck."""

    site: RunningSite
    run: PaymentRun
    payer: Visitor
    database: str
    bank: Bank
    port: int
    payables: Sequence[Mapping[str, int]]
    started_at: float = 0.0
    strikes: list[Strike] = field(default_factory=list)
    _starting: Lock = field(default_factory=Lock)

    def strike(self, victim: str, after_s: float) -> Thread:
        """Kill so long from now, beside the run, and see that the site comes back."""
        thread = Thread(target=self._strike, args=(victim, after_s))
        thread.start()
        return thread

    def wait_until_served(self) -> None:
        """Wait until a page is served; a site that has stopped is started again by a person."""
        end = time.monotonic() + RECOVERY_MAX_S
        while not self._serves():
            assert time.monotonic() < end, self.site.said()
            time.sleep(0.05)

    def count_faults(self) -> dict[str, int]:
        """Return how often each thing was found that must never be; at any moment."""
        # A copy before the look: what is acknowledged meanwhile may be newer than the snapshot.
        said, book = list(self.run.acknowledged), list(self.bank.book())
        with psycopg.connect(self.database) as city:
            city.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            found = {name: int(_one(city, query) or 0) for name, query in FAULTS.items()}
            found["lost"] = len(city.execute(LOST, [said]).fetchall())
            known: dict[str, int] = dict(
                city.execute("SELECT order_no, amount_fen FROM payments_order").fetchall()
            )
        people = Counter(one.account_no[:OWNER_DIGITS] for one in book if one.is_paid)
        found["paid_twice"] = sum(count - 1 for count in people.values())
        found["sent_twice"] = sum(self.bank.sent_twice().values())
        found["unknown_to_us"] = sum(known.get(one.order_no) != one.amount_fen for one in book)
        return found

    def count_stuck(self) -> int:
        """Return how much waits that nobody works at; only after the last run."""
        with psycopg.connect(self.database) as city:
            return int(_one(city, STUCK))

    def differing_fen(self) -> int:
        """Return by how many fen the bank's own book differs from what we hold for paid."""
        orders = [one.order_no for one in self.bank.book()]
        with psycopg.connect(self.database) as city:
            return abs(int(_one(city, HELD_FOR_PAID, orders)) - self.bank.paid_fen())

    def _strike(self, victim: str, after_s: float) -> None:
        time.sleep(after_s)
        begun, killed_at = time.monotonic(), time.time()
        former = self._kill(victim)
        if victim == "database":
            self.site.wait()
        elif victim != "session":
            # What a dead web server had started goes on answering for a moment: that is no recovery.
            self.site.wait_for_another(victim, former)
        while not self._serves() or not (victim == "web" or self.has_done_a_job(killed_at)):
            assert time.monotonic() - begun < RECOVERY_MAX_S, self.site.said()
            time.sleep(0.05)
        # Where a person started it again, from there on: how long that takes to notice is not the site's.
        recovery_s = time.monotonic() - max(begun, self.started_at)
        self.strikes.append(Strike(victim, after_s, recovery_s, self.count_faults()))

    def _kill(self, victim: str) -> int:
        if victim != "session":
            former = self.site.process_of(victim)
            os.kill(former, signal.SIGKILL)
            return former
        with suppress(psycopg.OperationalError), psycopg.connect(self.database) as city:
            backend = city.execute(BACKEND).fetchone()
            if backend:
                os.kill(backend[0], signal.SIGKILL)
        return 0

    def _serves(self) -> bool:
        with self._starting:
            if self.site.supervisor.poll() is not None:
                self.started_at = time.monotonic()
                self.site = RunningSite(self.site.home, self.port, *WORDS).wait_until_ready()
        try:
            return self.payer.get("/payments/").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def has_done_a_job(self, since: float) -> bool:
        """Tell whether the worker has done a job since that moment."""
        try:
            with psycopg.connect(self.database, connect_timeout=5) as city:
                return bool(_one(city, DONE_SINCE, since))
        except psycopg.OperationalError:
            return False


@contextmanager
def killed_city(home: Path, proposals: int, seed: int) -> Iterator[KilledCity]:
    """Give a city with so many proposals to pay; nothing of it runs afterwards."""
    site = RunningSite(home, free_port(Random(seed).randint(20_000, 60_000)), *WORDS).wait_until_ready()
    payables = _write_city(home, proposals)
    visitors = {name: Visitor(site.port, name, PASSWORD).sign_in() for name in POSTS}
    payer = Visitor(site.port, PAYER, PASSWORD).sign_in()
    bank = Bank(home / "bank.txt", FAILS_ONE_IN)
    database = f"postgresql://{SUPERUSER}@/yiyuan?host={home / 'city/socket'}&port=5432"
    run = PaymentRun(visitors, bank, database, Random(seed), wait_for_site=lambda: None)
    city = KilledCity(site, run, payer, database, bank, site.port, payables)
    run.wait_for_site = city.wait_until_served
    try:
        yield city
    finally:
        if city.site.supervisor.poll() is None:
            city.site.stop()


def proposals_for(kills: int) -> int:
    """Return how many proposals so many kills need."""
    return (kills + 1) * A_RUN


def strike_runs(city: KilledCity, kills: int, seed: int, *, ends_at: float | None = None) -> Iterator[Strike]:
    """Yield one kill a run, at a random moment of it; the last runs pay what is left without one.

    There are fewer kills where the monotonic clock has passed `ends_at`.
    """
    drawn, payables = Random(seed), city.payables
    begun = time.monotonic()
    city.run.pay(payables[:A_RUN])
    usual_s = time.monotonic() - begun
    for number in range(kills):
        if ends_at is not None and time.monotonic() > ends_at:
            break
        mine = payables[(number + 1) * A_RUN : (number + 2) * A_RUN]
        thread = city.strike(VICTIMS[number % len(VICTIMS)], drawn.uniform(0, usual_s))
        city.run.pay(mine)
        thread.join()
        assert len(city.strikes) == number + 1, "the site did not come back"
        yield city.strikes[-1]
    for _ in range(LAST_RUNS_MAX):
        if city.run.left() == 0:
            break
        city.run.pay([])


def _write_city(home: Path, count: int) -> Sequence[Mapping[str, int]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIYUAN_")}
    environment.pop("DATABASE_URL", None)
    environment |= {"YIYUAN_HOME": str(home), "PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"}
    command = [sys.executable, "-P", "-m", "tests.faults.payables", str(count)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _one(city: "psycopg.Connection[Any]", query: str, *words: object) -> Any:
    row = city.execute(query, words or None).fetchone()
    assert row is not None, query
    return row[0]


def p99(seconds: Sequence[float]) -> float:
    """Return what all but one of a hundred stay within; of fewer than a hundred, the longest."""
    return sorted(seconds)[-1 - len(seconds) // 100]
