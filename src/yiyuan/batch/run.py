"""A screening run (一次筛查): registers and settlements in, decisions, refused rows and the manifest out.

In: a `ScreenRequest` that names the files and a scheme version. Out: `decisions.parquet`,
`refused.parquet` and `manifest.json` in the folder asked for, put in place only when all are whole.
Repeating a run gives equal rows, the decisions in no order, and an equal manifest but for `run`.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from yiyuan.batch import sql
from yiyuan.batch.canonical import CLAIMED, HARDSHIP, SETTLEMENTS, Table
from yiyuan.batch.decisions import Terms, decisions_query, residual_total_query
from yiyuan.batch.inputs import ROW, Source, file_sha256, open_source
from yiyuan.batch.lookups import create_cancelled, create_codes, create_paid
from yiyuan.batch.manifest import ENGINE, input_entries, manifest, totals_by, versions
from yiyuan.batch.people import create_people, is_gathered
from yiyuan.batch.refusals import create_refused, refuse
from yiyuan.kernel.errors import YiyuanError
from yiyuan.rules.terms import SchemeVersion

DATE_COLUMNS: Mapping[str, str] = {
    "admission": "admitted_on",
    "discharge": "discharged_on",
    "settlement": "settled_on",
}
DECISIONS, REFUSED, MANIFEST = "decisions.parquet", "refused.parquet", "manifest.json"

_MEMORY_MIB = 480  # what the engine may hold before it uses the disk; ample for a province on two threads
_MEMORY_MIB_PER_THREAD = 160
# Ids and amounts differ from row to row; by the default limit a dictionary of them is begun and thrown away.
_DECISIONS_FORM = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 2000"


@dataclass(frozen=True, slots=True)
class ScreenRequest:
    """What to screen: paths as the user gave them, the scheme version, and where the results go.

    `on` is a key of `DATE_COLUMNS`; `reading` None means the scheme's default.
    """

    scheme: SchemeVersion
    hardship: tuple[str, ...]
    settlements: tuple[str, ...]
    claimed: tuple[str, ...]
    out: Path
    on: str = "admission"
    reading: str | None = None


class ScreenError(YiyuanError):
    """A run that could not be ended; the text says what stopped it."""


def screen(request: ScreenRequest) -> dict[str, Any]:
    """Write the three results and return the manifest; running again replaces them.

    :raises InputError: when a file cannot be used as a whole; then nothing is put in place.
    :raises ScreenError: when the results cannot be written, or the machine gives out.
    :raises KeyError: when the scheme has no such reading, or `on` is no date of a settlement.
    """
    begun = time.monotonic()
    terms = Terms(request.scheme, request.scheme.top_up.reading(request.reading), DATE_COLUMNS[request.on])
    hashing = time.process_time()
    hashes = {path: file_sha256(path) for path in (*request.hardship, *request.settlements, *request.claimed)}
    hashing = time.process_time() - hashing
    work = _make_folder(request.out)
    try:
        with duckdb.connect() as engine:
            _configure(engine, work)
            found = _screen(engine, request, terms, hashes, work)
        found["run"] = {
            "engine": ENGINE,
            "versions": versions(),
            "seconds": round(time.monotonic() - begun, 3),
            "hashing_seconds": round(hashing, 3),
        }
        (work / MANIFEST).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for name in (DECISIONS, REFUSED, MANIFEST):
            os.replace(work / name, request.out / name)
    except (duckdb.Error, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise ScreenError(f"筛查没有做完：{first}（先看 {request.out} 所在的磁盘是否已满）") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return found


def _make_folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".screen-", dir=out))
    except OSError as error:
        raise ScreenError(f"结果写不进 {out}：{error.strerror}") from error


def _configure(engine: duckdb.DuckDBPyConnection, work: Path) -> None:
    threads = os.cpu_count() or 1
    memory = max(_MEMORY_MIB, _MEMORY_MIB_PER_THREAD * threads)
    engine.execute(f"SET memory_limit = '{memory}MiB'")
    engine.execute(f"SET temp_directory = {sql.text(str(work.absolute() / 'spill'))}")
    engine.execute("SET enable_progress_bar = false")
    # The queries name the settlements first and the people, who leave most of them out, next. Left to its
    # estimates the engine meets the people last, after 20 million rows went through every other join.
    engine.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")


def _screen(
    engine: duckdb.DuckDBPyConnection,
    request: ScreenRequest,
    terms: Terms,
    hashes: Mapping[str, str],
    work: Path,
) -> dict[str, Any]:
    """Write decisions and refused rows into `work` and return the manifest without `run`."""
    files = ((HARDSHIP, request.hardship), (SETTLEMENTS, request.settlements), (CLAIMED, request.claimed))
    sources: dict[str, list[Source]] = {}
    for table, paths in files:
        needed = _required(table, terms)
        sources[table.name] = [
            open_source(engine, table, path, hashes[path], needed, work / f"{table.name}-{number}.parquet")
            for number, path in enumerate(paths)
        ]
    scheme = terms.scheme
    groups = [group.code for group in scheme.groups]
    create_refused(engine)
    refuse(engine, HARDSHIP, sources["hardship"], groups)
    refuse(engine, SETTLEMENTS, sources["settlements"], groups, cancels="reverses_setl_id")
    if sources["claimed"]:
        refuse(engine, CLAIMED, sources["claimed"], groups)
    engine.execute(
        "CREATE TEMP TABLE refused_settlements AS SELECT ref FROM refused WHERE \"table\" = 'settlements'"
    )
    create_cancelled(engine)
    gathered = is_gathered(sources["hardship"], sources["settlements"])
    create_people(engine, sources["hardship"], scheme.groups, gathered)
    create_codes(engine, sources["settlements"], scheme.diseases)
    create_paid(engine, sources["claimed"])
    query = decisions_query(terms, sources["settlements"], gathered)
    # A join gives up the order of its rows anyway; waiting for it would only hold them in memory.
    engine.execute("SET preserve_insertion_order = false")
    engine.execute(f"COPY ({query}) TO {sql.text(str(work / DECISIONS))} ({_DECISIONS_FORM})")
    _write_refused(engine, sources, work / REFUSED)
    inputs = input_entries(engine, sources)
    has_refused = any(entry["refused"] for entry in inputs if entry["name"] == "settlements")
    residual = engine.execute(residual_total_query(terms, sources["settlements"], has_refused)).fetchall()
    totals = {f"by_{column}": totals_by(engine, column, work / DECISIONS) for column in ("outcome", "reason")}
    return manifest(terms, request.on, inputs, totals, int(residual[0][0]))


def _required(table: Table, terms: Terms) -> frozenset[str]:
    if table is SETTLEMENTS:
        return frozenset(terms.columns)
    return frozenset(column.name for column in table.columns)


def _write_refused(engine: duckdb.DuckDBPyConnection, sources: Mapping[str, list[Source]], to: Path) -> None:
    """Write the refused rows in the order of the inputs and of their rows."""
    paths = [
        f"({sql.text(table)}, {number}, {sql.text(source.path)}, {order})"
        for order, (table, number, source) in enumerate(
            (table, number, source)
            for table, listed in sources.items()
            for number, source in enumerate(listed)
        )
    ]
    engine.execute(
        f'COPY (SELECT input, {ROW} AS "row", "column", value, reason FROM refused'
        f' JOIN (VALUES {", ".join(paths)}) AS files ("table", source_no, input, nth)'
        ' USING ("table", source_no)'
        f" ORDER BY nth, {ROW}) TO {sql.text(str(to))} (FORMAT parquet)"
    )
