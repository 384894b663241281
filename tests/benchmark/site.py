"""The staff site of a whole city (全市规模的业务台): how long its pages take, inside the WSGI application.

Two officers ask, one of the whole city and one of a county, each in a process as the site's are; see
`site_visits` for what they ask and how it is timed. The figure is the 95th percentile of each kind.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median, quantiles
from time import monotonic
from typing import Any

import django

from tests.benchmark.figures import Figure
from tests.benchmark.hot_queries import as_page
from tests.database import CopiedDatabase
from yiyuan.runtime.cluster import TESTS
from yiyuan.runtime.database import DatabaseUrls, running_database
from yiyuan.runtime.places import CHECKOUT, find_places
from yiyuan.runtime.secrets import fresh_keys
from yiyuan.runtime.surroundings import own_variables

OFFICERS = {"city": "", "county": "411724"}
PLANS = CHECKOUT / "benchmarks" / "plans" / "site.md"
FAST, SUBSTRING, PAGE = 60, 200, 120
TARGETS = {
    "search_id": FAST, "search_claim_number": FAST, "search_phone": FAST, "search_name_prefix": FAST,
    "search_pinyin_prefix": FAST, "search_name_substring": SUBSTRING, "claim_page": PAGE,
    "person_page": PAGE, "workbench": PAGE, "claims_list": PAGE, "payments": PAGE, "screening": PAGE,
}  # fmt: skip
MEMORY_MIB = 2_048


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the 95th percentile of each kind of page for each officer, and what it took to make the city."""
    people, claims, visits = (60_000, 5_400, 10) if quick else (9_600_000, 200_000, 250)
    os.environ.update(fresh_keys() | own_variables(str(find_places().home)) | {"YIYUAN_COUNTIES": "*"})
    django.setup()
    from tests.benchmark.city_world import write_city

    with running_database(TESTS) as server:
        database = CopiedDatabase(server)
        database.create()
        try:
            urls, begun = database.urls(), monotonic()
            write_city(urls, people=people, claims=claims)
            made = monotonic() - begun
            city = f"{people:,} people, {claims:,} claims"
            for where, county in OFFICERS.items():
                yield from _figures(where, visit(urls, county, people, visits), city)
            if not quick:
                _keep_plans(urls, people, city)
            yield Figure("site_city_made", round(made), "s", None, True, 1, city)
        finally:
            database.drop()


def visit(urls: DatabaseUrls, county: str, people: int, visits: int) -> dict[str, Any]:
    """Return what a process of the site's kind measured, asking as an officer of the county or the city."""
    found: dict[str, Any] = run_module(urls, "site_visits", county, str(people), str(visits))
    return found


def _keep_plans(urls: DatabaseUrls, people: int, city: str) -> None:
    found = {
        where: run_module(urls, "hot_queries", county, str(people)) for where, county in OFFICERS.items()
    }
    PLANS.parent.mkdir(parents=True, exist_ok=True)
    PLANS.write_text(as_page(found, city), encoding="utf-8")


def run_module(urls: DatabaseUrls, module: str, *words: str) -> Any:
    """Run a module of this folder as a process of the site's kind, and return what it printed."""
    surroundings = {
        **os.environ, **urls.environment(), "YIYUAN_COUNTIES": "",
        "PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmark.{module}", *words],
        cwd=CHECKOUT, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout)


def _figures(where: str, found: dict[str, Any], city: str) -> Iterator[Figure]:
    for kind, took in found["took"].items():
        high = quantiles(took, n=20)[-1]
        said = f"{where}, {city}; median {median(took):.0f} ms; slowest {found['slowest'][kind][1]}"
        target = TARGETS[kind]
        yield Figure(
            f"site_{where}_{kind}_p95", round(high, 1), "ms", f"<= {target}", high <= target, len(took), said
        )
        worked = found["worked"][kind]
        high, said = quantiles(worked, n=20)[-1], f"both processes; median {median(worked):.0f} ms"
        yield Figure(f"site_{where}_{kind}_cpu_p95", round(high, 1), "ms", None, True, len(worked), said)
    peak = found["peak_mib"]
    yield Figure(
        f"site_{where}_peak", round(peak), "MiB", f"<= {MEMORY_MIB}", peak <= MEMORY_MIB, 1, "one process"
    )
