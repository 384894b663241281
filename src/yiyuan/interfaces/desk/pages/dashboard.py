"""The dashboard (总览): how far the city or a county is, the list behind every figure, and both as files.

In: a cut in the address (county, months). Out: pages and downloads; nothing is written but who exported.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.queries import get_division_names, get_people, list_counties
from yiyuan.apps.reporting.path import PAGE, Cut, PathRow, count_path, get_stand, list_months, list_path
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk import board, fact_labels
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow
from yiyuan.interfaces.desk.addresses import chosen, new_key, options, with_query
from yiyuan.interfaces.desk.board_files import build_csv, build_xlsx
from yiyuan.interfaces.desk.board_links import (
    STOPS,
    board_url,
    choice_words,
    cut_words,
    finding_word,
    read_choice,
    read_cut,
    standing_word,
    word,
)
from yiyuan.kernel.actor import Actor, Role

# They decide on the case itself and see its diagnosis; others see no cell that tells of a few people.
HANDLERS = frozenset({Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER, Role.AUDITOR})
FILES = {
    "csv": (build_csv, "text/csv; charset=utf-8"),
    "xlsx": (build_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@allow(*STAFF)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of a cut, each a link to its rows."""
    actor, stand = actor_of(request), get_stand()
    cut = read_cut(request, sees_groups=False)
    show = chosen(request, "show", board.SHOWS) or "paid"
    found = board.read_board(cut, actor.scope)
    months, every_month = board.month_lines(found), list_months(scope=actor.scope)
    context = {
        "stand": stand,
        "place": _place(cut, actor),
        "total": found.total,
        "say": {name: found.show(name) for name in ("entitled", "paid", "unpaid")},
        "paid_sum": found.show("paid", in_yuan=True),
        "unpaid_sum": found.show("unpaid", in_yuan=True),
        "kpis": _kpis(found),
        "decisions": board.decisions(found),
        "funnel": board.funnel(found),
        "whole": max(found.total["entitled"].count, 1),
        "shows": [
            {"label": word, "url": f"{with_query(request, show=name)}#map", "current": name == show}
            for name, word in board.SHOWS.items()
        ],
        "show": show,
        "show_label": board.SHOWS[show],
        "tiles": board.tiles(found, show),
        "scale": _scale(show),
        "money": _table([_("在哪里"), _("件数"), _("金额（元）")], board.money(found)),
        "clocks": _table([_("承诺"), _("件数")], board.clocks(found)),
        "median_days": found.median_days,
        "counties": _table(
            [_("县区"), *_reached(), _("还差"), _("已超期"), _("已到账（元）")], board.county_lines(found)
        ),
        "bars": months,
        "months": _table([_("入院月份"), *_reached(), _("还差"), _("已到账（元）")], months),
        "groups": _table([_("群体"), *_reached()], board.group_lines(found, sees_groups=_handles(actor))),
        "county_options": _county_options(cut, actor),
        "from_options": _month_options(every_month, cut_words(cut)["from"], _("从头")),
        "to_options": _month_options(every_month, cut_words(cut)["to"], _("到最后")),
        "files": [
            {"label": form.upper(), "url": f"{reverse('desk:dashboard_file', args=[form])}?{_words(cut)}"}
            for form in FILES
        ],
        "every_url": reverse("desk:dashboard") if any(cut_words(cut).values()) else "",
    }
    return render(request, "desk/dashboard.html", context)


@allow(*STAFF)
@require_safe
def dashboard_rows(request: HttpRequest) -> HttpResponse:
    """Show the settlements behind a figure, with how many there are."""
    actor = actor_of(request)
    cut, choice = read_cut(request, sees_groups=_handles(actor)), read_choice(request)
    if word(request, "group") and not cut.group:
        # Without the group the list would be another one than the figure promised.
        raise Http404
    after = word(request, "after")
    found = list_path(choice, cut, scope=actor.scope, after=after, limit=PAGE + 1)
    total = count_path(choice, cut, scope=actor.scope)
    address = with_query(request)
    context = {
        "crumbs": [
            {"label": _("总览"), "url": board_url(Cut(cut.county_code, cut.since, cut.until))},
            {"label": choice_words(choice)},
        ],
        "what": choice_words(choice),
        "place": _place(cut, actor),
        "group": fact_labels.group_name(get_terms(), cut.group) if cut.group else "",
        "total": total,
        "lines": _lines(found[:PAGE]),
        "first_url": address if after else "",
        "next_url": f"{address}{'&' if '?' in address else '?'}after={found[PAGE - 1].setl_id}"
        if len(found) > PAGE
        else "",
        "columns": _columns(sees_groups=_handles(actor)),
        "sees_groups": _handles(actor),
    }
    return render(request, "desk/dashboard_rows.html", context)


