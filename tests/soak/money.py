"""Money at length (长跑：钱): races over submissions, approvals and budgets, and budgets against their model.

Out: how many were done that should be one, what a budget was overdrawn by, divergences from a pure model.
"""

import os
import sys
from collections.abc import Iterator
from unittest.mock import patch

import django

from tests.benchmark.figures import Figure
from yiyuan.runtime import cluster
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

TIMES, ROUNDS, THREADS, FITS, RUNS, STEPS, SEED = 10_000, 1_000, 64, 20, 20_000, 100, 4117
# Each thread has a connection of its own.
CONNECTIONS = {"max_connections": "120"}


def measure(quick: bool = False, times: int | None = None) -> Iterator[Figure]:
    """Yield the figures; quick does a tenth of the races and a thousandth of the model's `times` runs."""
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    from tests.faults.killing import own_server
    from tests.faults.money_races import approve_twice, spend_budget, submit_again

    submissions, rounds = (TIMES // 10, ROUNDS // 10) if quick else (TIMES, ROUNDS)
    with patch.dict(cluster.SETTINGS, CONNECTIONS), own_server():
        claims, other = submit_again(submissions, 32)
        said = f"{submissions} times over 32 threads, {other} other answers"
        yield Figure(
            "money_submitted_claims", claims, "claims", "<= 1", (claims, other) == (1, 0), submissions, said
        )
        wrong = approve_twice(rounds)
        yield Figure("money_approved_twice", wrong, "rounds", "<= 0", wrong == 0, rounds, "two approvers")
        approved, left_fen, differing = spend_budget(THREADS, FITS)
        is_right = (approved, left_fen, differing) == (FITS, 1, 0)
        said = f"{THREADS} threads on a budget of {FITS}, {left_fen} fen left"
        yield Figure("money_budget_approved", approved, "claims", f"<= {FITS}", is_right, THREADS, said)
    runs = RUNS if times is None else times
    # A server of its own: the model knows nothing of what the races have left.
    with own_server():
        yield _against_the_model(max(runs // 1_000, 1) if quick else runs)


def _against_the_model(runs: int) -> Figure:
    from tests.property.money_machine import play

    diverged = 0
    try:
        play(runs, STEPS, SEED)
    except AssertionError as found:
        print(found, *getattr(found, "__notes__", ()), sep="\n", file=sys.stderr)
        diverged = 1
    said = f"{STEPS} steps each, seed {SEED}"
    return Figure("money_model_divergences", diverged, "runs", "<= 0", not diverged, runs, said)
