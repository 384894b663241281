"""The workbench (工作台): what this person has to do today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def workbench(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


routes = [path("", workbench, name="workbench")]
