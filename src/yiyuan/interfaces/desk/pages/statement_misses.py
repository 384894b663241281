"""The rows behind the penalties of a statement (没做到的承诺明细): what was late, for how many days.

In: requests of policyholder, finance and audit. Out: a page, printable.
"""

from collections.abc import Sequence

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.reporting.statement_figures import next_month
from yiyuan.apps.reporting.statements import get_statement
from yiyuan.apps.underwriting.agreements import find_agreement
from yiyuan.apps.underwriting.misses import SHOWN, Miss, list_misses
from yiyuan.interfaces.desk.access import allow, scope_of
from yiyuan.interfaces.desk.file_page import READERS, Cell, Table, plain_day, show
from yiyuan.interfaces.desk.file_page import number as count
from yiyuan.interfaces.desk.statement_words import rows_of
from yiyuan.interfaces.desk.underwriting_words import PROMISES

SUMMED = ("penalty_days", "penalty", "penalties")


@allow(*READERS)
@require_safe
def statement_misses(request: HttpRequest, number: str) -> HttpResponse:
    """Show what was missed in the month of a statement, and what the statement says of it."""
    scope = scope_of(request)
    try:
        statement = get_statement(number, scope=scope)
    except ObjectDoesNotExist as missing:
        raise Http404(number) from missing
    agreement = find_agreement(statement.programme_from, scope=scope)
    if agreement is None or statement.kind != statement.INSURER:
        raise Http404(number)
    misses = list_misses(agreement, statement.month, next_month(statement.month))
    said = [row for row in rows_of(statement.lines, {}) if row.code in SUMMED]
    sums = [[Cell(row.label), Cell(row.whose or _("全部承诺")), Cell(row.text, right=True)] for row in said]
    parts = [
        Table(
            "sums",
            _("结算单上的数"),
            [_("项目"), _("哪一项承诺"), _("数")],
            sums,
            _("这份结算单编制的时候还不列违约金。"),
        ),
        _rows(misses),
    ]
    title = _("%(month)s 没做到的承诺 %(count)d 件") % {
        "month": f"{statement.month:%Y-%m}", "count": len(misses),
    }  # fmt: skip
    crumbs = [
        {"label": _("月度报表"), "url": reverse("desk:statements")},
        {"label": number, "url": reverse("desk:statement", args=[number])},
        {"label": _("没做到的承诺")},
    ]
    lead = _("月报晚的是本月里晚的天数；赔付晚的，在到账的月份算一次。")
    return show(request, title=title, lead=lead, parts=parts, crumbs=crumbs)


def _rows(misses: Sequence[Miss]) -> Table:
    rows = [
        [
            Cell(PROMISES[one.kind]),
            Cell(one.about, reverse("desk:claim", args=[one.about]) if one.kind == "on_time" else ""),
            Cell(plain_day(one.due_on)),
            Cell(plain_day(one.done_on)),
            count(one.days),
        ]
        for one in misses
    ]
    heads = [_("承诺"), _("哪一件"), _("应在哪天前"), _("哪天做到"), _("算几天")]
    note = _("赔付最多列 %(count)d 件。") % {"count": SHOWN} if len(misses) >= SHOWN else ""
    return Table("misses", _("没做到的承诺"), heads, rows, _("这个月承诺都做到了，或没有记录可查。"), note)


routes: list[URLPattern] = [
    path("underwriting/statements/<str:number>/misses/", statement_misses, name="statement_misses"),
]
