"""Which column is what (栏目对应): said once for a file, kept as a profile, found again by the same headers.

In: requests of the data clerk. Out: the columns of a file with masked examples and a choice for each; the
kept profiles, to be changed, taken along as a file, or deleted; a held import started or put aside.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiyuan.apps.intake.choosing import Chooser
from yiyuan.apps.intake.errors import IntakeRefusal, ProfileFaulty
from yiyuan.apps.intake.holding import drop_held, start_held
from yiyuan.apps.intake.profiles import delete_profile, record_profile
from yiyuan.apps.intake.queries import JobView, ProfileView, get_profile, list_profiles
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.looking import ColumnLook, SheetLook, look_at
from yiyuan.exchange.meaning import fields_of
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key, page_number
from yiyuan.interfaces.desk.import_labels import field_word, kind_word, missing_words, profile_fault
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.import_job import find_job
from yiyuan.interfaces.desk.pages.imports import BRINGERS
from yiyuan.interfaces.jobs import tasks
from yiyuan.kernel.actor import Role

LOOKERS = (Role.CLERK, Role.ADMINISTRATOR)


@allow(Role.CLERK)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the columns of a kept file; as a POST, keep what was chosen and check the file again."""
    job = find_job(request, pk)
    try:
        looks = _look(job)
    except UnreadableFile as problem:
        messages.error(request, str(problem))
        return redirect("desk:import_job", pk=pk)
    if not looks:
        messages.error(request, _("这份文件里没有找到表头，没有栏目可以对"))
        return redirect("desk:import_job", pk=pk)
    place = _place(request, looks)
    if request.method == "POST":
        return _keep(request, job, looks, place)
    return _page(request, job, looks, place, _chosen_now(looks[place]))


def _look(job: JobView) -> list[SheetLook]:
    if not job.stored_as:
        raise UnreadableFile(_("这份文件是命令行导入的，没有留在这里；请用命令行的 --profile"))
    return look_at(job.kind, Path(settings.MEDIA_ROOT) / job.stored_as, choose=Chooser(job.kind))


def _place(request: HttpRequest, looks: Sequence[SheetLook]) -> int:
    first_in_need = next((place for place, look in enumerate(looks) if look.missing), 0)
    wanted = page_number(request, "sheet", first_in_need) if "sheet" in request.GET else first_in_need
    return min(wanted, len(looks) - 1)


def _chosen_now(look: SheetLook) -> dict[int, str]:
    return {column.index: column.field for column in look.columns}


def _keep(request: HttpRequest, job: JobView, looks: Sequence[SheetLook], place: int) -> HttpResponse:
    key, look = request_key(request), looks[place]
    chosen = {
        column.index: request.POST.get(f"column-{column.index}", "")[:40]
        for column in look.columns
        if column.can_choose
    }
    twice = _twice(chosen)
    if twice:
        words = _("%(fields)s 只能是一栏，现在选了几栏") % {"fields": "、".join(map(field_word, twice))}
        return _page(request, job, looks, place, chosen, words)
    try:
        _save(request, job, look, chosen, key)
    except ProfileFaulty as fault:
        return _page(request, job, looks, place, chosen, profile_fault(fault.why, fault.detail))
    if job.state != "held":
        messages.success(request, _("存下了，下次同样的表头按它读；这份文件要按它读，请撤销后再传"))
    else:
        messages.success(request, _("存下了，正在按它再核对一次"))
    return redirect("desk:import_job", pk=job.id)


@transaction.atomic
def _save(request: HttpRequest, job: JobView, look: SheetLook, chosen: Mapping[int, str], key: str) -> None:
    actor, now = actor_of(request), clock.now()
    header_of = {column.index: column.header for column in look.columns}
    record_profile(
        kind=job.kind,
        name=request.POST.get("name", ""),
        department=request.POST.get("department", ""),
        headers=[column.header for column in look.columns if column.header.strip()],
        columns={field: header_of[index] for index, field in chosen.items() if field},
        actor=actor,
        occurred_at=now,
        request_key=key,
    )
    if job.state == "held":
        start_held(job_id=job.id, only_check=True, actor=actor, occurred_at=now, request_key=f"{key}-check")
        tasks.read_import.defer(job_id=job.id)


