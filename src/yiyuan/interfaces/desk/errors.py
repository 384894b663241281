"""The pages for what went wrong (出错页)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is another post's work."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, and that nothing half-done was kept."""
    # Without the request: the frame around a page reads the database, which may be what broke.
    return HttpResponse(render_to_string("500.html"), status=500)
