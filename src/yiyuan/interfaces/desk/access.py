"""Who may open a page or press a button (权限): default deny, by role; an unlisted role gets 403."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], R]

STAFF = tuple(role for role in Role if role is not Role.SYSTEM)


def allow(*roles: Role) -> Callable[[View[P, R]], View[P, R]]:
    """Let a view be reached by these roles only; signed-out people are sent to sign in by the middleware."""

    def wrap(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not set(actor_of(request).roles) & set(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]  # read by the permission test
        return guarded

    return wrap


def may_see(request: HttpRequest, roles: Iterable[Role]) -> bool:
    """Tell whether the signed-in person holds one of these roles, so that no link leads to a refusal."""
    return bool(set(actor_of(request).roles) & set(roles))


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in person in the words of the domain.

    :raises PermissionDenied: nobody is signed in.
    """
    as_actor = getattr(request.user, "as_actor", None)
    if as_actor is None:
        raise PermissionDenied
    actor: Actor = as_actor()
    return actor


def scope_of(request: HttpRequest) -> Scope:
    """Return whose rows the signed-in person may see.

    :raises PermissionDenied: nobody is signed in.
    """
    return actor_of(request).scope


def request_key(request: HttpRequest) -> str:
    """Return the key that the form carries, so that a double click is one act.

    :raises PermissionDenied: the form carries none; every form of this site does.
    """
    key = request.POST.get("request_key", "")
    if not key or len(key) > 60:
        raise PermissionDenied
    return key
