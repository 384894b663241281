"""The page of budgets (预算): given, reserved, paid, left; two persons of the city give one and go beyond it.

In: requests of those who watch the money. Out: the page, or a redirect; each act is one domain call.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.ledger.budgets import (
    EXTRA,
    GIVEN,
    agree_change,
    list_budgets,
    list_changes,
    propose_change,
    refuse_change,
)
from yiyuan.apps.ledger.changes import MAY_CHANGE
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.budget_words import BudgetLine, owner_names
from yiyuan.interfaces.desk.pages.payments import VIEWERS
from yiyuan.interfaces.desk.pages.premium_acts import YuanField
from yiyuan.interfaces.desk.second_person import decide_change, told
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan

KINDS = {GIVEN: gettext_lazy("下达"), EXTRA: gettext_lazy("超预算追加")}
STATES = {
    "proposed": (gettext_lazy("等第二个人同意"), "mid"),
    "agreed": (gettext_lazy("已同意"), "done"),
    "refused": (gettext_lazy("没有同意"), "stop"),
}


class ChangeForm(forms.Form):
    """A change of a budget: of which year and county, which kind, how much, on which paper."""

    use_required_attribute = False
    programme_from = forms.ChoiceField(label=gettext_lazy("哪一年度"))
    county_code = forms.ChoiceField(label=gettext_lazy("给谁"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("哪一种"),
        choices=list(KINDS.items()),
        help_text=gettext_lazy("追加是依法超出预算；两种都要另一个人同意才算数"),
    )
    amount_fen = YuanField(
        label=gettext_lazy("金额（元）"),
        help_text=gettext_lazy("减少下达的写负数，例如 -5000"),
        max_length=20,
    )
    reason = forms.CharField(
        label=gettext_lazy("依据"),
        help_text=gettext_lazy("文号，或为什么必须超出"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name, choices in (
            ("programme_from", [(terms.version, terms.version) for terms in reversed(list_terms())]),
            ("county_code", list(owner_names().items())),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean(self) -> dict[str, object]:
        """Refuse a sum that says nothing, and an override that takes away."""
        cleaned = super().clean() or {}
        amount_fen = cleaned.get("amount_fen")
        if amount_fen == 0 or (amount_fen is not None and amount_fen < 0 and cleaned.get("kind") == EXTRA):
            self.add_error("amount_fen", _("追加应大于 0，下达不能是 0"))
        return cleaned


@allow(*VIEWERS, *MAY_CHANGE)
@require_safe
def show_budgets(request: HttpRequest) -> HttpResponse:
    """Show the budgets, what waits for a second person, and what was decided."""
    return _page(request, ChangeForm())


def _page(request: HttpRequest, form: ChangeForm, status: int = 200) -> HttpResponse:
    scope, actor, names = scope_of(request), actor_of(request), owner_names()
    lines = [
        BudgetLine(names.get(one.county_code, one.county_code), one) for one in list_budgets(scope=scope)
    ]
    may = bool(actor.roles.intersection(MAY_CHANGE)) and actor.scope.is_city
    least = min((line.budget.left_fen for line in lines), default=None)
    context = {
        "title": _("还没有下达预算")
        if least is None
        else _("最紧的一份预算还剩 %(left)s 元") % {"left": yuan(least)},
        "lines": lines,
        "columns": [
            {"label": _("预算")},
            *(
                {"label": label, "right": True}
                for label in (_("下达"), _("追加"), _("占用"), _("已付"), _("还剩"))
            ),
        ],
        "waiting": _changes(list_changes(is_open=True, scope=scope), names, actor.id, may=may),
        "decided": _changes(list_changes(is_open=False, scope=scope), names, actor.id, may=False),
        "form": form if may else None,
        "key": new_key(),
        "crumbs": crumbs_to(actor.roles, _("预算")),
    }
    return render(request, "desk/budgets.html", context, status=status)


def crumbs_to(roles: Collection[Role], title: str) -> Sequence[dict[str, str]]:
    """Return the way to a page that the payment side and the contract's officers share."""
    # The policyholder and finance come from the file of the contract: the money page is not theirs.
    sees_payments = bool(set(VIEWERS).intersection(roles))
    above = (_("资金"), "desk:payments") if sees_payments else (_("承保"), "desk:premium")
    return [{"label": above[0], "url": reverse(above[1])}, {"label": title}]


def _changes(
    found: Sequence[Any], names: dict[str, str], actor_id: str, *, may: bool
) -> Sequence[dict[str, object]]:
    return [
        {
            "change": one,
            "whose": names.get(one.county_code, one.county_code),
            "kind": KINDS[one.kind],
            "word": STATES[one.state],
            "may_agree": may and one.proposed_by != actor_id,
            "may_refuse": may,
            "key": new_key(),
        }
        for one in found
    ]


@allow(*MAY_CHANGE)
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a change of a budget."""
    form, key = ChangeForm(request.POST), request_key(request)
    if not form.is_valid():
        return _page(request, form, 422)
    words = form.cleaned_data
    act = partial(
        propose_change,
        programme_from=date.fromisoformat(words["programme_from"]),
        county_code=words["county_code"],
        kind=words["kind"],
        amount_fen=words["amount_fen"],
        reason=words["reason"],
        actor=actor_of(request),
        occurred_at=clock.now(),
        request_key=key,
    )
    return told(request, act, done=_("已提议，等另一个人同意"), back="desk:budgets")


@allow(*MAY_CHANGE)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a proposed change as the second person."""
    return decide_change(request, agree_change, pk, done=_("已同意，现在起算数"), back="desk:budgets")


@allow(*MAY_CHANGE)
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a proposed change."""
    return decide_change(request, refuse_change, pk, done=_("已记下不同意，预算没有变"), back="desk:budgets")


routes: list[URLPattern] = [
    path("payments/budgets/", show_budgets, name="budgets"),
    path("payments/budgets/propose/", propose, name="budget_propose"),
    path("payments/budgets/<int:pk>/agree/", agree, name="budget_agree"),
    path("payments/budgets/<int:pk>/refuse/", refuse, name="budget_refuse"),
]
