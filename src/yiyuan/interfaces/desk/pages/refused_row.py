"""One refused row (更正一行): its cells as they came, how it would be judged when mended, the correction.

In: requests of the data clerk. Out: the page, or a correction on record, which the worker reads like any
file; and the workbook of all rows that can be mended. Both show unmasked cells, and both are audited.
"""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yiyuan.apps.intake.correcting import (
    CellToMend,
    Mended,
    judge_row,
    open_row,
    write_mended,
    write_mending_book,
)
from yiyuan.apps.intake.errors import IntakeRefusal, NotToMend
from yiyuan.apps.intake.queries import JobView, RefusedView, get_refused_row
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.held_imports import shown_cell
from yiyuan.interfaces.desk.import_labels import column_word, field_word, reason_of_refusal
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.import_job import find_job
from yiyuan.interfaces.desk.pages.imports import take_file
from yiyuan.kernel.actor import Role

CELL_MAX = 500
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Role.CLERK)
@require_http_methods(["GET", "HEAD", "POST"])
def show_row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Show a refused row; as a POST, say how it would be judged, or bring the correction."""
    job, refused = find_job(request, pk), _refused(pk, row)
    key = request_key(request) if request.method == "POST" else new_key()
    actor = actor_of(request)
    try:
        cells = open_row(
            job_id=pk, row_id=row, actor=actor, occurred_at=clock.now(), request_key=f"{key}-view"
        )
    except NotToMend as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:import_job", pk=pk)
    if request.method != "POST":
        return _page(request, job, refused, cells, None)
    said = [request.POST.get(f"cell-{cell.place}", cell.value)[:CELL_MAX] for cell in cells]
    mended = judge_row(job_id=pk, row_id=row, cells=said, actor=actor)
    if "accept" in request.POST and mended.is_right:
        return _bring(request, job, row, said, key)
    return _page(request, job, refused, _with(cells, said), mended)


def _with(cells: list[CellToMend], said: list[str]) -> list[CellToMend]:
    return [
        CellToMend(cell.place, cell.header, cell.field, text, cell.is_wrong)
        for cell, text in zip(cells, said, strict=True)
    ]


def _bring(request: HttpRequest, job: JobView, row: int, cells: list[str], key: str) -> HttpResponse:
    with TemporaryDirectory(prefix="yiyuan-mend-") as folder:
        file = write_mended(
            job_id=job.id, row_id=row, cells=cells, actor=actor_of(request), folder=Path(folder)
        )
        upload = SimpleUploadedFile(file.name, file.read_bytes(), "text/csv")
    correction, is_new = take_file(request, upload, job.kind, "", key, None)
    if is_new:
        messages.success(request, _("更正收下了，正在读入；原来的文件不动"))
    return redirect("desk:import_job", pk=correction.id)


def _page(
    request: HttpRequest,
    job: JobView,
    refused: RefusedView,
    cells: list[CellToMend],
    mended: Mended | None,
) -> HttpResponse:
    wrong = mended.wrong_header if mended and not mended.is_right else refused.column
    lines = [
        {
            "cell": cell,
            "word": field_word(cell.field) if cell.field else "",
            "is_wrong": (mended is None or not mended.is_right) and _same(cell, wrong),
        }
        for cell in cells
    ]
    context = {
        "job": job,
        "refused": refused,
        "title": _("第 %(row)d 行：%(why)s") % {"row": refused.row, "why": reason_of_refusal(refused.reason)},
        "used": [line for line in lines if line["word"]],
        "unused": [line for line in lines if not line["word"]],
        "mended": mended,
        "why": _why(refused, mended),
        "understood": [
            {"term": column_word(name), "text": shown_cell(name, cell) or "—"}
            for name, cell in zip(mended.columns, mended.cells, strict=True)
        ]
        if mended
        else [],
        "request_key": new_key(),
        "crumbs": [
            {"label": _("导入"), "url": reverse("desk:imports")},
            {"label": job.file_name, "url": reverse("desk:import_job", args=[job.id])},
            {"label": _("第 %(row)d 行") % {"row": refused.row}},
        ],
    }
    is_wrong = mended is not None and not mended.is_right
    return render(request, "desk/refused_row.html", context, status=422 if is_wrong else 200)


def _same(cell: CellToMend, header: str) -> bool:
    return cell.is_wrong if not header else cell.header.strip() == header.strip()


def _why(refused: RefusedView, mended: Mended | None) -> str:
    if mended is None:
        return refused.remedy
    if mended.is_right:
        return ""
    return mended.remedy or reason_of_refusal(mended.reason)


def _refused(job_id: int, row_id: int) -> RefusedView:
    try:
        return get_refused_row(job_id, row_id)
    except ObjectDoesNotExist as error:
        raise Http404 from error


@allow(Role.CLERK)
@require_POST
def mending_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the workbook of the rows that can be mended, with all their cells."""
    key, job = request_key(request), find_job(request, pk)
    book = BytesIO()
    try:
        write_mending_book(
            job_id=job.id, target=book, actor=actor_of(request), occurred_at=clock.now(), request_key=key
        )
    except IntakeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:import_job", pk=pk)
    response = HttpResponse(book.getvalue(), content_type=BOOK_TYPE)
    name = quote(f"{_('更正')}-{job.file_name.rsplit('.', 1)[0]}.xlsx")
    response["Content-Disposition"] = f"attachment; filename=\"mend-{pk}.xlsx\"; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response


routes: list[URLPattern] = [
    path("imports/<int:pk>/rows/<int:row>/", show_row, name="refused_row"),
    path("imports/<int:pk>/mend.xlsx", mending_book, name="mending_book"),
]