@allow(*STAFF)
@require_safe
def dashboard_file(request: HttpRequest, form: str) -> HttpResponse:
    """Send the tables of the dashboard; what leaves the system tells of no group of less than five."""
    if form not in FILES:
        raise Http404
    actor, now = actor_of(request), clock.now()
    cut = read_cut(request, sees_groups=False)
    record_entry(
        actor=actor,
        verb="export_dashboard",
        subject=("dashboard", form),
        occurred_at=now,
        request_key=new_key(),
        detail=cut_words(cut),
    )
    build, content_type = FILES[form]
    stand = get_stand()
    content = build(board.read_board(cut, actor.scope), _place(cut, actor), stand)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="dashboard-{now:%Y%m%d}.{form}"'
    return response


def _handles(actor: Actor) -> bool:
    return bool(actor.roles & HANDLERS)


def _kpis(found: board.Board) -> list[dict[str, object]]:
    total = found.total
    return [
        {
            "label": _("已到账"),
            "figure": found.show("paid", in_yuan=True),
            "unit": _("元"),
            "part": total["paid"].fen,
            "whole": total["approved"].fen,
            "notes": [(_("已复核（元）"), found.show("approved", in_yuan=True))],
        },
        {
            "label": _("到账率"),
            "rate": board.paid_rate_bp(total),
            "unit": "%",
            "part": total["paid"].count + total["elsewhere"].count,
            "whole": total["entitled"].count,
            "notes": [
                (_("应赔付"), found.show("entitled")),
                (_("已到账"), found.show("paid")),
                (_("别处已赔"), found.show("elsewhere")),
            ],
        },
        {
            "label": _("按时办结"),
            "rate": board.kept_rate_bp(total),
            "unit": "%",
            "part": total["timing_kept"].count,
            "whole": total["timing_ended"].count,
            "notes": [(_("办结"), found.show("timing_ended")), (_("超期"), found.show("timing_late"))],
        },
        {
            "label": _("还没有拿到钱"),
            "figure": found.show("unpaid"),
            "unit": _("人次"),
            "part": total["unpaid"].count,
            "whole": total["entitled"].count,
            "notes": [(_("合计（元）"), found.show("unpaid", in_yuan=True))],
        },
    ]


def _reached() -> list[str]:
    return [_("应赔付"), _("已立案"), _("已到账")]


def _table(heads: Sequence[str], lines: Sequence[board.Line]) -> dict[str, object]:
    """Return a table whose cells know their head: on a narrow screen each says its own."""
    return {
        "heads": heads,
        "lines": [{"line": line, "cells": list(zip(heads[1:], line.cells, strict=True))} for line in lines],
        "has_rates": any(line.rate for line in lines),
    }


def _lines(rows: Sequence[PathRow]) -> list[dict[str, object]]:
    terms, people = get_terms(), get_people(row.person_id for row in rows)
    places = get_division_names(row.county_code for row in rows)
    return [
        {
            "row": row,
            "person": people.get(row.person_id),
            "place": places.get(row.county_code, row.county_code),
            "group": fact_labels.group_name(terms, row.group),
            "finding": finding_word(row.reason),
            "stage": STOPS[row.stage],
            "state": standing_word(row.state) if row.state else "",
            "url": _row_url(row),
        }
        for row in rows
    ]


def _row_url(row: PathRow) -> str:
    if row.number:
        return reverse("desk:claim", args=[row.number])
    if row.proposal_id is not None:
        return reverse("desk:proposal", args=[row.proposal_id])
    return reverse("desk:person", args=[row.person_id])


def _place(cut: Cut, actor: Actor) -> str:
    if cut.county_code:
        names = {county.code: county.name for county in list_counties(scope=actor.scope)}
        return names.get(cut.county_code, _("没有这个县区"))
    return _("全市") if actor.scope.is_city else _("本县区")


def _county_options(cut: Cut, actor: Actor) -> list[dict[str, object]]:
    names = {county.code: county.name for county in list_counties(scope=actor.scope)}
    return options(names, cut.county_code, _("全市") if actor.scope.is_city else _("本县区"))


def _month_options(months: Sequence[date], current: str, every: str) -> list[dict[str, object]]:
    words = {f"{month:%Y-%m}": _("%(y)d年%(m)d月") % {"y": month.year, "m": month.month} for month in months}
    return options(words, current, every)


def _words(cut: Cut) -> str:
    return board_url(cut).partition("?")[2]


def _scale(show: str) -> list[str]:
    if show == "unpaid":
        return [_("最多"), _("较多"), _("居中"), _("较少"), _("最少")]
    return [_("不到 20%"), "20–40%", "40–60%", "60–80%", _("满 80%")]


def _columns(*, sees_groups: bool) -> list[Mapping[str, object]]:
    return [
        {"label": _("姓名")},
        {"label": _("县区")},
        {"label": _("入院月份")},
        *([{"label": _("群体")}] if sees_groups else []),
        {"label": _("筛查结论")},
        {"label": _("走到哪里")},
        {"label": _("赔付（元）"), "right": True},
        {"label": _("下一步")},
    ]


routes: list[URLPattern] = [
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/rows/", dashboard_rows, name="dashboard_rows"),
    path("dashboard/figures.<str:form>", dashboard_file, name="dashboard_file"),
]
