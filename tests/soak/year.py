"""Years at length (长跑：一年又一年): cities of small worlds against the model, people acting twice a step.

Out: how many worlds lived through their steps, divergences, and seconds a city.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import django

from tests.benchmark.figures import Figure
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import running_database
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

CITIES, WORLDS, ROUNDS, TURNS, FIRST_SEED = 10, 300, 40, 2, 20190101


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures, in quick of a tenth of the cities; a divergence is printed, as short as it gets."""
    cities = CITIES // 10 if quick else CITIES
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    seconds, diverged, steps, actions = [], 0, 0, 0
    with running_database(TESTS) as server, TemporaryDirectory(prefix="yiyuan-soak-") as folder:
        database = CopiedDatabase(server)
        database.create()
        try:
            for seed in range(FIRST_SEED, FIRST_SEED + cities):
                begun = time.process_time()
                found = _live(seed, Path(folder))
                diverged += found is None
                steps += WORLDS * ROUNDS if found is not None else 0
                actions += found or 0
                seconds.append(time.process_time() - begun)
        finally:
            database.drop()
    yield Figure("year_worlds", cities * WORLDS, "worlds", None, True, cities, f"{ROUNDS} steps each")
    yield Figure("year_steps", steps, "steps", f">= {cities * WORLDS * ROUNDS}", diverged == 0, cities, "")
    yield Figure("year_actions", actions, "actions", None, True, cities, "said to the desk and to the model")
    yield Figure("year_divergences", diverged, "cities", "<= 0", diverged == 0, cities, "a pure model")
    yield Figure(
        "year_cpu_a_city", round(median(seconds), 1), "s", None, True, cities, "without the database server"
    )


def _live(seed: int, folder: Path) -> int | None:
    """Return how many actions a city took, or None where it diverged."""
    from tests.year.playing import Divergence, play_year, shorten, tell

    try:
        history = play_year(seed, range(WORLDS), ROUNDS, folder, turns=TURNS)
    except Divergence as found:
        shortest = shorten(seed, found, range(WORLDS), folder)
        print(f"{shortest}\n{tell(seed, shortest.history)}", file=sys.stderr)
        return None
    return sum(len(turn.actions) for one in history for turn in one.turns)
