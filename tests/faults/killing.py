"""Killing a month's work and doing it again (杀掉再做): the end is the same as if nobody had died.

In: how many lives, the seed. Out: how each ended, against a twin that nobody killed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg
from django.db import connections

from tests.benchmark.claims_world import write_world
from tests.benchmark.intake_file import write_settlements
from tests.database import CopiedDatabase
from tests.faults.month import KILL, STAGES, Death
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import running_database
from yiyuan.runtime.places import CHECKOUT

PROPOSALS, FILE_ROWS = 60, 500
DELAY_MAX_S = 0.02
READY_S = 30
# Everything that must be the same, by what it is called rather than by the numbers a sequence gave it.
STATE = {
    "jobs": "SELECT kind, state, read, accepted, refused, changed FROM intake_importjob",
    "refused rows": 'SELECT sheet, row, "column", value, reason FROM intake_refusedrow',
    "people": "SELECT id_index, name, county_code FROM registry_person",
    "settlements": "SELECT s.setl_id, p.id_index, s.inscp_scp_amt_fen, s.source_row "
    "FROM registry_settlement s JOIN registry_person p ON p.id = s.person_id",
    "proposals": "SELECT setl_id, state, decided_by FROM screening_proposal",
    "decisions": "SELECT setl_id, outcome, benefit_fen, request_key FROM adjudication_decision",
    "claims": "SELECT number, setl_id, state, benefit_fen, due_on, payment_note FROM claims_claim",
    "events": "SELECT c.number, e.verb, e.to_state, e.actor_id, e.request_key FROM claims_claimevent e "
    "JOIN claims_claim c ON c.id = e.claim_id",
    "clocks": "SELECT subject, due_on, sent_on, stopped_at FROM deadlines_clock",
    "orders": "SELECT order_no, source, amount_fen, state, answered_on FROM payments_order",
    "batches": "SELECT number, state, order_count, total_fen, files FROM payments_batch",
    "answers": "SELECT sha256, counts FROM payments_returnfile",
    "entries": "SELECT e.kind, e.subject, e.request_key, p.account_id, p.amount_fen FROM ledger_entry e "
    "JOIN ledger_posting p ON p.entry_id = e.id",
    "facts": "SELECT topic, body::text, delivered_at IS NOT NULL FROM outbox_fact",
    "audit": "SELECT verb, subject_kind, actor_id, count(*) FROM audit_entry GROUP BY 1, 2, 3",
}


@dataclass(frozen=True)
class Life:
    """One month with its deaths: which of them struck, and what was left otherwise than by the twin."""

    deaths: Sequence[Death]
    struck: int
    is_cut_short: bool
    differences: Sequence[str]

    def __str__(self) -> str:
        died = ", ".join(f"{d.victim} at statement {d.statement} of {d.stage}" for d in self.deaths)
        return f"{died}: {'; '.join(self.differences) or 'the same end'}"


@contextmanager
def own_server() -> Iterator[CopiedDatabase]:
    """Give a database on a server of its own: a killed server process takes its neighbours with it."""
    # Where the database's system user may pass; pytest's own folders are closed to it.
    home = Path(tempfile.mkdtemp(prefix="yiyuan-killing-", dir="/tmp"))
    home.chmod(0o755)
    before = {name: os.environ.pop(name, None) for name in ("YIYUAN_HOME", "DATABASE_URL")}
    os.environ["YIYUAN_HOME"] = str(home)
    try:
        with running_database(TESTS) as urls:
            database = CopiedDatabase(urls)
            database.create()
            yield database
            connections.close_all()
    finally:
        os.environ.pop("YIYUAN_HOME")
        os.environ.update({name: value for name, value in before.items() if value is not None})
        shutil.rmtree(home, ignore_errors=True)


def live(
    database: CopiedDatabase, folder: Path, lives: int, seed: int, *, deaths_each: int = 1
) -> Iterator[Life]:
    """Yield months whose own or server process was killed, in each kind of work in turn and then anywhere."""
    random, file = Random(seed), folder / "settlements.csv"
    write_settlements(file, FILE_ROWS)
    _begin(database)
    counts = json.loads(_work(database, file, None).stdout)
    twin = _state(database)
    for number in range(lives):
        deaths = [_draw(random, counts, number + place, is_first=place == 0) for place in range(deaths_each)]
        _begin(database)
        struck = sum(_work(database, file, death).returncode != 0 for death in deaths)
        _wait_until_ready(database)
        is_cut_short = bool(_differences(twin, _state(database)))
        end = _work(database, file, None)
        assert end.returncode == 0, end.stderr
        yield Life(deaths, struck, is_cut_short, _differences(twin, _state(database)))


def _draw(random: Random, counts: Mapping[str, int], number: int, *, is_first: bool) -> Death:
    stage = STAGES[number % len(STAGES)] if is_first else random.choice(STAGES)
    return Death(
        stage=stage,
        statement=random.randint(1, counts[stage]),
        victim="server" if number % 2 else "worker",
        delay_s=random.uniform(0, DELAY_MAX_S),
    )


def _begin(database: CopiedDatabase) -> None:
    _wait_until_ready(database)
    database.renew()
    with psycopg.connect(database.urls().maintenance) as city:
        write_world(city, PROPOSALS)


def _work(database: CopiedDatabase, file: Path, death: Death | None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **database.urls().environment(), "YIYUAN_COUNTIES": "*"}
    environment["PYTHONPATH"] = f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"
    environment.pop(KILL, None)
    if death is not None:
        environment[KILL] = death.to_json()
    command = [sys.executable, "-m", "tests.faults.month", str(file)]
    _wait_until_ready(database)
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def _wait_until_ready(database: CopiedDatabase) -> None:
    # A killed server process takes the others with it; the server is up again after its recovery.
    end = time.monotonic() + READY_S
    while True:
        try:
            with psycopg.connect(database.server_url, autocommit=True):
                return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _state(database: CopiedDatabase) -> Mapping[str, str]:
    with psycopg.connect(database.urls().maintenance) as city:
        found = {name: city.execute(query).fetchall() for name, query in STATE.items()}
    return {
        name: f"{len(rows)} rows, {hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()[:12]}"
        for name, rows in found.items()
    }


def _differences(should: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: should be {should[name]}, is {found[name]}"
        for name in should
        if should[name] != found[name]
    ]
