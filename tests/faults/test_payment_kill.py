"""A payment run whose web server, worker or database dies at random moments: nobody is paid twice or lost."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.payment_kills import killed_city, p99, proposals_for, strike_runs
from tests.faults.site import kill_everything_of, processes_of

pytestmark = pytest.mark.slow
KILLS, SEED = 20, 20191120
STUCK_S = 120  # a guard: how long recovery takes is measured by `./yiyuan soak payments`


@pytest.fixture
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-kills-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    kill_everything_of(folder)
    shutil.rmtree(folder)


def test_killed_payment_runs_lose_nothing_and_pay_nobody_twice(home: Path) -> None:
    with killed_city(home, proposals_for(KILLS), SEED) as city:
        strikes = []
        for strike in strike_runs(city, KILLS, SEED):
            print(f"seed {SEED}: {strike}")
            strikes.append(strike)
        faults, stuck, differing_fen = city.count_faults(), city.count_stuck(), city.differing_fen()

    assert [str(strike) for strike in strikes if any(strike.faults.values())] == []
    assert {name: count for name, count in faults.items() if count} == {}
    assert (stuck, differing_fen) == (0, 0)
    assert p99([strike.recovery_s for strike in strikes]) <= STUCK_S
    # The kills did strike, and the runs did pay and pay again.
    assert city.run.repeats > 0
    assert city.run.reissued > 0
    assert len(city.bank.book()) > KILLS
    assert processes_of(home) == []
