"""Questions about decided claims (疑问) and the fast track (急难): what people decide beside a claim's moves.

In: requests of the posts that handle claims. Out: the list with its answers; a claim marked as an emergency.
"""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from yiyuan.apps.claims.comparing import ANSWERS
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.promises import set_emergency
from yiyuan.apps.claims.questions import PAGE, answer_question, count_questions, list_questions
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import promise_words
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, request_key, scope_of
from yiyuan.interfaces.desk.addresses import back_to, chosen, new_key, page_number
from yiyuan.interfaces.desk.labels import refusal_text, state_word
from yiyuan.interfaces.desk.pages import imports
from yiyuan.kernel.actor import Role


@allow(*STAFF)
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Show the questions of one state, those without an answer by default."""
    scope = scope_of(request)
    state = chosen(request, "state", promise_words.ANSWERS) or "open"
    found = list_questions(
        scope=scope, state=state, after_id=page_number(request, "after", 0), limit=PAGE + 1
    )
    shown = found[:PAGE]
    people = get_people(question.person_id for question in shown)
    names = get_division_names(question.county_code for question in shown)
    waiting = count_questions(scope=scope)
    context = {
        "title": ngettext("有 %(count)d 件等人决定", "有 %(count)d 件等人决定", waiting) % {"count": waiting}
        if waiting
        else _("没有等人决定的疑问"),
        "lines": [
            {
                **promise_words.question_line(question),
                "person": people[question.person_id].name,
                "county": names.get(question.county_code, ""),
                "claim_state": state_word(question.claim_state),
                "request_key": new_key(),
            }
            for question in shown
        ],
        "states": [
            {"label": str(word), "url": f"?state={code}", "current": code == state}
            for code, (word, _kind) in promise_words.ANSWERS.items()
        ],
        "may_answer": Role.APPROVER in actor_of(request).roles,
        "sees_imports": may_see(request, imports.VIEWERS),
        "next": f"?state={state}&after={shown[-1].id}" if len(found) > PAGE else "",
    }
    return render(request, "desk/questions.html", context)


@allow(Role.APPROVER)
@require_POST
def question_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the outcome, withdraw the claim or ask for the money back, with the reason a person gives."""
    key, answer = request_key(request), request.POST.get("answer", "")
    back = back_to(request, reverse("desk:questions"))
    if answer not in ANSWERS:
        messages.error(request, _("请选一个答复：维持、撤案或追回"))
        return HttpResponseRedirect(back)
    try:
        question = answer_question(
            question_id=pk,
            answer=answer,
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        word, _kind = promise_words.ANSWERS[question.state]
        messages.success(request, _("已答复：%(answer)s") % {"answer": word})
    return HttpResponseRedirect(back)


@allow(Role.DESK_AGENT)
@require_POST
def claim_emergency(request: HttpRequest, number: str) -> HttpResponse:
    """Put a claim on the fast track, or take it off, with a reason."""
    key, is_emergency = request_key(request), request.POST.get("is_emergency") == "1"
    try:
        set_emergency(
            number=number,
            is_emergency=is_emergency,
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已标为急难，排在最前") if is_emergency else _("不再是急难"))
    return HttpResponseRedirect(reverse("desk:claim", args=[number]))


routes: list[URLPattern] = [
    path("questions/", questions, name="questions"),
    path("questions/<int:pk>/answer/", question_answer, name="question_answer"),
    path("claims/<str:number>/emergency/", claim_emergency, name="claim_emergency"),
]
