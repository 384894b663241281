"""Money to be got back (待追回): the list for the money page and a claim's page, and the acts on it.

In: requests of payers and approvers. Out: rows for the pages, or a redirect after an act.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.recoveries import (
    RecoveryView,
    agree_waiver,
    list_recoveries,
    propose_waiver,
    record_repayment,
)
from yiyuan.apps.registry.queries import get_people
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.kernel.actor import Role

LINES = 50
OPEN = "open"
STATES = {
    "open": (gettext_lazy("待追回"), "open"),
    "repaid": (gettext_lazy("已追回"), "done"),
    "waived": (gettext_lazy("不再追"), "stop"),
}


class RepaymentForm(forms.Form):
    """The day on which the money came back."""

    use_required_attribute = False
    received_on = forms.DateField(
        label=gettext_lazy("款项退回到账的日期"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("请写明哪一天到账"),
            "invalid": gettext_lazy("日期应像 2019-11-21"),
        },
    )


class WaiverForm(forms.Form):
    """Why the money is not asked back."""

    use_required_attribute = False
    reason = forms.CharField(
        label=gettext_lazy("为什么不追"),
        help_text=gettext_lazy("另一位复核岗同意以后才算数"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


def recovery_rows(
    request: HttpRequest, *, number: str = "", limit: int = LINES
) -> Sequence[dict[str, object]]:
    """Return the open recoveries of a scope, or all of one claim, with what this person may do."""
    state = "" if number else OPEN
    found = list_recoveries(scope=scope_of(request), state=state, number=number, limit=limit)
    people, actor = get_people(one.person_id for one in found), actor_of(request)
    return [
        {
            "recovery": one,
            "person": people[one.person_id],
            "word": STATES[one.state][0],
            "mark": STATES[one.state][1],
            "repayment": _form(one, Role.PAYER in actor.roles, RepaymentForm),
            "waiver": _form(one, Role.APPROVER in actor.roles and not one.waiver_by, WaiverForm),
            "may_agree": one.state == OPEN
            and bool(one.waiver_by)
            and Role.APPROVER in actor.roles
            and one.waiver_by != actor.id,
            "key": new_key(),
        }
        for one in found
    ]


def _form(one: RecoveryView, is_allowed: bool, form: type[forms.Form]) -> forms.Form | None:
    return form(auto_id=f"id_%s_{one.id}") if is_allowed and one.state == OPEN else None


@allow(Role.PAYER)
@require_POST
def repaid(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the day on which the money came back."""
    form = RepaymentForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(one) for one in form.errors["received_on"]))
        return _back(request)
    return _act(request, record_repayment, _("款项已追回"), pk, received_on=form.cleaned_data["received_on"])


@allow(Role.APPROVER)
@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose not to ask the money back."""
    words = {"reason": request.POST.get("reason", "")}
    return _act(request, propose_waiver, _("已提议不再追，等另一位复核岗同意"), pk, **words)


@allow(Role.APPROVER)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that the money is not asked back."""
    return _act(request, agree_waiver, _("已同意不再追"), pk)


def _act(request: HttpRequest, act: Callable[..., Any], done: str, pk: int, **words: object) -> HttpResponse:
    try:
        act(
            recovery_id=pk,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
            **words,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('desk:payments')}#recoveries")


routes: list[URLPattern] = [
    path("recoveries/<int:pk>/repaid/", repaid, name="recovery_repaid"),
    path("recoveries/<int:pk>/waive/", waive, name="recovery_waive"),
    path("recoveries/<int:pk>/agree/", agree, name="recovery_agree"),
]
