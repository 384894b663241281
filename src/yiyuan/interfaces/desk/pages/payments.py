"""The money page (资金): what can be paid, where the paid sums are, the batches and the bank's answers.

In: requests of the payment side. Out: pages, or a redirect after an act; every act is one domain call.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.claims.envelope import get_last_check
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.payable import count_payable, list_held_claims
from yiyuan.apps.claims.returned import ReturnedFilter, sum_returned
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.payments.bank_profiles import GENERAL, list_bank_profiles
from yiyuan.apps.payments.errors import PaymentRefusal
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import list_batches, list_return_files, sum_orders
from yiyuan.apps.payments.states import OrderState
from yiyuan.apps.payments.suspense import sum_suspense
from yiyuan.apps.registry.queries import get_people
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import batch_address, claim_address, new_key, with_query
from yiyuan.interfaces.desk.budget_words import city_lines
from yiyuan.interfaces.desk.labels import kept_words, refusal_text
from yiyuan.interfaces.desk.pages.recoveries import recovery_rows
from yiyuan.interfaces.desk.payment_labels import batch_state
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, yuan
from yiyuan.interfaces.jobs.delivery import ask_for_delivery
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

VIEWERS = (
    Role.DESK_AGENT,
    Role.ASSESSOR,
    Role.APPROVER,
    Role.PAYER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
# A day's work at a glance; whoever looks for an older one asks for more.
LINES, LINES_MORE = 20, 50
# A bank answers some thousand orders at a time; a larger file is something else.
RETURN_BYTES_MAX = 20 * 1024 * 1024


class ReturnForm(forms.Form):
    """The upload of the bank's return file."""

    content = forms.FileField(
        label=gettext_lazy("银行回单文件"),
        help_text=gettext_lazy(
            "通用格式是 CSV，表头有 指令号、结果、日期、金额；UTF-8 或 GB18030 都可以。"
            "同一份传两次只入账一次。"
        ),
        error_messages={
            "required": gettext_lazy("请选择银行发回的文件"),
            "empty": gettext_lazy("这个文件是空的；应有表头和至少一行"),
        },
    )

    def clean_content(self) -> "UploadedFile[Any]":
        """Return the file where it is small enough to be an answer."""
        file: UploadedFile[Any] = self.cleaned_data["content"]
        if (file.size or 0) > RETURN_BYTES_MAX:
            raise ValidationError(_("文件太大：回单最多 20 MB"))
        return file


@allow(*VIEWERS)
@require_safe
def show_payments(request: HttpRequest) -> HttpResponse:
    """Show the money page."""
    return _page(request, ReturnForm())


@allow(Role.PAYER)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Put everything that can be paid into a new batch and go to it."""
    try:
        number = order_payments(
            numbers=None,
            bank_profile=_profile(request),
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except (ClaimRefusal, PaymentRefusal) as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:payments")
    messages.success(request, _("已装入第 %(number)d 批，等另一位支付专员放行") % {"number": number})
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_POST
def post_returns(request: HttpRequest) -> HttpResponse:
    """Post the bank's answers; a refused file is said beside the field, and nothing of it was posted."""
    form, key = ReturnForm(request.POST, request.FILES), request_key(request)
    if not form.is_valid():
        return _page(request, form)
    upload, now = form.cleaned_data["content"], clock.now()
    try:
        file = record_returns(
            name=upload.name,
            content=upload.read(),
            bank_profile=_profile(request),
            actor=actor_of(request),
            occurred_at=now,
            request_key=key,
        )
    except PaymentRefusal as refusal:
        form.add_error("content", refusal_text(refusal))
        return _page(request, form)
    ask_for_delivery()
    if file.received_at == now:
        messages.success(request, _answer_words(file.counts))
    else:
        messages.warning(
            request, _("这份回单早就收过，没有再入账。%(counts)s") % {"counts": _answer_words(file.counts)}
        )
    return redirect(f"{reverse('desk:payments')}#return-{file.pk}")


def _sums_words(sums: Mapping[str, int] | None) -> str:
    if not sums:
        return ""
    return _(
        "文件合计 %(all)s 元 = 入账 %(matched)s + 早已入账 %(known)s + 待查 %(hanging)s + 拒收 %(refused)s"
    ) % {
        "all": yuan(sums.get("file")),
        "matched": yuan(sums.get("matched")),
        "known": yuan(sums.get("known")),
        "hanging": yuan(sums.get("suspended")),
        "refused": yuan(sums.get("refused")),
    }


def _profile(request: HttpRequest) -> str:
    return request.POST.get("bank_profile") or GENERAL


def _answer_words(counts: dict[str, int]) -> str:
    return _("到账 %(paid)s 笔，退回 %(returned)s 笔，早已入账 %(known)s 笔，没有对上 %(hanging)s 笔") % {
        **{name: count(counts.get(name, 0)) for name in ("paid", "returned", "known")},
        "hanging": count(counts.get("unmatched", 0) + counts.get("contradicting", 0)),
    }


