"""Telephone numbers on a person's page (联系电话): one is written down, one is put out of use.

In: the person's number and what was typed. Out: back to the person's page; a number that cannot be one is
said there.
"""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yiyuan.apps.registry.contacts import CALLERS, end_contact, record_contact
from yiyuan.apps.registry.errors import RegistryRefusal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.labels import refusal_text


@allow(*CALLERS)
@require_POST
def phone_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a telephone number down."""
    try:
        record_contact(
            person_id=pk,
            phone=request.POST.get("phone", "")[:40],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except RegistryRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("电话已记下，可以用它查到这个人"))
    return _to_person(pk)


@allow(*CALLERS)
@require_POST
def phone_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a telephone number out of use."""
    number = request.POST.get("contact", "")
    if not (number.isascii() and number.isdigit()):
        raise Http404
    try:
        end_contact(
            contact_id=int(number),
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("这个电话不再用了，记录还在"))
    return _to_person(pk)


def _to_person(pk: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:person', args=[pk])}#phones")


routes: list[URLPattern] = [
    path("people/<int:pk>/phones/", phone_add, name="phone_add"),
    path("people/<int:pk>/phones/end/", phone_end, name="phone_end"),
]
