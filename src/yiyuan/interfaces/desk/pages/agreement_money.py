"""What is agreed on money, on screen (费用约定): expense, reserve, risk sharing, penalties, clause by clause.

In: what the agreement's paper says. Out: a table of the agreement's page, and the form that writes it down.
"""

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yiyuan.apps.underwriting.money_terms import (
    AgreedMoney,
    Band,
    NewMoneyTerms,
    NewPenalty,
    Share,
    find_agreed_money,
    write_money_terms,
)
from yiyuan.interfaces.desk.access import actor_of, allow, scope_of
from yiyuan.interfaces.desk.file_page import Act, Cell, Table, act, signed
from yiyuan.interfaces.desk.pages.premium_acts import YuanField
from yiyuan.interfaces.desk.underwriting_words import PROMISES
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan

PERCENT = re.compile(r"(\d{1,4})(?:\.(\d{1,2}))?\s*%?")
OPEN_END = ("-", "—", "–")
EXPENSE_OF: dict[str, Promise] = {
    "received": gettext_lazy("已收保费"), "billed": gettext_lazy("应收保费"),
}  # fmt: skip
RESERVE_OF: dict[str, Promise] = {
    "surplus": gettext_lazy("结余"), "premium": gettext_lazy("应收保费"),
}  # fmt: skip


def _basis_points(text: str) -> int:
    said = PERCENT.fullmatch(text.strip())
    if said is None:
        raise forms.ValidationError(gettext_lazy("百分比应像 12.5"))
    return int(said[1]) * 100 + int((said[2] or "").ljust(2, "0"))


class PercentField(forms.CharField):
    """A percentage, two places at most; gives basis points, None where nothing is written."""

    def clean(self, value: object) -> int | None:
        """Return the basis points."""
        text = str(super().clean(value))
        return _basis_points(text) if text else None


