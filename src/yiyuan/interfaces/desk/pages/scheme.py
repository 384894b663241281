"""First frame."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def show(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Show the frame."""
    return render(request, "base.html")


routes: list[URLPattern] = [path("scheme/", show, name="scheme")]
