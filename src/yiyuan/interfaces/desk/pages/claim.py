"""One claim (赔案)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yiyuan.interfaces.desk.access import STAFF, allow


@allow(*STAFF)
def claim(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "base.html")


routes = [
    path("claims/<str:number>/", claim, name="claim"),
    path("claims/<str:number>/move/", claim, name="claim_move"),
    path("claims/<str:number>/account/", claim, name="claim_account"),
]
