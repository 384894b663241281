"""The tender on screen (招标): bids, judges, sealed points, the award, the legal steps and what is late.

In: requests of policyholder, finance and audit, and of the judges. Out: pages; each act is one domain call.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.accounts.queries import list_staff
from yiyuan.apps.underwriting.errors import ScoresMissing
from yiyuan.apps.underwriting.judging import (
    POINTS_MAX,
    appoint_judge,
    count_sealed,
    list_scores,
    rank_bids,
    record_scores,
)
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.tendering import (
    NewTender,
    agree_award,
    list_steps,
    open_tender,
    propose_award,
    record_bid,
    record_step,
)
from yiyuan.apps.underwriting.tenders import (
    find_award,
    get_tender,
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
    DayField,
    Table,
    act,
    number,
    plain_day,
    programme_of,
    show,
    signed,
)
from yiyuan.interfaces.desk.pages.premium_acts import ChoiceForm, YuanField
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan


class MomentField(forms.DateTimeField):
    """A day and an hour, asked for by the browser's own calendar."""

    def __init__(self, **words: Any) -> None:
        words["error_messages"] = {"invalid": gettext_lazy("时间应像 2018-11-21 09:00")}
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **words)


class TenderForm(forms.Form):
    """What the tender's paper says; a weight for each criterion in percent."""

    use_required_attribute = False
    title = forms.CharField(label=gettext_lazy("名称"), max_length=200)
    budget_fen = YuanField(label=gettext_lazy("预算（元）"))
    published_on = DayField(label=gettext_lazy("招标文件发出日"))
    closes_at = MomentField(label=gettext_lazy("投标截止"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        place = 1 if get_language() == "en" else 0
        for one in procurement().criteria:
            label = _("%(criterion)s（%%）") % {"criterion": (one.name_zh, one.name_en)[place]}
            self.fields[f"weight_{one.name}"] = forms.IntegerField(
                label=label, min_value=0, max_value=100, initial=one.weight_bp // 100
            )


class BidForm(forms.Form):
    """Who bids, for how much, and when it came."""

    use_required_attribute = False
    bidder = forms.CharField(label=gettext_lazy("投标人"), max_length=60)
    price_fen = YuanField(label=gettext_lazy("报价（元）"))
    received_at = MomentField(label=gettext_lazy("收到时间"))


class JudgeForm(ChoiceForm):
    """Who judges."""

    word = gettext_lazy("评委")


class AwardForm(ChoiceForm):
    """Who wins, and why where it is not the first in rank."""

    word = gettext_lazy("中标人")
    reason = forms.CharField(label=gettext_lazy("不是第一名的，为什么"), max_length=300, required=False)


class StepForm(ChoiceForm):
    """Which legal step was done, when, and where it shows."""

    word = gettext_lazy("哪一步")
    done_on = DayField(label=gettext_lazy("办结日"))
    note = forms.CharField(label=gettext_lazy("在哪里看得到"), max_length=200, required=False)


class ScoreForm(forms.Form):
    """A judge's points for every criterion of every bid."""

    use_required_attribute = False

    def __init__(self, tender: Any, data: Any = None) -> None:
        super().__init__(data)
        for bid in list_bids(tender):
            for criterion in list_criteria(tender):
                self.fields[f"{bid.pk}-{criterion.pk}"] = forms.IntegerField(
                    label=f"{bid.bidder} · {_name(criterion)}", min_value=0, max_value=POINTS_MAX
                )


def _name(one: Any) -> str:
    return str(one.name_en if get_language() == "en" else one.name_zh)


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
    found, actor = _tender(request, number), actor_of(request)
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
    if is_judge and not any(one.judge.username == actor.id for one in list_scores(found, actor)):
        url = reverse("desk:tender_score", args=[found.number])
        parts.append(Act("score", _("我的评分"), ScoreForm(found), url, _("交上评分，交了不能改")))
    if Role.CIVIL_AFFAIRS in actor.roles:
        parts.extend(_civil_acts(request, found))
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
        [Cell(one.bid.bidder), Cell(_name(one.criterion)), Cell(one.judge.name), Cell(one.points, right=True)]
        for one in list_scores(found, actor)
    ]
    heads = [_("投标人"), _("报价（元）"), _("收到时间"), _("得分"), _("名次")]
    weights = " · ".join(f"{_name(one)} {one.weight_bp / 100:g}%" for one in list_criteria(found))
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
                Cell(_name(one.step)),
                Cell(plain_day(one.due_on)),
                Cell(plain_day(one.done_on)),
                Cell(word, mark=mark),
                Cell(one.step.law),
            ]
        )
    heads = [_("步骤"), _("最迟日"), _("办结日"), _("状态"), _("依据")]
    return Table("steps", _("法定步骤"), heads, rows, "")


