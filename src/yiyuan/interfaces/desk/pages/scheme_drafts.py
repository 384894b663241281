"""Drafts of a scheme (方案草案): uploaded here, checked, compared, replayed in the background, put in place.

In: a zip of a scheme directory or its YAML files. Out: every finding by file and line, what differs from the
version in force, the past under the draft; then its files beside the versions, for two persons to adopt.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiyuan.apps.schemes.adopting import MAY_PUT_IN_FORCE
from yiyuan.apps.schemes.drafts import (
    MAY_DRAFT,
    get_draft,
    is_readable,
    is_sound,
    laid_out,
    list_drafts,
    load_draft,
    place_draft,
    record_draft,
)
from yiyuan.apps.schemes.errors import DraftUnreadable, SchemeRefusal
from yiyuan.apps.schemes.queries import get_terms, scheme_directory
from yiyuan.apps.schemes.unpacking import FILES_MAX, UPLOAD_MAX
from yiyuan.apps.screening.draft_replays import get_replay, list_replays_of, request_replay
from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, may_see, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import REFUSALS, refusal_text
from yiyuan.interfaces.desk.pages.scheme_versions import replayed
from yiyuan.interfaces.jobs.tasks import replay_draft
from yiyuan.kernel.errors import CaseError
from yiyuan.kernel.money import yuan
from yiyuan.rules.cases import Case
from yiyuan.rules.checking import ERROR, GOLDEN, NOTE, WARNING
from yiyuan.rules.differences import differences, effects
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import PRODUCT_BASE, load_cases, load_file, read_tree
from yiyuan.rules.terms import SchemeVersion

UNDER_WAY = ("queued", "running")
STATES = {
    "queued": (gettext_lazy("已排队"), "open"),
    "running": (gettext_lazy("正在重算"), "open"),
    "done": (gettext_lazy("已算完"), "done"),
    "failed": (gettext_lazy("没有算成"), "stop"),
}
GRAVITIES = (
    (ERROR, "errors", gettext_lazy("要改的")),
    (WARNING, "remarks", gettext_lazy("请再看")),
    (NOTE, "notes", gettext_lazy("推定的，和没有英文的")),
)


@allow(*sorted(MAY_DRAFT))
@require_http_methods(["GET", "POST"])
def drafts(request: HttpRequest) -> HttpResponse:
    """Show what was uploaded and the form; keep what is uploaded and lead to its page."""
    _require_city(request)
    if request.method == "POST":
        try:
            draft = record_draft(
                uploads=_uploads(request),
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=request_key(request),
            )
        except SchemeRefusal as refusal:
            messages.error(request, refusal_text(refusal))
            return redirect("desk:scheme_drafts")
        return redirect("desk:scheme_draft", pk=draft.pk)
    context = {
        "drafts": list_drafts(),
        "columns": [{"label": one} for one in (_("草案"), _("谁上传的"), _("什么时候"), _("校验值"))],
        "key": new_key(),
        "crumbs": [_crumb(), {"label": _("方案草案")}],
    }
    return render(request, "desk/scheme_drafts.html", context)


@allow(*sorted(MAY_DRAFT))
@require_safe
def show_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft with its findings and, where it has no fault, what it changes."""
    draft = _draft(request, pk)
    found, sound = draft.findings, is_sound(draft)
    faults = sum(one["severity"] == ERROR for one in found)
    context: dict[str, Any] = {
        "draft": draft,
        "headline": f"{draft.scheme} {draft.version}",
        "verdict": _("没有错误") if sound else _faulty(faults, is_readable(draft)),
        "mark": "yes" if sound else "stop",
        "is_sound": sound,
        "is_readable": is_readable(draft),
        "groups": [
            (_("和手算案例对不上的") if anchor == "errors" and is_readable(draft) else title, anchor, rows)
            for gravity, anchor, title in GRAVITIES
            if (rows := [one for one in found if one["severity"] == gravity])
        ],
        "crumbs": [_crumb(), _crumb_of_drafts(), {"label": f"{draft.scheme} {draft.version}"}],
        "replay_key": new_key(),
        "place_key": new_key(),
        "may_place": may_see(request, MAY_PUT_IN_FORCE),
    }
    if is_readable(draft):
        before = get_terms()
        replays = [(one, *STATES[one.state]) for one in list_replays_of(pk)]
        context |= {"before": before, "replays": replays, **_compared(draft, before)}
    return render(request, "desk/scheme_draft.html", context)


def _faulty(faults: int, readable: bool) -> str:
    if readable:
        worked = ngettext("%(n)d 处与手算案例对不上", "%(n)d 处与手算案例对不上", faults)
        return worked % {"n": faults}
    return ngettext("有 %(n)d 处要改", "有 %(n)d 处要改", faults) % {"n": faults}


