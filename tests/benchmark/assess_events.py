"""What events and replays cost, for `bench assess`: one case, ten thousand victims, loading, a replay.

In: nothing; the cases and files are made here. Out: figures in processor time, which other load on the
machine hardly moves. Reading a case's facts is part of each measure.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time_ns

import duckdb

from tests.benchmark.children import run_python
from tests.benchmark.figures import Figure
from yiyuan.rules.assessment import Assessment, assess
from yiyuan.rules.cases import Case
from yiyuan.rules.checking import check_scheme
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.scheme_file.located import Located

CHECKOUT = Path(__file__).parents[2]
SCHEMES = CHECKOUT / "schemes"
TUTORIAL = CHECKOUT / "tests" / "schemes-of-others" / "qingshi-tutorial"
TOP_UP = SCHEMES / "zhumadian-yiyuan"
VICTIMS = 10_000
CASES = 200
EVENT_LIMIT_FEN = 300_000_000  # of the tutorial's scheme
REPLAYED = 100_000
CASE_MOST_US, EVENT_MOST_S, CHECK_MOST_MS, REPLAY_MOST_S = 200.0, 1.0, 200.0, 5.0
GROUPS = "['registered_poor', 'subsistence_allowance', 'destitute_support', 'orphan']"
CODES = "['C34.900', 'C16.900x001', 'I63.900', 'H25.900', 'N18.500', 'J18.900']"


def event_figures(quick: bool) -> Iterator[Figure]:
    """Yield the figures; `quick` runs fewer rounds."""
    rounds = 3 if quick else 9
    version, holidays = load_scheme(TUTORIAL), load_holidays(SCHEMES / BASE_FILE)

    def decide(case: Case) -> Assessment:
        return assess(version, case, holidays)

    one = [_case(_victim(number)) for number in range(CASES)]
    spent_ms = [_cpu_ms(partial(decide, case)) for _ in range(rounds) for case in one]
    microseconds = median(spent_ms) * 1000
    yield _figure(
        "event case with disability, medical, event limit", microseconds, "µs", CASE_MOST_US, len(spent_ms)
    )
    victims = [Located(_victim(n) | _located({"id": f"p{n}"}), 1) for n in range(VICTIMS)]
    many = _case({"persons": Located(victims, 1)})
    seconds = median(_cpu_ms(partial(decide, many)) for _ in range(3)) / 1000
    assert decide(many).benefit_fen == EVENT_LIMIT_FEN, "the event limit is reached exactly"
    yield _figure(f"event of {VICTIMS:,} victims under an event limit", seconds, "s", EVENT_MOST_S, 3)
    for folder, name in ((TOP_UP, "Zhumadian 2019"), (TUTORIAL, "the tutorial's")):
        spent = median(_cpu_ms(partial(check_scheme, folder, holidays)) for _ in range(rounds))
        yield _figure(f"loading and checking a scheme, {name}", spent, "ms", CHECK_MOST_MS, rounds)
    yield _replay(1 if quick else 5)


def _replay(rounds: int) -> Figure:
    with TemporaryDirectory() as folder:
        work = Path(folder)
        _write_settlements(work)
        draft = _write_draft(work / "draft")
        words = (
            *("yiyuan", "scheme", "replay", str(draft), "--against", str(TOP_UP), "--json"),
            *("--hardship", str(work / "h.parquet"), "--settlements", str(work / "s.parquet")),
        )
        seconds = median(run_python(*words).cpu_seconds for _ in range(rounds))
    metric = f"replay of {REPLAYED:,} past settlements, a whole process"
    return _figure(metric, seconds, "s", REPLAY_MOST_S, rounds)


def _write_settlements(work: Path) -> None:
    payers = ", ".join(
        f"{share} * expense // 100 AS {name}"
        for name, share in (("hifp_pay_fen", 60), ("hifes_pay_fen", 5), ("hifmi_pay_fen", 10))
    )
    hardship = f"""SELECT 'P' || i AS person_id, ({GROUPS})[1 + i % 4] AS "group",
        DATE '2018-01-01' AS valid_from, NULL::DATE AS valid_to FROM range({REPLAYED}) AS r (i)"""
    others = ", ".join(
        f"0 AS {name}" for name in ("cvlserv_pay_fen", "hifob_pay_fen", "maf_pay_fen", "oth_pay_fen")
    )
    settlements = f"""SELECT 'S' || lpad(i::VARCHAR, 9, '0') AS setl_id, 'P' || i AS person_id,
        '4117' || lpad((20 + i % 11)::VARCHAR, 2, '0') AS county_code, DATE '1960-01-01' AS birth_on,
        '1' AS sex, DATE '2019-01-01' + (i % 365)::INT AS admitted_on, expense AS inscp_scp_amt_fen,
        {payers}, {others}, ({CODES})[1 + i % 6] AS diagnosis_code, '' AS reverses_setl_id
        FROM (SELECT i, 30000 + i * 7919 % 3000000 AS expense FROM range({REPLAYED}) AS r (i))"""
    with duckdb.connect() as engine:
        for name, query in (("h", hardship), ("s", settlements)):
            engine.execute(f"COPY ({query}) TO '{work / name}.parquet' (FORMAT parquet)")


def _write_draft(folder: Path) -> Path:
    folder.mkdir()
    text = (TOP_UP / "2019-01-01.yaml").read_text(encoding="utf-8").replace("rate_bp: 5000", "rate_bp: 6000")
    (folder / "2019-01-01.yaml").write_text(text, encoding="utf-8")
    (folder / "sources.yaml").write_bytes((TOP_UP / "sources.yaml").read_bytes())
    return folder


def _cpu_ms(work: Callable[[], object]) -> float:
    begun_ns = process_time_ns()
    work()
    return (process_time_ns() - begun_ns) / 1e6


def _case(facts: dict[str, Located]) -> Case:
    return Case(
        name="bench",
        file="bench",
        line=1,
        on=date(2027, 7, 20),
        filed_on=None,
        papers_complete_on=None,
        papers_complete_at=None,
        calendar_known_on=None,
        reading=None,
        answers={"event_excess": "pro_rata"},
        facts=Located({**_EVENT, **facts}, 1),
        used_fen={},
        expect=None,
    )


def _located(facts: dict[str, str]) -> dict[str, Located]:
    return {name: Located(value, 1) for name, value in facts.items()}


_EVENT = _located({"cause": "natural_disaster", "residence": "registered", "in_mainland": "true"})
_EVENT["certified_by"] = Located([Located("emergency", 1)], 1)


def _victim(number: int) -> dict[str, Located]:
    return _located(
        {
            "disability_grade": str(1 + number % 10),
            "basic_insured": "true",
            "out_of_pocket_fen": str(100_001 + 7919 * number % 500_000),
        }
    )


def _figure(metric: str, value: float, unit: str, most: float, runs: int) -> Figure:
    return Figure(
        metric=metric,
        value=round(value, 3),
        unit=unit,
        target=f"<= {most:g}",
        met=value <= most,
        runs=runs,
        baseline="processor time",
    )
