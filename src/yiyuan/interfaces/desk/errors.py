"""The pages for what went wrong (出错页)."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from yiyuan.kernel.shortage import is_out_of_room

AGAIN_SECONDS = 30


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is another post's work."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke; plainly what, where a disk is full or the database is away."""
    # The handler is called while the error is being handled; it is not handed over.
    error = sys.exc_info()[1]
    # Without the request: the frame around a page reads the database, which may be what broke.
    if is_out_of_room(error):
        return _later("no_room.html")
    if isinstance(error, OperationalError | InterfaceError):
        return _later("database_away.html")
    return HttpResponse(render_to_string("500.html"), status=500)


def _later(template: str) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=503, headers={"Retry-After": str(AGAIN_SECONDS)})
