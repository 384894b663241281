"""The page of returned payments (退回待办): whose each is, why it came back, until when, and paying it again.

In: requests of the payment side; state, county and owner stand in the address. Out: the page, or a redirect
after an act; every act is one domain call.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.returned import (
    DONE,
    UNDER_WAY,
    WAITING,
    WORKERS,
    ReturnedFilter,
    ReturnedView,
    give_returned,
    list_owners,
    list_returned,
    list_workers,
    sum_returned,
)
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.payments.errors import PaymentRefusal
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import asked, back_to, chosen, new_key, options
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.claims import county_options
from yiyuan.interfaces.desk.pages.payments import VIEWERS
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, yuan
from yiyuan.kernel.actor import Role

STATES = {
    WAITING: (gettext_lazy("等着再付"), "back"),
    UNDER_WAY: (gettext_lazy("已经再付，在路上"), "mid"),
    DONE: (gettext_lazy("办结的"), "done"),
}
LONGEST_OWNER = 150


class OwnerForm(forms.Form):
    """Who shall see to a returned payment."""

    use_required_attribute = False
    owner = forms.ChoiceField(label=gettext_lazy("交给谁"))

    def __init__(self, workers: Sequence[tuple[str, str]], pk: int) -> None:
        super().__init__(auto_id=f"id_%s_{pk}")
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(workers)


@allow(*VIEWERS)
@require_safe
def show_returned(request: HttpRequest) -> HttpResponse:
    """Show the returned payments of one state, those that wait by default."""
    scope = scope_of(request)
    state = chosen(request, "state", STATES) or WAITING
    which = ReturnedFilter(state, asked(request, "county"), asked(request, "owner", LONGEST_OWNER))
    found = list_returned(which, today=clock.today(), scope=scope)
    number, fen = sum_returned(which, scope=scope)
    words = {"count": count(number), "sum": yuan(fen)}
    context = {
        "title": {
            WAITING: _("%(count)s 笔退回的等着再付，合计 %(sum)s 元"),
            UNDER_WAY: _("%(count)s 笔退回的已经再付、在路上，合计 %(sum)s 元"),
            DONE: _("%(count)s 笔退回的办结了，合计 %(sum)s 元"),
        }[state]
        % words
        if number
        else _("这里没有退回的"),
        "rows": _rows(request, found, state),
        "word": STATES[state],
        "state_options": [
            {"value": code, "label": word, "current": code == state} for code, (word, _kind) in STATES.items()
        ],
        "county_options": county_options(which.county, scope),
        "owner_options": options(dict(list_owners(scope=scope)), which.owner, _("全部")),
        "crumbs": [{"label": _("资金"), "url": reverse("desk:payments")}, {"label": _("退回待办")}],
    }
    return render(request, "desk/returned.html", context)


def _rows(request: HttpRequest, found: Sequence[ReturnedView], state: str) -> Sequence[dict[str, object]]:
    actor = actor_of(request)
    may_give = state != DONE and bool(actor.roles.intersection(WORKERS))
    workers = list_workers(scope=actor.scope) if may_give and found else ()
    people = get_people(one.person_id for one in found)
    names = get_division_names(one.county_code for one in found)
    return [
        {
            "task": one,
            "person": people[one.person_id],
            "county": names.get(one.county_code, one.county_code),
            "left": _left(one.days_left),
            "is_late": one.days_left < 0,
            "may_take": may_give and one.owner != actor.id,
            "owner_form": OwnerForm(_others(workers, one.owner), one.id) if may_give else None,
            "may_pay": state == WAITING and one.has_account and Role.PAYER in actor.roles,
            "key": new_key(),
        }
        for one in found
    ]


def _others(workers: Iterable[tuple[str, str]], owner: str) -> Sequence[tuple[str, str]]:
    return [one for one in workers if one[0] != owner]


def _left(days: int) -> str:
    if days < 0:
        return ngettext("晚了 %(days)d 个工作日", "晚了 %(days)d 个工作日", -days) % {"days": -days}
    if not days:
        return _("今天到期")
    return ngettext("还有 %(days)d 个工作日", "还有 %(days)d 个工作日", days) % {"days": days}


@allow(*WORKERS)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Become the owner of a returned payment."""
    return _give(request, pk, actor_of(request).id, _("这一笔归您办了"))


@allow(*WORKERS)
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a returned payment to somebody else."""
    return _give(request, pk, request.POST.get("owner", "")[:LONGEST_OWNER], _("已交给另一个人"))


def _give(request: HttpRequest, pk: int, owner: str, done: str) -> HttpResponse:
    return _act(request, done, give_returned, returned_id=pk, owner=owner)


@allow(Role.PAYER)
@require_POST
def pay_again(request: HttpRequest, number: str) -> HttpResponse:
    """Put a returned payment into a batch of its own, which another payer releases."""
    return _act(request, _("已重新装批，等另一位支付专员放行"), order_payments, numbers=[number])


def _act(request: HttpRequest, done: str, act: Any, **words: object) -> HttpResponse:
    try:
        act(actor=actor_of(request), occurred_at=clock.now(), request_key=request_key(request), **words)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except (ClaimRefusal, PaymentRefusal) as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return redirect(back_to(request, reverse("desk:returned")))


routes: list[URLPattern] = [
    path("payments/returned/", show_returned, name="returned"),
    path("payments/returned/<int:pk>/take/", take, name="returned_take"),
    path("payments/returned/<int:pk>/give/", give, name="returned_give"),
    path("payments/returned/<str:number>/again/", pay_again, name="returned_again"),
]
