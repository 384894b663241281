"""Payment runs at length (长跑：付款时杀进程): the web server, the worker or the database dies in each.

Out: what was lost, paid twice, out of balance or stuck, by the book of a bank; how long until all was served.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.benchmark.figures import Figure
from tests.faults.payment_kills import killed_city, p99, proposals_for, strike_runs
from tests.faults.site import kill_everything_of

TIMES, SEED, RECOVERY_MAX_S = 1_000, 4117, 30
COUNTED = {"unbalanced", "paid_twice_by_claims", "lost", "paid_twice", "sent_twice", "unknown_to_us", "stuck"}


def measure(quick: bool = False, times: int | None = None, minutes: int | None = None) -> Iterator[Figure]:
    """Yield the figures of so many kills, in quick of a tenth; a kill that left a fault is printed.

    With minutes the last kill is the first after them, and the figure says how many there were.
    """
    kills = times or (TIMES // 10 if quick else TIMES)
    # Where the database's system user may pass.
    home = Path(tempfile.mkdtemp(prefix="yiyuan-kills-", dir="/tmp"))
    home.chmod(0o755)
    found: Counter[str] = Counter()
    seconds, victims = [], Counter[str]()
    ends_at = time.monotonic() + 60 * minutes if minutes else None
    print(f"seed {SEED}", file=sys.stderr)
    try:
        with killed_city(home, proposals_for(kills), SEED) as city:
            for strike in strike_runs(city, kills, SEED, ends_at=ends_at):
                seconds.append(strike.recovery_s)
                victims[strike.victim] += 1
                found.update({name: abs(count) for name, count in strike.faults.items()})
                if any(strike.faults.values()):
                    print(f"seed {SEED}, kill {len(seconds)}: {strike}", file=sys.stderr)
            found.update({name: abs(count) for name, count in city.count_faults().items()})
            found["stuck"], found["bank_differs"] = city.count_stuck(), city.differing_fen()
            paid, reissued, said = len(city.bank.book()), city.run.reissued, len(city.run.acknowledged)
    finally:
        kill_everything_of(home)
        shutil.rmtree(home)
    of = f"{dict(victims)}, {paid} payments at the bank, {reissued} issued anew, seed {SEED}"
    yield Figure("payments_kills", len(seconds), "kills", f">= {kills}", len(seconds) >= kills, 1, of)
    yield Figure("payments_acknowledged", said, "acts", None, True, kills, "said to be done, by their keys")
    for name, count in found.items():
        unit = "cases" if name in COUNTED else "fen"
        yield Figure(
            f"payments_{name}", count, unit, "<= 0", count == 0, kills, "after each kill, and at last"
        )
    slowest = p99(seconds)
    within = f"<= {RECOVERY_MAX_S}"
    yield Figure("payments_recovery_p99", slowest, "s", within, slowest <= RECOVERY_MAX_S, kills, "")
