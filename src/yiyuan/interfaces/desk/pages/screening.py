"""Screening (筛查)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def screening(request: HttpRequest, number: int = 0) -> HttpResponse:
    return render(request, "base.html")


routes = [
    path("screening/", screening, name="screening"),
    path("screening/decide/", screening, name="proposals_decide"),
    path("screening/run/", screening, name="screening_run"),
    path("screening/runs/<int:number>/", screening, name="run"),
    path("screening/runs/<int:number>/manifest/", screening, name="run_manifest"),
]
