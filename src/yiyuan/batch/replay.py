"""A replay (按新方案重算): the settlements of the past under a draft, beside the version in force.

In: a `ReplayRequest` with both versions and the files of a screening. Out: who would gain and who would lose,
what it costs by county, group and month, and the biggest changes with masked numbers. Both versions are run
by the engine of screening, so desk, batch and replay follow one rule. Repeating it gives the same.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.canonical import CLAIMED, SETTLEMENTS
from yiyuan.batch.inputs import Source, file_sha256, open_source
from yiyuan.batch.lookups import create_paid
from yiyuan.batch.refusals import all_rows, create_refused
from yiyuan.batch.run import DATE_COLUMNS, DECISIONS, ScreenError, ScreenRequest, screen
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.eligibility import ENTITLED, NOT_ENTITLED, UNDETERMINED
from yiyuan.rules.terms import SchemeVersion

REPLAY, CHANGES = "replay.json", "changes.parquet"
BIGGEST = 10  # of those that gain, and as many of those that lose

NEWLY, NO_LONGER, MORE, LESS = "newly_entitled", "no_longer_entitled", "more", "less"
ASKED, ANSWERED, SAME = "newly_undetermined", "no_longer_undetermined", "same"
KINDS = (NEWLY, NO_LONGER, MORE, LESS, ASKED, ANSWERED, SAME)
_DIMENSIONS = {
    "by_change": "change",
    "by_county": "county_code",
    "by_group": '"group"',
    "by_month": "month",
    "by_outcome": "outcome_change",
}
_NOTHING = {
    "count": 0,
    "gaining": 0,
    "losing": 0,
    "before_fen": 0,
    "after_fen": 0,
    "change_fen": 0,
    "gain_fen": 0,
    "loss_fen": 0,
}


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to replay: the version in force, the draft, and the files; `out` None keeps no files.

    `on` is a key of `DATE_COLUMNS`. The draft is asked about the period of the version in force: what it
    would have paid then, whatever days it is written for.
    """

    old: SchemeVersion
    new: SchemeVersion
    hardship: tuple[str, ...]
    settlements: tuple[str, ...]
    claimed: tuple[str, ...]
    out: Path | None = None
    on: str = "admission"


def replay(request: ReplayRequest) -> dict[str, Any]:
    """Return the comparison, sums in fen; with `out`, also write it there, with a row for each settlement.

    What was paid or is in hand is replayed like the rest, and counted apart under `claimed`.

    :raises SchemeError: when one of the two decides nothing settlement by settlement.
    :raises InputError: when a file cannot be used as a whole.
    :raises ScreenError: when the results cannot be written, or the machine gives out.
    """
    for version in (request.old, request.new):
        if version.medical is None:
            raise SchemeError(
                f"{version.title} {version.version} 没有按结算逐笔核定的医疗，不能拿结算重算；"
                "请用 --cases 给出过去的案例文件"
            )
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yiyuan-replay-") as folder:
        work = Path(folder)
        _screen_both(request, work)
        try:
            with duckdb.connect() as engine:
                engine.execute("SET enable_progress_bar = false")
                engine.execute(f"SET temp_directory = {sql.text(str(work / 'spill'))}")
                _join(engine, request, work)
                found = _compared(engine, request)
                found["seconds"] = round(time.monotonic() - begun, 3)
                if request.out is not None:
                    _write(engine, found, request.out)
        except (duckdb.Error, OSError) as error:
            first = str(error).strip().splitlines()[0]
            raise ScreenError(f"重算没有做完：{first}") from error
    return found


def _screen_both(request: ReplayRequest, work: Path) -> None:
    as_if = replace(request.new, valid=request.old.valid)
    for name, version in (("old", request.old), ("new", as_if)):
        # Nothing counts as claimed here: what was paid is exactly what is asked about.
        screen(ScreenRequest(version, request.hardship, request.settlements, (), work / name, on=request.on))


