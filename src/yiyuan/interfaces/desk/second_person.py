"""What a second person decides on screen (第二个人的决定): a change of money that another has proposed.

In: the request and the domain's act. Out: the page it came from, with what was done or why not.
"""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from yiyuan.apps.ledger.errors import LedgerRefusal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, request_key
from yiyuan.interfaces.desk.labels import refusal_text


def decide_change(
    request: HttpRequest, act: Callable[..., object], change_id: int, *, done: str, back: str
) -> HttpResponse:
    """Agree to a change or refuse it by `act`, say `done`, and lead to the page named `back`.

    :raises Http404: there is no such change.
    """
    words = {"actor": actor_of(request), "occurred_at": clock.now(), "request_key": request_key(request)}
    return told(request, lambda: act(change_id=change_id, **words), done=done, back=back)


def told(request: HttpRequest, act: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Do the act, say `done` or why the ledger refused it, and lead to the page named `back`.

    :raises Http404: what the act is about is not there.
    """
    try:
        act()
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except LedgerRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return redirect(back)
