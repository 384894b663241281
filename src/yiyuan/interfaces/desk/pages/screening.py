"""Screening (筛查): who should have been paid and was not, the proposals a person decides, the runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.queries import OPEN_STATES
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.payments.queries import sum_orders
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.apps.reporting.queries import get_figures
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.apps.screening.queries import (
    OUTCOMES,
    PAGE,
    ProposalFilter,
    count_proposals,
    count_run_changes,
    get_run,
    list_proposals,
    list_run_changes,
    list_runs,
)
from yiyuan.apps.screening.requests import find_request_under_way
from yiyuan.apps.screening.services import decline_proposal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import fact_labels, figures
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, request_key, scope_of
from yiyuan.interfaces.desk.addresses import (
    asked,
    back_to,
    chosen,
    new_key,
    options,
    page_number,
    proposal_address,
    with_query,
)
from yiyuan.interfaces.desk.import_labels import kind_word
from yiyuan.interfaces.desk.labels import reason_word, refusal_text
from yiyuan.interfaces.desk.pages import imports, payments
from yiyuan.kernel.actor import Role
from yiyuan.rules.terms import SchemeVersion

RUNS = 5
STATES = ("open", "confirmed", "declined", "lapsed")
RUN_CHANGES = {
    "new": gettext_lazy("新提名"),
    "gone": gettext_lazy("不再应赔"),
    "changed": gettext_lazy("有变化"),
    "reopened": gettext_lazy("重新提名"),
}


@allow(*STAFF)
@require_GET
def screening(request: HttpRequest) -> HttpResponse:
    """Show how many should have been paid and were not, why, where, and the list to decide."""
    actor, terms = actor_of(request), get_terms()
    counties, funnel = get_figures(scope=actor.scope)
    show = chosen(request, "show", figures.SHOWS) or "paid"
    wanted = _filter(request)
    runs = list_runs(RUNS)
    unpaid = sum(county.unpaid for county in counties)
    context = {
        "run": runs[0] if runs else None,
        "runs": runs,
        "inputs": _input_totals(runs[0].manifest) if runs else {},
        "unpaid": unpaid,
        "unpaid_fen": funnel.open_fen + sum(funnel.claims_by_state.get(s, (0, 0))[1] for s in OPEN_STATES),
        "funnel": funnel,
        "funnel_rows": figures.funnel_rows(
            funnel, sum_orders(scope=actor.scope), sees_batches=may_see(request, payments.VIEWERS)
        ),
        "whole": max(funnel.entitled * 11 // 10, 1),
        "shows": [
            {"label": label, "url": f"{with_query(request, show=name)}#map", "current": name == show}
            for name, label in figures.SHOWS.items()
        ],
        "show": show,
        "show_label": figures.SHOWS[show],
        "tiles": figures.tiles(counties, show),
        "scale": figures.scale(show),
        "off_map": figures.off_map(counties),
        "sees_imports": may_see(request, imports.VIEWERS),
        "may_run": Role.CLERK in actor.roles and actor.scope.is_city,
        "may_decide": Role.DESK_AGENT in actor.roles and wanted.state == "open",
        "request_key": new_key(),
        "run_key": new_key(),
        "under_way": find_request_under_way(),
        "keys": [{"key": "a", "label": _("确认并立案")}] if Role.DESK_AGENT in actor.roles else [],
        **_proposals(request, wanted, terms),
        "county_options": options(
            {c.code: c.name for c in counties},
            wanted.county_code,
            _("全市") if actor.scope.is_city else _("本县区"),
        ),
    }
    return render(request, "desk/screening.html", context)


@allow(Role.DESK_AGENT)
@require_POST
def proposals_decide(request: HttpRequest) -> HttpResponse:
    """Confirm or decline each picked proposal in a transaction of its own; report what failed and why."""
    back = back_to(request, reverse("desk:screening"))
    picked = [
        int(pk) for pk in dict.fromkeys(request.POST.getlist("picked")) if pk.isascii() and pk.isdigit()
    ][:PAGE]
    decision, reason = request.POST.get("decision"), request.POST.get("reason", "").strip()
    key = request_key(request)
    if not picked:
        messages.warning(request, _("还没有选中人，请先在前面打勾"))
    elif decision == "decline" and not reason:
        messages.error(request, _("没有写理由，一个也没有动。请写明为什么不应赔"))
    elif decision == "decline":
        _report(request, picked, _decide_each(request, picked, key, reason), is_opened=False)
    elif decision == "confirm":
        _report(request, picked, _decide_each(request, picked, key, ""), is_opened=True)
    else:
        raise Http404
    return HttpResponseRedirect(back)


@allow(*STAFF)
@require_GET
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Show what went into a run and what came out."""
    try:
        found = get_run(number)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    manifest = found.manifest
    by_reason = [
        {"word": reason_word(code), **total} for code, total in manifest.get("by_reason", {}).items()
    ]
    context = {
        "crumbs": [
            {"label": _("筛查"), "url": reverse("desk:screening")},
            {"label": _("第 %(number)d 次") % {"number": number}},
        ],
        "run": found,
        "manifest": manifest,
        "inputs": [{**entry, "word": kind_word(entry["name"])} for entry in manifest.get("inputs", [])],
        "reading": fact_labels.reading_name(get_terms(), manifest.get("reading", "")),
        "on": fact_labels.missing_fact(manifest["on"])[0] if "on" in manifest else "",
        "totals": _input_totals(manifest),
        "by_reason": sorted(by_reason, key=lambda row: -row["count"]),
        "outside": manifest.get("outside_register", {}),
        **_changes(request, found),
        "runs": list_runs(RUNS),
    }
    return render(request, "desk/run.html", context)


