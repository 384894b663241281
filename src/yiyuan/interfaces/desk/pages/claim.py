"""One claim (赔案): why this sum, who signs, until when, to which account; its moves and its account."""

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.heirs import get_heir
from yiyuan.apps.claims.holders import HEIR_ACCOUNT
from yiyuan.apps.claims.queries import OPEN_STATES, ClaimFilter, ClaimPage, find_next_claim, get_claim_page
from yiyuan.apps.claims.questions import list_questions
from yiyuan.apps.claims.services import set_account
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.deadlines.queries import list_clock_changes
from yiyuan.apps.registry.queries import PersonView
from yiyuan.apps.registry.services import NewAccount, record_account
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.queries import get_proposal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import accident_words, case_words, fact_labels, promise_words, queues, why
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.budget_words import lines_of_claim
from yiyuan.interfaces.desk.labels import kept_words, refusal_text, state_word, verb_word
from yiyuan.interfaces.desk.limit_words import lines_of_decision
from yiyuan.interfaces.desk.pages import imports, payments
from yiyuan.interfaces.desk.pages.recoveries import recovery_rows
from yiyuan.interfaces.desk.pages.undo import turns_of
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

ACCOUNT_LENGTHS = (8, 32)
BEFORE_PAYMENT = (State.REPORTED, State.LODGED, State.AWAITING_DOCUMENTS, State.ASSESSED, State.APPROVED)
HANDLERS = (Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER)
BANK_CARD = "bank_card"


HINTS = {
    Verb.RETURN_FOR_ASSESSMENT: gettext_lazy("写给初审的人：哪里要改"),
    Verb.REQUEST_DOCUMENTS: gettext_lazy("写明缺什么材料，要告诉当事人"),
}


class ReasonForm(forms.Form):
    """The reason that a refusal, a return or a suspension owes."""

    use_required_attribute = False
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("要告诉当事人，写得让人看得懂"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写明理由，要告诉当事人")},
    )

    def __init__(self, verb: str, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, prefix=verb)
        if verb in HINTS:
            self.fields["reason"].help_text = HINTS[Verb(verb)]


