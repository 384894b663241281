"""One proposal (拟赔)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "base.html")


routes = [path("proposals/<int:pk>/", proposal, name="proposal")]
