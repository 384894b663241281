"""The notice to whoever's proposal was declined (不赔告知书): printable, short enough to send, kept as told.

In: a declined proposal. Out: a page to print, a text of seventy characters at most, the record of telling; an
approver looks again where the person objects.
"""

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.adjudication.services import preview_settlement
from yiyuan.apps.registry.queries import get_division_names, get_people
from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.apps.screening.queries import get_proposal
from yiyuan.apps.screening.reopening import reopen_declined
from yiyuan.apps.screening.telling import CHANNELS, SMS_CHARACTERS, list_tellings, record_telling
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import fact_labels
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.kernel.actor import Role

CHANNEL_WORDS = {
    "in_person": gettext_lazy("当面"),
    "phone": gettext_lazy("电话"),
    "sms": gettext_lazy("短信"),
    "letter": gettext_lazy("邮寄或上门送达"),
}
SMS = "%(name)s：您%(stay)s一元民生赔付未通过，因%(reason)s（条款%(clause)s）。不服请到%(place)s申诉。"
# What a name and an office may take, so that some of the reason is always left.
NAME, PLACE = 8, 10
LONG = 500


class TellingForm(forms.Form):
    """By which channel the person was told."""

    channel = forms.ChoiceField(
        label=gettext_lazy("怎么告知的"),
        choices=[(code, CHANNEL_WORDS[code]) for code in CHANNELS],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选怎么告知的：当面、电话、短信或送达")},
    )


@allow(*STAFF)
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the notice, and how the person was told so far."""
    return _show(request, pk, TellingForm())


@allow(Role.DESK_AGENT)
@require_POST
def notice_told(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep that the person was told, now and by this channel."""
    key, form = request_key(request), TellingForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, form, status=422)
    words = _words(request, pk)
    channel = form.cleaned_data["channel"]
    try:
        record_telling(
            proposal_id=pk,
            channel=channel,
            text=str(words["sms"] if channel == "sms" else words["reason"]),
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ScreeningRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已记下：%(how)s告知") % {"how": CHANNEL_WORDS[channel]})
    return redirect("desk:notice", pk=pk)


@allow(Role.APPROVER)
@require_POST
def proposal_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a declined proposal again, as somebody else than who declined it."""
    try:
        reopen_declined(
            proposal_id=pk,
            reason=request.POST.get("reason", "")[:LONG],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ScreeningRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已重新考虑，这一条回到拟赔名单"))
    return HttpResponseRedirect(reverse("desk:proposal", args=[pk]))


def short_text(*, name: str, stay: str, reason: str, clause: str, place: str) -> str:
    """Return the notice as one short message: a long reason is cut, the way to appeal never.

    It is written to a resident, and so in Chinese whatever the language of the page.
    """
    said = {"name": name[:NAME], "stay": stay, "clause": clause, "place": place[:PLACE]}
    room = SMS_CHARACTERS - len(SMS % {**said, "reason": ""})
    return SMS % {**said, "reason": reason if len(reason) <= room else f"{reason[: room - 1]}…"}


def _show(request: HttpRequest, pk: int, form: TellingForm, status: int = 200) -> HttpResponse:
    words = _words(request, pk)
    context = {
        **words,
        "form": form,
        "tellings": [(one, CHANNEL_WORDS[one.channel]) for one in list_tellings(pk)],
        "may_tell": Role.DESK_AGENT in actor_of(request).roles,
        "request_key": new_key(),
        "on": clock.today(),
        "crumbs": [
            {"label": _("筛查"), "url": reverse("desk:screening")},
            {"label": str(words["name"]), "url": reverse("desk:proposal", args=[pk])},
            {"label": _("告知书")},
        ],
    }
    return render(request, "desk/notice.html", context, status=status)


def _words(request: HttpRequest, pk: int) -> dict[str, object]:
    """Return what the notice says.

    :raises Http404: there is no such proposal in the scope, or nobody has declined it.
    """
    try:
        found = get_proposal(pk, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if found.state != found.DECLINED:
        raise Http404
    terms, facts, _decision = preview_settlement(found.setl_id)
    person = get_people([found.person_id])[found.person_id]
    county = get_division_names([found.county_code]).get(found.county_code, "")
    admitted = facts.admitted_on
    stay = f"{admitted.month}月{admitted.day}日住院" if admitted else "住院"
    place = f"{county}民政局"
    return {
        "proposal": found,
        "terms": terms,
        "name": person.name,
        "masked_id": person.masked_id,
        "admitted_on": facts.admitted_on,
        "discharged_on": facts.discharged_on,
        "reason": found.decided_reason,
        "quotes": fact_labels.quote(terms, found.clause),
        "place": place,
        "sms": short_text(
            name=person.name, stay=stay, reason=found.decided_reason, clause=found.clause, place=place
        ),
    }


routes: list[URLPattern] = [
    path("proposals/<int:pk>/notice/", notice, name="notice"),
    path("proposals/<int:pk>/notice/told/", notice_told, name="notice_told"),
    path("proposals/<int:pk>/appeal/", proposal_appeal, name="proposal_appeal"),
]
