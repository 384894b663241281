"""One proposal (拟赔): the reasons before anybody confirms; confirm, with proof where needed, or decline."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yiyuan.apps.adjudication.services import preview_settlement
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.queries import get_number_of_proposal
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.registry.paper import list_paper_bills
from yiyuan.apps.registry.queries import get_division_names, get_people, list_accounts, list_statuses
from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.apps.screening.queries import get_proposal
from yiyuan.apps.screening.services import decline_proposal
from yiyuan.apps.screening.telling import list_tellings
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import fact_labels, why
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import reason_word, refusal_text
from yiyuan.interfaces.desk.late_words import lateness
from yiyuan.kernel.actor import Role

NEEDS_PROOF = "needs_proof"


class ProofForm(forms.Form):
    """Which proof a person has seen, where the diagnosis code alone cannot tell."""

    note = forms.CharField(
        label=gettext_lazy("看过什么证明"),
        help_text=gettext_lazy("写明是哪家医院哪天出的什么报告"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写明看过什么证明，光看编码判不了")},
    )


class DeclineForm(forms.Form):
    """Why a proposal is not to be paid."""

    reason = forms.CharField(
        label=gettext_lazy("为什么不应赔"),
        help_text=gettext_lazy("要告诉当事人，写得让人看得懂"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写明理由，要告诉当事人")},
    )


@allow(*STAFF)
@require_GET
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why this person should be paid, or which fact is missing, before anybody decides."""
    return _show(request, pk)


@allow(Role.DESK_AGENT)
@require_POST
def proposal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the proposal and open its claim, or decline it with a reason."""
    if request.POST.get("decision") == "decline":
        return _decline(request, pk)
    return _confirm(request, pk)


def _confirm(request: HttpRequest, pk: int) -> HttpResponse:
    key, note = request_key(request), ""
    if "note" in request.POST:
        form = ProofForm(request.POST)
        if not form.is_valid():
            return _show(request, pk, proof=form, status=422)
        note = form.cleaned_data["note"]
    try:
        claim = open_from_proposal(
            proposal_id=pk, actor=actor_of(request), occurred_at=clock.now(), request_key=key, proof_note=note
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return HttpResponseRedirect(reverse("desk:proposal", args=[pk]))
    messages.success(request, _("已立案 %(number)s") % {"number": claim.number})
    return HttpResponseRedirect(reverse("desk:claim", args=[claim.number]))


def _decline(request: HttpRequest, pk: int) -> HttpResponse:
    key, form = request_key(request), DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, decline=form, status=422)
    try:
        decline_proposal(
            proposal_id=pk,
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ScreeningRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已决定不赔，理由已记下"))
    return HttpResponseRedirect(reverse("desk:proposal", args=[pk]))


def _show(
    request: HttpRequest,
    pk: int,
    *,
    proof: ProofForm | None = None,
    decline: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        found = get_proposal(pk, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    terms, facts, decision = preview_settlement(found.setl_id)
    needs_proof = decision.reason == NEEDS_PROOF
    if needs_proof:
        terms, facts, decision = preview_settlement(found.setl_id, proof_seen=True)
    case = why.case_of_preview(
        terms, facts, decision, list_statuses(found.person_id), awaits_proof=needs_proof
    )
    person, names = get_people([found.person_id])[found.person_id], get_division_names([found.county_code])
    accounts = list_accounts(found.person_id)
    is_open, may_decide = found.state == found.OPEN, Role.DESK_AGENT in actor_of(request).roles
    context = {
        "crumbs": [
            {"label": _("筛查"), "url": reverse("desk:screening")},
            *_run_crumb(found.run.number if found.run else None),
            {"label": person.name},
        ],
        "late": lateness(terms, facts.admitted_on, clock.today()),
        "tellings": list_tellings(pk),
        "paper": list_paper_bills([found.setl_id]).get(found.setl_id),
        "may_appeal": Role.APPROVER in actor_of(request).roles,
        "proposal": found,
        "person": person,
        "age": person.age_on(clock.today()),
        "county": names.get(found.county_code, ""),
        "group": fact_labels.group_name(terms, case.group),
        "disease": fact_labels.disease_name(terms, case.disease),
        "case": case,
        "why": why.explain(case),
        "needs_proof": needs_proof,
        "is_entitled": case.outcome == "entitled",
        "reason": reason_word(case.reason),
        "missing": fact_labels.missing_fact(case.missing) if case.missing else None,
        "account": accounts[0] if accounts else None,
        "is_open": is_open,
        "may_decide": is_open and may_decide,
        "proof": proof or ProofForm(),
        "decline": decline or DeclineForm(),
        "wrong": proof or decline,
        "is_confirmed": found.state == found.CONFIRMED,
        "claim_number": get_number_of_proposal(pk),
        "request_key": new_key(),
        "keys": [{"key": "a", "label": _("确认并立案")}]
        if is_open and may_decide and case.outcome == "entitled"
        else [],
    }
    return render(request, "desk/proposal.html", context, status=status)


def _run_crumb(number: int | None) -> list[dict[str, str]]:
    if number is None:
        return []
    return [{"label": _("第 %(number)d 次") % {"number": number}, "url": reverse("desk:run", args=[number])}]


routes: list[URLPattern] = [
    path("proposals/<int:pk>/", proposal, name="proposal"),
    path("proposals/<int:pk>/decide/", proposal_decide, name="proposal_decide"),
]
