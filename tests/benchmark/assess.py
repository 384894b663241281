"""`bench assess`: what one case costs at the desk, the medical rule with its trace and the whole ladder,
an event, and a replay of the past.

In: nothing but the scheme in force. Out: the median time a case, over rounds of many different cases.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from time import process_time_ns
from typing import TypeVar

from tests.benchmark.assess_events import event_figures
from tests.benchmark.figures import Figure
from yiyuan.kernel.period import Period
from yiyuan.rules.algebra import DeskAlgebra
from yiyuan.rules.eligibility import Settlement, Spell, decide
from yiyuan.rules.medical_benefit import medical_benefit
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import SchemeVersion

SCHEME = Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan"
TARGET_MICROSECONDS = 10.0
SEED = 20191120
T = TypeVar("T")
CODES = ("N18.5", "C34.901", "I63.900x007", "J18.900", "C91.000", "A15.000", "D56.300", "H25.900")


def measure(quick: bool) -> Iterator[Figure]:
    """Yield the figures; `quick` runs fewer rounds."""
    version = load_scheme(SCHEME)
    rounds, cases = (5, 2_000) if quick else (25, 10_000)
    facts = list(_facts(version, cases))
    terms, reading = version.top_up, version.top_up.reading()

    def rule(case: dict[str, int]) -> None:
        medical_benefit(terms, reading, DeskAlgebra(case))

    microseconds = _median_microseconds(rule, facts, rounds)
    yield Figure(
        metric="medical rule with trace, a case",
        value=microseconds,
        unit="µs",
        target=f"<= {TARGET_MICROSECONDS:g}",
        met=microseconds <= TARGET_MICROSECONDS,
        runs=rounds,
        baseline="",
    )
    spells = [Spell("subsistence_allowance", Period(date(2018, 1, 1)))]

    def ladder(settlement: Settlement) -> None:
        decide(version, settlement, spells)

    yield Figure(
        metric="whole decision with disease and group, a case",
        value=_median_microseconds(ladder, list(_settlements(facts)), rounds),
        unit="µs",
        target=None,
        met=True,
        runs=rounds,
        baseline="",
    )
    yield from event_figures(quick)


def _median_microseconds(work: Callable[[T], None], cases: Sequence[T], rounds: int) -> float:
    spent: list[float] = []
    for _ in range(rounds):
        started_ns = process_time_ns()
        for case in cases:
            work(case)
        spent.append((process_time_ns() - started_ns) / len(cases) / 1000)
    return round(median(spent), 3)


def _facts(version: SchemeVersion, cases: int) -> Iterator[dict[str, int]]:
    draw = Random(SEED)
    for _ in range(cases):
        eligible = draw.randrange(100_000, 5_000_000)
        shares = [eligible * draw.randrange(0, 25) // 100 for _ in version.top_up.payers]
        yield {version.top_up.eligible: eligible} | dict(zip(version.top_up.payers, shares, strict=True))


def _settlements(facts: Sequence[dict[str, int]]) -> Iterator[Settlement]:
    for number, amounts_fen in enumerate(facts):
        yield Settlement(
            setl_id=str(number),
            county_code="411724",
            diagnosis_code=CODES[number % len(CODES)],
            birth_on=date(1950 + number % 65, 3, 1),
            sex="1",
            on=date(2019, 1 + number % 12, 1),
            amounts_fen=amounts_fen,
        )