def _compared(draft: Any, before: SchemeVersion) -> dict[str, object]:
    home = scheme_directory()
    old_file = home / f"{before.version}.yaml"
    with laid_out(draft) as directory:
        new_file = directory / f"{draft.version}.yaml"
        terms = load_file(new_file)
        files = [*sorted((home / GOLDEN).glob("*.yaml")), *sorted((directory / GOLDEN).glob("*.yaml"))]
        cases = {case.name: case for file in files for case in _cases(file)}
        found = differences(read_tree(old_file), read_tree(new_file))
        holidays = load_holidays(PRODUCT_BASE.parent / BASE_FILE)
        changed, compared = effects(load_file(old_file), terms, list(cases.values()), holidays)
    return {
        "differences": [str(one) for one in found],
        "effects": [str(one) for one in changed],
        "compared": compared,
        "may_replay": before.medical is not None and terms.medical is not None,
    }


def _cases(file: Path) -> Sequence[Case]:
    try:
        return load_cases(file)
    except CaseError:
        # What is wrong with it stands among the findings.
        return []


@allow(*sorted(MAY_DRAFT))
@require_POST
def ask_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the past under the draft and lead to its page; the same key leads to the first."""
    _draft(request, pk)
    try:
        # The request and the errand to work it out are kept together: none waits that nobody will take up.
        with transaction.atomic():
            asked = request_replay(
                draft_id=pk,
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=request_key(request),
            )
            if asked.state == asked.QUEUED:
                replay_draft.defer(replay_id=asked.pk)
    except ScreeningRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:scheme_draft", pk=pk)
    return redirect("desk:scheme_draft_replay", pk=asked.pk)


@allow(*sorted(MAY_DRAFT))
@require_safe
def show_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a replay is, or its result; asked by its own progress, answer with the progress alone."""
    _require_city(request)
    try:
        asked = get_replay(pk)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    word, mark = STATES[asked.state]
    is_under_way = asked.state in UNDER_WAY
    draft = get_draft(asked.draft_id)
    context = {
        "asked": asked,
        "is_under_way": is_under_way,
        "headline": _outcome(asked.result) or str(word),
        "state": (str(word), mark),
        "remark": _("可以离开本页，算完的结果会留在这里。"),
        "why": str(REFUSALS.get(asked.failed_code, _("中途出错，什么都没有改动；请再算一次"))),
        "poll_url": request.path,
        "crumbs": [
            _crumb(),
            _crumb_of_drafts(),
            {
                "label": f"{draft.scheme} {draft.version}",
                "url": reverse("desk:scheme_draft", args=[draft.pk]),
            },
            {"label": str(word)},
        ],
    }
    if request.headers.get("HX-Request"):
        response = render(request, "desk/screening_progress.html", context)
        if not is_under_way:
            # The result has more to show than the progress: the page is drawn anew.
            response["HX-Refresh"] = "true"
        return response
    if asked.result is not None:
        context |= replayed(asked.result, load_draft(draft))
    return render(request, "desk/scheme_draft_replay.html", context)


def _outcome(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return ""
    change_fen = result["total"]["change_fen"]
    if not change_fen:
        return _("照草案一共赔的一样多")
    words = _("照草案多赔 %(sum)s 元") if change_fen > 0 else _("照草案少赔 %(sum)s 元")
    return words % {"sum": yuan(abs(change_fen))}


@allow(*sorted(MAY_PUT_IN_FORCE))
@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the draft's files beside the versions and lead to where two persons put it in force."""
    _draft(request, pk)
    try:
        draft = place_draft(
            draft_id=pk,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except SchemeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:scheme_draft", pk=pk)
    messages.success(request, _("已放进方案目录；两个人认下才生效"))
    return redirect(f"{reverse('desk:scheme_versions')}?version={draft.version}")


def _uploads(request: HttpRequest) -> Sequence[tuple[str, bytes]]:
    files = request.FILES.getlist("files")
    if len(files) > FILES_MAX or sum(file.size or 0 for file in files) > UPLOAD_MAX:
        raise DraftUnreadable(_("上传的太多或太大"))
    return [(file.name or "", file.read()) for file in files]


def _draft(request: HttpRequest, pk: int) -> Any:
    _require_city(request)
    try:
        return get_draft(pk)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _require_city(request: HttpRequest) -> None:
    if not actor_of(request).scope.is_city:
        raise PermissionDenied


def _crumb() -> dict[str, str]:
    return {"label": _("方案版本"), "url": reverse("desk:scheme_versions")}


def _crumb_of_drafts() -> dict[str, str]:
    return {"label": _("方案草案"), "url": reverse("desk:scheme_drafts")}


routes: list[URLPattern] = [
    path("scheme/drafts/", drafts, name="scheme_drafts"),
    path("scheme/drafts/<int:pk>/", show_draft, name="scheme_draft"),
    path("scheme/drafts/<int:pk>/replay/", ask_replay, name="scheme_draft_replay_request"),
    path("scheme/drafts/<int:pk>/place/", place, name="scheme_draft_place"),
    path("scheme/drafts/replays/<int:pk>/", show_replay, name="scheme_draft_replay"),
]