def _civil_acts(request: HttpRequest, found: Any) -> Sequence[Act]:
    actor, award = actor_of(request), find_award(found)
    staff = [(one.username, one.name) for one in list_staff(scope_of(request)) if one.is_active]
    bids = [(one.pk, f"{one.bidder} {yuan(one.price_fen)}") for one in list_bids(found)]
    steps = [
        (one.step.name, _name(one.step))
        for one in list_steps(found, clock.today())
        if one.due_on and not one.done_on
    ]
    is_closed = clock.now() > found.closes_at
    offered: list[tuple[bool, str, str, forms.Form, str]] = [
        (not award, "bid", _("登记投标"), BidForm(), _("登记投标")),
        (not award, "judge", _("指定评委"), JudgeForm(staff), _("指定")),
        (not award and is_closed and bool(bids), "award", _("提议定标"), AwardForm(bids), _("提议定标")),
        (
            bool(award and not award.agreed_by and award.proposed_by != actor.id),
            "agree",
            _("同意定标"),
            forms.Form(),
            _("同意定标"),
        ),
        (bool(steps), "step", _("登记法定步骤"), StepForm(steps), _("登记")),
    ]
    return [
        Act(name, title, form, reverse(f"desk:tender_{name}", args=[found.number]), button)
        for is_offered, name, title, form, button in offered
        if is_offered
    ]


def _tender(request: HttpRequest, number: str) -> Any:
    try:
        return get_tender(number, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404(number) from missing


def _does(
    request: HttpRequest, number: str, form: forms.Form, call: Callable[[dict[str, Any]], object], done: str
) -> HttpResponse:
    return act(request, form, call, done=done, back=reverse("desk:tender", args=[number]))


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_open(request: HttpRequest) -> HttpResponse:
    """Keep a tender that has been published."""
    year = programme_of(request).valid.from_on

    def keep(said: dict[str, Any]) -> object:
        names = [name for name in said if name.startswith("weight_")]
        weights = {name.removeprefix("weight_"): said.pop(name) * 100 for name in names}
        new = NewTender(programme_from=year, weights_bp=weights, **said)
        return open_tender(new=new, **signed(request))

    back = reverse("desk:tenders")
    return act(request, TenderForm(request.POST), keep, done=_("招标已登记"), back=back)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_bid(request: HttpRequest, number: str) -> HttpResponse:
    """Record a bid."""
    pk = _tender(request, number).pk
    return _does(
        request,
        number,
        BidForm(request.POST),
        lambda said: record_bid(tender_id=pk, **said, **signed(request)),
        _("投标已登记"),
    )


def _chosen(request: HttpRequest, form: type[ChoiceForm]) -> ChoiceForm:
    chosen = request.POST.get("chosen", "")[:150]
    return form([(chosen, chosen)], request.POST)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_judge(request: HttpRequest, number: str) -> HttpResponse:
    """Appoint a judge."""
    pk = _tender(request, number).pk
    return _does(
        request,
        number,
        _chosen(request, JudgeForm),
        lambda said: appoint_judge(tender_id=pk, username=said["chosen"], **signed(request)),
        _("评委已指定"),
    )


@allow(*STAFF)
@require_POST
def tender_score(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a judge's points."""
    found = _tender(request, number)

    def keep(said: dict[str, Any]) -> object:
        points = {tuple(map(int, name.split("-"))): one for name, one in said.items()}
        pairs = {(bid, criterion): one for (bid, criterion), one in points.items()}
        return record_scores(tender_id=found.pk, points=pairs, **signed(request))

    return _does(request, number, ScoreForm(found, request.POST), keep, _("评分已交"))


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_award(request: HttpRequest, number: str) -> HttpResponse:
    """Propose who wins."""
    bids = {str(one.pk): one.pk for one in list_bids(_tender(request, number))}
    return _does(
        request,
        number,
        _chosen(request, AwardForm),
        lambda said: propose_award(
            bid_id=bids.get(said["chosen"], 0), reason=said["reason"], **signed(request)
        ),
        _("已提议定标，等另一位民政专员同意"),
    )


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_agree(request: HttpRequest, number: str) -> HttpResponse:
    """Agree to an award."""
    award = find_award(_tender(request, number))
    return _does(
        request,
        number,
        forms.Form(request.POST),
        lambda _said: agree_award(award_id=award.pk if award else 0, **signed(request)),
        _("已定标"),
    )


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_step(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a legal step was done."""
    pk = _tender(request, number).pk
    return _does(
        request,
        number,
        _chosen(request, StepForm),
        lambda said: record_step(tender_id=pk, name=said.pop("chosen"), **said, **signed(request)),
        _("已登记"),
    )


routes: list[URLPattern] = [
    path("underwriting/tenders/", tenders, name="tenders"),
    path("underwriting/tenders/open/", tender_open, name="tender_open"),
    path("underwriting/tenders/<str:number>/", tender, name="tender"),
    path("underwriting/tenders/<str:number>/bid/", tender_bid, name="tender_bid"),
    path("underwriting/tenders/<str:number>/judge/", tender_judge, name="tender_judge"),
    path("underwriting/tenders/<str:number>/score/", tender_score, name="tender_score"),
    path("underwriting/tenders/<str:number>/award/", tender_award, name="tender_award"),
    path("underwriting/tenders/<str:number>/agree/", tender_agree, name="tender_agree"),
    path("underwriting/tenders/<str:number>/step/", tender_step, name="tender_step"),
]
