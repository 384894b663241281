"""Fifty desks at length (长跑：五十个窗口同时办事): ten minutes of looking, filing, signing and paying.

Out: answers, pages that broke, acts said to be done and lost, and how long an answer takes.
"""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from tests.benchmark.figures import Figure
from tests.crowd.desks import list_lost, running_city, work_at_desks
from tests.faults.site import kill_everything_of

DESKS, SECONDS, SEED = 50, 600, 4117


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures of ten minutes, in quick of one; an error is printed."""
    seconds = SECONDS // 10 if quick else SECONDS
    # Where the database's system user may pass.
    home = Path(tempfile.mkdtemp(prefix="yiyuan-desks-", dir="/tmp"))
    home.chmod(0o755)
    try:
        with running_city(home, SEED) as site:
            desks = work_at_desks(site, DESKS, seconds, SEED)
            lost = list_lost(site, desks)
    finally:
        kill_everything_of(home)
        shutil.rmtree(home)
    errors = [error for desk in desks for error in desk.errors]
    print(*errors, sep="\n", file=sys.stderr)
    waits = [1_000 * one for desk in desks for one in desk.seconds]
    acts = sum((desk.acts for desk in desks), Counter[str]())
    said = f"{DESKS} desks for {seconds} s, seed {SEED}"
    yield Figure("desks_answers", len(waits), "answers", None, True, 1, said)
    yield Figure("desks_errors", len(errors), "answers", "<= 0", not errors, len(waits), "")
    yield Figure("desks_acts", acts.total(), "acts", None, True, 1, f"said to be done: {dict(acts)}")
    yield Figure("desks_lost", len(lost), "acts", "<= 0", not lost, acts.total(), "by their keys")
    slow = f"on the wall; median {median(waits):.0f} ms"
    yield Figure("desks_p95", round(quantiles(waits, n=20)[-1]), "ms", None, True, len(waits), slow)
