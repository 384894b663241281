"""The world of `bench screen` (基准数据): seeded registers and settlements, as large as a province.

In: how many settlements, and a directory. Out: `hardship.parquet` (1.5 million rows over 1.2 million
people), `settlements-<n>.parquet` (2.5 % of the rows are refused or lack a fact) and `claimed.parquet`,
made once and kept.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from yiyuan.rules.scheme_file.loading import load_scheme

SCHEME = Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan"
PEOPLE = 9_600_000
REGISTERED_PEOPLE = 1_200_000
REGISTER_ROWS = 1_500_000
CLAIMED_IDS = 100_000

# One draw per (row, question). The engine's version is pinned, so its hash, and with it the world, is too.
_MACROS = """
CREATE MACRO draw(i, question, below) AS (hash(i * 64 + question + 20191120) % below)::BIGINT;
CREATE MACRO person(p) AS
    '4117' || lpad((p * 48271 % 99999989)::VARCHAR, 8, '0') || lpad((p % 1000000)::VARCHAR, 6, '0');
CREATE MACRO setl(i) AS '41' || lpad((i * 2654435761 % 99999999977)::VARCHAR, 12, '0');
CREATE MACRO county(i) AS '4117' || lpad((draw(i, 7, 11) + 20)::VARCHAR, 2, '0');
"""

_GROUPS = (
    "['registered_poor', 'subsistence_allowance', 'destitute_support', 'severe_disability',"
    " 'urban_needy_worker', 'orphan']"
)

_HARDSHIP = f"""
SELECT CASE WHEN draw(i, 1, 1000) < 4 THEN NULL ELSE person(p) END AS person_id,
       CASE WHEN draw(i, 2, 1000) < 3 THEN 'veteran'
            ELSE ({_GROUPS})[1 + draw(i, 3, 36) % 6 * draw(i, 4, 2)] END AS "group",
       county(i) AS county_code,
       begins AS valid_from,
       CASE WHEN draw(i, 5, 1000) < 3 THEN begins
            WHEN draw(i, 6, 4) = 0 THEN begins + 30 + draw(i, 8, 700)::INT END AS valid_to
FROM (SELECT range AS i,
             CASE WHEN range < {REGISTERED_PEOPLE} THEN range
                  ELSE draw(range, 9, {REGISTERED_PEOPLE}) END AS p,
             DATE '2016-01-01' + draw(range, 10, 1300)::INT AS begins FROM range({REGISTER_ROWS}))
"""

_CODES = (
    "['C34.900', 'C16.900x001', 'I63.900', 'J44.100', 'H25.900', 'N18.500', 'C50.900', 'I21.900', 'F20.000',"
    " 'E05.900', 'C91.000', 'Q21.100', 'A15.000', 'D56.300', 'D56.100', 'C53.900', 'I06.100', 'J61.900x001']"
)

_AMOUNTS = (
    "hifp_pay_fen",
    "cvlserv_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "hifob_pay_fen",
    "maf_pay_fen",
    "oth_pay_fen",
)
_SHARES = ("(35 + draw(i, 40, 60))", "0", "3", "8", "0", "12", "0")

_SETTLEMENTS = """
SELECT CASE WHEN dirt = 0 THEN NULL WHEN dirt = 1 THEN setl(i - 1) ELSE setl(i) END AS setl_id,
       CASE WHEN dirt = 2 THEN NULL ELSE person(draw(i, 11, {people})) END AS person_id,
       county(i) AS county_code,
       'H4117' || lpad(draw(i, 12, 400)::VARCHAR, 6, '0') AS hospital_code,
       CASE WHEN draw(i, 13, 500) > 0 THEN DATE '1935-01-01' + draw(i, 14, 30600)::INT END AS birth_on,
       CASE WHEN draw(i, 13, 500) <> 1 THEN (1 + draw(i, 15, 2))::VARCHAR END AS sex,
       CASE WHEN draw(i, 13, 500) <> 2 THEN admitted END AS admitted_on,
       admitted + 7 AS discharged_on, admitted + 9 AS settled_on,
       CASE WHEN dirt = 3 THEN 200000000000 ELSE sign * expense * 5 // 4 END AS medfee_sumamt_fen,
       CASE WHEN draw(i, 13, 500) <> 3 THEN sign * expense END AS inscp_scp_amt_fen,
       {payers},
       CASE WHEN draw(i, 17, 3) = 0 THEN ({codes})[1 + draw(i, 18, 18)]
            ELSE chr((65 + draw(i, 19, 26))::INT) || lpad(draw(i, 20, 99)::VARCHAR, 2, '0')
                 || '.' || draw(i, 21, 9)
       END AS diagnosis_code,
       CASE WHEN draw(i, 22, 3) = 0 THEN 'I10.x00|E11.900' END AS other_diagnosis_codes,
       CASE WHEN sign < 0 THEN setl(i - 2) END AS reverses_setl_id
FROM (SELECT range AS i, draw(range, 23, 200) AS dirt,
             DATE '2018-12-15' + draw(range, 24, 400)::INT AS admitted,
             30000 + draw(range, 25, 3000000) // (1 + draw(range, 26, 9)) AS expense,
             CASE WHEN draw(range, 27, 100) = 0 AND range > 2 THEN -1 ELSE 1 END AS sign FROM range({rows}))
"""


@dataclass(frozen=True, slots=True)
class World:
    """The files of one world and its number of settlements."""

    hardship: Path
    settlements: Path
    claimed: Path
    diseases: Path
    rows: int


def world_of(rows: int, folder: Path) -> World:
    """Return the world of that many settlements, made on the first call and read from `folder` afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(
        folder / "hardship.parquet",
        folder / f"settlements-{rows}.parquet",
        folder / "claimed.parquet",
        folder / "diseases.parquet",
        rows,
    )
    payers = ", ".join(
        f"CASE WHEN draw(i, {28 + n}, 50) > 0 THEN sign * expense * {share} // 100 END AS {name}"
        for n, (name, share) in enumerate(zip(_AMOUNTS, _SHARES, strict=True))
    )
    settlements = _SETTLEMENTS.format(people=PEOPLE, payers=payers, codes=_CODES, rows=rows)
    claimed = f"SELECT setl(range * 20 + 7) AS setl_id FROM range({CLAIMED_IDS})"
    with duckdb.connect() as engine:
        engine.execute(_MACROS)
        for path, query in (
            (world.hardship, _HARDSHIP), (world.settlements, settlements), (world.claimed, claimed),
        ):  # fmt: skip
            if not path.exists():
                unfinished = path.with_suffix(".part")
                engine.execute(f"COPY ({query}) TO '{unfinished}' (FORMAT parquet)")
                unfinished.rename(path)
        _write_diseases(engine, world.diseases)
    return world


def _write_diseases(engine: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the scheme's disease list as a table, which the rival programs take as given."""
    engine.execute(
        "CREATE TEMP TABLE diseases (prefix VARCHAR, code VARCHAR, max_age INT, sex VARCHAR,"
        " needs_proof BOOLEAN, except_prefix VARCHAR)"
    )
    for one in load_scheme(SCHEME).diseases:
        except_prefix = one.exclude_prefixes[0] if one.exclude_prefixes else None
        for prefix in one.prefixes:
            row = [prefix, one.code, one.max_age, one.sex, one.needs_proof, except_prefix]
            engine.execute("INSERT INTO diseases VALUES (?, ?, ?, ?, ?, ?)", row)
    engine.execute(f"COPY diseases TO '{path}' (FORMAT parquet)")