class BandsField(forms.CharField):
    """One band a line: from, below, the policyholder's share, the insurers' share, in percent."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def clean(self, value: object) -> list[Band]:
        """Return the bands as they stand."""
        found = []
        for line in str(super().clean(value)).splitlines():
            words = line.split()
            if len(words) != 4:
                raise forms.ValidationError(gettext_lazy("每行四个百分比：满、不到、投保方、承保方"))
            below_bp = None if words[1] in OPEN_END else _basis_points(words[1])
            from_bp, held_bp, borne_bp = (_basis_points(words[place]) for place in (0, 2, 3))
            found.append(Band(from_bp, below_bp, held_bp, borne_bp))
        return found


def _clause(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=40, required=False)


class MoneyForm(forms.Form):
    """What the paper says of money; what it does not say stays empty."""

    use_required_attribute = False
    paper = forms.CharField(
        label=gettext_lazy("写在哪份文件里"),
        max_length=100,
        help_text=gettext_lazy("文件没有写的留空，留空就是没有约定"),
    )
    expense_bp = PercentField(label=gettext_lazy("费用占百分之几"), required=False)
    expense_of = forms.ChoiceField(label=gettext_lazy("费用按什么算"), choices=list(EXPENSE_OF.items()))
    expense_clause = _clause(gettext_lazy("费用条款"))
    reserve_bp = PercentField(label=gettext_lazy("准备金提百分之几"), required=False)
    reserve_of = forms.ChoiceField(label=gettext_lazy("准备金按什么提"), choices=list(RESERVE_OF.items()))
    reserve_limit_fen = YuanField(label=gettext_lazy("准备金最多（元）"), required=False)
    reserve_clause = _clause(gettext_lazy("准备金条款"))
    bands = BandsField(
        label=gettext_lazy("风险分担（按赔付率分档）"),
        required=False,
        help_text=gettext_lazy("每行：满 不到 投保方 承保方，如 0 90 50 50；最后一档写 90 - 0 100"),
    )
    risk_clause = _clause(gettext_lazy("风险分担条款"))

    def __init__(self, kinds: list[str], has_earlier: bool, data: Any = None) -> None:
        super().__init__(data)
        for kind in kinds:
            words = {"promise": PROMISES[kind]}
            self.fields[f"day_{kind}"] = YuanField(
                label=_("“%(promise)s”没做到，每天违约金（元）") % words, required=False
            )
            self.fields[f"most_{kind}"] = YuanField(label=_("每月最多（元）"), required=False)
            self.fields[f"clause_{kind}"] = _clause(_("违约金条款"))
        if has_earlier:
            self.fields["reason"] = forms.CharField(
                label=_("为什么改（补充协议）"), max_length=300, help_text=_("原来的约定不动，另记一份")
            )


def _kinds(agreement: Any) -> list[str]:
    return [one.kind for one in agreement.promises.order_by("pk")]


def money_act(request: HttpRequest, agreement: Any) -> list[Act]:
    """Return the form that writes down what is agreed on money, for those who may."""
    if Role.CIVIL_AFFAIRS not in actor_of(request).roles or not scope_of(request).is_city:
        return []
    form = MoneyForm(_kinds(agreement), find_agreed_money(agreement) is not None)
    url = reverse("desk:agreement_money", args=[agreement.pk])
    return [Act("write-money", _("登记费用约定"), form, url, _("登记费用约定"))]


def money_table(agreement: Any) -> Table:
    """Return what is agreed on money, and what is not."""
    agreed = find_agreed_money(agreement)
    note = ""
    if agreed:
        said = {
            "paper": agreed.paper, "name": agreed.written_by_name,
            "day": localtime(agreed.written_at).date(),
        }  # fmt: skip
        note = _("写在 %(paper)s；%(name)s %(day)s 登记。") % said
    rows = [
        *_expense_rows(agreed), *_reserve_rows(agreed), *_risk_rows(agreed),
        *(row for kind in _kinds(agreement) for row in _penalty_rows(agreed, kind)),
    ]  # fmt: skip
    heads = [_("事项"), _("条款"), _("约定")]
    return Table("money", _("费用、准备金、风险分担、违约金"), heads, rows, "", note)


def _open(what: str) -> list[Cell]:
    return [Cell(what), Cell("—"), Cell(_("没有约定"), mark="open")]


def _expense_rows(agreed: AgreedMoney | None) -> list[list[Cell]]:
    if agreed is None or agreed.expense is None:
        return [_open(_("费用"))]
    one = agreed.expense
    said = {"of": EXPENSE_OF[one.of], "share": f"{one.share_bp / 100:g}"}
    return [[Cell(_("费用")), Cell(one.clause), Cell(_("%(of)s的 %(share)s%%") % said)]]


def _reserve_rows(agreed: AgreedMoney | None) -> list[list[Cell]]:
    if agreed is None or agreed.reserve is None:
        return [_open(_("风险准备金"))]
    one = agreed.reserve
    text = _("%(of)s的 %(share)s%%") % {"of": RESERVE_OF[one.of], "share": f"{one.share_bp / 100:g}"}
    if one.limit_fen is not None:
        text += _("，最多 %(sum)s 元") % {"sum": yuan(one.limit_fen)}
    return [[Cell(_("风险准备金")), Cell(one.clause), Cell(text)]]


def _risk_rows(agreed: AgreedMoney | None) -> list[list[Cell]]:
    if agreed is None or agreed.sharing is None:
        return [_open(_("风险分担"))]
    rows = []
    for band in agreed.sharing.bands:
        below = _("不到 %(ratio)s%%") % {"ratio": f"{band.below_bp / 100:g}"} if band.below_bp else ""
        what = _("赔付率满 %(ratio)s%% %(below)s") % {"ratio": f"{band.from_bp / 100:g}", "below": below}
        shares = dict(band.shares)
        text = _("投保方 %(city)s%%，承保方 %(insurer)s%%") % {
            "city": f"{shares['policyholder'] / 100:g}", "insurer": f"{shares['insurer'] / 100:g}",
        }  # fmt: skip
        rows.append([Cell(what.strip()), Cell(band.clause), Cell(text)])
    return rows


def _penalty_rows(agreed: AgreedMoney | None, kind: str) -> list[list[Cell]]:
    what = _("违约金：%(promise)s") % {"promise": PROMISES[kind]}
    if agreed is None or kind not in agreed.penalties:
        return [_open(what)]
    one = agreed.penalties[kind]
    text = _("每天 %(sum)s 元") % {"sum": yuan(one.fen_per_day)}
    if one.limit_fen_per_month is not None:
        text += _("，每月最多 %(sum)s 元") % {"sum": yuan(one.limit_fen_per_month)}
    return [[Cell(what), Cell(one.clause), Cell(text)]]


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_money(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what is agreed on money."""
    kinds = [name.removeprefix("day_") for name in request.POST if name.removeprefix("day_") in PROMISES]

    def write(said: dict[str, Any]) -> object:
        reason = said.pop("reason", "")
        return write_money_terms(agreement_id=pk, new=_said(kinds, said), reason=reason, **signed(request))

    return act(
        request,
        MoneyForm(kinds, "reason" in request.POST, request.POST),
        write,
        done=_("费用约定已登记"),
        back=f"{reverse('desk:agreement')}",
    )


def _said(kinds: list[str], said: dict[str, Any]) -> NewMoneyTerms:
    expense = reserve = None
    if said["expense_bp"] is not None:
        expense = Share(said["expense_bp"], said["expense_of"], said["expense_clause"])
    if said["reserve_bp"] is not None:
        limit_fen = said["reserve_limit_fen"]
        reserve = Share(said["reserve_bp"], said["reserve_of"], said["reserve_clause"], limit_fen)
    penalties = [
        NewPenalty(kind, said[f"clause_{kind}"], said[f"day_{kind}"], said[f"most_{kind}"])
        for kind in kinds
        if said[f"day_{kind}"] is not None
    ]
    return NewMoneyTerms(said["paper"], expense, reserve, said["bands"], said["risk_clause"], penalties)


routes: list[URLPattern] = [
    path("underwriting/agreement/<int:pk>/money/", agreement_money, name="agreement_money"),
]
