"""All claims (案件)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def claims(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


routes = [path("claims/", claims, name="claims"), path("claims/export/", claims, name="claims_export")]
