"""One import (导入批次): how far it has come, what it came to, and the rows that were put aside.

In: requests of the data clerk. Out: the page, its progress alone while it runs, the refused rows as a file.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.intake.correcting import count_to_mend
from yiyuan.apps.intake.errors import ImportRested, IntakeRefusal
from yiyuan.apps.intake.holding import mark_seen
from yiyuan.apps.intake.progress import WHOLE
from yiyuan.apps.intake.queries import (
    JobView,
    ProgressView,
    count_list_changes,
    get_job,
    get_progress,
    iterate_refused_rows,
    list_refused_rows,
)
from yiyuan.apps.intake.services import count_corrections, find_obstacle, undo_import
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import asked, new_key, page_number
from yiyuan.interfaces.desk.held_imports import held_context
from yiyuan.interfaces.desk.import_labels import (
    LIST_CHANGES,
    job_state,
    kind_word,
    kinds_of,
    obstacle_words,
    reason_of_refusal,
)
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.imports import VIEWERS, counts_words
from yiyuan.interfaces.desk.scheme_labels import name_of
from yiyuan.kernel.actor import Role

PAGE = 50
MINUTE = 60
PERCENT = 100
FORMULA_STARTS = "=+-@\t\r"


@allow(*VIEWERS)
@require_safe
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import; asked by its own progress, answer with the progress alone."""
    job = find_job(request, pk)
    progress = get_progress(job.id) if job.is_under_way else None
    context: dict[str, object] = {
        "job": job,
        "kind": kind_word(job.kind),
        "groups": "、".join(name_of(group) for group in get_terms().groups if group.code in job.groups),
        "state": job_state(job.state),
        "reading": _("正在读入 %(name)s") % {"name": job.file_name},
        "remark": _remark(job, progress, clock.now()),
        "progress": progress,
        "percent": progress.done * PERCENT // WHOLE if progress else 0,
        "percents": PERCENT,
        "poll_url": request.path,
    }
    if request.headers.get("HX-Request"):
        response = render(request, "desk/import_progress.html", context)
        if not job.is_under_way:
            # The result has more to show than the progress: the page is drawn anew.
            response["HX-Refresh"] = "true"
        return response
    if job.finished_at and not job.seen_at and job.started_by == actor_of(request).id:
        mark_seen(job_id=job.id, actor=actor_of(request), occurred_at=clock.now())
    if job.state == "held":
        return render(request, "desk/import_held.html", context | held_context(request, job))
    return render(request, "desk/import_job.html", context | _result(request, job))


def _result(request: HttpRequest, job: JobView) -> dict[str, object]:
    reason, after = asked(request, "reason", 40), page_number(request, "after", 0)
    rows = list_refused_rows(job.id, reason=reason, after_id=after, limit=PAGE + 1)
    return {
        "title": _title(job),
        "reasons": [
            (code, reason_of_refusal(code), n, code == reason)
            for code, n in sorted(job.refused_by_reason.items(), key=lambda item: (-item[1], item[0]))
        ],
        "reason": reason,
        "rows": [(row, reason_of_refusal(row.reason)) for row in rows[:PAGE]],
        "to_mend": count_to_mend(job.id) if _may_mend(request, job) else 0,
        "may_mend": _may_mend(request, job),
        "keeps_file": bool(job.stored_as) and Role.CLERK in actor_of(request).roles,
        "columns": _columns(),
        "next": urlencode({"reason": reason, "after": rows[PAGE - 1].id}) if len(rows) > PAGE else "",
        "undo": _undo(request, job),
        "list_counts": _list_counts(job),
        "request_key": new_key(),
        "crumbs": [{"label": _("导入"), "url": reverse("desk:imports")}, {"label": job.file_name}],
    }


def _undo(request: HttpRequest, job: JobView) -> dict[str, object] | None:
    """Return whether this person may undo the import, and what stands in the way; None where they may not."""
    actor = actor_of(request)
    if job.state != "done" or Role.CLERK not in actor.roles or not actor.scope.is_city:
        return None
    obstacle = find_obstacle(job.id)
    return {
        "why": obstacle_words(obstacle.why, obstacle.number) if obstacle else "",
        "along": count_corrections(job.id),
    }


