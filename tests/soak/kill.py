"""Deaths at length (长跑：杀掉再做): months killed in every kind of work, twice each, done again.

Out: how many lives ended otherwise than the twin that nobody killed.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from tests.benchmark.figures import Figure
from tests.faults.killing import live, own_server
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

LIVES, DEATHS_EACH, SEED = 50, 2, 4117


def measure(quick: bool = False, minutes: int | None = None) -> Iterator[Figure]:
    """Yield the figures, in quick of a tenth of the lives; a life that ended otherwise is printed.

    With minutes the last life is the first that ends after them, and the figure says how many there were.
    """
    wanted = LIVES // 10 if quick else LIVES
    ends_at = time.monotonic() + 60 * minutes if minutes else None
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    lives, struck, other = 0, 0, 0
    with own_server() as database, TemporaryDirectory(prefix="yiyuan-soak-") as folder:
        for life in live(database, Path(folder), wanted, SEED, deaths_each=DEATHS_EACH):
            lives += 1
            struck += life.struck
            other += bool(life.differences)
            if life.differences:
                print(life, file=sys.stderr)
            if ends_at is not None and time.monotonic() > ends_at:
                break
    yield Figure(
        "kill_lives",
        lives,
        "lives",
        f">= {wanted}",
        lives >= wanted,
        1,
        "import, file, sign, pay, bank return",
    )
    yield Figure(
        "kill_deaths", struck, "deaths", f">= {lives}", struck >= lives, 1, "process and server by turns"
    )
    yield Figure("kill_other_end", other, "lives", "<= 0", other == 0, 1, "a twin that nobody killed")
