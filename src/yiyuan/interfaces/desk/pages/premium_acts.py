"""What a finance officer does with a county's premium (保费收缴): orders, receipts, refunds, reminders.

In: a county's page and its forms. Out: the forms this person may use; every act is one domain call.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yiyuan.apps.underwriting.balances import Balance
from yiyuan.apps.underwriting.collecting import (
    Movement,
    Payer,
    issue_appropriation,
    propose_refund,
    record_receipt,
    record_refund,
    record_reminder,
)
from yiyuan.apps.underwriting.queries import list_dues, list_open_refunds
from yiyuan.interfaces.desk.access import actor_of, allow, scope_of
from yiyuan.interfaces.desk.file_page import Act, DayField, act, programme_of, signed
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import read_yuan, yuan

Choices = Sequence[tuple[object, str]]


class YuanField(forms.CharField):
    """A sum in yuan, two places at most; gives fen, None where nothing has to be written and nothing is."""

    def clean(self, value: object) -> int | None:
        """Return the fen."""
        text = str(super().clean(value))
        try:
            return read_yuan(text) if text or self.required else None
        except ValueError as error:
            raise forms.ValidationError(gettext_lazy("金额应像 1249.80")) from error


class ChoiceForm(forms.Form):
    """A form whose first field chooses among what there is."""

    use_required_attribute = False
    chosen = forms.ChoiceField()

    def __init__(self, choices: Choices, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["chosen"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.label = self.word

    word: Any = gettext_lazy("付款方")


class OrderForm(ChoiceForm):
    """Which due an order is issued for."""

    word = gettext_lazy("哪一笔应拨")


class ReceiptForm(ChoiceForm):
    """What the bank's paper says."""

    amount_fen = YuanField(label=gettext_lazy("金额（元）"))
    moved_on = DayField(label=gettext_lazy("到账日"))
    bank_reference = forms.CharField(label=gettext_lazy("银行流水号"), max_length=60)


class RefundForm(ChoiceForm):
    """What is to go back, and why."""

    amount_fen = YuanField(label=gettext_lazy("金额（元）"))
    reason = forms.CharField(label=gettext_lazy("为什么退"), max_length=300)


class RefundedForm(ChoiceForm):
    """Which proposed refund has been paid, by what the bank's paper says."""

    word = gettext_lazy("哪一笔退还")
    moved_on = DayField(label=gettext_lazy("付出日"))
    bank_reference = forms.CharField(label=gettext_lazy("银行流水号"), max_length=60)


class ReminderForm(ChoiceForm):
    """How a payer was reminded, and until when it is to answer."""

    channel = forms.CharField(label=gettext_lazy("怎么催的"), max_length=100)
    answer_by_on = DayField(label=gettext_lazy("要求答复日"))


def finance_acts(request: HttpRequest, county: str, year: date, balances: Sequence[Balance]) -> Sequence[Act]:
    """Return the forms that a finance officer may use on a county's page now."""
    if Role.FINANCE not in actor_of(request).roles:
        return []
    scope, actor = scope_of(request), actor_of(request)
    dues = [
        (due.pk, f"{due.due_on} {due.payer_name} {yuan(due.amount_fen)}")
        for due in list_dues(county, year, scope=scope)
        if due.amount_fen > 0 and not hasattr(due, "appropriation")
    ]
    refunds = [
        (one.pk, f"{one.payer_name} {yuan(one.amount_fen)}")
        for one in list_open_refunds(county, year, scope=scope)
        if one.proposed_by != actor.id
    ]

    def payers(sum_of: Callable[[Balance], int]) -> Choices:
        found = [(one, sum_of(one)) for one in balances]
        return [(one.payer, f"{one.payer_name} {yuan(fen)}") for one, fen in found if fen]

    offered: list[tuple[str, str, type[ChoiceForm], Choices, str]] = [
        ("order", _("签发拨付令"), OrderForm, dues, _("签发")),
        ("receipt", _("登记到账"), ReceiptForm, payers(lambda one: one.open_fen), _("登记到账并出收据")),
        ("remind", _("登记催拨"), ReminderForm, payers(lambda one: one.late_fen), _("记下已催")),
        ("refund", _("提议退还"), RefundForm, payers(lambda one: one.over_fen), _("提议退还")),
        ("refunded", _("退还已付出"), RefundedForm, refunds, _("登记已退还")),
    ]
    hidden = [("programme_from", year)]
    return [
        Act(name, title, form(choices), reverse(f"desk:premium_{name}", args=[county]), button, hidden)
        for name, title, form, choices, button in offered
        if choices
    ]


def _act(
    request: HttpRequest,
    county: str,
    form: type[ChoiceForm],
    call: Callable[[str, dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    # Any choice passes here: the service knows what there is, under its lock.
    chosen = request.POST.get("chosen", "")[:30]
    year = programme_of(request).valid.from_on
    return act(
        request,
        form([(chosen, chosen)], request.POST),
        lambda said: call(said.pop("chosen"), said),
        done=done,
        back=f"{reverse('desk:premium_county', args=[county])}?from={year}",
    )


def _payer(request: HttpRequest, county: str, payer: str) -> Payer:
    return Payer(county, programme_of(request).valid.from_on, payer)


def _for_payer(
    request: HttpRequest, county: str, call: Callable[..., object]
) -> Callable[[str, dict[str, Any]], object]:
    """Return the call for whichever payer was chosen."""
    return lambda chosen, said: call(payer=_payer(request, county, chosen), **said, **signed(request))


def _pk(chosen: str) -> int:
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0


@allow(Role.FINANCE)
@require_POST
def premium_order(request: HttpRequest, number: str) -> HttpResponse:
    """Issue the order to pay a due."""
    return _act(
        request,
        number,
        OrderForm,
        lambda chosen, _said: issue_appropriation(due_id=_pk(chosen), **signed(request)),
        _("拨付令已签发"),
    )


@allow(Role.FINANCE)
@require_POST
def premium_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Record premium that has come."""
    return _act(
        request,
        number,
        ReceiptForm,
        lambda chosen, said: record_receipt(
            payer=_payer(request, number, chosen), moved=Movement(**said), **signed(request)
        ),
        _("已登记到账，收据可以打印"),
    )


@allow(Role.FINANCE)
@require_POST
def premium_remind(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a payer was reminded."""
    return _act(
        request,
        number,
        ReminderForm,
        _for_payer(request, number, record_reminder),
        _("已记下催拨"),
    )


@allow(Role.FINANCE)
@require_POST
def premium_refund(request: HttpRequest, number: str) -> HttpResponse:
    """Propose to pay back what has come too much."""
    return _act(
        request,
        number,
        RefundForm,
        _for_payer(request, number, propose_refund),
        _("已提议退还，等另一位财政专员付出"),
    )


@allow(Role.FINANCE)
@require_POST
def premium_refunded(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a proposed refund has been paid."""
    return _act(
        request,
        number,
        RefundedForm,
        lambda chosen, said: record_refund(refund_id=_pk(chosen), **said, **signed(request)),
        _("已登记退还"),
    )


routes: list[URLPattern] = [
    path("underwriting/county/<str:number>/order/", premium_order, name="premium_order"),
    path("underwriting/county/<str:number>/receipt/", premium_receipt, name="premium_receipt"),
    path("underwriting/county/<str:number>/remind/", premium_remind, name="premium_remind"),
    path("underwriting/county/<str:number>/refund/", premium_refund, name="premium_refund"),
    path("underwriting/county/<str:number>/refunded/", premium_refunded, name="premium_refunded"),
]
