"""Who may open a page or press a button (权限): default deny, by role; an unlisted role gets 403."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from yiyuan.kernel.actor import Actor, Role

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

STAFF = tuple(role for role in Role if role is not Role.SYSTEM)


def allow(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let a view be reached by these roles only; signed-out people are sent to sign in by the middleware."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not set(actor_of(request).roles) & set(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]  # read by the permission test
        return guarded

    return wrap


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in person in the words of the domain.

    :raises PermissionDenied: nobody is signed in.
    """
    as_actor = getattr(request.user, "as_actor", None)
    if as_actor is None:
        raise PermissionDenied
    actor: Actor = as_actor()
    return actor


def request_key(request: HttpRequest) -> str:
    """Return the key that the form carries, so that a double click is one act.

    :raises PermissionDenied: the form carries none; every form of this site does.
    """
    key = request.POST.get("request_key", "")
    if not key or len(key) > 60:
        raise PermissionDenied
    return key