class AccountForm(forms.Form):
    """An account given at the desk; blanks and hyphens in the number are taken off."""

    use_required_attribute = False
    bank_name = forms.CharField(label=gettext_lazy("开户行"), max_length=100)
    account_no = forms.CharField(
        label=gettext_lazy("账号"),
        help_text=gettext_lazy("可以带空格，我们会去掉"),
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder_name = forms.CharField(label=gettext_lazy("户名"), max_length=80)
    is_guardian = forms.BooleanField(label=gettext_lazy("这是监护人的账户"), required=False)

    def __init__(self, person: PersonView, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial={"holder_name": person.name})
        self._person = person

    def clean_account_no(self) -> str:
        """Return the digits only."""
        number = "".join(str(self.cleaned_data["account_no"]).replace("-", "").split())
        low, high = ACCOUNT_LENGTHS
        if not (number.isascii() and number.isdigit()):
            raise forms.ValidationError(_("账号里只能有数字，空格和短横会去掉"))
        if not low <= len(number) <= high:
            said = {"low": low, "high": high, "found": len(number)}
            raise forms.ValidationError(_("账号应为 %(low)d 到 %(high)d 位数字，现在 %(found)d 位") % said)
        return number

    def clean(self) -> dict[str, object]:
        """Ask for the guardian's mark where the holder is not the person."""
        cleaned = super().clean() or {}
        holder = str(cleaned.get("holder_name", "")).strip()
        if holder and holder != self._person.name and not cleaned.get("is_guardian"):
            self.add_error(
                "holder_name",
                _("户名应是参保人 %(name)s；是监护人的账户，请在下面打勾") % {"name": self._person.name},
            )
        return cleaned


@allow(*STAFF)
@require_GET
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Show the claim, what this person may do next, and why not where they may not."""
    return _show(request, number)


@allow(*HANDLERS)
@require_POST
def claim_move(request: HttpRequest, number: str) -> HttpResponse:
    """Say a verb to the claim; a refusal comes back with the words typed."""
    key, verb = request_key(request), next((one for one in Verb if one == request.POST.get("verb")), None)
    if verb is None:
        raise Http404
    form = ReasonForm(verb, request.POST)
    reason = str(form.data.get(f"{verb}-reason", ""))
    try:
        event = move_claim(
            number=number,
            verb=verb,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
            reason=reason,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        if refusal.code == "reason_missing":
            form.is_valid()
            return _show(request, number, move=(verb, form), status=422)
        messages.error(request, refusal_text(refusal))
        return _to_claim(number)
    messages.success(
        request, _("%(number)s %(state)s") % {"number": number, "state": state_word(event.to_state)}
    )
    return _to_claim(number)


@allow(Role.DESK_AGENT)
@require_POST
def claim_account(request: HttpRequest, number: str) -> HttpResponse:
    """Choose a known account for the claim, or keep a new one and choose it."""
    key, now, actor = request_key(request), clock.now(), actor_of(request)
    page = _page(request, number)
    chosen = request.POST.get("account", "")
    if chosen.isascii() and chosen.isdigit():
        account_id = int(chosen[:18])
    else:
        form = AccountForm(page.person, request.POST)
        if not form.is_valid():
            return _show(request, number, account_form=form, status=422)
        account_id = record_account(
            new=_new_account(page.person, form.cleaned_data),
            actor=actor,
            occurred_at=now,
            request_key=f"{key}:account",
        )
    try:
        set_account(number=number, account_id=account_id, actor=actor, occurred_at=now, request_key=key)
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("收款账户已选定，付款会打到这个账户"))
    return _to_claim(number)


def _new_account(person: PersonView, words: Mapping[str, object]) -> NewAccount:
    return NewAccount(
        person_id=person.id,
        bank_name=str(words["bank_name"]),
        account_no=str(words["account_no"]),
        holder_name=str(words["holder_name"]),
        kind=BANK_CARD,
        guardian_of_id=person.id if words["is_guardian"] else None,
    )


def _page(request: HttpRequest, number: str) -> ClaimPage:
    try:
        return get_claim_page(number, actor=actor_of(request), today=clock.today())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _show(
    request: HttpRequest,
    number: str,
    *,
    move: tuple[Verb, ReasonForm] | None = None,
    account_form: AccountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page, roles = _page(request, number), actor_of(request).roles
    found_at, run_number, proof_note = _found(request, page)
    terms = get_terms(page.decision.scheme_valid_from)
    accident = accident_words.accident_of(page.decision)
    may_choose = Role.DESK_AGENT in roles and page.state in BEFORE_PAYMENT
    context = {
        "page": page,
        "age": page.person.age_on(clock.today()),
        "state": state_word(page.state),
        "kind": queues.KINDS[page.state],
        "has_clock": page.clock is not None and page.clock.stopped_at is None and page.days_left is not None,
        "is_late": page.days_left is not None
        and page.days_left < 0
        and page.clock is not None
        and not page.clock.stopped_at,
        "group": fact_labels.group_name(terms, page.decision.group),
        "liability": fact_labels.liability_name(
            terms, str(accident["liability"]) if accident else terms.top_up.liability
        ),
        "why": accident_words.explain_accident(terms, page.decision, accident)
        if accident
        else why.explain(why.case_of_decision(terms, page.decision)),
        "stages": case_words.stages(page, found_at),
        "ending": case_words.ending(page),
        "payment_note": kept_words(page.payment_note),
        **_left(page, is_accident=accident is not None),
        "events": case_words.events(page, found_at, run_number),
        "signatures": case_words.signatures(page),
        "clock_rows": case_words.clock_rows(page),
        "clock_rule": case_words.clock_rule(terms, page.clock) if page.clock else "",
        "clock_quotes": fact_labels.quote(terms, page.clock.clause) if page.clock else (),
        **_promises(request, page),
        **turns_of(page, roles, terms),
        "moves": _moves(page, move),
        "refused_moves": case_words.refused_moves(page),
        "open_move": str(move[0]) if move else "",
        "orders": case_words.orders(page),
        "may_choose": may_choose,
        "account_form": (account_form or AccountForm(page.person)) if may_choose else None,
        "account_is_wrong": account_form is not None,
        "sees_imports": may_see(request, imports.VIEWERS),
        "sees_batches": may_see(request, payments.VIEWERS),
        "evidence": case_words.evidence(page, fact_labels.group_name(terms, page.decision.group), proof_note),
        "evidence_columns": [
            {"label": label} for label in (_("编号"), _("材料"), _("从哪里来"), _("核对结果"))
        ],
        "crumbs": [{"label": _("案件"), "url": reverse("desk:claims")}, {"label": page.number}],
        "next_url": _next_url(page, scope_of(request)),
        "request_key": new_key(),
        "keys": _keys(page),
    }
    return render(request, "desk/claim.html", context, status=status)


def _left(page: ClaimPage, *, is_accident: bool) -> Mapping[str, object]:
    """Return what is left of the budgets a claim is paid from, and of the limits it counts against."""
    return {
        "limits": lines_of_decision(page.decision.id) if is_accident else (),
        "budgets": lines_of_claim(page.decision.scheme_valid_from, page.county_code),
    }


def _found(request: HttpRequest, page: ClaimPage) -> tuple[datetime | None, int | None, str]:
    """Return when and by which screening a claim was found, and the proof seen; nothing for a report."""
    if page.proposal_id is None:
        return None, None, ""
    proposal = get_proposal(page.proposal_id, scope=scope_of(request))
    run = proposal.run
    return run.started_at if run else None, run.number if run else None, proposal.decided_reason


def _promises(request: HttpRequest, page: ClaimPage) -> dict[str, object]:
    """Return how the due day moved, what is asked or owed back, who may answer, and who takes the money."""
    roles = actor_of(request).roles
    return {
        "clock_changes": promise_words.clock_changes(list_clock_changes(page.number)) if page.clock else [],
        "questions": [
            {**promise_words.question_line(question), "request_key": new_key()}
            for question in list_questions(scope=scope_of(request), state="", number=page.number)
        ],
        "may_answer": Role.APPROVER in roles,
        "may_call": Role.DESK_AGENT in roles and page.state in OPEN_STATES,
        "emergency_key": new_key(),
        "recoveries": recovery_rows(request, number=page.number) if page.orders else [],
        "heir": get_heir(page.number) if page.account and page.account.kind == HEIR_ACCOUNT else None,
    }


def _moves(page: ClaimPage, move: tuple[Verb, ReasonForm] | None) -> list[dict[str, object]]:
    found = []
    for button in case_words.buttons(page):
        is_open = move is not None and move[0] == button["verb"]
        form = move[1] if move and is_open else ReasonForm(str(button["verb"]))
        found.append({**button, "form": form, "request_key": new_key(), "is_open": is_open})
    return found


def _next_url(page: ClaimPage, scope: Scope) -> str:
    if page.state not in (State.LODGED, State.ASSESSED, State.AWAITING_DOCUMENTS):
        return ""
    found = find_next_claim(ClaimFilter((page.state,)), clock.today(), number=page.number, scope=scope)
    return reverse("desk:claim", args=[found]) if found else ""


def _keys(page: ClaimPage) -> list[dict[str, object]]:
    keys = [
        {"key": button["key"], "label": verb_word(str(button["verb"]))} for button in case_words.buttons(page)
    ]
    return [
        *(key for key in keys if key["key"]),
        {"key": "n", "label": _("下一件")},
        {"key": "p", "label": _("打印")},
    ]


def _to_claim(number: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:claim", args=[number]))


routes: list[URLPattern] = [
    path("claims/<str:number>/", claim, name="claim"),
    path("claims/<str:number>/move/", claim_move, name="claim_move"),
    path("claims/<str:number>/account/", claim_account, name="claim_account"),
]
