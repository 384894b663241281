"""All claims (案件): the list with its filters, its export, and moves said to many at once (批量办理)."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.queries import (
    OPEN_STATES,
    ORDERS,
    PAGE,
    ClaimFilter,
    ClaimRow,
    count_claims,
    count_list,
    list_claims,
)
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.registry.queries import list_counties
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import queues
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import asked, back_to, chosen, new_key, options, page_number, with_query
from yiyuan.interfaces.desk.labels import STATES, refusal_text, state_word, verb_word
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan
from yiyuan.kernel.scope import Scope

EXPORT_BLOCK = 500
BATCH_VERBS = {Verb.ASSESS: Role.ASSESSOR, Verb.APPROVE: Role.APPROVER}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@allow(*STAFF)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """Show the claims that match, the promise that ends first on top."""
    today, wanted = clock.today(), _filter(request)
    order = chosen(request, "sort", ORDERS) or "due"
    page = page_number(request)
    rows = list_claims(
        wanted, today, scope=scope_of(request), order=order, limit=PAGE, offset=(page - 1) * PAGE
    )
    (total, total_fen), counts = count_list(wanted, today, scope=scope_of(request))
    verb = _batch_verb(request, wanted)
    return render(
        request,
        "desk/claims.html",
        {
            "total": total,
            "total_fen": total_fen,
            "shown": len(rows),
            "ruler": queues.ruler(request, counts, wanted.due),
            "columns": queues.columns(request, order, can_pick=verb is not None),
            # Lines of all states stand in one table: the day they were due says nothing of those finished.
            "groups": queues.groups(rows, counts, "" if wanted.due == "" else order, actor_of(request).id),
            "verb": verb,
            "state_options": options(STATES, request.GET.get("state", ""), _("全部")),
            "county_options": county_options(wanted.county_code, scope_of(request)),
            "due": wanted.due,
            "sort": order,
            "export_url": f"{reverse('desk:claims_export')}?{request.GET.urlencode()}",
            "previous_url": _page_url(request, page - 1) if page > 1 else "",
            "next_url": _page_url(request, page + 1) if page * PAGE < total else "",
            "request_key": new_key(),
            "keys": [{"key": "a", "label": verb_word(verb)}] if verb else [],
        },
    )


@allow(*STAFF)
@require_GET
def claims_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the filtered list as CSV: identity numbers masked, no cell a spreadsheet would compute."""
    wanted, now = _filter(request), clock.now()
    total, _fen = count_claims(wanted, now.date(), scope=scope_of(request))
    record_entry(
        actor=actor_of(request),
        verb="export_claims",
        subject=("claims", "list"),
        occurred_at=now,
        request_key=new_key(),
        detail={
            "count": total,
            "state": list(wanted.states),
            "county": wanted.county_code,
            "due": wanted.due,
        },
    )
    response = StreamingHttpResponse(_csv_blocks(wanted, request), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="claims-{now:%Y%m%d}.csv"'
    return response


@allow(*BATCH_VERBS.values())
@require_POST
def claims_batch(request: HttpRequest) -> HttpResponse:
    """Say one verb to each picked claim, each in its own transaction; report what was refused and why."""
    key, now, actor = request_key(request), clock.now(), actor_of(request)
    verb = next((one for one in BATCH_VERBS if one == request.POST.get("verb")), None)
    numbers = list(dict.fromkeys(request.POST.getlist("picked")))[:PAGE]
    if verb is None or not numbers:
        messages.warning(request, _("还没有选中案件，请先在前面打勾"))
        return HttpResponseRedirect(back_to(request, reverse("desk:workbench")))
    refused: dict[str, list[str]] = {}
    for number in numbers:
        try:
            move_claim(
                number=number, verb=verb, actor=actor, occurred_at=now, request_key=f"{key}:{number}"[:100]
            )
        except ObjectDoesNotExist:
            refused.setdefault(_("没有这件赔案"), []).append(number)
        except ClaimRefusal as refusal:
            refused.setdefault(refusal_text(refusal), []).append(number)
    done = len(numbers) - sum(map(len, refused.values()))
    if done:
        words = ngettext("%(verb)s办好了 %(count)d 件", "%(verb)s办好了 %(count)d 件", done)
        messages.success(request, words % {"verb": verb_word(verb), "count": done})
    for text, which in refused.items():
        messages.warning(
            request,
            _("%(count)d 件没有办，%(why)s（%(numbers)s）")
            % {"count": len(which), "why": text, "numbers": _("、").join(which)},
        )
    return HttpResponseRedirect(back_to(request, reverse("desk:workbench")))


def county_options(current: str, scope: Scope) -> list[dict[str, object]]:
    """Return the counties for a filter, and what stands for all of those this person sees."""
    counties = {county.code: county.name for county in list_counties(scope=scope)}
    return options(counties, current, _("全市") if scope.is_city else _("本县区"))


def _filter(request: HttpRequest) -> ClaimFilter:
    state, due = chosen(request, "state", STATES), chosen(request, "due", queues.BUCKETS)
    # A promise runs only while a claim is open; a paid one is not overdue.
    states = (state,) if state else OPEN_STATES if due else ()
    county = asked(request, "county")
    return ClaimFilter(states, county, due)


def _batch_verb(request: HttpRequest, wanted: ClaimFilter) -> Verb | None:
    if len(wanted.states) != 1:
        return None
    verb = {str(State.LODGED): Verb.ASSESS, str(State.ASSESSED): Verb.APPROVE}.get(wanted.states[0])
    return verb if verb and BATCH_VERBS[verb] in actor_of(request).roles else None


def _page_url(request: HttpRequest, number: int) -> str:
    address = with_query(request)
    return f"{address}{'&' if '?' in address else '?'}page={number}"


def _csv_blocks(wanted: ClaimFilter, request: HttpRequest) -> Iterator[str]:
    today = clock.today()
    yield "\ufeff" + _csv_text(
        [[_("案号"), _("姓名"), _("身份证号"), _("县乡"), _("赔付（元）"), _("状态"), _("到期日")]]
    )
    offset = 0
    while rows := list_claims(wanted, today, scope=scope_of(request), limit=EXPORT_BLOCK, offset=offset):
        yield _csv_text([_csv_row(row) for row in rows])
        offset += EXPORT_BLOCK


def _csv_row(row: ClaimRow) -> list[str]:
    due = row.due_on.isoformat() if row.due_on else ""
    cells = [
        row.number,
        row.person.name,
        row.person.masked_id,
        row.place,
        yuan(row.benefit_fen),
        state_word(row.state),
    ]
    return [*cells, due]


def _csv_text(rows: list[list[str]]) -> str:
    target = StringIO()
    csv.writer(target).writerows([[_as_text(cell) for cell in row] for row in rows])
    return target.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


routes: list[URLPattern] = [
    path("claims/", claims, name="claims"),
    path("claims/export/", claims_export, name="claims_export"),
    path("claims/batch/", claims_batch, name="claims_batch"),
]
