"""The page of money in suspense (待查款): what the bank says and no order bears out, until it is worked off.

In: requests of the payment side. Out: the page, or a redirect after an act; every act is one domain call.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.payments.errors import PaymentRefusal
from yiyuan.apps.payments.suspense import (
    SuspenseView,
    agree_match,
    list_candidates,
    list_suspense,
    propose_match,
    send_back,
    sum_suspense,
    take_over,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.payments import VIEWERS
from yiyuan.interfaces.desk.payment_labels import suspense_state, why_suspended
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, yuan
from yiyuan.interfaces.jobs.delivery import ask_for_delivery
from yiyuan.kernel.actor import Role

OPEN, PROPOSED = "open", "proposed"


class MatchForm(forms.Form):
    """Which order a line is about, and what that rests on."""

    use_required_attribute = False
    order_no = forms.CharField(label=gettext_lazy("是哪一条指令"), max_length=60)
    note = forms.CharField(
        label=gettext_lazy("凭什么"),
        help_text=gettext_lazy("例如：银行来函更正指令号。另一位支付专员同意以后才入账"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


class BackForm(forms.Form):
    """How a line went back to the bank."""

    use_required_attribute = False
    note = forms.CharField(
        label=gettext_lazy("怎么退回的"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


@allow(*VIEWERS)
@require_safe
def show_suspense(request: HttpRequest) -> HttpResponse:
    """Show what hangs, and what was worked off last."""
    scope, sums = scope_of(request), sum_suspense(scope=scope_of(request))
    title = _("没有待查款")
    if sums.count:
        title = _("%(count)s 笔待查，合计 %(sum)s 元") % {"count": count(sums.count), "sum": yuan(sums.fen)}
    context = {
        "title": title,
        "held_fen": sums.held_fen,
        "rows": _rows(request, list_suspense(scope=scope)),
        "closed": _rows(request, list_suspense(scope=scope, is_open=False)),
        "crumbs": [{"label": _("资金"), "url": reverse("desk:payments")}, {"label": _("待查款")}],
    }
    return render(request, "desk/suspense.html", context)


def _rows(request: HttpRequest, found: Sequence[SuspenseView]) -> Sequence[dict[str, object]]:
    actor = actor_of(request)
    is_payer = Role.PAYER in actor.roles
    return [
        {
            "line": one,
            "word": suspense_state(one.state),
            "why": why_suspended(one.why),
            "match": MatchForm(auto_id=f"id_%s_{one.id}") if is_payer and one.state == OPEN else None,
            "candidates": list_candidates(one.id) if is_payer and one.state == OPEN else (),
            "back": BackForm(auto_id=f"id_%s_{one.id}_back") if is_payer and one.closed_at is None else None,
            "may_agree": is_payer and one.state == PROPOSED and one.proposed_by != actor.id,
            "may_take": is_payer and one.closed_at is None and one.owner != actor.id,
            "key": new_key(),
        }
        for one in found
    ]


@allow(Role.PAYER)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Become the owner of a line."""
    return _act(request, take_over, _("这一笔归您查了"), pk)


@allow(Role.PAYER)
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which order a line is about."""
    words = {name: request.POST.get(name, "") for name in ("order_no", "note")}
    return _act(request, propose_match, _("已提议，等另一位支付专员同意"), pk, **words)


@allow(Role.PAYER)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree which order a line is about."""
    answer = _act(request, agree_match, _("已入账到这条指令"), pk)
    ask_for_delivery()
    return answer


@allow(Role.PAYER)
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a line as given back to the bank."""
    return _act(request, send_back, _("已记下退回银行"), pk, note=request.POST.get("note", ""))


def _act(request: HttpRequest, act: Callable[..., Any], done: str, pk: int, **words: object) -> HttpResponse:
    try:
        act(
            suspense_id=pk,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
            **words,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except PaymentRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return redirect("desk:suspense")


routes: list[URLPattern] = [
    path("payments/suspense/", show_suspense, name="suspense"),
    path("payments/suspense/<int:pk>/take/", take, name="suspense_take"),
    path("payments/suspense/<int:pk>/match/", propose, name="suspense_match"),
    path("payments/suspense/<int:pk>/agree/", agree, name="suspense_agree"),
    path("payments/suspense/<int:pk>/back/", give_back, name="suspense_back"),
]
