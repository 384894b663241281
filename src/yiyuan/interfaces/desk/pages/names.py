"""Registers that disagree on a name (姓名不一致), as a person's page asks about them."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yiyuan.apps.registry.errors import RegistryRefusal
from yiyuan.apps.registry.naming import DECIDERS, decide_name, list_names_said
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import back_to, new_key
from yiyuan.interfaces.desk.labels import refusal_text

STATES: dict[str, tuple[Promise, str]] = {
    "open": (gettext_lazy("等人核对"), "open"),
    "kept": (gettext_lazy("维持原名"), "done"),
    "adopted": (gettext_lazy("改用此名"), "done"),
}


@allow(*DECIDERS)
@require_POST
def name_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the name we have, or take the one the register says, with what it rests on."""
    try:
        said = decide_name(
            said_id=pk,
            adopts=request.POST.get("answer") == "adopt",
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except RegistryRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return HttpResponseRedirect(back_to(request, reverse("desk:search")))
    messages.success(request, _("已记下，姓名用 %(name)s") % {"name": said.person.name})
    return redirect("desk:person", pk=said.person_id)


def name_lines(person_id: int) -> Sequence[dict[str, object]]:
    """Return each name a register gives otherwise: which import said it, and what was decided."""
    return [
        {
            "said": said,
            "word": STATES[said.state][0],
            "kind": STATES[said.state][1],
            "request_key": new_key(),
        }
        for said in list_names_said(person_id)
    ]


routes: list[URLPattern] = [path("names/<int:pk>/decide/", name_decide, name="name_decide")]
