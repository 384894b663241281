"""Deaths at length (长跑：杀掉再做): months killed in every kind of work, twice each, done again.

Out: how many lives ended otherwise than the twin that nobody killed.
"""

import os
import sys
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


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures, in quick of a tenth of the lives; a life that ended otherwise is printed."""
    lives = LIVES // 10 if quick else LIVES
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    struck, other = 0, 0
    with own_server() as database, TemporaryDirectory(prefix="yiyuan-soak-") as folder:
        for life in live(database, Path(folder), lives, SEED, deaths_each=DEATHS_EACH):
            struck += life.struck
            other += bool(life.differences)
            if life.differences:
                print(life, file=sys.stderr)
    yield Figure("kill_lives", lives, "lives", None, True, 1, "import, file, sign, pay, bank return")
    yield Figure(
        "kill_deaths", struck, "deaths", f">= {lives}", struck >= lives, 1, "process and server by turns"
    )
    yield Figure("kill_other_end", other, "lives", "<= 0", other == 0, 1, "a twin that nobody killed")
