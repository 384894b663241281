"""The tender on screen (招标): bids, judges, sealed points, the award, the legal steps and what is late.

In: requests of policyholder, finance and audit, and of the judges. Out: pages.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.underwriting.errors import ScoresMissing
from yiyuan.apps.underwriting.judging import (
    count_sealed,
    list_scores,
    rank_bids,
)
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.tendering import (
    list_steps,
)
from yiyuan.apps.underwriting.tenders import (
    find_award,
    list_bids,
    list_criteria,
    list_judges,
    list_tenders,
    records_until,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, scope_of
from yiyuan.interfaces.desk.file_page import (
    READERS,
    Act,
    Cell,
    Table,
    number,
    plain_day,
    programme_of,
    show,
)
from yiyuan.interfaces.desk.pages.file_papers import tender_papers
from yiyuan.interfaces.desk.pages.tender_acts import ScoreForm, TenderForm, civil_acts, find_tender, name_of
from yiyuan.kernel.actor import Role


@allow(*STAFF)
@require_safe
def tenders(request: HttpRequest) -> HttpResponse:
    """Show the tenders, and to those who may the form for a new one."""
    terms, scope = programme_of(request), scope_of(request)
    actor = actor_of(request)
    # A judge of another post comes here to score, and finds the tenders they judge.
    reads = bool(actor.roles & set(READERS))
    found = [
        one
        for one in list_tenders(scope=scope)
        if reads or actor.id in {judge.username for judge in list_judges(one)}
    ]
    rows = [
        [
            Cell(one.number, reverse("desk:tender", args=[one.number])),
            Cell(one.title),
            number(one.budget_fen, fen=True),
            Cell(f"{localtime(one.closes_at):%Y-%m-%d %H:%M}"),
        ]
        for one in found
    ]
    heads = [_("编号"), _("名称"), _("预算（元）"), _("投标截止")]
    parts: list[Table | Act] = [Table("tenders", _("招标"), heads, rows, _("由市民政专员登记。"))]
    if Role.CIVIL_AFFAIRS in actor.roles and scope.is_city:
        hidden = [("programme_from", terms.valid.from_on)]
        parts.append(
            Act("open", _("登记招标"), TenderForm(), reverse("desk:tender_open"), _("登记招标"), hidden)
        )
    title = _("招标 %(count)d 次") % {"count": len(rows)}
    law = procurement()
    lead = _("投标时间至少 %(days)d 天（%(law)s）。") % {
        "days": law.bid_period_days, "law": law.bid_period_law,
    }  # fmt: skip
    return show(request, title=title, lead=lead, parts=parts, current="tenders")


@allow(*STAFF)
@require_safe
def tender(request: HttpRequest, number: str) -> HttpResponse:
    """Show one tender as far as this person may see it."""
    found, actor = find_tender(request, number), actor_of(request)
    is_judge = actor.id in {judge.username for judge in list_judges(found)}
    if not is_judge and not actor.roles & set(READERS):
        raise Http404(number)
    scored, judges = count_sealed(found)
    until = records_until(found)
    said = {
        "number": found.number, "scored": scored, "judges": judges,
        "closes": f"{localtime(found.closes_at):%Y-%m-%d %H:%M}", "until": until,
    }  # fmt: skip
    title = _("%(number)s：评委 %(judges)d 人，已评 %(scored)d 人") % said
    lead = _("投标截止 %(closes)s。全部评完以前，谁也看不到别人的分。") % said
    if until:
        lead += _("档案保存到 %(until)s。") % said
    parts: list[Table | Act] = [*_bid_tables(found, actor), _steps_table(found)]
    parts.extend(tender_papers(request, found))
    if is_judge and not any(one.judge.username == actor.id for one in list_scores(found, actor)):
        url = reverse("desk:tender_score", args=[found.number])
        parts.append(Act("score", _("我的评分"), ScoreForm(found), url, _("交上评分，交了不能改")))
    if Role.CIVIL_AFFAIRS in actor.roles:
        parts.extend(civil_acts(request, found))
    crumbs = [{"label": _("招标"), "url": reverse("desk:tenders")}, {"label": found.number}]
    return show(request, title=title, lead=lead, parts=parts, crumbs=crumbs)


def _bid_tables(found: Any, actor: Any) -> list[Table]:
    try:
        ranked = rank_bids(found)
    except ScoresMissing:
        ranked = []
    rank = {one.bid_id: (place, one.centipoints) for place, one in enumerate(ranked, start=1)}
    bids = []
    for one in list_bids(found):
        place, centipoints = rank.get(one.pk, ("—", None))
        points = "—" if centipoints is None else f"{centipoints // 100}.{centipoints % 100:02d}"
        bids.append(
            [
                Cell(one.bidder),
                number(one.price_fen, fen=True),
                Cell(f"{localtime(one.received_at):%Y-%m-%d %H:%M}"),
                Cell(points, right=True),
                Cell(place, right=True),
            ]
        )
    judges = [[Cell(one.name)] for one in list_judges(found)]
    seen = [
        [
            Cell(one.bid.bidder),
            Cell(name_of(one.criterion)),
            Cell(one.judge.name),
            Cell(one.points, right=True),
        ]
        for one in list_scores(found, actor)
    ]
    heads = [_("投标人"), _("报价（元）"), _("收到时间"), _("得分"), _("名次")]
    weights = " · ".join(f"{name_of(one)} {one.weight_bp / 100:g}%" for one in list_criteria(found))
    return [
        Table("bids", _("投标和名次"), heads, bids, _("截止以前收到的才登记。"), weights),
        Table("judges", _("评委"), [_("姓名")], judges, _("还没有指定。")),
        Table(
            "scores",
            _("评分"),
            [_("投标人"), _("评分项"), _("评委"), _("分")],
            seen,
            _("全部评完以后在这里公开，在那以前只看得到自己的。"),
        ),
    ]


def _steps_table(found: Any) -> Table:
    today, award = clock.today(), find_award(found)
    rows = []
    if award:
        word = award.agreed_by_name or _("等另一人定标")
        rows.append(
            [
                Cell(_("定标：%(bidder)s") % {"bidder": award.bid.bidder}),
                Cell("—"),
                Cell(plain_day(award.agreed_at and localtime(award.agreed_at).date())),
                Cell(f"{award.proposed_by_name} · {word}", mark="done" if award.agreed_by else "open"),
                Cell(award.reason or "—"),
            ]
        )
    for one in list_steps(found, today):
        late = one.is_late(today)
        word, mark = (_("已办"), "done") if one.done_on else (_("没到"), "open")
        if late:
            word, mark = (_("办了，晚了") if one.done_on else _("超期未办")), "back"
        rows.append(
            [
                Cell(name_of(one.step)),
                Cell(plain_day(one.due_on)),
                Cell(plain_day(one.done_on)),
                Cell(word, mark=mark),
                Cell(one.step.law),
            ]
        )
    heads = [_("步骤"), _("最迟日"), _("办结日"), _("状态"), _("依据")]
    return Table("steps", _("法定步骤"), heads, rows, "")


routes: list[URLPattern] = [
    path("underwriting/tenders/", tenders, name="tenders"),
    path("underwriting/tenders/<str:number>/", tender, name="tender"),
]
