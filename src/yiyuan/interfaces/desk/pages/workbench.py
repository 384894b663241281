"""The workbench (工作台): what this person has to do today, the most urgent case first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from yiyuan.apps.claims.payable import count_payable, list_came_back
from yiyuan.apps.claims.queries import (
    ORDERS,
    ClaimFilter,
    count_by_state,
    count_list,
    count_moves,
    list_queue,
    list_returned,
)
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.payments.queries import list_batches
from yiyuan.apps.payments.states import BatchState
from yiyuan.apps.registry.queries import is_registry_empty
from yiyuan.apps.screening.queries import ProposalFilter, count_proposals
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import queues
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow
from yiyuan.interfaces.desk.addresses import asked, chosen, new_key, with_query
from yiyuan.interfaces.desk.labels import kept_words, role_title, verb_word
from yiyuan.interfaces.desk.money_tasks import money_context
from yiyuan.interfaces.desk.overview import (
    escalated_context,
    expiring_context,
    overview_context,
    unseen_context,
)
from yiyuan.interfaces.desk.pages.claims import BATCH_VERBS, county_options
from yiyuan.interfaces.desk.welcome import welcome_context
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

SIDE_LINES = 5


@dataclass(frozen=True, slots=True)
class Post:
    """A post with a queue of its own: which claims wait for it and what it says to them."""

    state: State
    verb: Verb | None


POSTS: Mapping[Role, Post] = {
    Role.APPROVER: Post(State.ASSESSED, Verb.APPROVE),
    Role.ASSESSOR: Post(State.LODGED, Verb.ASSESS),
    Role.DESK_AGENT: Post(State.AWAITING_DOCUMENTS, None),
    Role.PAYER: Post(State.APPROVED, None),
}
# Who finds another account when the bank sent the money back.
PAYS = (Role.DESK_AGENT, Role.PAYER)
OVERVIEWS = (Role.CLERK, Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
# Whoever fills an empty city is told what to begin with.
WELCOMED = (Role.CLERK, Role.ADMINISTRATOR)


@allow(*STAFF)
@require_GET
def workbench(request: HttpRequest) -> HttpResponse:
    """Show the queue of the post, or the overview of one that handles no claims."""
    actor, today = actor_of(request), clock.today()
    held = [role for role in (*POSTS, *OVERVIEWS) if role in actor.roles]
    role = next((one for one in held if one == request.GET.get("as")), held[0])
    context: dict[str, object] = {"posts": _posts(request, held, role)}
    if role in POSTS:
        context |= _queue(request, actor, role, today)
        return render(request, "desk/workbench.html", context)
    if not actor.scope.is_city or role not in WELCOMED or not is_registry_empty():
        context |= overview_context(role, actor.scope) | escalated_context(actor.scope, today)
        context |= expiring_context(role, actor.scope, today) | money_context(role, actor, today)
        context |= unseen_context(actor) if role is Role.CLERK else {}
        return render(request, "desk/overview.html", context)
    # What overviews call posts, to change between them, is here the posts of the city.
    context = {"posts_held": context["posts"], **welcome_context(actor)}
    return render(request, "desk/welcome.html", context)


def _posts(request: HttpRequest, held: list[Role], role: Role) -> list[dict[str, object]]:
    if len(held) < 2:
        return []
    address = reverse("desk:workbench")
    return [{"label": role_title(one), "url": f"{address}?as={one}", "current": one is role} for one in held]


def _queue(request: HttpRequest, actor: Actor, role: Role, today: date) -> dict[str, object]:
    post = POSTS[role]
    due, order = chosen(request, "due", queues.BUCKETS), chosen(request, "sort", ORDERS) or "due"
    wanted = ClaimFilter((post.state,), asked(request, "county"), due)
    rows, first = list_queue(wanted, today, scope=actor.scope, order=order)
    (total, total_fen), counts = count_list(wanted, today, scope=actor.scope)
    verb = post.verb if post.verb in BATCH_VERBS else None
    return {
        "role": role,
        "verb": verb,
        "counts": counts,
        "total": total,
        "total_fen": total_fen,
        "shown": len(rows),
        "has_ruler": role is not Role.DESK_AGENT,
        "ruler": queues.ruler(request, counts, due),
        "columns": queues.columns(request, order, can_pick=verb is not None),
        "groups": queues.groups(rows, counts, order, actor.id),
        "first": queues.line(first, actor.id) if first else None,
        "first_is_late": bool(first and (first.days_left or 0) < 0),
        "county_options": county_options(wanted.county_code, actor.scope),
        "county": wanted.county_code,
        "due": due,
        "sort": order,
        "every_url": with_query(request, due=None, county=None),
        "list_url": f"{reverse('desk:claims')}?state={post.state}",
        "request_key": new_key(),
        "keys": [{"key": "a", "label": verb_word(verb)}] if verb else [],
        **_title(role, actor, today, counts),
        **_aside(role, actor.scope),
        **escalated_context(actor.scope, today),
    }


def _title(role: Role, actor: Actor, today: date, counts: Mapping[str, int]) -> dict[str, object]:
    waiting, pressing = sum(counts.values()), counts["late"] + counts["today"]
    if role is Role.DESK_AGENT:
        proposed, proposed_fen = count_proposals(ProposalFilter(), scope=actor.scope)
        undetermined, _fen = count_proposals(ProposalFilter(outcome="undetermined"), scope=actor.scope)
        words = ngettext("有 %(count)d 人等您立案", "有 %(count)d 人等您立案", proposed) % {"count": proposed}
        title = words if proposed else _("拟赔名单都办完了")
        return {
            "title": title,
            "proposed": proposed,
            "proposed_fen": proposed_fen,
            "undetermined": undetermined,
        }
    if role is Role.PAYER:
        ready, _fen = count_payable(scope=actor.scope)
        words = ngettext("有 %(count)d 件可以装批送银行", "有 %(count)d 件可以装批送银行", ready) % {
            "count": ready
        }
        return {"title": words if ready > 0 else _("没有要送银行的案件"), "ready": ready}
    verb = POSTS[role].verb
    assert verb is not None, "only the desk agent and the payer have no verb, and both are answered above"
    return {"title": _pressing_title(verb, pressing, waiting), "done": count_moves(actor.id, verb, today)}


def _pressing_title(verb: Verb, pressing: int, waiting: int) -> str:
    said = {"count": pressing or waiting}
    if pressing and verb is Verb.APPROVE:
        return ngettext("今天要复核 %(count)d 件", "今天要复核 %(count)d 件", pressing) % said
    if pressing:
        return ngettext("今天要初审 %(count)d 件", "今天要初审 %(count)d 件", pressing) % said
    if not waiting:
        return _("没有等您复核的案件") if verb is Verb.APPROVE else _("没有等您初审的案件")
    return (
        ngettext("今天没有到期的，%(count)d 件可以先办", "今天没有到期的，%(count)d 件可以先办", waiting)
        % said
    )


def _aside(role: Role, scope: Scope) -> dict[str, object]:
    states = count_by_state(scope=scope, states=(State.AWAITING_DOCUMENTS, State.APPROVED))
    # A side sheet is asked for only where the post has something to do with it.
    came_back = list_came_back(scope=scope, limit=SIDE_LINES) if role in PAYS else []
    batches = list_batches(scope=scope, limit=SIDE_LINES) if role is Role.PAYER else []
    return {
        "returned": list_returned(scope=scope, limit=SIDE_LINES) if role is Role.ASSESSOR else [],
        "came_back": [(claim, kept_words(claim.payment_note)) for claim in came_back],
        "paused": states.get(State.AWAITING_DOCUMENTS, (0, 0)),
        "paused_url": f"{reverse('desk:claims')}?state={State.AWAITING_DOCUMENTS}",
        "approved": states.get(State.APPROVED, (0, 0)),
        "batches": [batch for batch in batches if batch.state != BatchState.VOIDED],
        "reserved": BatchState.RESERVED,
    }


routes: list[URLPattern] = [path("", workbench, name="workbench")]
