"""The page of limits (限额): allowed, taken, left; two persons of the city let one holder's be gone beyond.

In: requests of those who watch the money. Out: the page, or a redirect; each act is one domain call.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.adjudication.overriding import (
    agree_beyond,
    list_limit_changes,
    list_limits,
    propose_beyond,
    refuse_beyond,
)
from yiyuan.apps.ledger.changes import MAY_CHANGE
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, request_key, scope_of
from yiyuan.interfaces.desk.addresses import chosen, new_key, options
from yiyuan.interfaces.desk.limit_words import LimitLine, limit_line, limit_name
from yiyuan.interfaces.desk.pages.budgets import STATES, crumbs_to
from yiyuan.interfaces.desk.pages.payments import VIEWERS
from yiyuan.interfaces.desk.pages.premium_acts import YuanField
from yiyuan.interfaces.desk.second_person import decide_change, told

FULL = "full"


class BeyondForm(forms.Form):
    """Which limit shall be gone beyond, by how much, on which ground."""

    use_required_attribute = False
    total = forms.ChoiceField(label=gettext_lazy("哪一份限额"))
    amount_fen = YuanField(
        label=gettext_lazy("追加多少（元）"),
        help_text=gettext_lazy("另一个人同意以后才算数，只对这一份限额"),
        max_length=20,
    )
    reason = forms.CharField(
        label=gettext_lazy("依据"),
        help_text=gettext_lazy("文号，或为什么必须超出"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, lines: Sequence[LimitLine], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["total"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(line.limit.id), f"{line.holder} · {line.name}") for line in lines]

    def clean_amount_fen(self) -> int:
        """Refuse a sum that adds nothing."""
        amount_fen: int = self.cleaned_data["amount_fen"]
        if amount_fen <= 0:
            raise forms.ValidationError(_("追加应大于 0"))
        return amount_fen


@allow(*VIEWERS, *MAY_CHANGE)
@require_safe
def show_limits(request: HttpRequest) -> HttpResponse:
    """Show what is taken of the limits, what waits for a second person, and what was decided."""
    return _page(request, None)


def _page(request: HttpRequest, data: Any, status: int = 200) -> HttpResponse:
    scope, actor = scope_of(request), actor_of(request)
    names = _names()
    picked, is_full = chosen(request, "limit", names), request.GET.get("left") == FULL
    lines = [limit_line(one) for one in list_limits(scope=scope, limit=picked, is_full=is_full)]
    may = bool(actor.roles.intersection(MAY_CHANGE)) and actor.scope.is_city
    full = sum(line.limit.left_fen <= 0 for line in lines)
    context = {
        "title": _("有 %(count)d 份限额用完了") % {"count": full} if full else _("限额都还够用"),
        "lines": lines,
        "limit_options": options(names, picked, _("全部")),
        "left_options": options({FULL: _("用完的")}, FULL if is_full else "", _("全部")),
        "columns": [
            {"label": _("限额")},
            *(
                {"label": label, "right": True}
                for label in (_("最高"), _("追加"), _("占用"), _("已付"), _("还剩"))
            ),
        ],
        "sees_people": may_see(request, STAFF),
        "waiting": _changes(actor.id, is_open=True, may=may) if scope.is_city else [],
        "decided": _changes(actor.id, is_open=False, may=False) if scope.is_city else [],
        "form": BeyondForm(lines, data) if may and lines else None,
        "key": new_key(),
        "crumbs": crumbs_to(actor.roles, _("限额")),
    }
    return render(request, "desk/limits.html", context, status=status)


def _names() -> dict[str, str]:
    return {one.name: limit_name(terms, one.name) for terms in list_terms() for one in terms.events.limits}


def _changes(actor_id: str, *, is_open: bool, may: bool) -> Sequence[dict[str, object]]:
    return [
        {
            "change": one,
            "whose": (line := limit_line(one.total)).holder,
            "kind": line.name,
            "word": STATES[one.state],
            "may_agree": may and one.proposed_by != actor_id,
            "may_refuse": may,
            "key": new_key(),
        }
        for one in list_limit_changes(is_open=is_open)
    ]


@allow(*MAY_CHANGE)
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose that a limit be gone beyond."""
    key = request_key(request)
    form = BeyondForm([limit_line(one) for one in list_limits(scope=scope_of(request))], request.POST)
    if not form.is_valid():
        return _page(request, request.POST, 422)
    words = form.cleaned_data
    act = partial(
        propose_beyond,
        total_id=int(words["total"]),
        amount_fen=words["amount_fen"],
        reason=words["reason"],
        actor=actor_of(request),
        occurred_at=clock.now(),
        request_key=key,
    )
    return told(request, act, done=_("已提议，等另一个人同意"), back="desk:limits")


@allow(*MAY_CHANGE)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a limit be gone beyond, as the second person."""
    return decide_change(request, agree_beyond, pk, done=_("已同意，现在起算数"), back="desk:limits")


@allow(*MAY_CHANGE)
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse that a limit be gone beyond."""
    return decide_change(request, refuse_beyond, pk, done=_("已记下不同意，限额没有变"), back="desk:limits")


routes: list[URLPattern] = [
    path("payments/limits/", show_limits, name="limits"),
    path("payments/limits/propose/", propose, name="limit_propose"),
    path("payments/limits/<int:pk>/agree/", agree, name="limit_agree"),
    path("payments/limits/<int:pk>/refuse/", refuse, name="limit_refuse"),
]
