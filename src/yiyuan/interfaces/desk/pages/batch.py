"""The page of one payment batch (支付批次): who built and who may release it, its orders, its bank files.

In: requests of the payment side. Out: the page, the bank's file, or a redirect after an act.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.claims.checking import get_call_back, list_concerns, record_check
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.releasing import (
    list_questioned,
    release_payments,
    take_out_questioned,
    take_out_unchecked,
)
from yiyuan.apps.payments.errors import PaymentRefusal
from yiyuan.apps.payments.queries import get_batch, list_orders, sum_batch_states
from yiyuan.apps.payments.services import hand_out_file, void_batch
from yiyuan.apps.payments.states import BatchState
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.agreements import find_agreement
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import asked, new_key
from yiyuan.interfaces.desk.labels import REFUSALS, refusal_text
from yiyuan.interfaces.desk.late_words import insurer_of
from yiyuan.interfaces.desk.pages.payments import VIEWERS
from yiyuan.interfaces.desk.payment_labels import CHECKS, batch_state, order_state
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, yuan
from yiyuan.interfaces.jobs.delivery import ask_for_delivery
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

PAGE = 200
# One batch on one sheet, for printing; a larger one is printed from its bank file.
WHOLE = 5000
NAMED = 20  # claims in question that are named before the rest is only counted
CONTENT_TYPES = {
    "csv": "text/csv",
    "txt": "text/plain",
    "xml": "application/xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@allow(*VIEWERS)
@require_safe
def show_batch(request: HttpRequest, number: int) -> HttpResponse:
    """Show one batch."""
    try:
        batch = get_batch(number, scope=scope_of(request))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    is_whole = "all" in request.GET
    limit = WHOLE if is_whole else PAGE
    orders = list_orders(number, after="" if is_whole else asked(request, "after", 30), limit=limit + 1)
    actor, questioned = actor_of(request), list_questioned(number)
    concerns = list_concerns(number, batch.contract_from) if batch.state == BatchState.RESERVED else ()
    context = {
        "batch": batch,
        "title": _title(batch.number, batch.state, batch.order_count, batch.total_fen),
        "word": batch_state(batch.state),
        "counts": _counts(number),
        "columns": _columns(),
        "files": sorted(batch.files.items()),
        "orders": [(order, *order_state(order.state)) for order in orders[:limit]],
        "next": orders[limit - 1].order_no if len(orders) > limit else "",
        "is_whole": is_whole,
        "is_payer": Role.PAYER in actor.roles,
        "is_builder": actor.id == batch.built_by,
        "release_words": _("放行 %(count)s 笔、%(sum)s 元")
        % {"count": count(batch.order_count), "sum": yuan(batch.total_fen)},
        "void_words": _("撤回第 %(number)d 批") % {"number": batch.number},
        "questioned": questioned[:NAMED],
        "questioned_count": len(questioned),
        "take_out_words": _("取出 %(count)s 件有疑问的") % {"count": count(len(questioned))},
        "take_out_key": new_key(),
        "concerns": [(one, CHECKS[one.kind], new_key()) for one in concerns[:NAMED]],
        "concern_count": len(concerns),
        "call_back": get_call_back(batch.contract_from),
        "unchecked_key": new_key(),
        "is_free": not questioned and not concerns,
        "release_key": new_key(),
        "void_key": new_key(),
        "contract": _contract(batch.contract_from, scope_of(request)),
        "crumbs": _crumbs(batch.number),
    }
    return render(request, "desk/batch.html", context)


@allow(Role.PAYER)
@require_POST
def release(request: HttpRequest, number: int) -> HttpResponse:
    """Release a batch to the bank as the second person, who is asked for the password again."""
    if not request.user.check_password(request.POST.get("password", "")):
        messages.error(request, _("密码不对，没有放行；请再输一遍您自己的密码"))
        return redirect("desk:batch", number=number)
    done = _act(request, release_payments, number=number)
    if done:
        ask_for_delivery()
        messages.success(request, _("第 %(number)d 批已放行，请下载文件交给银行") % {"number": number})
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_POST
def take_out(request: HttpRequest, number: int) -> HttpResponse:
    """Take the claims with an open question out of a batch, so that the rest can go."""
    if _act(request, take_out_questioned, number=number):
        messages.success(request, _("有疑问的已取出，疑问答复为维持后可以重新装批"))
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_POST
def check(request: HttpRequest, number: int) -> HttpResponse:
    """Note what was found about one order before it goes out."""
    words = {name: request.POST.get(name, "") for name in ("order_no", "kind", "note")}
    if words["kind"] not in CHECKS:
        raise Http404
    if _act(request, record_check, number=number, **words):
        messages.success(request, _("已记下核对的结果"))
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_POST
def take_unchecked(request: HttpRequest, number: int) -> HttpResponse:
    """Take the orders about which a note is missing out of a batch, so that the rest can go."""
    if _act(request, take_out_unchecked, number=number):
        messages.success(request, _("没有核对清楚的已取出，其余的照付"))
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_POST
def void(request: HttpRequest, number: int) -> HttpResponse:
    """Take back a batch that was not released, with the reason."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, str(REFUSALS["reason_missing"]))
    elif _act(request, void_batch, number=number, reason=reason):
        messages.success(request, _("第 %(number)d 批已撤回，里面的赔案可以重新装批") % {"number": number})
    return redirect("desk:batch", number=number)


