"""The versions of the scheme (方案版本): drafts, what they change and cost, putting one in force.

In: the files of the scheme directory. Out: each version with its state, its differences from the one before,
the past replayed under it, and the form by which two persons put it in force.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.schemes.adopting import MAY_PUT_IN_FORCE, approve_version, propose_version
from yiyuan.apps.schemes.drafts import MAY_DRAFT
from yiyuan.apps.schemes.errors import SchemeRefusal
from yiyuan.apps.schemes.queries import Standing, list_standings, scheme_directory
from yiyuan.apps.screening.errors import NothingToScreen
from yiyuan.apps.screening.replaying import replay_registry
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.kernel.actor import Role
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.acceptance import to_accept
from yiyuan.rules.differences import differences
from yiyuan.rules.scheme_file.loading import read_tree
from yiyuan.rules.terms import SchemeVersion

MAY_REPLAY = (Role.CLERK, Role.APPROVER, Role.ADMINISTRATOR)
CHANGES: dict[str, Promise] = {
    "newly_entitled": gettext_lazy("原来不赔，现在赔"),
    "no_longer_entitled": gettext_lazy("原来赔，现在不赔"),
    "more": gettext_lazy("赔得多了"),
    "less": gettext_lazy("赔得少了"),
    "newly_undetermined": gettext_lazy("现在定不了"),
    "no_longer_undetermined": gettext_lazy("原来定不了，现在能定"),
    "same": gettext_lazy("一样"),
}
WIDTH = 100  # of each half of a bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the chart: what is gained and lost in fen, and how long the two halves are drawn."""

    name: str
    sums: Mapping[str, int]
    gain: int
    loss: int

    @property
    def loss_from(self) -> int:
        """Where the losing half begins: it grows from the middle to the left."""
        return WIDTH - self.loss


@allow(*STAFF)
@require_safe
def show_versions(request: HttpRequest) -> HttpResponse:
    """Show the versions, and of the one asked for what differs and what has to be accepted."""
    return render(request, "desk/scheme_versions.html", _context(request, request.GET.get("version", "")))


@allow(*MAY_REPLAY)
@require_POST
def replay_version(request: HttpRequest) -> HttpResponse:
    """Replay the city's past under a version against the one before; nothing is written."""
    version = request.POST.get("version", "")
    context = _context(request, version)
    standing, before = context["standing"], context["before"]
    if not actor_of(request).scope.is_city:
        messages.error(request, _("重算看的是全市，只有管全市的人能做"))
        return _back(version)
    if before is None or before.medical is None or standing.terms.medical is None:
        messages.error(request, _("没有可比的上一版，或不是按住院结算赔的方案"))
        return _back(version)
    try:
        found = replay_registry(old=before, new=standing.terms)
    except NothingToScreen:
        messages.error(request, _("还没有名册或住院结算；读入以后再重算"))
        return _back(version)
    return render(request, "desk/scheme_versions.html", context | replayed(found, standing.terms))


@allow(*sorted(MAY_PUT_IN_FORCE))
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose the version, with all that is accepted by name."""
    return _put(request, propose_version, _("已提请生效，等另一个人批准"))


@allow(*sorted(MAY_PUT_IN_FORCE))
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the version as a second person; from now on it is in force and frozen."""
    return _put(request, approve_version, _("已生效；这一版的文件从此不再改"))


