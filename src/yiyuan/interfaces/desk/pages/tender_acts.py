"""What is done in a tender (招标办理): bids, judges, points, the award by two persons, the legal steps.

In: the forms of a tender's page. Out: the forms a person may use now; every act is one domain call.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yiyuan.apps.accounts.queries import list_staff
from yiyuan.apps.underwriting.judging import (
    POINTS_MAX,
    appoint_judge,
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
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, scope_of
from yiyuan.interfaces.desk.file_page import (
    Act,
    DayField,
    act,
    programme_of,
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
                    label=f"{bid.bidder} · {name_of(criterion)}", min_value=0, max_value=POINTS_MAX
                )


def name_of(one: Any) -> str:
    """Return the name of a criterion or step in the language of the page."""
    return str(one.name_en if get_language() == "en" else one.name_zh)


def find_tender(request: HttpRequest, number: str) -> Any:
    """Return one tender.

    :raises Http404: there is none, or the reader is not the city's.
    """
    try:
        return get_tender(number, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404(number) from missing


def civil_acts(request: HttpRequest, found: Any) -> Sequence[Act]:
    """Return the forms that a civil-affairs officer may use on a tender's page now."""
    actor, award = actor_of(request), find_award(found)
    staff = [(one.username, one.name) for one in list_staff(scope_of(request)) if one.is_active]
    bids = [(one.pk, f"{one.bidder} {yuan(one.price_fen)}") for one in list_bids(found)]
    steps = [
        (one.step.name, name_of(one.step))
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
    pk = find_tender(request, number).pk
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
    pk = find_tender(request, number).pk
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
    found = find_tender(request, number)

    def keep(said: dict[str, Any]) -> object:
        points = {tuple(map(int, name.split("-"))): one for name, one in said.items()}
        pairs = {(bid, criterion): one for (bid, criterion), one in points.items()}
        return record_scores(tender_id=found.pk, points=pairs, **signed(request))

    return _does(request, number, ScoreForm(found, request.POST), keep, _("评分已交"))


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_award(request: HttpRequest, number: str) -> HttpResponse:
    """Propose who wins."""
    bids = {str(one.pk): one.pk for one in list_bids(find_tender(request, number))}
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
    award = find_award(find_tender(request, number))
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
    pk = find_tender(request, number).pk
    return _does(
        request,
        number,
        _chosen(request, StepForm),
        lambda said: record_step(tender_id=pk, name=said.pop("chosen"), **said, **signed(request)),
        _("已登记"),
    )


routes: list[URLPattern] = [
    path("underwriting/tenders/open/", tender_open, name="tender_open"),
    path("underwriting/tenders/<str:number>/bid/", tender_bid, name="tender_bid"),
    path("underwriting/tenders/<str:number>/judge/", tender_judge, name="tender_judge"),
    path("underwriting/tenders/<str:number>/score/", tender_score, name="tender_score"),
    path("underwriting/tenders/<str:number>/award/", tender_award, name="tender_award"),
    path("underwriting/tenders/<str:number>/agree/", tender_agree, name="tender_agree"),
    path("underwriting/tenders/<str:number>/step/", tender_step, name="tender_step"),
]