def _changes(request: HttpRequest, found: Any) -> dict[str, object]:
    """Return what the run made new, gone, changed or proposed again, a page of one kind."""
    scope = scope_of(request)
    kind = chosen(request, "change", RUN_CHANGES)
    counts = count_run_changes(found, scope=scope)
    after = page_number(request, "after", first=0)
    changes = list_run_changes(found, scope=scope, kind=kind, after_id=after, limit=PAGE + 1)
    people = get_people(change.person_id for change in changes[:PAGE])
    return {
        "change_kinds": [
            {
                "label": f"{word} {counts.get(code, 0)}",
                "url": f"?change={code}#changes",
                "current": code == kind,
            }
            for code, word in RUN_CHANGES.items()
        ],
        "changes": [
            {
                "change": change,
                "person": people[change.person_id],
                "kind": RUN_CHANGES[change.kind],
                "reason": reason_word(change.new_reason) if change.new_reason else _("不再有在册的身份"),
            }
            for change in changes[:PAGE]
        ],
        "changes_next": f"?change={kind}&after={changes[PAGE - 1].id}#changes" if len(changes) > PAGE else "",
    }


@allow(*STAFF)
@require_GET
def run_manifest(request: HttpRequest, number: int) -> HttpResponse:
    """Send the manifest as the run kept it."""
    try:
        found = get_run(number)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    response = JsonResponse(found.manifest, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="manifest-{number}.json"'
    return response


def _filter(request: HttpRequest) -> ProposalFilter:
    outcome = request.GET.get("outcome", "entitled")
    state = request.GET.get("state", "open")
    return ProposalFilter(
        county_code=asked(request, "county"),
        group=asked(request, "group", 40),
        outcome=outcome if outcome in OUTCOMES else "",
        state=state if state in STATES else "",
    )


def _proposals(request: HttpRequest, wanted: ProposalFilter, terms: SchemeVersion) -> dict[str, object]:
    after = page_number(request, "after", first=0)
    found = list_proposals(wanted, scope=scope_of(request), after_id=after, limit=PAGE + 1)
    shown = found[:PAGE]
    people = get_people(proposal.person_id for proposal in shown)
    codes = {code for person in people.values() for code in (person.county_code, person.township_code)}
    names = get_division_names(codes)
    total, total_fen = count_proposals(wanted, scope=scope_of(request))
    address = with_query(request)
    lines = [
        {
            "proposal": proposal,
            "url": proposal_address(proposal.pk),
            "person": people[proposal.person_id],
            "place": _place(people[proposal.person_id], names),
            "group": fact_labels.group_name(terms, proposal.group),
            "disease": fact_labels.disease_name(terms, proposal.disease),
            "reason": _reason(proposal.reason, proposal.missing),
        }
        for proposal in shown
    ]
    groups = {group.code: fact_labels.group_name(terms, group.code) for group in terms.groups}
    return {
        "lines": lines,
        "total": total,
        "total_fen": total_fen,
        "wanted": wanted,
        "first_url": f"{address}#proposals" if after else "",
        "next_url": f"{address}{'&' if '?' in address else '?'}after={shown[-1].pk}#proposals"
        if len(found) > PAGE
        else "",
        "group_options": options(groups, wanted.group, _("六类全部")),
        "outcome_options": options(
            {"entitled": _("应赔付"), "undetermined": _("判不了")}, wanted.outcome, _("全部")
        ),
        "state_options": options(
            {
                "open": _("已提名"),
                "confirmed": _("已确认"),
                "declined": _("已决定不赔"),
                "lapsed": _("不再应赔"),
            },
            wanted.state,
            _("全部"),
        ),
    }


def _place(person: Any, names: Mapping[str, str]) -> str:
    return names.get(person.county_code, "") + names.get(person.township_code, "")


def _reason(reason: str, missing: str) -> str:
    if missing:
        return _("缺%(fact)s") % {"fact": fact_labels.missing_fact(missing)[0]}
    return _("入院当天在册，病种在表内") if reason == "entitled" else reason_word(reason)


def _decide_each(request: HttpRequest, picked: Sequence[int], key: str, reason: str) -> Mapping[str, int]:
    actor, now = actor_of(request), clock.now()
    refused: dict[str, int] = {}
    for pk in picked:
        words = {"proposal_id": pk, "actor": actor, "occurred_at": now, "request_key": f"{key}:{pk}"}
        try:
            if reason:
                decline_proposal(reason=reason, **words)  # type: ignore[arg-type]  # one set of words for both
            else:
                open_from_proposal(**words)  # type: ignore[arg-type]  # one set of words for both
        except ObjectDoesNotExist:
            refused[_("名单已经变了，这一条不在了")] = refused.get(_("名单已经变了，这一条不在了"), 0) + 1
        except (ClaimRefusal, ScreeningRefusal) as refusal:
            text = refusal_text(refusal)
            refused[text] = refused.get(text, 0) + 1
    return refused


def _report(
    request: HttpRequest, picked: Sequence[int], refused: Mapping[str, int], *, is_opened: bool
) -> None:
    done = len(picked) - sum(refused.values())
    if done and is_opened:
        messages.success(
            request, ngettext("已立案 %(count)d 件", "已立案 %(count)d 件", done) % {"count": done}
        )
    elif done:
        messages.success(
            request, ngettext("%(count)d 人已决定不赔", "%(count)d 人已决定不赔", done) % {"count": done}
        )
    for text, number in refused.items():
        messages.warning(request, _("%(count)d 人没有办：%(why)s") % {"count": number, "why": text})


def _input_totals(manifest: Mapping[str, Any]) -> dict[str, int]:
    inputs = manifest.get("inputs", [])
    return {name: sum(entry.get(name, 0) for entry in inputs) for name in ("read", "accepted", "refused")}


routes: list[URLPattern] = [
    path("screening/", screening, name="screening"),
    path("screening/decide/", proposals_decide, name="proposals_decide"),
    path("screening/runs/<int:number>/", run, name="run"),
    path("screening/runs/<int:number>/manifest/", run_manifest, name="run_manifest"),
]
