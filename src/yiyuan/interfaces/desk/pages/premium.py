"""Premium on screen (保费): the year's counties, one county's papers, and what may be done there.

In: requests of policyholder, finance and audit. Out: pages; each act is one domain call.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.registry.head_counts import find_head_count
from yiyuan.apps.registry.queries import list_counties
from yiyuan.apps.underwriting.balances import Balance, list_balances
from yiyuan.apps.underwriting.billing import draw_bills
from yiyuan.apps.underwriting.head_counts import (
    NewHeadCount,
    Paper,
    freeze_head_count,
    standing_head_counts,
)
from yiyuan.apps.underwriting.queries import (
    get_head_count,
    list_bills,
    list_dues,
    list_head_counts,
    list_receipts,
    list_reminders,
    list_standing_bills,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, scope_of
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
from yiyuan.interfaces.desk.pages.premium_acts import finance_acts
from yiyuan.interfaces.desk.papers import PaperField, keep_paper, read_paper
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan
from yiyuan.rules.terms import County, SchemeVersion


class DrawForm(forms.Form):
    """The day on which the premium is due, where the scheme names no instalments."""

    use_required_attribute = False
    due_on = DayField(
        label=gettext_lazy("应拨日"), required=False, help_text=gettext_lazy("方案写了分期的不用填")
    )


class HeadCountForm(forms.Form):
    """What the public security's paper says."""

    use_required_attribute = False
    counted_on = DayField(label=gettext_lazy("统计日"))
    persons = forms.IntegerField(label=gettext_lazy("户籍人数"))
    households = forms.IntegerField(label=gettext_lazy("户数"), required=False)
    source = forms.CharField(label=gettext_lazy("谁出的数"), max_length=200)
    paper = PaperField(label=gettext_lazy("依据的文件"))
    reason = forms.CharField(
        label=gettext_lazy("更正原因"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("已核定过的才写；原来的一份不动"),
    )


@allow(*READERS)
@require_safe
def premium(request: HttpRequest) -> HttpResponse:
    """Show every county of the year: head count, premium, what has come, what is late."""
    terms, scope, today = programme_of(request), scope_of(request), clock.today()
    balances = list_balances(terms.valid.from_on, today, scope=scope)
    late_fen = sum(one.late_fen for one in balances)
    received_fen = sum(one.received_fen for one in balances)
    said = {
        "owed": yuan(sum(one.owed_fen for one in balances)), "received": yuan(received_fen),
        "late": yuan(late_fen),
    }  # fmt: skip
    heads = [_("县区"), _("核定人数"), _("保费（元）"), _("已收（元）"), _("欠拨（元）"), _("状态")]
    table = Table(
        "counties",
        _("各县区"),
        heads,
        _county_rows(request, terms, balances),
        _("先录入行政区划和方案，再核定人数。"),
    )
    title = _("应收保费 %(owed)s 元，已收 %(received)s 元") % said
    lead = _("欠拨 %(late)s 元；人数按核定的算，改了另出一份，原来的不动。") % said
    parts: list[Table | Act] = [table]
    if Role.CIVIL_AFFAIRS in actor_of(request).roles and scope.is_city:
        parts.append(
            Act(
                "draw",
                _("出具保费通知书"),
                DrawForm(),
                reverse("desk:premium_draw"),
                _("按核定人数出具"),
                [("programme_from", terms.valid.from_on)],
            )
        )
    return show(request, title=title, lead=lead, parts=parts, current="premium")


def _county_rows(request: HttpRequest, terms: SchemeVersion, balances: Sequence[Balance]) -> list[list[Cell]]:
    scope, year = scope_of(request), terms.valid.from_on
    here = {county.code for county in list_counties(scope=scope)}
    counts = standing_head_counts(year)
    bills = {bill.county_code: bill.total_fen for bill in list_standing_bills(year, scope=scope)}
    rows = []
    for county in terms.counties:
        if not scope.covers(county.code) or (here and county.code not in here):
            continue
        own = [one for one in balances if one.county_code == county.code]
        count = counts.get(county.code)
        url = f"{reverse('desk:premium_county', args=[county.code])}?from={year}"
        word, mark = _county_state(county, terms, count is not None, county.code in bills, own)
        rows.append(
            [
                Cell(county.name_zh, url),
                number(count.persons) if count else Cell("—", right=True),
                number(bills[county.code], fen=True) if county.code in bills else Cell("—", right=True),
                number(sum(one.received_fen for one in own), fen=True),
                number(sum(one.late_fen for one in own), fen=True),
                Cell(word, mark=mark),
            ]
        )
    return rows


def _county_state(
    county: County, terms: SchemeVersion, is_counted: bool, is_billed: bool, own: Sequence[Balance]
) -> tuple[str, str]:
    if county.code in terms.pool_excluded:
        return _("不在统筹"), "stop"
    if not is_counted:
        return _("人数未核定"), "open"
    if not is_billed:
        return _("未出通知书"), "open"
    if late := max((one.late_working_days for one in own if one.late_fen), default=0):
        return _("晚 %(days)d 个工作日") % {"days": late}, "back"
    return (_("已付清"), "done") if not sum(one.open_fen for one in own) else (_("未到期"), "mid")


@allow(*READERS)
@require_safe
def premium_county(request: HttpRequest, number: str) -> HttpResponse:
    """Show one county's head counts, bills, dues, receipts and reminders, and what may be done."""
    terms, scope = programme_of(request), scope_of(request)
    county = next((one for one in terms.counties if one.code == number), None)
    if county is None or not scope.covers(number):
        raise Http404(number)
    year = terms.valid.from_on
    balances = list_balances(year, clock.today(), scope=scope, county_code=number)
    said = {
        "county": county.name_zh, "owed": yuan(sum(one.owed_fen for one in balances)),
        "open": yuan(sum(one.open_fen for one in balances)), "year": year.year,
    }  # fmt: skip
    parts: list[Table | Act] = [*_tables(number, year, balances, request)]
    hidden = [("programme_from", year)]
    if Role.CIVIL_AFFAIRS in actor_of(request).roles and number not in terms.pool_excluded:
        url = reverse("desk:premium_freeze", args=[number])
        parts.append(
            Act(
                "freeze",
                _("核定或更正人数"),
                HeadCountForm(initial=_registered(number)),
                url,
                _("核定"),
                hidden,
            )
        )
    parts.extend(finance_acts(request, number, year, balances))
    title = _("%(county)s %(year)d 年保费 %(owed)s 元") % said
    lead = _("还有 %(open)s 元没有到账。") % said
    crumbs = [{"label": _("保费"), "url": reverse("desk:premium")}, {"label": county.name_zh}]
    return show(request, title=title, lead=lead, parts=parts, crumbs=crumbs)


def _registered(county_code: str) -> dict[str, object]:
    found = find_head_count(county_code)
    if found is None:
        return {}
    return {
        "counted_on": found.on, "persons": found.persons, "households": found.households,
        "source": found.source,
    }  # fmt: skip


def _tables(county: str, year: date, balances: Sequence[Balance], request: HttpRequest) -> list[Table]:
    scope = scope_of(request)
    counts = [
        [
            Cell(plain_day(one.counted_on)),
            number(one.persons),
            Cell(one.source),
            Cell(one.paper_name, reverse("desk:premium_evidence", args=[one.pk])),
            Cell(one.reason or "—"),
            Cell(one.frozen_by_name),
        ]
        for one in list_head_counts(county, year, scope=scope)
    ]
    bills = [
        [
            Cell(one.number, reverse("desk:bill_paper", args=[one.number])),
            number(one.total_fen, fen=True),
            number(one.change_fen, fen=True),
            Cell(plain_day(one.drawn_at.date())),
        ]
        for one in list_bills(county, year, scope=scope)
    ]
    return [
        Table(
            "balances",
            _("谁付多少"),
            [_("付款方"), _("应付（元）"), _("已收（元）"), _("欠拨（元）"), _("下一应拨日")],
            [
                [
                    Cell(one.payer_name),
                    number(one.owed_fen, fen=True),
                    number(one.received_fen, fen=True),
                    number(one.late_fen, fen=True),
                    Cell(plain_day(one.next_due_on)),
                ]
                for one in balances
            ],
            _("出具保费通知书以后，这里有每一方要付的数。"),
        ),
        Table(
            "bills",
            _("保费通知书"),
            [_("文号"), _("合计（元）"), _("增减（元）"), _("出具日")],
            bills,
            _("核定人数以后由市里一起出具。"),
        ),
        Table(
            "counts",
            _("核定人数"),
            [_("统计日"), _("户籍人数"), _("谁出的数"), _("依据的文件"), _("更正原因"), _("核定人")],
            counts,
            _("公安的户籍人数，附上文件，由民政专员核定。"),
        ),
        *_money_tables(county, year, request),
    ]


def _money_tables(county: str, year: date, request: HttpRequest) -> list[Table]:
    scope = scope_of(request)
    dues = []
    for one in list_dues(county, year, scope=scope):
        order = getattr(one, "appropriation", None)
        url = reverse("desk:order_paper", args=[order.number]) if order else ""
        dues.append(
            [
                Cell(plain_day(one.due_on)),
                Cell(one.payer_name),
                number(one.amount_fen, fen=True),
                Cell(order.number if order else "—", url),
            ]
        )
    receipts = [
        [
            Cell(one.number, reverse("desk:receipt_paper", args=[one.number])),
            Cell(one.payer_name),
            number(one.amount_fen if one.kind == one.RECEIVED else -one.amount_fen, fen=True),
            Cell(plain_day(one.moved_on)),
            Cell(one.bank_reference),
        ]
        for one in list_receipts(county, year, scope=scope)
    ]
    reminders = [
        [
            Cell(plain_day(one.reminded_at.date())),
            Cell(one.channel),
            number(one.late_fen, fen=True),
            Cell(plain_day(one.answer_by_on)),
            Cell(one.reminded_by_name),
        ]
        for one in list_reminders(county, year, scope=scope)
    ]
    return [
        Table(
            "dues",
            _("应拨和拨付令"),
            [_("应拨日"), _("付款方"), _("金额（元）"), _("拨付令")],
            dues,
            _("出具保费通知书以后，按期列在这里。"),
        ),
        Table(
            "receipts",
            _("收据"),
            [_("文号"), _("付款方"), _("金额（元）"), _("到账日"), _("银行流水号")],
            receipts,
            _("钱到账以后由财政专员登记。"),
        ),
        Table(
            "reminders",
            _("催拨"),
            [_("催拨日"), _("怎么催的"), _("欠拨（元）"), _("要求答复日"), _("催拨人")],
            reminders,
            _("过了应拨日没有到账的，才能催。"),
        ),
    ]


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def premium_draw(request: HttpRequest) -> HttpResponse:
    """Draw the year's bills by the head counts that stand."""
    terms = programme_of(request)
    return act(
        request,
        DrawForm(request.POST),
        lambda said: draw_bills(programme_from=terms.valid.from_on, **said, **signed(request)),
        done=_("保费通知书已出具，没有变化的不重出"),
        back=f"{reverse('desk:premium')}?from={terms.valid.from_on}",
    )


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def premium_freeze(request: HttpRequest, number: str) -> HttpResponse:
    """Freeze a county's head count, or correct it."""
    year = programme_of(request).valid.from_on

    def freeze(said: dict[str, Any]) -> object:
        file, reason = said.pop("paper"), said.pop("reason")
        kept = keep_paper(file)
        paper = Paper(kept.name, kept.path, kept.sha256)
        new = NewHeadCount(county_code=number, programme_from=year, paper=paper, **said)
        return freeze_head_count(new=new, reason=reason, **signed(request))

    return act(
        request,
        HeadCountForm(request.POST, request.FILES),
        freeze,
        done=_("人数已核定"),
        back=f"{reverse('desk:premium_county', args=[number])}?from={year}",
    )


@allow(*READERS)
@require_safe
def premium_evidence(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out the paper that a head count rests on."""
    try:
        found = get_head_count(pk, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404(pk) from missing
    file = read_paper(found.paper_path, found.paper_sha256)
    if file is None:
        raise Http404(pk)
    return FileResponse(file, as_attachment=True, filename=found.paper_name)


routes: list[URLPattern] = [
    path("underwriting/", premium, name="premium"),
    path("underwriting/draw/", premium_draw, name="premium_draw"),
    path("underwriting/county/<str:number>/", premium_county, name="premium_county"),
    path("underwriting/county/<str:number>/freeze/", premium_freeze, name="premium_freeze"),
    path("underwriting/evidence/<int:pk>/", premium_evidence, name="premium_evidence"),
]
