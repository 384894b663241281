"""Correcting refused rows (更正另存的行): one on screen, or many in a workbook; each correction is an import.

In: refused rows whose cells were kept. Out: their cells for those who may see them, how a mended row would be
judged, a workbook to mend them in, and which rows a later import has put right. The first file stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.db.models import QuerySet

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.intake.choosing import Chooser, layout_of, mark_of
from yiyuan.apps.intake.errors import NotToMend, RoleMissing
from yiyuan.apps.intake.models import ImportJob, RefusedRow
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.judging import CELL_END
from yiyuan.exchange.looking import first_rows
from yiyuan.exchange.mending import Layout, RowToMend, mark_in, write_book, write_one
from yiyuan.exchange.outputs import NOT_TO_MEND
from yiyuan.exchange.reading import Reading, read_files
from yiyuan.kernel.actor import Actor, Role

BLOCK_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class CellToMend:
    """One cell of a refused row: its header, the field it was taken for (empty = none), whether at fault."""

    place: int
    header: str
    field: str
    value: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Mended:
    """How a mended row is judged: accepted, with the columns and cells as understood, or why not."""

    is_right: bool
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    wrong_header: str = ""
    reason: str = ""
    remedy: str = ""


def open_row(
    *, job_id: int, row_id: int, actor: Actor, occurred_at: datetime, request_key: str
) -> list[CellToMend]:
    """Return the cells of a refused row unmasked; that they were shown is kept in the audit.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises RefusedRow.DoesNotExist: the import has no such row.
    :raises NotToMend: its cells were not kept, or it needs no correction.
    """
    row = _row(job_id, row_id, actor)
    layout = layout_of(row)
    field_of = {index: field for field, index in layout.columns.items()}
    assert row.cells is not None, "a row without cells is not to be mended"
    values = str(row.cells).split(CELL_END)
    record_entry(
        actor=actor,
        verb="view_refused_row",
        subject=("import_job", str(job_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"row": row.row},
    )
    return [
        CellToMend(
            place,
            name,
            field_of.get(place, ""),
            values[place] if place < len(values) else "",
            bool(row.column) and row.column.strip() == layout.headers[place].strip(),
        )
        for place, name in enumerate(layout.names)
    ]


def judge_row(*, job_id: int, row_id: int, cells: Sequence[str], actor: Actor) -> Mended:
    """Return how the row would be judged with these cells; nothing is written.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises NotToMend: its cells were not kept, or it needs no correction.
    """
    row = _row(job_id, row_id, actor)
    with TemporaryDirectory(prefix="yiyuan-mend-") as folder:
        path = write_mended(job_id=job_id, row_id=row_id, cells=cells, actor=actor, folder=Path(folder))
        try:
            with read_files(row.job.kind, [path], choose=Chooser(row.job.kind)) as reading:
                return _judged(reading)
        except UnreadableFile as problem:
            return Mended(is_right=False, remedy=str(problem))


def _judged(reading: Reading) -> Mended:
    refused = reading.connection.execute('SELECT "column", reason, "right" FROM refused LIMIT 1').fetchone()
    if refused is not None:
        return Mended(is_right=False, wrong_header=refused[0], reason=refused[1], remedy=refused[2] or "")
    if not reading.files[0].accepted:
        return Mended(is_right=False, reason="missing")
    columns, rows = first_rows(reading, 1)
    return Mended(is_right=True, columns=tuple(columns), cells=tuple(rows[0]))


def write_mended(*, job_id: int, row_id: int, cells: Sequence[str], actor: Actor, folder: Path) -> Path:
    """Write a file with this one row mended, to be brought as any other; return where it lies.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises NotToMend: its cells were not kept, or it needs no correction.
    """
    row = _row(job_id, row_id, actor)
    path = folder / f"更正-第{row.row}行-{Path(row.job.file_name).stem[:40]}.csv"
    plain = [" ".join(cell.split(CELL_END)) for cell in cells]
    write_one(path, layout_of(row), RowToMend(mark_of(row), plain, row.reason, row.remedy))
    return path


def write_mending_book(
    *, job_id: int, target: BinaryIO, actor: Actor, occurred_at: datetime, request_key: str
) -> int:
    """Write the rows to be mended with all their cells into a workbook; return how many. It is audited.

    :raises RoleMissing: the actor is no clerk of the whole city.
    """
    if Role.CLERK not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    rows = _open_rows(job_id)
    places = list(rows.order_by("place").values_list("place", flat=True).distinct())
    number = rows.count()
    write_book(target, [_sheet(job_id, place) for place in places])
    record_entry(
        actor=actor,
        verb="export_refused_rows",
        subject=("import_job", str(job_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"rows": number},
    )
    return number


def count_to_mend(job_id: int) -> int:
    """Return how many refused rows of an import can still be mended."""
    return _open_rows(job_id).count()


def _open_rows(job_id: int) -> QuerySet[RefusedRow]:
    return RefusedRow.objects.filter(job_id=job_id, cells__isnull=False, corrected_by=None).exclude(
        reason__in=NOT_TO_MEND
    )


def _sheet(job_id: int, place: int) -> tuple[Layout, Iterator[RowToMend]]:
    rows = _open_rows(job_id).filter(place=place).select_related("job").order_by("pk")
    first = rows.first()
    assert first is not None, "a place without rows is not asked for"
    lines = (
        RowToMend(mark_of(row), str(row.cells).split(CELL_END), row.reason, row.remedy)
        for row in rows.iterator(chunk_size=BLOCK_ROWS)
    )
    return layout_of(first), lines


def mark_corrected(job: ImportJob, reading: Reading) -> int:
    """Keep which refused rows the accepted rows of a correction put right; return how many."""
    marks: list[str] = []
    for (file_no, sheet_no), plan in reading.plans.items():
        head = reading.connection.execute(f"{plan.sheet.sql()} LIMIT 50").fetchall()
        found = mark_in([tuple(cell or "" for cell in record[1:]) for record in head])
        if found is None:
            continue
        column = plan.sheet.columns[found[0]]
        marks += [
            str(mark)
            for (mark,) in reading.connection.execute(
                f"SELECT {column} FROM ({plan.sheet.sql()}) AS source JOIN checked ON checked.rn = source.rn "
                f"AND checked.file_no = {file_no} AND checked.sheet_no = {sheet_no} "
                f"JOIN accepted ON accepted.seq = checked.seq WHERE {column} IS NOT NULL"
            ).fetchall()
        ]
    numbers = (mark.strip().removeprefix(f"{job.corrects_id}-") for mark in marks)
    ids = [int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 19]
    return RefusedRow.objects.filter(job_id=job.corrects_id, pk__in=ids, corrected_by=None).update(
        corrected_by=job
    )


def _row(job_id: int, row_id: int, actor: Actor) -> RefusedRow:
    if Role.CLERK not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    row = RefusedRow.objects.select_related("job").get(job_id=job_id, pk=row_id)
    if row.cells is None or row.reason in NOT_TO_MEND or row.job.state != ImportJob.DONE:
        raise NotToMend("kept_nothing")
    if row.corrected_by_id is not None:
        raise NotToMend("corrected")
    return row