@allow(Role.PAYER)
@require_safe
def download(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """Return the bank's file of a released batch."""
    if form not in CONTENT_TYPES:
        raise Http404
    try:
        content = hand_out_file(
            number=number,
            form=form,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=new_key(),
        )
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except PaymentRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:batch", number=number)
    response = HttpResponse(content, content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="yiyuan-batch-{number:04d}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _act(request: HttpRequest, service: Callable[..., object], **facts: Any) -> bool:
    try:
        service(actor=actor_of(request), occurred_at=clock.now(), request_key=request_key(request), **facts)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except (PaymentRefusal, ClaimRefusal) as refusal:
        messages.error(request, refusal_text(refusal))
        return False
    return True


def _title(number: int, state: str, orders: int, total_fen: int) -> str:
    values = {"number": number, "count": count(orders), "sum": yuan(total_fen)}
    if state == BatchState.RESERVED:
        return _("第 %(number)d 批：%(count)s 笔、%(sum)s 元，等第二个人放行") % values
    if state == BatchState.SENT:
        return _("第 %(number)d 批：%(count)s 笔、%(sum)s 元，已送银行") % values
    return _("第 %(number)d 批：已撤回，没有付款") % values


def _contract(contract_from: date | None, scope: Scope) -> str:
    """Return whose contract pays the batch, an empty text where it was not kept."""
    if contract_from is None:
        return ""
    if found := find_agreement(contract_from, scope=scope):
        insurers = "、".join(one.name for one in found.insurers.all())
        return _("按协议 %(number)s 付，承保：%(insurer)s") % {"number": found.number, "insurer": insurers}
    insurer = insurer_of(get_terms(contract_from))
    if not insurer:
        return _("按 %(year)d 年度的合同付") % {"year": contract_from.year}
    return _("按 %(year)d 年度的合同付，承保：%(insurer)s") % {"year": contract_from.year, "insurer": insurer}


def _counts(number: int) -> Sequence[tuple[str, str, int]]:
    return [(*order_state(state), n) for state, n in sum_batch_states(number).items() if n]


def _columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("指令号")},
        {"label": _("户名")},
        {"label": _("账户")},
        {"label": _("案号")},
        {"label": _("状态")},
        {"label": _("金额（元）"), "right": True},
    ]


def _crumbs(number: int) -> Sequence[dict[str, str]]:
    return [
        {"label": _("资金"), "url": reverse("desk:payments")},
        {"label": _("第 %(number)d 批") % {"number": number}},
    ]


routes: list[URLPattern] = [
    path("payments/<int:number>/", show_batch, name="batch"),
    path("payments/<int:number>/release/", release, name="batch_release"),
    path("payments/<int:number>/take-out/", take_out, name="batch_take_out"),
    path("payments/<int:number>/check/", check, name="batch_check"),
    path("payments/<int:number>/take-unchecked/", take_unchecked, name="batch_take_unchecked"),
    path("payments/<int:number>/void/", void, name="batch_void"),
    path("payments/<int:number>/bank-file.<str:form>", download, name="batch_file"),
]
