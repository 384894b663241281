"""A screening in the background (后台筛查): started here, watched, left and come back to, told when done.

In: requests of the data clerk. Out: the page of one requested screening; its progress alone while it runs.
"""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.apps.screening.requests import (
    find_request_under_way,
    get_request,
    last_seconds,
    mark_seen,
    request_run,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key
from yiyuan.interfaces.desk.labels import REFUSALS, refusal_text
from yiyuan.interfaces.jobs.tasks import screen_city
from yiyuan.kernel.actor import Role

MINUTE = 60
UNDER_WAY = ("queued", "running")
STATES = {
    "queued": (gettext_lazy("已排队"), "open"),
    "running": (gettext_lazy("正在筛查"), "open"),
    "done": (gettext_lazy("已筛完"), "done"),
    "failed": (gettext_lazy("没有筛成"), "stop"),
}


@allow(Role.CLERK)
@require_POST
def screening_run(request: HttpRequest) -> HttpResponse:
    """Ask for a screening of everything known now and lead to its page; the same key leads to the first."""
    try:
        # The request and the errand to run it are kept together: none waits that nobody will run.
        with transaction.atomic():
            asked = request_run(
                actor=actor_of(request), occurred_at=clock.now(), request_key=request_key(request)
            )
            if asked.state == asked.QUEUED:
                screen_city.defer(request_id=asked.pk)
    except ScreeningRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        under_way = find_request_under_way()
        if under_way is None:
            return HttpResponseRedirect(reverse("desk:screening"))
        return redirect("desk:screening_request", pk=under_way.pk)
    return redirect("desk:screening_request", pk=asked.pk)


@allow(*STAFF)
@require_safe
def show_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a requested screening is; asked by its own progress, answer with the progress alone."""
    try:
        asked = get_request(pk)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    word, mark = STATES[asked.state]
    is_under_way = asked.state in UNDER_WAY
    context = {
        "asked": asked,
        "is_under_way": is_under_way,
        "state": (str(word), mark),
        "remark": _remark(asked.began_at, clock.now()),
        "why": str(REFUSALS.get(asked.failed_code, _("中途出错，什么都没有写入；请再开始一次"))),
        "poll_url": request.path,
        "crumbs": [{"label": _("筛查"), "url": reverse("desk:screening")}, {"label": str(word)}],
    }
    if request.headers.get("HX-Request"):
        response = render(request, "desk/screening_progress.html", context)
        if not is_under_way:
            # The result has more to show than the progress: the page is drawn anew.
            response["HX-Refresh"] = "true"
        return response
    if not is_under_way:
        mark_seen(request_id=pk, actor=actor_of(request), occurred_at=clock.now())
    return render(request, "desk/screening_request.html", context)


def _remark(began_at: datetime | None, now: datetime) -> str:
    away = _("可以离开本页，筛完的结果会留在这里。")
    last = last_seconds()
    if began_at is None or last is None:
        return away
    left = last - int((now - began_at).total_seconds())
    if left >= MINUTE:
        return _("照上一次，大约还要 %(minutes)d 分钟。") % {"minutes": -(-left // MINUTE)} + away
    if left > 0:
        return _("照上一次，大约还要 %(seconds)d 秒。") % {"seconds": left} + away
    return _("比上一次久，还在筛查。") + away


routes: list[URLPattern] = [
    path("screening/run/", screening_run, name="screening_run"),
    path("screening/requests/<int:pk>/", show_request, name="screening_request"),
]