def _page(request: HttpRequest, form: ReturnForm) -> HttpResponse:
    scope = scope_of(request)
    ready, ready_fen = count_payable(scope=scope)
    is_payer = Role.PAYER in actor_of(request).roles
    lines = LINES_MORE if "more" in request.GET else LINES
    recoveries, batches = recovery_rows(request, limit=lines), _batch_rows(scope, lines)
    held, files = _held_rows(scope, lines), _file_rows(scope, lines)
    context = {
        "title": _title(ready, ready_fen),
        "ready": ready,
        "ready_fen": ready_fen,
        "build_words": _("把 %(count)s 件、合计 %(sum)s 元装入新的一批")
        % {"count": count(ready), "sum": yuan(ready_fen)},
        "build_key": new_key(),
        "return_key": new_key(),
        "is_payer": is_payer,
        "form": form,
        "envelope": _envelope(scope, ready, ready_fen),
        "check": _check(scope),
        "recoveries": recoveries,
        "batches": batches,
        "batch_columns": _batch_columns(),
        "held": held,
        "suspense": sum_suspense(scope=scope),
        "returned": sum_returned(ReturnedFilter(), scope=scope),
        "budgets": city_lines(),
        "profiles": list_bank_profiles(),
        "files": files,
        "more_url": with_query(request, more=1)
        if lines == LINES and max(map(len, (recoveries, batches, held, files))) == LINES
        else "",
    }
    return render(request, "desk/payments.html", context, status=422 if form.errors else 200)


def _title(ready: int, ready_fen: int) -> str:
    if not ready:
        return _("可以付的都装批了")
    return _("有 %(count)s 件、%(sum)s 元可以付") % {"count": count(ready), "sum": yuan(ready_fen)}


def _envelope(scope: Scope, ready: int, ready_fen: int) -> Sequence[dict[str, object]]:
    sums = sum_orders(scope=scope)
    sent_states = (OrderState.PAID, OrderState.RETURNED, OrderState.SENT)
    sent = tuple(sum(sums[state][place] for state in sent_states) for place in (0, 1))
    return [
        {"label": _("已复核、可以付"), "count": ready, "fen": ready_fen},
        {
            "label": _("已组批、未放行"),
            "count": sums[OrderState.RESERVED][0],
            "fen": sums[OrderState.RESERVED][1],
        },
        {"label": _("已送银行"), "count": sent[0], "fen": sent[1], "kind": "total"},
        {"label": _("其中 在途"), "count": sums[OrderState.SENT][0], "fen": sums[OrderState.SENT][1]},
        {"label": _("其中 已到账"), "count": sums[OrderState.PAID][0], "fen": sums[OrderState.PAID][1]},
        {
            "label": _("其中 已退回"),
            "count": sums[OrderState.RETURNED][0],
            "fen": sums[OrderState.RETURNED][1],
        },
    ]


def _check(scope: Scope) -> dict[str, object] | None:
    """Return the last comparison of ledger and records; it is about the whole city."""
    check = get_last_check() if scope.is_city else None
    if check is None:
        return None
    rows = [
        (_("已复核"), check.ledger.approved_fen, check.records.approved_fen),
        (_("还没送出"), check.ledger.held_fen, check.records.held_fen),
        (_("已送银行"), check.ledger.sent_fen, check.records.sent_fen),
        (_("其中 已到账"), check.ledger.paid_fen, check.records.paid_fen),
        (_("其中 已退回"), check.ledger.returned_fen, check.records.returned_fen),
        (_("其中 在途"), check.ledger.in_flight_fen, check.records.in_flight_fen),
    ]
    return {"at": check.checked_at, "is_whole": check.is_whole, "rows": rows}


def _batch_columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("批次")},
        {"label": _("状态")},
        {"label": _("笔数"), "right": True},
        {"label": _("合计（元）"), "right": True},
        {"label": _("组批")},
        {"label": _("放行")},
        {"label": _("下一步")},
    ]


def _file_rows(scope: Scope, limit: int) -> Sequence[tuple[object, str, str]]:
    files = list_return_files(scope=scope, limit=limit)
    return [(file, _answer_words(file.counts), _sums_words(file.sums)) for file in files]


def _batch_rows(scope: Scope, limit: int) -> Sequence[dict[str, object]]:
    return [
        {
            "batch": batch,
            "name": _("第 %(number)s 批") % {"number": batch.number},
            "url": batch_address(batch.number),
            "word": batch_state(batch.state),
        }
        for batch in list_batches(scope=scope, limit=limit)
    ]


def _held_rows(scope: Scope, limit: int) -> Sequence[dict[str, object]]:
    claims = list_held_claims(scope=scope, limit=limit)
    people = get_people(claim.person_id for claim in claims)
    return [
        {
            "number": claim.number,
            "url": claim_address(claim.number),
            "person": people[claim.person_id],
            "fen": claim.benefit_fen,
            "why": kept_words(claim.payment_note)
            or (_("户名不是本人，先不付；点开看怎么办") if claim.account_id else _("没有收款账户")),
        }
        for claim in claims
    ]


routes: list[URLPattern] = [
    path("payments/", show_payments, name="payments"),
    path("payments/build/", build, name="payments_build"),
    path("payments/returns/", post_returns, name="returns"),
]
