"""Before every page (每一页之前): the database shows this person's rows; a drawn password is changed first.

In: a request with its signed-in person. Out: the answer, made while the scope of that person held.
"""

from collections.abc import Callable, Iterator
from typing import cast

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from yiyuan.apps.accounts.scoping import show_rows_as_before, show_rows_of
from yiyuan.apps.audit.errors import KeyReused
from yiyuan.apps.readings import reading_one_page
from yiyuan.interfaces.desk.labels import REFUSALS
from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.scope import NOWHERE, Scope

Answer = Callable[[HttpRequest], HttpResponseBase]
# What somebody may open who has not changed the drawn password yet.
OPEN_NAMES = ("desk:own_password", "desk:sign_out", "set_language")


class OwnRows:
    """Set the scope before the page and take it back after it: connections outlive requests."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer within the scope of who is signed in; nobody signed in sees nobody's rows."""
        scope = request.user.as_actor().scope if request.user.is_authenticated else NOWHERE
        show_rows_of(scope)
        try:
            response = self._within_page(request)
            if isinstance(response, StreamingHttpResponse):
                # These lines are read when the page is long answered.
                lines = cast("Iterator[bytes]", response.streaming_content)
                response.streaming_content = _within(scope, lines)
        finally:
            show_rows_as_before()
        return response

    def _within_page(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            # An act reads what it has written itself.
            return self._answer(request)
        with reading_one_page():
            return self._answer(request)


class SchemeRefused:
    """Say plainly that the scheme cannot be used, such as a file changed after it was put in force."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self._answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Show what is wrong with the scheme; anything else is not this one's to tell."""
        if not isinstance(exception, SchemeError):
            return None
        lines = str(exception).splitlines()
        return render(request, "desk/scheme_refused.html", {"lines": lines}, status=503)


class KeyRefused:
    """Say plainly that a form was sent under a key that was used for something else; nothing was done."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self._answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Lead back to the page the form stood on, fresh; anything else is not this one's to tell."""
        if not isinstance(exception, KeyReused):
            return None
        messages.error(request, str(REFUSALS[KeyReused.code]))
        came_from = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(
            came_from, {request.get_host()}, require_https=request.is_secure()
        )
        return HttpResponseRedirect(came_from if is_ours else reverse("desk:workbench"))


class OwnPassword:
    """Lead who was given a drawn password to the page that changes it, and nowhere else."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or ask for the password first."""
        must_change = getattr(request.user, "must_change_password", False)
        if must_change and request.path not in map(reverse, OPEN_NAMES):
            return HttpResponseRedirect(reverse("desk:own_password"))
        return self._answer(request)


def _within(scope: Scope, lines: Iterator[bytes]) -> Iterator[bytes]:
    show_rows_of(scope)
    try:
        yield from lines
    finally:
        show_rows_as_before()
