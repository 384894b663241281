"""Closing and sealing (结账与封存): which months are open, where the chain stands, whether it holds.

In: requests of those who read the books; the city's finance officer closes and opens months. Out: the page,
or a redirect after an act.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.ledger.errors import LedgerRefusal
from yiyuan.apps.ledger.periods import Period, close_period, get_period, list_period_moves, reopen_period
from yiyuan.apps.ledger.sealing import get_stand, list_anchors
from yiyuan.apps.ledger.verifying import get_last_verification
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.ledger_words import finding_words
from yiyuan.interfaces.desk.pages.ledger import VIEWERS
from yiyuan.kernel.actor import Role

MONTHS = 12


@allow(*VIEWERS)
@require_safe
def show_chain(request: HttpRequest) -> HttpResponse:
    """Show which months are closed, how the last verification ended, and the anchors."""
    period, verified = get_period(), get_last_verification()
    actor = actor_of(request)
    may_close = Role.FINANCE in actor.roles and actor.scope.is_city
    context = {
        "title": _title(period),
        "period": period,
        "moves": list_period_moves(),
        "may_close": may_close,
        "closable": _closable(period, clock.today()),
        "last_closed": _before(period.open_from) if period.open_from and period.is_closing else None,
        "may_reopen": may_close and period.is_closing and period.actor_id != actor.id,
        "close_key": new_key(),
        "reopen_key": new_key(),
        "stand": get_stand(),
        "anchors": list_anchors(),
        "verified": verified,
        "findings": [finding_words(one) for one in verified.findings] if verified else [],
    }
    return render(request, "desk/ledger_chain.html", context)


@allow(Role.FINANCE)
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close a month, with all before it."""

    def act(month: date) -> str:
        close_period(
            month=month, actor=actor_of(request), occurred_at=clock.now(), request_key=request_key(request)
        )
        return _("%(month)s 和以前的月份已结账，不再入账；更正记在开着的月份") % {"month": f"{month:%Y-%m}"}

    return _acted(request, act)


@allow(Role.FINANCE)
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Open the month closed last again."""

    def act(month: date) -> str:
        reopen_period(
            month=month,
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
        return _("%(month)s 已打开，可以入账；补完再结") % {"month": f"{month:%Y-%m}"}

    return _acted(request, act)


def _acted(request: HttpRequest, act: Callable[[date], str]) -> HttpResponse:
    try:
        month = parse_date(f"{request.POST.get('month', '')[:7]}-01")
    except ValueError:
        month = None
    if month is None:
        messages.error(request, _("请选择月份"))
        return redirect("desk:ledger_chain")
    try:
        messages.success(request, act(month))
    except LedgerRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("desk:ledger_chain")


def _title(period: Period) -> str:
    if period.open_from is None:
        return _("还没有结过账")
    return _("%(month)s 起可以入账，以前的月份已结账") % {"month": f"{period.open_from:%Y-%m}"}


def _closable(period: Period, today: date) -> Sequence[str]:
    """Return the months that are over and not closed, the newest first."""
    found: list[str] = []
    month = _before(today.replace(day=1))
    while len(found) < MONTHS and (period.open_from is None or month >= period.open_from):
        found.append(f"{month:%Y-%m}")
        month = _before(month)
    return found


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


routes: list[URLPattern] = [
    path("ledger/chain/", show_chain, name="ledger_chain"),
    path("ledger/chain/close/", close, name="ledger_close"),
    path("ledger/chain/reopen/", reopen, name="ledger_reopen"),
]
