"""The audit (留痕): who did what to what, newest first.

In: filters and the place to go on from. Out: a page of fifty lines.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.accounts.queries import list_usernames
from yiyuan.apps.audit.queries import PAGE, AuditLine, list_entries, list_subject_kinds
from yiyuan.interfaces.desk.access import allow, scope_of
from yiyuan.interfaces.desk.addresses import asked, page_number
from yiyuan.interfaces.desk.audit_labels import act_word, subject_word
from yiyuan.interfaces.desk.labels import actor_word
from yiyuan.kernel.actor import Role

LINKS: Mapping[str, Callable[[str], str]] = {
    "claim": lambda subject: reverse("desk:claim", args=[subject]),
    "batch": lambda subject: reverse("desk:batch", args=[int(subject)]),
    "person": lambda subject: reverse("desk:person", args=[int(subject)]),
    "import_job": lambda subject: reverse("desk:import_job", args=[int(subject)]),
    "scheme": lambda _subject: reverse("desk:scheme"),
}


@allow(Role.AUDITOR, Role.ADMINISTRATOR)
@require_safe
def show_audit(request: HttpRequest) -> HttpResponse:
    """Show a page of the audit."""
    kind, subject, actor = (asked(request, name, 100) for name in ("kind", "id", "actor"))
    before = page_number(request, "before", 0)
    lines = list_entries(
        before_id=before or None,
        subject_kind=kind,
        subject_id=subject,
        actor=actor,
        actors=list_usernames(scope_of(request)),
        limit=PAGE + 1,
    )
    chosen = {"kind": kind, "id": subject, "actor": actor}
    older = {**chosen, "before": lines[PAGE - 1].id} if len(lines) > PAGE else {}
    context = {
        "chosen": chosen,
        "kinds": _kinds(kind),
        "columns": _columns(),
        "lines": [_row(line) for line in lines[:PAGE]],
        "older": urlencode(older),
        "newest": urlencode(chosen) if before else "",
    }
    return render(request, "desk/audit.html", context)


def _row(line: AuditLine) -> dict[str, object]:
    return {
        "line": line,
        "who": actor_word(line.actor_id, line.actor_name),
        "act": act_word(line.verb),
        "kind": subject_word(line.subject_kind),
        "url": _link(line.subject_kind, line.subject_id),
    }


def _link(kind: str, subject: str) -> str:
    to = LINKS.get(kind)
    try:
        return to(subject) if to else ""
    except (NoReverseMatch, ValueError):
        return ""


def _kinds(chosen: str) -> Sequence[dict[str, object]]:
    return [
        {"value": "", "label": _("全部"), "current": not chosen},
        *(
            {"value": kind, "label": subject_word(kind), "current": kind == chosen}
            for kind in list_subject_kinds()
        ),
    ]


def _columns() -> Sequence[dict[str, object]]:
    return [{"label": _("时间")}, {"label": _("谁")}, {"label": _("做了什么")}, {"label": _("对什么")}]


routes: list[URLPattern] = [path("audit/", show_audit, name="audit")]
