"""Bringing in the departments' files (导入): what is there already, the upload, and the jobs that read.

In: requests of the data clerk. Out: pages; an upload becomes a job that the worker reads.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yiyuan.apps.deadlines.queries import count_calendar_days
from yiyuan.apps.intake.queries import JobView, find_twins, get_job, list_jobs, list_newest_done
from yiyuan.apps.intake.services import WholeList, record_upload
from yiyuan.apps.registry.queries import count_registry, list_counties
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key, page_number
from yiyuan.interfaces.desk.import_labels import HARDSHIP, KINDS, job_state, kind_word, kinds_of
from yiyuan.interfaces.desk.scheme_labels import name_of
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, day_time
from yiyuan.interfaces.desk.uploads import drop_upload, keep_upload
from yiyuan.interfaces.jobs import tasks
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope
from yiyuan.rules.terms import Group

VIEWERS = (Role.CLERK, Role.PAYER, Role.AUDITOR, Role.ADMINISTRATOR)
BRINGERS = (Role.CLERK, Role.PAYER)
PAGE = 50
MEGABYTE = 1024 * 1024
# What the registry counts for a kind of file, where one figure says whether it is there.
FIGURES: Mapping[str, str] = {
    "settlements": "settlements",
    "accounts": "accounts",
    "claimed": "claimed",
    "headcount": "head_counts",
    "residents": "people",
    "holidays": "calendar_days",
}


class FilesInput(forms.ClearableFileInput):
    """A place for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each at most as large as the site takes."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files; the first one that cannot be taken says why by its name."""
        files = [super(FilesField, self).clean(one, initial) for one in (data or [None])]
        for file in files:
            if file.size > settings.IMPORT_BYTES_MAX:
                raise ValidationError(
                    _("%(name)s 太大：网页最多收 %(limit)d MB，更大的请管理员在服务器上导入")
                    % {"name": file.name, "limit": settings.IMPORT_BYTES_MAX // MEGABYTE}
                )
        return files


class UploadForm(forms.Form):
    """What a clerk says about the files."""

    kind = forms.ChoiceField(
        label=gettext_lazy("是什么文件"),
        error_messages={"required": gettext_lazy("请选是什么文件")},
    )
    group = forms.ChoiceField(
        label=gettext_lazy("哪一类群体"),
        required=False,
        help_text=gettext_lazy("只有困难群体名册要选；不选就看标题和列名认。"),
    )
    is_whole_list = forms.BooleanField(
        label=gettext_lazy("这是全部名单"),
        required=False,
        help_text=gettext_lazy("打勾后和上次比：谁进来、谁离开、谁的时间改了。离开的人等您看过再停。"),
    )
    as_of_on = forms.DateField(
        label=gettext_lazy("名单截至哪天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("请写成 2019-11-20 这样的日期")},
    )
    list_county = forms.ChoiceField(
        label=gettext_lazy("是哪个县区的全部名单"),
        required=False,
        help_text=gettext_lazy("不选就看名单里有哪些县区，别的县区的人不动。"),
    )
    documents = FilesField(
        label=gettext_lazy("部门发来的文件"),
        help_text=gettext_lazy("Excel、CSV、TXT 原样放上来，不用改表头，不用删标题行；可以一次放几个。"),
        error_messages={
            "required": gettext_lazy("请选至少一个文件"),
            "empty": gettext_lazy("有一个文件是空的，请换一个"),
        },
    )

    def __init__(
        self,
        groups: Sequence[Group],
        counties: Sequence[tuple[str, str]],
        *args: Any,
        kinds: Mapping[str, tuple[Promise, Promise]] = KINDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        boxes = self.fields["kind"]
        assert isinstance(boxes, forms.ChoiceField)
        boxes.choices = [(kind, words[0]) for kind, words in kinds.items()]
        choices: list[tuple[str, str | Promise]] = [("", gettext_lazy("看内容认"))]
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices, *((group.code, name_of(group)) for group in groups)]
        places = self.fields["list_county"]
        assert isinstance(places, forms.ChoiceField)
        places.choices = [("", gettext_lazy("名单里有的县区")), *counties]

    def clean(self) -> dict[str, object]:
        """Ask for the day of a whole list; only a register can be one."""
        cleaned = super().clean() or {}
        if cleaned.get("is_whole_list") and cleaned.get("kind") != HARDSHIP:
            self.add_error("is_whole_list", _("只有困难群体名册可以是全部名单"))
        elif cleaned.get("is_whole_list") and not cleaned.get("as_of_on"):
            self.add_error("as_of_on", _("请写名单截至哪天，离开的人从那个月起停"))
        return cleaned

    def whole_list(self) -> WholeList | None:
        """Return what the list as a whole speaks of, None where it is no whole list."""
        words = self.cleaned_data
        return WholeList(words["as_of_on"], words["list_county"]) if words["is_whole_list"] else None


@allow(*VIEWERS)
@require_http_methods(["GET", "HEAD", "POST"])
def show_imports(request: HttpRequest) -> HttpResponse:
    """Show what has been brought in; as a POST of a clerk, take files in."""
    groups = get_terms().groups
    if request.method != "POST":
        return _page(request, UploadForm(groups, _counties(request), kinds=_own_kinds(request)))
    return take_files(request, groups)


def _own_kinds(request: HttpRequest) -> dict[str, tuple[Promise, Promise]]:
    """Return the kinds of files this person brings."""
    return kinds_of(actor_of(request).roles & set(BRINGERS))


@allow(*BRINGERS)
def take_files(request: HttpRequest, groups: Sequence[Group]) -> HttpResponse:
    """Put each file on record and ask the worker to read it, or only to check it; the same bytes once."""
    form = UploadForm(groups, _counties(request), request.POST, request.FILES, kinds=_own_kinds(request))
    key = request_key(request)
    if not form.is_valid():
        return _page(request, form)
    kind = form.cleaned_data["kind"]
    group = form.cleaned_data["group"] if kind == HARDSHIP else ""
    jobs = [
        take_file(request, file, kind, group, f"{key}:{place}", form.whole_list())
        for place, file in enumerate(form.cleaned_data["documents"])
    ]
    known = [job for job, is_new in jobs if not is_new]
    if known:
        names = "、".join(_known_words(job) for job in known)
        messages.warning(request, _("%(names)s 早就收过，没有再读一遍") % {"names": names})
    for job, is_new in jobs:
        for twin in find_twins(job)[:1] if is_new else ():
            messages.warning(request, twin_words(twin))
    if len(known) < len(jobs):
        messages.success(request, _("收下 %(count)d 个文件，正在读入") % {"count": len(jobs) - len(known)})
    if len(jobs) == 1:
        return redirect("desk:import_job", pk=jobs[0][0].id)
    return redirect(f"{reverse('desk:imports')}#jobs")


def take_file(
    request: HttpRequest,
    file: "UploadedFile[Any]",
    kind: str,
    group: str,
    key: str,
    whole_list: WholeList | None,
) -> tuple[JobView, bool]:
    """Keep the file and give the errand to read it; return its job, and whether it is a new one."""
    kept = keep_upload(file)
    try:
        # The job and the errand to read it are kept together: no job waits that nobody will read.
        with transaction.atomic():
            job_id = record_upload(
                kind=kind,
                group=group,
                name=file.name or "",
                content_path=kept.path,
                sha256=kept.sha256,
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=key,
                whole_list=whole_list,
                check_only="check" in request.POST,
            )
            job = get_job(job_id, scope=scope_of(request))
            is_new = job.stored_as == kept.path
            if is_new:
                tasks.read_import.defer(job_id=job_id)
    except Exception:
        # Nothing is swallowed: only the file goes that no job was made for. Where the database went away in
        # the middle, the job may stand, and then it needs its file.
        if connection.is_usable():
            drop_upload(kept.path)
        raise
    if not is_new:
        drop_upload(kept.path)
    return job, is_new


def _known_words(job: JobView) -> str:
    """Return the name of a file that was here before, with who brought it and when."""
    return _("%(name)s（%(who)s，%(at)s）") % {
        "name": job.file_name,
        "who": job.started_by_name,
        "at": day_time(localtime(job.started_at)),
    }


def twin_words(twin: JobView) -> str:
    """Return that somebody else brought a file of the same kind just now, and what comes of it."""
    return _(
        "%(who)s 在 %(at)s 也传过%(kind)s（%(name)s）。两份都会读，同一个人、同一条不会记两次；"
        "如果是同一份，请先问一声"
    ) % {
        "who": twin.started_by_name,
        "at": day_time(localtime(twin.started_at)),
        "kind": kind_word(twin.kind),
        "name": twin.file_name,
    }


def _counties(request: HttpRequest) -> list[tuple[str, str]]:
    return [(county.code, county.name) for county in list_counties(scope=scope_of(request))]


def _page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    roles = actor_of(request).roles
    jobs = list_jobs(
        scope=scope_of(request),
        kinds=kinds_of(roles),
        before_id=page_number(request, "before", 0) or None,
        limit=PAGE + 1,
    )
    registers = registers_of(scope_of(request))
    missing = [row for row in registers if row["job"] is None and not row["count"]]
    context = {
        "title": _title(len(missing), len(registers)),
        "registers": registers,
        "register_columns": register_columns(),
        "form": form,
        "request_key": new_key(),
        "may_bring": bool(roles & set(BRINGERS)) and scope_of(request).is_city,
        "is_clerk": Role.CLERK in roles,
        "sees_registers": bool(roles - {Role.PAYER}),
        "jobs": [(job, kind_word(job.kind), *job_state(job.state)) for job in jobs[:PAGE]],
        "job_columns": _job_columns(),
        "next": jobs[PAGE - 1].id if len(jobs) > PAGE else "",
    }
    return render(request, "desk/imports.html", context, status=422 if form.errors else 200)


def _title(missing: int, whole: int) -> str:
    if missing == whole:
        return _("还没有导入过文件，先放困难群体名册和住院结算")
    if missing:
        return _("%(whole)d 种文件到了 %(here)d 种，还差 %(missing)d 种") % {
            "whole": whole,
            "here": whole - missing,
            "missing": missing,
        }
    return _("该有的 %(whole)d 种文件都到了") % {"whole": whole}


def registers_of(scope: Scope) -> Sequence[dict[str, Any]]:
    """Return each kind of file, what it makes possible, and what is there of it."""
    newest = list_newest_done(scope=scope)
    # The notices that came with the product count as there, though no file brought them.
    figures = {**count_registry(scope=scope), "calendar_days": count_calendar_days()}
    rows: list[dict[str, Any]] = []
    for kind, (word, unlocks) in KINDS.items():
        if kind == HARDSHIP:
            rows += [
                {
                    "label": name_of(group),
                    "unlocks": unlocks,
                    "count": None,
                    "job": newest.get((kind, group.code)),
                }
                for group in get_terms().groups
            ]
            continue
        job = next((job for (of, _group), job in newest.items() if of == kind), None)
        rows.append(
            {
                "label": word,
                "unlocks": unlocks,
                "count": figures[FIGURES[kind]] if kind in FIGURES else None,
                "job": job,
            }
        )
    return rows


def register_columns() -> Sequence[dict[str, object]]:
    """Return the heads of the table of files."""
    return [
        {"label": _("文件")},
        {"label": _("有了它")},
        {"label": _("现在有")},
        {"label": _("上次读入")},
    ]


def _job_columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("文件名")},
        {"label": _("是什么")},
        {"label": _("状态")},
        {"label": _("读入"), "right": True},
        {"label": _("接受"), "right": True},
        {"label": _("另存"), "right": True},
        {"label": _("经办")},
        {"label": _("下一步")},
    ]


def counts_words(job: JobView) -> str:
    """Return what an import came to, in one sentence."""
    return _("读入 %(read)s 行，接受 %(accepted)s 行，另存 %(refused)s 行") % {
        "read": count(job.read),
        "accepted": count(job.accepted),
        "refused": count(job.refused),
    }


routes: list[URLPattern] = [path("imports/", show_imports, name="imports")]