def _twice(chosen: Mapping[int, str]) -> list[str]:
    fields = [field for field in chosen.values() if field]
    return sorted({field for field in fields if fields.count(field) > 1})


def _page(
    request: HttpRequest,
    job: JobView,
    looks: Sequence[SheetLook],
    place: int,
    chosen: Mapping[int, str],
    fault: str = "",
) -> HttpResponse:
    look = looks[place]
    missing = missing_words(look.missing) if look.missing else ""
    context = {
        "job": job,
        "title": _("还缺 %(facts)s") % {"facts": missing} if missing else _("需要的栏目都认出来了"),
        "fault": fault,
        "errors": [{"field_id": "name", "text": fault}] if fault else [],
        "lines": [_line(job.kind, column, chosen.get(column.index, "")) for column in look.columns],
        "columns": [{"label": _("文件里的栏")}, {"label": _("例子")}, {"label": _("当成什么")}],
        "sheets": [
            {"label": one.name or _("第一张"), "url": f"?sheet={n}", "current": n == place}
            for n, one in enumerate(looks)
        ]
        if len(looks) > 1
        else [],
        "name": request.POST.get("name", "") or _name_for(job),
        "department": request.POST.get("department", ""),
        "unknown": look.unknown,
        "is_held": job.state == "held",
        "request_key": new_key(),
        "crumbs": [
            {"label": _("导入"), "url": reverse("desk:imports")},
            {"label": job.file_name, "url": reverse("desk:import_job", args=[job.id])},
            {"label": _("栏目")},
        ],
    }
    return render(request, "desk/import_columns.html", context, status=422 if fault else 200)


def _name_for(job: JobView) -> str:
    if job.profile_id is not None:
        try:
            return get_profile(job.profile_id).name
        except ObjectDoesNotExist:
            return ""
    return job.file_name.rsplit(".", 1)[0][:40]


def _line(kind: str, column: ColumnLook, field: str) -> dict[str, Any]:
    return {
        "index": column.index,
        "header": column.header.strip() or _("第 %(n)d 栏，没有名字") % {"n": column.index + 1},
        "examples": column.examples,
        "can_choose": column.can_choose,
        "field": field,
        "word": field_word(field) if field else "",
        "options": [(code, field_word(code), code == field) for code in fields_of(kind)],
    }


@allow(*BRINGERS)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the worker read a file that has been looked at."""
    key, job = request_key(request), find_job(request, pk)
    try:
        with transaction.atomic():
            start_held(
                job_id=job.id,
                only_check=False,
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=key,
            )
            tasks.read_import.defer(job_id=job.id)
    except IntakeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("desk:import_job", pk=pk)


@allow(*BRINGERS)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file aside that has been looked at."""
    key, job = request_key(request), find_job(request, pk)
    try:
        drop_held(job_id=job.id, actor=actor_of(request), occurred_at=clock.now(), request_key=key)
    except IntakeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("没有导入，什么都没有写入；以后可以再传"))
    return redirect("desk:imports")


@allow(*LOOKERS)
@require_safe
def profiles(request: HttpRequest) -> HttpResponse:
    """Show the kept profiles."""
    kept = list_profiles()
    context = {
        "title": _("存下了 %(count)d 个栏目对应") % {"count": len(kept)} if kept else _("还没有存下栏目对应"),
        "profiles": [(one, kind_word(one.kind), _said(one)) for one in kept],
        "columns": [
            {"label": _("名称")},
            {"label": _("用于")},
            {"label": _("哪一栏是什么")},
            {"label": _("读过"), "right": True},
            {"label": _("改于")},
            {"label": _("下一步")},
        ],
        "may_change": Role.CLERK in actor_of(request).roles,
        "request_key": new_key(),
        "crumbs": [{"label": _("导入"), "url": reverse("desk:imports")}, {"label": _("栏目对应")}],
    }
    return render(request, "desk/profiles.html", context)


