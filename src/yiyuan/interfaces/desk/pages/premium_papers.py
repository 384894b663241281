"""Papers about the premium, to be printed (保费通知书、拨付令、收据): each with the sum in capital numerals.

In: the number of a paper. Out: the page that is printed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.registry.queries import get_division_names
from yiyuan.apps.underwriting.queries import get_appropriation, get_bill, get_receipt, list_dues_of
from yiyuan.interfaces.desk.access import allow, scope_of
from yiyuan.interfaces.desk.file_page import READERS
from yiyuan.kernel.capital_amount import capital_amount
from yiyuan.kernel.money import yuan

Rows = Sequence[Mapping[str, object]]


def _find(get: Callable[..., Any], number: str, request: HttpRequest) -> Any:
    try:
        return get(number, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404(number) from missing


def _print(
    request: HttpRequest, found: Any, title: str, to: str, words: str, rows: Rows, fen: int, **end: object
) -> HttpResponse:
    county = get_division_names([found.county_code]).get(found.county_code, found.county_code)
    crumbs = [{"label": _("保费"), "url": reverse("desk:premium")}]
    if found.county_code:
        crumbs.append({"label": county, "url": reverse("desk:premium_county", args=[found.county_code])})
    context = {
        "title": title, "number": found.number, "to": to, "words": words, "rows": rows, "fen": fen,
        "capital": capital_amount(fen), "crumbs": [*crumbs, {"label": found.number}], **end,
    }  # fmt: skip
    return render(request, "desk/money_paper.html", context)


@allow(*READERS)
@require_safe
def bill_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Show a premium notice."""
    bill = _find(get_bill, number, request)
    rows = [{"term": f"{name} · {clause}", "text": yuan(fen)} for _name, name, fen, clause in bill.parts]
    rows += [
        {"term": f"{due.payer_name} {due.due_on}", "text": yuan(due.amount_fen)} for due in list_dues_of(bill)
    ]
    if bill.head_count:
        rows.insert(0, {"term": _("核定人数"), "text": f"{bill.head_count.persons:,}"})
    words = _("本年度保费按核定人数和方案的标准计算，请按下列日期拨付。")
    if bill.corrects:
        words = _("本通知更正 %(number)s，原通知不再执行；增减 %(change)s 元。") % {
            "number": bill.corrects.number, "change": yuan(bill.change_fen),
        }  # fmt: skip
    to = get_division_names([bill.county_code]).get(bill.county_code, _("全方案"))
    end = {"signed_by": bill.drawn_by_name, "on": localtime(bill.drawn_at).date()}
    return _print(request, bill, _("保费通知书"), to, words, rows, bill.total_fen, **end)


@allow(*READERS)
@require_safe
def order_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Show an order to pay."""
    order = _find(get_appropriation, number, request)
    due = order.due
    rows = [
        {"term": _("依据"), "text": f"{due.bill.number} · {due.clause}"},
        {"term": _("应拨日"), "text": due.due_on},
    ]
    end = {"signed_by": order.issued_by_name, "on": order.issued_on}
    words = _("请在应拨日前把下列保费拨付到项目资金账户。")
    return _print(request, order, _("保费拨付令"), due.payer_name, words, rows, order.amount_fen, **end)


@allow(*READERS)
@require_safe
def receipt_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Show a receipt, or the paper of a refund."""
    receipt = _find(get_receipt, number, request)
    rows = [
        {"term": _("到账日"), "text": receipt.moved_on},
        {"term": _("银行流水号"), "text": receipt.bank_reference},
    ]
    came = receipt.kind == receipt.RECEIVED
    title = _("保费收据") if came else _("保费退还单")
    words = _("今收到下列保费。") if came else _("多收的保费已退还。")
    end = {"signed_by": receipt.recorded_by_name, "on": localtime(receipt.recorded_at).date()}
    return _print(request, receipt, title, receipt.payer_name, words, rows, receipt.amount_fen, **end)


routes: list[URLPattern] = [
    path("underwriting/bills/<str:number>/", bill_paper, name="bill_paper"),
    path("underwriting/orders/<str:number>/", order_paper, name="order_paper"),
    path("underwriting/receipts/<str:number>/", receipt_paper, name="receipt_paper"),
]
