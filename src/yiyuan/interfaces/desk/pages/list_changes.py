"""A new list against the last one (名单对比): who joined, who left, whose period changed; updating by it.

In: requests of the data clerk. Out: a page a kind of change, the same as CSV, and the update confirmed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.intake.errors import IntakeRefusal
from yiyuan.apps.intake.lists import apply_list
from yiyuan.apps.intake.queries import JobView, ListChangeView, count_list_changes, list_list_changes
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import fact_labels
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import chosen, new_key, page_number
from yiyuan.interfaces.desk.import_labels import LIST_CHANGES
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.import_job import csv_line, find_job
from yiyuan.interfaces.desk.pages.imports import VIEWERS
from yiyuan.kernel.actor import Role
from yiyuan.kernel.identity import mask_name

PAGE = 50
EXPORT_BLOCK = 1_000


class ApplyForm(forms.Form):
    """From which day those who left are out."""

    ended_on = forms.DateField(
        label=gettext_lazy("离开的人从哪天起停"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "invalid": gettext_lazy("请写成 2019-11-01 这样的日期"),
            "required": gettext_lazy("请写从哪天起停"),
        },
    )


@allow(*VIEWERS)
@require_safe
def list_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the differences of one kind, those who left first; names are masked."""
    return _show(request, find_job(request, pk))


@allow(Role.CLERK)
@require_POST
def list_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """End the statuses of those who left, as the clerk has confirmed."""
    key, job = request_key(request), find_job(request, pk)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _show(request, job, form, status=422)
    try:
        ended = apply_list(
            job_id=pk,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
            ended_on=form.cleaned_data["ended_on"],
        )
    except IntakeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已按这份名单更新，停了 %(count)d 人") % {"count": ended})
    return redirect("desk:list_changes", pk=pk)


@allow(*VIEWERS)
@require_safe
def list_export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send every difference as CSV, names and numbers masked."""
    job = find_job(request, pk)
    record_entry(
        actor=actor_of(request),
        verb="export_list_changes",
        subject=("import_job", str(job.id)),
        occurred_at=clock.now(),
        request_key=new_key(),
    )
    response = StreamingHttpResponse(_csv(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="list-changes-{pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _show(
    request: HttpRequest, job: JobView, form: ApplyForm | None = None, status: int = 200
) -> HttpResponse:
    kind = chosen(request, "kind", LIST_CHANGES) or "left"
    counts = count_list_changes(job.id)
    found = list_list_changes(job.id, kind=kind, after_id=page_number(request, "after", 0), limit=PAGE + 1)
    actor = actor_of(request)
    may_apply = (
        job.state == "done"
        and job.is_whole_list
        and job.list_applied_at is None
        and Role.CLERK in actor.roles
        and actor.scope.is_city
    )
    ended_on = job.as_of_on.replace(day=1) if job.as_of_on else None
    context = {
        "job": job,
        "title": _title(counts),
        "kind": kind,
        "kinds": [
            {"label": f"{word} {counts.get(code, 0)}", "url": f"?kind={code}", "current": code == kind}
            for code, word in LIST_CHANGES.items()
        ],
        "lines": _lines(found[:PAGE]),
        "columns": _columns(),
        "next": f"?kind={kind}&after={found[PAGE - 1].id}#changes" if len(found) > PAGE else "",
        "left": counts.get("left", 0),
        "may_apply": may_apply,
        "form": form or ApplyForm(initial={"ended_on": ended_on}),
        "request_key": new_key(),
        "crumbs": [
            {"label": _("导入"), "url": reverse("desk:imports")},
            {"label": job.file_name, "url": reverse("desk:import_job", args=[job.id])},
            {"label": _("和上一次名单比")},
        ],
    }
    return render(request, "desk/list_changes.html", context, status=status)


def _title(counts: Mapping[str, int]) -> str:
    return _("进来 %(joined)d 人，离开 %(left)d 人，时间改了 %(changed)d 人") % {
        kind: counts.get(kind, 0) for kind in LIST_CHANGES
    }


def _lines(changes: Sequence[ListChangeView]) -> list[dict[str, object]]:
    people = get_people(change.person_id for change in changes)
    names, terms = get_division_names(change.county_code for change in changes), get_terms()
    return [
        {
            "change": change,
            "name": mask_name(people[change.person_id].name) if change.person_id in people else "—",
            "id": people[change.person_id].masked_id if change.person_id in people else "",
            "county": names.get(change.county_code, ""),
            "group": fact_labels.group_name(terms, change.group),
            "old": _period(change.old_from, change.old_to),
            "new": _period(change.new_from, change.new_to),
        }
        for change in changes
    ]


def _period(start: date | None, end: date | None) -> str:
    if start is None:
        return "—"
    if end is None:
        return _("%(start)s 起") % {"start": start.isoformat()}
    return _("%(start)s 起，%(end)s 前") % {"start": start.isoformat(), "end": end.isoformat()}


def _columns() -> list[dict[str, object]]:
    labels = (_("姓名"), _("身份证号"), _("县区"), _("群体"), _("原来"), _("现在"), _("来源"))
    return [{"label": label} for label in labels]


def _csv(job: JobView) -> Iterator[bytes]:
    head = [_("变化"), *(str(column["label"]) for column in _columns())]
    yield csv_line(head).encode("utf-8-sig")
    for kind, word in LIST_CHANGES.items():
        after = 0
        while found := list_list_changes(job.id, kind=kind, after_id=after, limit=EXPORT_BLOCK):
            after = found[-1].id
            for line in _lines(found):
                cells = [str(line[name]) for name in ("name", "id", "county", "group", "old", "new")]
                change = line["change"]
                assert isinstance(change, ListChangeView)
                yield csv_line([str(word), *cells, str(change.source_row or "")]).encode()


routes: list[URLPattern] = [
    path("imports/<int:pk>/changes/", list_changes, name="list_changes"),
    path("imports/<int:pk>/changes/apply/", list_apply, name="list_apply"),
    path("imports/<int:pk>/changes.csv", list_export, name="list_export"),
]