def _may_mend(request: HttpRequest, job: JobView) -> bool:
    actor = actor_of(request)
    return job.state == "done" and Role.CLERK in actor.roles and actor.scope.is_city


def _list_counts(job: JobView) -> list[tuple[str, int]]:
    if not job.is_whole_list or job.is_under_way:
        return []
    counts = count_list_changes(job.id)
    return [(str(word), counts.get(kind, 0)) for kind, word in LIST_CHANGES.items()]


@allow(Role.CLERK)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the whole import back, or say what rests on it."""
    key, job = request_key(request), find_job(request, pk)
    try:
        removed = undo_import(
            job_id=job.id,
            reason=request.POST.get("reason", ""),
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ImportRested as refusal:
        messages.error(request, _("没有撤：%(why)s") % {"why": obstacle_words(refusal.why, refusal.number)})
    except IntakeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已撤销，%(count)d 行不再算数") % {"count": removed})
    return redirect("desk:import_job", pk=pk)


@allow(*VIEWERS)
@require_safe
def download_refused(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Return every refused row as a CSV that a spreadsheet opens without running anything in it."""
    job = find_job(request, pk)
    response = StreamingHttpResponse(_csv_lines(job.id), content_type="text/csv; charset=utf-8")
    name = quote(f"{_('另存')}-{job.file_name.rsplit('.', 1)[0]}.csv")
    response["Content-Disposition"] = f"attachment; filename=\"refused-{pk}.csv\"; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response


class _Line:
    """What `csv` writes to: the line comes back as its answer."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(job_id: int) -> Iterator[bytes]:
    header = [_("工作表"), _("行"), _("列"), _("值（遮盖）"), _("原因"), _("应该是")]
    yield csv_line(header).encode("utf-8-sig")
    for row in iterate_refused_rows(job_id):
        cells = (row.sheet, str(row.row), row.column, row.value, reason_of_refusal(row.reason), row.remedy)
        yield csv_line(cells).encode()


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of a CSV that a spreadsheet opens without running anything in it."""
    return str(csv.writer(_Line(), lineterminator="\r\n").writerow([_plain(cell) for cell in cells]))


def _plain(text: str) -> str:
    # A cell that starts like a formula would be run by a spreadsheet.
    return f"'{text}" if text[:1] in FORMULA_STARTS and text else text


def find_job(request: HttpRequest, pk: int) -> JobView:
    """Return the job, or answer that there is none."""
    try:
        return get_job(pk, scope=scope_of(request), kinds=kinds_of(actor_of(request).roles))
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _title(job: JobView) -> str:
    if job.is_under_way:
        return _("正在读入 %(name)s") % {"name": job.file_name}
    if job.state == "dropped":
        return _("看过，没有导入：%(name)s") % {"name": job.file_name}
    if job.state == "undone":
        return _("已撤销：%(name)s") % {"name": job.file_name}
    if job.state == "failed":
        return _("没有读成：%(name)s") % {"name": job.file_name}
    return counts_words(job)


def _remark(job: JobView, progress: ProgressView | None, now: datetime) -> str:
    away = _("可以离开本页，读完的结果会留在这里。")
    if job.state == "queued":
        return _("前面的读完就轮到它。") + away
    passed = (now - (job.running_since or job.started_at)).total_seconds()
    if progress is None or not progress.done or passed <= 0:
        return away
    left = int(passed * (WHOLE - progress.done) / progress.done)
    if left >= MINUTE:
        return _("大约还要 %(minutes)d 分钟。") % {"minutes": -(-left // MINUTE)} + away
    return _("大约还要 %(seconds)d 秒。") % {"seconds": max(left, 1)} + away


def _columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("在哪里")},
        {"label": _("列")},
        {"label": _("值（遮盖）")},
        {"label": _("原因")},
        {"label": _("应该是")},
    ]


routes: list[URLPattern] = [
    path("imports/<int:pk>/", show_job, name="import_job"),
    path("imports/<int:pk>/undo/", undo, name="import_undo"),
    path("imports/<int:pk>/refused.csv", download_refused, name="import_refused"),
]
