"""The guide for residents (理赔指南), from the scheme in force: a page to read and a paper to print.

In: the language and whether in large print (`?print=large`). Out: a page of its own without the bars of the
desk, so that it can be shown to whoever stands there, and a PDF of the same words.
"""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.accounts.queries import list_offices
from yiyuan.apps.deadlines.queries import list_holidays
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces.desk.access import STAFF, allow, scope_of
from yiyuan.interfaces.desk.help_texts import help_for
from yiyuan.interfaces.guide.page import Bar, render_page
from yiyuan.interfaces.guide.paper import render_paper
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.guide.building import build_guide
from yiyuan.rules.guide.model import Desk, Guide
from yiyuan.rules.guide.tongue import EN, ZH

LARGE = "large"
SERVICE_POINT = "service_point"


@allow(*STAFF)
@require_safe
def show_guide(request: HttpRequest) -> HttpResponse:
    """Show the guide."""
    is_large = _is_large(request)
    page = render_page(
        _guide(request),
        large_print=is_large,
        style_address=static("guide/guide.css"),
        bar=_bar(is_large=is_large),
    )
    return HttpResponse(page)


@allow(*STAFF)
@require_safe
def download_guide(request: HttpRequest) -> HttpResponse:
    """Hand out the guide as a PDF."""
    guide = _guide(request)
    is_large = _is_large(request)
    paper = render_paper(guide, large_print=is_large, address=settings.GUIDE_ADDRESS)
    response = HttpResponse(paper, content_type="application/pdf")
    size = "-large" if is_large else ""
    name = f"{guide.scheme}-{guide.version}-guide-{guide.language}{size}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _is_large(request: HttpRequest) -> bool:
    return request.GET.get("print") == LARGE


def _bar(*, is_large: bool) -> Bar:
    page, paper, large = reverse("desk:guide"), reverse("desk:guide_paper"), f"?print={LARGE}"
    found = help_for("guide")
    links = (
        (reverse("desk:scheme"), _("回到方案")),
        (page, _("普通字")) if is_large else (page + large, _("大字版")),
        (paper + (large if is_large else ""), _("下载 PDF")),
    )
    help_words = f"{found.purpose}{found.next_step}" if found is not None else ""
    return Bar(links, help_words)


def _guide(request: HttpRequest) -> Guide:
    desks = tuple(
        Desk(office.name, office.address, office.phone)
        for office in list_offices(scope_of(request), open_only=True)
        if office.kind == SERVICE_POINT
    )
    language = EN if get_language() == EN else ZH
    return _written(get_terms().sha256, language, list_holidays(), desks)


@lru_cache(maxsize=16)
def _written(_sha256: str, language: str, holidays: tuple[HolidayRow, ...], desks: tuple[Desk, ...]) -> Guide:
    return build_guide(get_terms(), holidays, language, desks=desks)


routes: list[URLPattern] = [
    path("scheme/guide/", show_guide, name="guide"),
    path("scheme/guide.pdf", download_guide, name="guide_paper"),
]
