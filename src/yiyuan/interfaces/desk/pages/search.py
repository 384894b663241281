"""The one search box (查人、查案): a claim number leads to its claim, everything else looks for people.

In: what a person typed. Out: a redirect to the claim, or at most fifty people with their numbers masked.
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.claims.queries import find_claim
from yiyuan.apps.registry.queries import SEARCH_LIMIT, get_division_names
from yiyuan.apps.registry.searching import search_people
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, allow, scope_of
from yiyuan.interfaces.desk.addresses import asked


@allow(*STAFF)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show who fits the words, or go to the claim that they name."""
    words = asked(request, "q", 80)
    if words and (number := find_claim(words, scope=scope_of(request))):
        return redirect("desk:claim", number=number)
    people = search_people(words, scope=scope_of(request)) if words else ()
    places = get_division_names(code for p in people for code in (p.county_code, p.township_code))
    today = clock.today()
    context = {
        "title": _title(words, len(people)),
        "words": words,
        "is_cut": len(people) == SEARCH_LIMIT,
        "columns": _columns(),
        "rows": [
            {
                "person": person,
                "place": places.get(person.county_code, "") + places.get(person.township_code, ""),
                "age": person.age_on(today),
            }
            for person in people
        ],
    }
    return render(request, "desk/search.html", context)


def _title(words: str, found: int) -> str:
    if not words:
        return _("查人、查案")
    if not found:
        return _("没有找到“%(words)s”") % {"words": _shown(words)}
    if found == SEARCH_LIMIT:
        return _("“%(words)s”不止 %(count)d 人") % {"words": _shown(words), "count": found}
    return _("“%(words)s”有 %(count)d 人") % {"words": _shown(words), "count": found}


def _shown(words: str) -> str:
    # A whole identity number stays in the search box, and is not said again in the title or the history.
    return words if not any(sign.isdigit() for sign in words) else _("这个号码")


def _columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("姓名")},
        {"label": _("身份证号")},
        {"label": _("住在")},
        {"label": _("年龄"), "right": True},
    ]


routes: list[URLPattern] = [path("search/", search, name="search")]
