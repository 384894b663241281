"""A row changed behind the application (暗中改账): a thousand times one of a thousand, named or not.

Out: how many changes the verification named as the one row they are, and seconds a verification.
"""

import os
import sys
import time
from collections.abc import Iterator

import django

from tests.benchmark.figures import Figure
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import running_database
from yiyuan.runtime.places import find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

ROUNDS, PARTS, ENTRIES, SEED = 1_000, 10, 100, 20190101


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures, in quick of a tenth of the changes; a change that is not named is printed."""
    rounds = ROUNDS // 10 if quick else ROUNDS
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    from tests.faults.planting import list_missed, seal_entries_in

    with running_database(TESTS) as server:
        database = CopiedDatabase(server)
        database.create()
        try:
            seal_entries_in(PARTS, ENTRIES)
            begun = time.perf_counter()
            missed = list_missed(database.urls().maintenance, rounds, SEED)
            seconds = time.perf_counter() - begun
        finally:
            database.drop()
    for change, found in missed:
        print(f"seed {SEED}: {change.words} -> {found}", file=sys.stderr)
    named = rounds - len(missed)
    of = f"one of {PARTS * ENTRIES} sealed entries, their postings, links, seals, anchors"
    yield Figure("ledger_changes_named", named, "changes", f">= {rounds}", not missed, rounds, of)
    yield Figure("ledger_round", seconds / rounds, "s", None, True, rounds, "change, verify, put back")