def _said(kept: ProfileView) -> str:
    return "；".join(f"{header} → {field_word(field)}" for field, header in kept.columns.items())


@allow(Role.CLERK)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one profile; as a POST, change it."""
    kept = _profile(pk)
    field_of = {header: field for field, header in kept.columns.items()}
    looks = [ColumnLook(n, header, "", (), can_choose=True) for n, header in enumerate(kept.headers)]
    chosen = {look.index: field_of.get(look.header, "") for look in looks}
    fault = ""
    if request.method == "POST":
        chosen = {look.index: request.POST.get(f"column-{look.index}", "")[:40] for look in looks}
        fault = _change(request, kept, chosen)
        if not fault:
            messages.success(request, _("改好了，下次同样的表头按它读"))
            return redirect("desk:profiles")
    context = {
        "profile": kept,
        "title": kept.name,
        "kind": kind_word(kept.kind),
        "fault": fault,
        "errors": [{"field_id": "name", "text": fault}] if fault else [],
        "lines": [_line(kept.kind, look, chosen[look.index]) for look in looks],
        "columns": [{"label": _("文件里的栏")}, {"label": _("当成什么")}],
        "name": request.POST.get("name", kept.name),
        "department": request.POST.get("department", kept.department),
        "request_key": new_key(),
        "crumbs": [
            {"label": _("导入"), "url": reverse("desk:imports")},
            {"label": _("栏目对应"), "url": reverse("desk:profiles")},
            {"label": kept.name},
        ],
    }
    return render(request, "desk/profile.html", context, status=422 if fault else 200)


def _change(request: HttpRequest, kept: ProfileView, chosen: Mapping[int, str]) -> str:
    """Keep the change; return why it cannot be kept, the empty text where it was."""
    key = request_key(request)
    if twice := _twice(chosen):
        return _("%(fields)s 只能是一栏，现在选了几栏") % {"fields": "、".join(map(field_word, twice))}
    try:
        record_profile(
            kind=kept.kind,
            name=request.POST.get("name", ""),
            department=request.POST.get("department", ""),
            headers=kept.headers,
            columns={field: kept.headers[index] for index, field in chosen.items() if field},
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
            replaces=kept.id,
        )
    except ProfileFaulty as fault:
        return profile_fault(fault.why, fault.detail)
    return ""


@allow(Role.CLERK)
@require_POST
def profile_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a profile be used no more."""
    key, kept = request_key(request), _profile(pk)
    delete_profile(profile_id=kept.id, actor=actor_of(request), occurred_at=clock.now(), request_key=key)
    messages.success(request, _("删了“%(name)s”；按它读过的文件不变") % {"name": kept.name})
    return redirect("desk:profiles")


@allow(*LOOKERS)
@require_safe
def profile_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a profile as the YAML that `./yiyuan import --profile` takes."""
    kept = _profile(pk)
    unused = [header for header in kept.headers if header not in kept.columns.values()]
    said = {"columns": {field: [header] for field, header in kept.columns.items()}, "ignored": unused}
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = quote(f"{kept.name}.yaml")
    response["Content-Disposition"] = f"attachment; filename=\"profile-{pk}.yaml\"; filename*=UTF-8''{name}"
    return response


def _profile(pk: int) -> ProfileView:
    try:
        return get_profile(pk)
    except ObjectDoesNotExist as error:
        raise Http404 from error


routes: list[URLPattern] = [
    path("imports/<int:pk>/columns/", columns, name="import_columns"),
    path("imports/<int:pk>/start/", start, name="import_start"),
    path("imports/<int:pk>/drop/", drop, name="import_drop"),
    path("imports/profiles/", profiles, name="profiles"),
    path("imports/profiles/<int:pk>/", profile, name="profile"),
    path("imports/profiles/<int:pk>/delete/", profile_delete, name="profile_delete"),
    path("imports/profiles/<int:pk>.yaml", profile_file, name="profile_file"),
]