def _join(engine: duckdb.DuckDBPyConnection, request: ReplayRequest, work: Path) -> None:
    """Make `replayed`: a row for each settlement that either version decided."""
    on = DATE_COLUMNS[request.on]
    columns = ("setl_id", "county_code", on)
    places = all_rows(_sources(engine, request.settlements, frozenset(columns), work), columns)
    create_refused(engine)
    claimed = [
        open_source(engine, CLAIMED, path, file_sha256(path), frozenset(("setl_id",)), work / f"c{n}.parquet")
        for n, path in enumerate(request.claimed)
    ]
    create_paid(engine, claimed)
    old, new = (sql.file(work / name / DECISIONS) for name in ("old", "new"))
    engine.execute(f"""
        CREATE TEMP TABLE replayed AS
        WITH places AS (SELECT setl_id, first(county_code ORDER BY ref) AS county_code,
                               first({on} ORDER BY ref) AS on_day FROM ({places}) GROUP BY setl_id),
        pairs AS (SELECT coalesce(o.setl_id, n.setl_id) AS setl_id,
                        coalesce(n."group", o."group", '') AS "group",
                        coalesce(o.outcome, '{NOT_ENTITLED}') AS old_outcome,
                        coalesce(n.outcome, '{NOT_ENTITLED}') AS new_outcome,
                        o.reason AS old_reason, n.reason AS new_reason,
                        coalesce(o.benefit_fen, 0) AS old_fen, coalesce(n.benefit_fen, 0) AS new_fen,
                        o.clause AS old_clause, n.clause AS new_clause
                 FROM read_parquet({old}) AS o FULL JOIN read_parquet({new}) AS n USING (setl_id))
        SELECT pairs.*, coalesce(county_code, '') AS county_code,
               coalesce(strftime(on_day, '%Y-%m'), '') AS month,
               new_fen - old_fen AS change_fen, {_CHANGE} AS change,
               old_outcome || '>' || new_outcome AS outcome_change, paid.setl_id IS NOT NULL AS is_claimed
        FROM pairs LEFT JOIN places USING (setl_id) LEFT JOIN paid ON paid.setl_id = pairs.setl_id
    """)


_CHANGE = f"""CASE WHEN old_outcome <> '{UNDETERMINED}' AND new_outcome = '{UNDETERMINED}' THEN '{ASKED}'
    WHEN old_outcome = '{UNDETERMINED}' AND new_outcome <> '{UNDETERMINED}' THEN '{ANSWERED}'
    WHEN old_outcome <> '{ENTITLED}' AND new_outcome = '{ENTITLED}' THEN '{NEWLY}'
    WHEN old_outcome = '{ENTITLED}' AND new_outcome <> '{ENTITLED}' THEN '{NO_LONGER}'
    WHEN new_fen > old_fen THEN '{MORE}' WHEN new_fen < old_fen THEN '{LESS}' ELSE '{SAME}' END"""


def _sources(
    engine: duckdb.DuckDBPyConnection, paths: Sequence[str], needed: frozenset[str], work: Path
) -> list[Source]:
    return [
        open_source(engine, SETTLEMENTS, path, file_sha256(path), needed, work / f"s{number}.parquet")
        for number, path in enumerate(paths)
    ]


def _compared(engine: duckdb.DuckDBPyConnection, request: ReplayRequest) -> dict[str, Any]:
    whole = _sums(engine, "''", "TRUE").get("", _NOTHING)
    return {
        "before": _named(request.old),
        "after": _named(request.new),
        "period": [str(request.old.valid.from_on), str(request.old.valid.to_on or "") or None],
        "on": request.on,
        "total": whole,
        "claimed": _sums(engine, "''", "is_claimed").get("", _NOTHING),
        **{name: _sums(engine, column, "TRUE") for name, column in _DIMENSIONS.items()},
        "biggest": {
            "gain": _biggest(engine, "change_fen > 0", "change_fen DESC"),
            "lose": _biggest(engine, "change_fen < 0", "change_fen"),
        },
    }


def _named(version: SchemeVersion) -> dict[str, str]:
    return {"id": version.id, "version": version.version, "sha256": version.sha256}


def _sums(engine: duckdb.DuckDBPyConnection, column: str, where: str) -> dict[str, dict[str, int]]:
    rows = engine.execute(
        f"SELECT {column}, count(*), count(*) FILTER (WHERE change_fen > 0),"
        " count(*) FILTER (WHERE change_fen < 0), sum(old_fen), sum(new_fen), sum(change_fen),"
        " coalesce(sum(change_fen) FILTER (WHERE change_fen > 0), 0),"
        " coalesce(sum(change_fen) FILTER (WHERE change_fen < 0), 0)"
        f" FROM replayed WHERE {where} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {row[0]: dict(zip(_NOTHING, map(int, row[1:]), strict=True)) for row in rows}


def _biggest(engine: duckdb.DuckDBPyConnection, where: str, order: str) -> list[dict[str, Any]]:
    columns = (
        *("county_code", "month", "group", "change", "old_reason", "new_reason"),
        *("old_fen", "new_fen", "change_fen", "old_clause", "new_clause"),
    )
    listed = ", ".join(sql.name(column) for column in columns)
    rows = engine.execute(
        f"SELECT {sql.masked('setl_id')}, {listed} FROM replayed WHERE {where}"
        f" ORDER BY {order}, setl_id LIMIT {BIGGEST}"
    ).fetchall()
    return [dict(zip(("setl_id", *columns), row, strict=True)) for row in rows]


def _write(engine: duckdb.DuckDBPyConnection, found: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".replay-", dir=out))
    try:
        query = "SELECT * FROM replayed ORDER BY setl_id"
        engine.execute(f"COPY ({query}) TO {sql.text(str(staged / CHANGES))} (FORMAT parquet)")
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        (staged / REPLAY).write_text(text, encoding="utf-8")
        for name in (CHANGES, REPLAY):
            os.replace(staged / name, out / name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
