"""Statements on screen (月度结算单): drawn up by one, issued by another, printed, taken along as a file.

In: requests of policyholder, finance and audit. Out: pages, CSV and XLSX with the same rows.
"""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

import xlsxwriter
from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.registry.queries import get_division_names
from yiyuan.apps.reporting.statements import (
    draw_statement,
    get_statement,
    is_current,
    issue_statement,
    list_statements,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, scope_of
from yiyuan.interfaces.desk.board_files import as_text
from yiyuan.interfaces.desk.file_page import (
    READERS,
    Act,
    Cell,
    DayField,
    Table,
    act,
    number,
    plain_day,
    programme_of,
    show,
    signed,
)
from yiyuan.interfaces.desk.statement_links import rows_url
from yiyuan.interfaces.desk.statement_words import KINDS, MAIN, NOTES, rows_of
from yiyuan.kernel.actor import Role
from yiyuan.kernel.capital_amount import capital_amount
from yiyuan.kernel.money import yuan

WRITERS = (Role.CIVIL_AFFAIRS, Role.FINANCE)
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class DrawForm(forms.Form):
    """Which statement of which month."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=gettext_lazy("哪一种"), choices=list(KINDS.items()))
    month = DayField(label=gettext_lazy("月份"), help_text=gettext_lazy("月里哪一天都可以，月份要已经过完"))
    reason = forms.CharField(
        label=gettext_lazy("为什么重出"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("已签发过的才写；原来的一份不动"),
    )


class IssueForm(forms.Form):
    """Nothing but the signature."""


@allow(*READERS)
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """Show the statements of a year."""
    terms, scope = programme_of(request), scope_of(request)
    found = list_statements(terms.valid.from_on, scope=scope)
    issued = sum(bool(one.issued_by) for one in found)
    rows = [
        [
            Cell(one.number, reverse("desk:statement", args=[one.number])),
            Cell(str(KINDS[one.kind])),
            Cell(f"{one.month:%Y-%m}"),
            number(one.main_fen, fen=True),
            Cell(*_state(one)),
        ]
        for one in found
    ]
    table = Table(
        "statements",
        _("月度报表"),
        [_("文号"), _("哪一种"), _("月份"), _("主要金额（元）"), _("状态")],
        rows,
        _("月份过完以后由一个人编制、另一个人签发。"),
    )
    parts: list[Table | Act] = [table]
    if scope.is_city and actor_of(request).roles & set(WRITERS):
        last = clock.today().replace(day=1) - timedelta(days=1)
        form = DrawForm(initial={"month": last})
        hidden = [("programme_from", terms.valid.from_on)]
        parts.append(Act("draw", _("编制报表"), form, reverse("desk:statement_draw"), _("编制"), hidden))
    title = _("%(year)d 年报表 %(count)d 份，已签发 %(issued)d 份") % {
        "year": terms.valid.from_on.year, "count": len(found), "issued": issued,
    }  # fmt: skip
    lead = _("签发以后不再变；后来的数不一样，另出一份写明替代哪一份。")
    return show(request, title=title, lead=lead, parts=parts, current="statements")


def _state(one: object) -> tuple[str, str, str]:
    if hasattr(one, "replaced_by"):
        return _("已被替代"), "", "stop"
    return (_("已签发"), "", "done") if getattr(one, "issued_by", "") else (_("等另一人签发"), "", "open")


@allow(*READERS)
@require_safe
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """Show one statement, to be printed, issued or taken along."""
    one = _find(request, number)
    rows = rows_of(one.lines, get_division_names([str(line[1]) for line in one.lines if line[1]]))
    files = [[Cell(form.upper(), reverse("desk:statement_file", args=[number, form]))] for form in FORMS]
    signed_by = _("编制 %(name)s %(day)s") % {
        "name": one.drawn_by_name, "day": plain_day(localtime(one.drawn_at).date()),
    }  # fmt: skip
    if one.issued_at:
        signed_by += _("；签发 %(name)s %(day)s") % {
            "name": one.issued_by_name, "day": plain_day(localtime(one.issued_at).date()),
        }  # fmt: skip
    parts: list[Table | Act] = [
        Table(
            "lines",
            f"{KINDS[one.kind]} {one.month:%Y-%m}",
            [_("项目"), _("哪一家"), _("数")],
            [
                [
                    Cell(row.label),
                    Cell(row.whose or _("全市")),
                    Cell(row.text, rows_url(one, row.code, row.name), right=True),
                ]
                for row in rows
            ],
            _("这个月没有发生。"),
            str(NOTES[one.kind]),
        ),
        Table("signatures", _("经手人"), [_("经手")], [[Cell(line)] for line in _papers(one, signed_by)], ""),
        Table("files", _("带走"), [_("文件")], files, ""),
    ]
    may_issue = not one.issued_by and not hasattr(one, "replaced_by")
    if may_issue and scope_of(request).is_city and actor_of(request).roles & set(WRITERS):
        url = reverse("desk:statement_issue", args=[number])
        parts.append(Act("issue", _("签发"), IssueForm(), url, _("签发，以后不再变")))
    title = _("%(kind)s %(number)s") % {"kind": KINDS[one.kind], "number": one.number}
    what = _("%(what)s %(sum)s 元，大写") % {"what": MAIN[one.kind], "sum": yuan(one.main_fen)}
    lead = format_html('{} <b lang="zh-Hans">{}</b>', what, capital_amount(one.main_fen))
    crumbs = [{"label": _("月度报表"), "url": reverse("desk:statements")}, {"label": one.number}]
    return show(request, title=title, lead=lead, parts=parts, crumbs=crumbs)


def _papers(one: object, signed_by: str) -> list[str]:
    found = [signed_by, _("校验值 %(digest)s") % {"digest": getattr(one, "digest", "")}]
    if earlier := getattr(one, "replaces", None):
        said = {"number": earlier.number, "reason": getattr(one, "reason", "") or "—"}
        found.append(_("替代 %(number)s：%(reason)s") % said)
    if hasattr(one, "replaced_by"):
        found.append(_("已被 %(number)s 替代") % {"number": one.replaced_by.number})
    elif not is_current(one):  # type: ignore[arg-type]
        found.append(_("账上现在的数已经不一样，请另出一份"))
    return found


@allow(*WRITERS)
@require_POST
def statement_draw(request: HttpRequest) -> HttpResponse:
    """Draw up the statement of a month."""
    back = f"{reverse('desk:statements')}?from={programme_of(request).valid.from_on}"
    return act(
        request,
        DrawForm(request.POST),
        lambda said: draw_statement(**said, **signed(request)),
        done=_("报表已编制，等另一人签发"),
        back=back,
    )


@allow(*WRITERS)
@require_POST
def statement_issue(request: HttpRequest, number: str) -> HttpResponse:
    """Issue a statement as the second person."""
    return act(
        request,
        IssueForm(request.POST),
        lambda _said: issue_statement(number=number, **signed(request)),
        done=_("报表已签发"),
        back=reverse("desk:statement", args=[number]),
    )


@allow(*READERS)
@require_safe
def statement_file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Return a statement as a file."""
    if form not in FORMS:
        raise Http404(form)
    one = _find(request, number)
    rows = rows_of(one.lines, get_division_names([str(line[1]) for line in one.lines if line[1]]))
    table = [
        [str(KINDS[one.kind]), one.number, f"{one.month:%Y-%m}"],
        [str(MAIN[one.kind]), yuan(one.main_fen), capital_amount(one.main_fen)],
        [_("项目"), _("哪一家"), _("数")],
        *([row.label, row.whose, row.text] for row in rows),
        [str(NOTES[one.kind]), "", ""],
    ]
    content = _csv(table) if form == "csv" else _xlsx(table)
    response = HttpResponse(content, content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="{one.number}.{form}"'
    return response


def _csv(table: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([as_text(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    words = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, words)
    sheet = book.add_worksheet(_("报表"))
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell)
    sheet.set_column(0, 2, 28)
    book.close()
    return out.getvalue()


def _find(request: HttpRequest, number: str):  # type: ignore[no-untyped-def]
    try:
        return get_statement(number, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404(number) from missing


routes: list[URLPattern] = [
    path("underwriting/statements/", statements, name="statements"),
    path("underwriting/statements/draw/", statement_draw, name="statement_draw"),
    path("underwriting/statements/<str:number>/", statement, name="statement"),
    path("underwriting/statements/<str:number>/issue/", statement_issue, name="statement_issue"),
    path("underwriting/statements/<str:number>/<str:form>", statement_file, name="statement_file"),
]
