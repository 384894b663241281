"""`bench screen`: what a screening costs against the same by hand-written SQL and by pandas.

In: seeded worlds of 2 and 20 million settlements × 1.5 million register rows, made once under
`.yiyuan/bench/`. Out: ratios of processor time of whole child processes, run in turns (A B A B …), and the
peak memory. The product also hashes its inputs for the manifest; that time is measured apart and left out,
since no rival does it.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import duckdb

from tests.benchmark.children import CHECKOUT, Cost, run_python
from tests.benchmark.figures import Figure
from tests.benchmark.screen_world import SCHEME, World, world_of

FOLDER = CHECKOUT / ".yiyuan" / "bench"
SMALL, LARGE = 2_000_000, 20_000_000
PLANS = ("lists", "join")
ROUNDS, QUICK_ROUNDS = 5, 3
LARGE_MOST, SMALL_MOST, PEAK_MOST_GIB, PANDAS_LEAST, GROWTH_MOST = 1.15, 1.3, 0.75, 4.0, 10.0


@dataclass(frozen=True, slots=True)
class Race:
    """The costs of the programs on one world, round by round."""

    product: list[Cost]
    by_hand: dict[str, list[Cost]]

    @property
    def product_cpu(self) -> float:
        """The product's median processor seconds."""
        return median(cost.cpu_seconds for cost in self.product)

    @property
    def best_plan(self) -> str:
        """The hand-written plan with the least median."""
        return min(self.by_hand, key=lambda plan: median(cost.cpu_seconds for cost in self.by_hand[plan]))

    def ratio(self) -> float:
        """Return the median over the rounds of the product's against the best hand plan's processor time."""
        rival = self.by_hand[self.best_plan]
        pairs = zip(self.product, rival, strict=True)
        return median(mine.cpu_seconds / other.cpu_seconds for mine, other in pairs)


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the figures; `quick` runs the smaller world only."""
    small = world_of(SMALL, FOLDER)
    race = _race(small, PLANS, QUICK_ROUNDS if quick else ROUNDS)
    yield _against_hand("2 M", race, SMALL_MOST)
    yield _equal_answers("2 M", small, race.best_plan)
    if quick:
        return
    large = world_of(LARGE, FOLDER)
    large_race = _race(large, PLANS[:1], ROUNDS)
    yield _against_hand("20 M", large_race, LARGE_MOST)
    yield _equal_answers("20 M", large, PLANS[0])
    yield _peak(large_race)
    yield _against_pandas(large, large_race)
    growth = large_race.product_cpu / race.product_cpu
    yield Figure(
        metric="screen, processor time from 2 M to 20 M settlements",
        value=round(growth, 2),
        unit="×",
        target=f"<= {GROWTH_MOST:g}",
        met=growth <= GROWTH_MOST,
        runs=ROUNDS,
        baseline=f"2 M: {race.product_cpu:.2f} CPU s",
    )


def _race(world: World, plans: tuple[str, ...], rounds: int) -> Race:
    race = Race([], {plan: [] for plan in plans})
    for _ in range(rounds):
        race.product.append(_product(world))
        for plan in plans:
            race.by_hand[plan].append(_by_hand(world, plan))
    return race


def _product(world: World) -> Cost:
    out = _out(world, "product")
    files = ("--hardship", str(world.hardship), "--settlements", str(world.settlements))
    words = ("--scheme", str(SCHEME), *files, "--claimed", str(world.claimed), "--out", str(out))
    cost = run_python("yiyuan", "screen", *words)
    hashing = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["run"]["hashing_seconds"]
    return replace(cost, cpu_seconds=cost.cpu_seconds - hashing)


def _by_hand(world: World, plan: str) -> Cost:
    out = _out(world, f"hand-{plan}")
    return run_python("tests.benchmark.screen_by_hand", *_given(world), str(out), plan)


def _given(world: World) -> tuple[str, ...]:
    return str(world.hardship), str(world.settlements), str(world.claimed), str(world.diseases)


def _out(world: World, program: str) -> Path:
    out = FOLDER / f"out-{world.rows}-{program}"
    shutil.rmtree(out, ignore_errors=True)
    return out


def _against_hand(size: str, race: Race, most: float) -> Figure:
    ratio = race.ratio()
    rival = median(cost.cpu_seconds for cost in race.by_hand[race.best_plan])
    return Figure(
        metric=f"screen, {size} settlements: processor time against SQL by hand",
        value=round(ratio, 3),
        unit="×",
        target=f"<= {most:g}",
        met=ratio <= most,
        runs=len(race.product),
        baseline=f"plan {race.best_plan}: {rival:.2f} CPU s; screen: {race.product_cpu:.2f} CPU s",
    )


def _peak(race: Race) -> Figure:
    peak = max(cost.peak_gib for cost in race.product)
    rival = max(cost.peak_gib for cost in race.by_hand[race.best_plan])
    return Figure(
        metric="screen, 20 M settlements: peak memory",
        value=round(peak, 3),
        unit="GiB",
        target=f"<= {PEAK_MOST_GIB:g}",
        met=peak <= PEAK_MOST_GIB,
        runs=len(race.product),
        baseline=f"SQL by hand: {rival:.3f} GiB",
    )


def _against_pandas(world: World, race: Race) -> Figure:
    out = _out(world, "pandas")
    cost = run_python("tests.benchmark.screen_by_pandas", *_given(world), str(out))
    times = cost.cpu_seconds / race.product_cpu
    is_equal = _answers(out) == _answers(FOLDER / f"out-{world.rows}-product")
    return Figure(
        metric="screen, 20 M settlements: processor time of pandas against screen",
        value=round(times, 2),
        unit="×",
        target=f">= {PANDAS_LEAST:g}",
        met=times >= PANDAS_LEAST and is_equal,
        runs=1,
        baseline=f"pandas: {cost.cpu_seconds:.1f} CPU s, {cost.peak_gib:.1f} GiB",
    )


def _equal_answers(size: str, world: World, plan: str) -> Figure:
    product, by_hand = (_answers(FOLDER / f"out-{world.rows}-{one}") for one in ("product", f"hand-{plan}"))
    return Figure(
        metric=f"screen, {size} settlements: rows that every program answers alike",
        value=product[0][0] if product == by_hand else 0,
        unit="decisions",
        target=None,
        met=product == by_hand,
        runs=1,
        baseline="order-free hash of decisions and refused rows",
    )


def _answers(out: Path) -> list[tuple[int, int]]:
    """Return count and order-free hash of the decisions and of the refused rows."""
    found: list[tuple[int, int]] = []
    for name in ("decisions", "refused"):
        rows = f"SELECT * FROM '{out / name}.parquet'"
        with duckdb.connect() as engine:
            count, total = engine.execute(
                f"SELECT count(*), sum(hash(rows)) FROM ({rows}) AS rows"
            ).fetchall()[0]
        found.append((int(count), int(total or 0)))
    return found