def _put(request: HttpRequest, act: Callable[..., Any], done: str) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        act(
            valid_from=date.fromisoformat(version),
            accepted=request.POST.getlist("accepted"),
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ValueError:
        messages.error(request, _("没有这个版本"))
    except SchemeRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return _back(version)


def _back(version: str) -> HttpResponse:
    return redirect(f"{reverse('desk:scheme_versions')}?version={version}")


def _context(request: HttpRequest, version: str) -> dict[str, Any]:
    (standings, faults), today = list_standings(), clock.today()
    if not standings:
        raise SchemeError("\n".join(faults))
    by_name = {one.terms.version: one for one in standings}
    chosen = by_name.get(version) or standings[-1]
    earlier = [one.terms for one in standings if one.terms.valid.from_on < chosen.terms.valid.from_on]
    before = earlier[-1] if earlier else None
    adoption, actor = chosen.adoption, actor_of(request)
    may = may_see(request, MAY_PUT_IN_FORCE) and actor.scope.is_city and not chosen.is_in_force
    return {
        "rows": [_row(one, today, one is chosen) for one in standings],
        "row_columns": [
            {"label": label} for label in (_("版本"), _("状态"), _("谁提请、谁批准"), _("校验值"))
        ],
        "faults": faults,
        "standing": chosen,
        "terms": chosen.terms,
        "before": before,
        "differences": _differences(chosen, before),
        "to_accept": to_accept(chosen.terms),
        "may_propose": may and adoption is None,
        "may_approve": may and adoption is not None and adoption.proposed_by != actor.id,
        "waits": adoption is not None and not chosen.is_in_force,
        "may_draft": may_see(request, MAY_DRAFT) and actor.scope.is_city,
        "may_replay": may_see(request, MAY_REPLAY) and actor.scope.is_city and before is not None,
        "key": new_key(),
    }


def _row(one: Standing, today: date, is_chosen: bool) -> dict[str, object]:
    adoption = one.adoption
    if one.is_in_force or one.is_first:
        if one.terms.valid.contains(today):
            state, mark = _("现行"), "yes"
        elif today < one.terms.valid.from_on:
            state, mark = _("还没到生效日"), "open"
        else:
            state, mark = _("已结束"), "done"
    else:
        state, mark = (_("已提请，等第二个人") if adoption else _("草案")), "open"
    return {
        "version": one.terms.version,
        "state": state
        if one.is_in_force or not one.is_first
        else _("%(state)s，还没有两个人认下") % {"state": state},
        "mark": mark,
        "proposed": adoption.proposed_by_name if adoption else "",
        "approved": adoption.approved_by_name if adoption else "",
        "sha256": one.terms.sha256[:12],
        "is_chosen": is_chosen,
    }


def _differences(chosen: Standing, before: Any) -> Sequence[str]:
    if before is None:
        return []
    directory = scheme_directory()
    old, new = (directory / f"{version}.yaml" for version in (before.version, chosen.terms.version))
    return [str(difference) for difference in differences(read_tree(old), read_tree(new))]


def replayed(found: Mapping[str, Any], terms: SchemeVersion) -> dict[str, object]:
    """Return a comparison as the page shows it: a bar for each county, then by change, group and month."""
    names = {county.code: county.name_zh for county in terms.counties}
    groups = {group.code: group.name_zh for group in terms.groups}
    return {
        "replay": found,
        "bars": _bars({names.get(code, code): sums for code, sums in found["by_county"].items()}),
        "changes": [(str(CHANGES[kind]), sums) for kind, sums in found["by_change"].items()],
        "tables": [
            (
                _("按群体"),
                [(groups.get(code, code) or "—", sums) for code, sums in found["by_group"].items()],
            ),
            (_("按月份"), [(month or "—", sums) for month, sums in found["by_month"].items()]),
        ],
        "biggest": [*found["biggest"]["gain"], *found["biggest"]["lose"]],
    }


def _bars(by_name: Mapping[str, Mapping[str, int]]) -> Sequence[Bar]:
    most = max((max(sums["gain_fen"], -sums["loss_fen"]) for sums in by_name.values()), default=0) or 1
    return [
        Bar(name, sums, WIDTH * sums["gain_fen"] // most, WIDTH * -sums["loss_fen"] // most)
        for name, sums in by_name.items()
    ]


routes: list[URLPattern] = [
    path("scheme/versions/", show_versions, name="scheme_versions"),
    path("scheme/replay/", replay_version, name="scheme_replay"),
    path("scheme/propose/", propose, name="scheme_propose"),
    path("scheme/approve/", approve, name="scheme_approve"),
]
