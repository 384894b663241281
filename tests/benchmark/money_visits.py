"""Visits to the money pages (测量用的访问): balances, account cards, statements.

In: a ledger written by `money_world`, and how many addresses of a kind. Out: the milliseconds of each answer
on a processor, its own and the database's, and the peak memory, as one JSON object on standard output. How
an answer is asked for and timed stands in `site_visits`.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from random import Random
from resource import RUSAGE_SELF, getrusage
from urllib.parse import quote, urlencode

import django
from django.db import connection

from tests.benchmark.site_visits import Browser

AT = datetime(2019, 11, 20, 2, tzinfo=UTC)
ACCOUNTS = ("paid", "payable", "in_flight", "fund")
Draw = Callable[[Random], str]


def _chosen(random: Random, **more: str) -> str:
    month = random.randrange(1, 11)
    county = random.choice(["", *(str(411721 + n) for n in range(9))])
    # As a month was known when its statement was drawn up, or some time after.
    known = random.choice(
        ["", "", f"2019-{month + 1:02d}-03", f"2019-{random.randrange(month, 11) + 1:02d}-15"]
    )
    return urlencode({"month": f"2019-{month:02d}", "county": county, "known": known, **more})


KINDS: Mapping[str, Draw] = {
    "trial_balance": lambda random: f"/ledger/?{_chosen(random)}",
    "account_card": lambda random: f"/ledger/accounts/{random.choice(ACCOUNTS)}/?{_chosen(random)}",
    "reconciliation": lambda random: (
        "/ledger/statement/?"
        + _chosen(random, account=random.choice(ACCOUNTS), by=random.choice(["county", "insurer"]))
    ),
    "ledger_chain": lambda _random: "/ledger/chain/",
    "statements": lambda _random: "/underwriting/statements/?from=2019-01-01",
}


def prepare() -> list[str]:
    """Draft the year's agreement and draw its statements; return their numbers."""
    from yiyuan.apps.reporting.statements import draw_statement
    from yiyuan.apps.underwriting.contracting import NewAgreement, NewPromise, Party, draft_agreement
    from yiyuan.kernel.actor import Actor, Role
    from yiyuan.kernel.scope import EVERYWHERE

    civil = Actor("bench", "bench", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE)
    promises = [NewPromise("on_time", "TIME-1", 9_500), NewPromise("reports", "ORG-3", 10)]
    parties = [Party("甲", 6_000, True), Party("乙", 4_000, False)]
    year, until = date(2019, 1, 1), date(2020, 1, 1)
    new = NewAgreement("B", "B", year, until, 800_000_000, 0, parties, promises)
    draft_agreement(new=new, actor=civil, occurred_at=AT, request_key="agreement")
    return [
        draw_statement(
            kind=kind,
            month=date(2019, month, 1),
            reason="",
            actor=civil,
            occurred_at=AT,
            request_key=f"{kind}:{month}",
        ).number
        for kind in ("insurer", "public_money", "appropriation")
        for month in range(1, 11)
    ]


def main(of_a_kind: int) -> None:
    """Visit, and print what each answer took on a processor, by kind."""
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SET yiyuan.counties = '*'")
    numbers = prepare()
    connection.close()
    browser, random = Browser(""), Random("money")
    kinds: dict[str, Draw] = {
        **KINDS, "statement": lambda random: f"/underwriting/statements/{quote(random.choice(numbers))}/",
    }  # fmt: skip
    worked: dict[str, list[float]] = {kind: [] for kind in kinds}
    slowest: dict[str, tuple[float, str]] = {}
    for turn in range(of_a_kind + 3):
        for kind, draw in kinds.items():
            address = draw(random)
            status, _took, on_processor = browser.get(address)
            assert status == 200, f"{address}: {status}"
            if turn >= 3:  # the first turns warm up
                worked[kind].append(on_processor)
                slowest[kind] = max(slowest.get(kind, (0.0, "")), (on_processor, address))
    status, _took, on_processor = browser.get("/ledger/accounts/paid/card.csv?month=2019-05")
    assert status == 200
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    found = {"worked": worked, "slowest": slowest, "card_file_ms": on_processor, "peak_mib": peak}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    assert os.environ["YIYUAN_COUNTIES"] == "", "the site's processes see nobody's rows by themselves"
    main(int(sys.argv[1]))
