"""What the desk takes back or accounts for beside a claim's moves (撤销确认、由他人代领).

In: a claim and a reason. Out: a redirect to where the next step is: the proposal, or the claim again.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.holders import get_consent, is_held_for_holder, record_consent
from yiyuan.apps.claims.queries import ClaimPage
from yiyuan.apps.claims.undoing import role_to_undo, undo_confirmation
from yiyuan.apps.registry.paper import list_paper_bills
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.late_words import insurer_of, lateness
from yiyuan.kernel.actor import Role
from yiyuan.rules.terms import SchemeVersion

T = TypeVar("T")

ADULT_YEARS = 18
LIVING = ("reserved", "sent", "paid")


@allow(Role.DESK_AGENT, Role.APPROVER)
@require_POST
def claim_undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take a confirmation back and lead to the proposal, which stands open again."""
    claim = _said(request, number, undo_confirmation)
    if claim is None:
        return HttpResponseRedirect(reverse("desk:claim", args=[number]))
    messages.success(request, _("已撤销确认，%(number)s 留作历史，拟赔重新等人决定") % {"number": number})
    return HttpResponseRedirect(reverse("desk:proposal", args=[claim.proposal_id]))


@allow(Role.DESK_AGENT)
@require_POST
def claim_holder(request: HttpRequest, number: str) -> HttpResponse:
    """Record why the money may go to an account in another's name."""
    if _said(request, number, record_consent) is not None:
        messages.success(request, _("已记下，付款可以打到这个账户"))
    return HttpResponseRedirect(reverse("desk:claim", args=[number]))


def turns_of(page: ClaimPage, roles: frozenset[Role], terms: SchemeVersion) -> dict[str, object]:
    """Return what a claim's page says of undoing it, of whose account pays whom, of paper and lateness."""
    admitted = page.decision.facts.get("admitted_on")
    admitted_on = date.fromisoformat(str(admitted)) if admitted else None
    age = page.person.age_on(page.opened_at.date())
    # A reported accident has no proposal to go back to: its claim is withdrawn.
    role = role_to_undo(page.state) if page.proposal_id is not None else None
    return {
        "may_undo": role in roles and not any(order.state in LIVING for order in page.orders),
        "undo_key": new_key(),
        "is_held": is_held_for_holder(page.number),
        "consent": get_consent(page.number, page.account.id) if page.account else None,
        "holder_key": new_key(),
        "is_minor": age is not None and age < ADULT_YEARS,
        "late": lateness(terms, admitted_on, localtime(page.opened_at).date()),
        "insurer": insurer_of(terms),
        "contract_year": terms.valid.from_on.year,
        "paper": list_paper_bills([page.setl_id]).get(page.setl_id),
    }


def _said(request: HttpRequest, number: str, service: Callable[..., T]) -> T | None:
    """Return what the service did, None where it refused, having said why."""
    try:
        return service(
            number=number,
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return None


routes: list[URLPattern] = [
    path("claims/<str:number>/undo/", claim_undo, name="claim_undo"),
    path("claims/<str:number>/holder/", claim_holder, name="claim_holder"),
]
