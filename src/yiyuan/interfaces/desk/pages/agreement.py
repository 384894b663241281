"""The agreement and its bonds on screen (协议、保证金): parties, promises, signatures, reports, calls.

In: requests of policyholder, finance and audit. Out: pages; each act is one domain call.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.underwriting.agreements import find_agreement, list_bonds, list_calls
from yiyuan.apps.underwriting.bonding import (
    NewBond,
    agree_call,
    left_of,
    propose_call,
    receive_bond,
    record_called_money,
    return_bond,
)
from yiyuan.apps.underwriting.contracting import put_in_force, record_report, record_signature
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.lights import Light, list_lights
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, may_see, scope_of
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
from yiyuan.interfaces.desk.pages.agreement_draft import draft_act
from yiyuan.interfaces.desk.pages.agreement_money import money_act, money_table
from yiyuan.interfaces.desk.pages.file_papers import agreement_papers
from yiyuan.interfaces.desk.pages.premium_acts import YuanField
from yiyuan.interfaces.desk.underwriting_words import PROMISES
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan

LIGHTS: dict[str, tuple[Promise, str]] = {
    "kept": (gettext_lazy("做到了"), "done"),
    "broken": (gettext_lazy("没做到"), "back"),
    "unknown": (gettext_lazy("还说不准"), "open"),
}
PARTIES = {"policyholder": gettext_lazy("投保方"), "insurer": gettext_lazy("承保方")}


class SignForm(forms.Form):
    """Who signed for which side, and when."""

    use_required_attribute = False
    party = forms.ChoiceField(label=gettext_lazy("哪一方"), choices=list(PARTIES.items()))
    signer = forms.CharField(label=gettext_lazy("签署人"), max_length=80)
    signed_on = DayField(label=gettext_lazy("签署日"))


class StartForm(forms.Form):
    """From which day the agreement is in force."""

    use_required_attribute = False
    from_on = DayField(label=gettext_lazy("生效日"))


class ReportForm(forms.Form):
    """Which month's report was delivered, and when."""

    use_required_attribute = False
    month = DayField(label=gettext_lazy("哪个月（写当月任何一天）"))
    delivered_on = DayField(label=gettext_lazy("送达日"))


class BondForm(forms.Form):
    """What the paper that stands for the bond says."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=gettext_lazy("形式"), help_text=gettext_lazy("不收现金"))
    amount_fen = YuanField(label=gettext_lazy("金额（元）"))
    issuer = forms.CharField(label=gettext_lazy("出具机构"), max_length=100)
    document_no = forms.CharField(label=gettext_lazy("凭证号"), max_length=60)
    received_on = DayField(label=gettext_lazy("收到日"))
    expires_on = DayField(label=gettext_lazy("到期日"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(bond_kinds().items())


class CallForm(forms.Form):
    """How much of the bond is called, and why."""

    use_required_attribute = False
    amount_fen = YuanField(label=gettext_lazy("金额（元）"))
    reason = forms.CharField(label=gettext_lazy("为什么动用"), max_length=300)


class ArrivedForm(forms.Form):
    """When the called money came."""

    use_required_attribute = False
    arrived_on = DayField(label=gettext_lazy("到账日"))


class ReturnForm(forms.Form):
    """When the bond went back."""

    use_required_attribute = False
    returned_on = DayField(label=gettext_lazy("退还日"))


def bond_kinds() -> dict[str, str]:
    """Return the kinds of bonds the law allows, in the language of the page."""
    place = 1 if get_language() == "en" else 0
    return {code: names[place] for code, names in procurement().bond_kinds.items()}


@allow(*READERS)
@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """Show the agreement of the year, or the form that drafts it."""
    terms, scope = programme_of(request), scope_of(request)
    found = find_agreement(terms.valid.from_on, scope=scope)
    if found is None:
        parts: Sequence[Table | Act] = [
            Table("none", _("合作协议"), [], [], _("还没有登记；由市民政专员登记，签了、交了保证金才生效。")),
            *draft_act(request, terms),
        ]
        title = _("%(year)d 年还没有合作协议") % {"year": terms.valid.from_on.year}
        lead = _("协议是市里的，县区看不到。") if not scope.is_city else ""
        return show(request, title=title, lead=lead, parts=parts, current="agreement")
    in_force = getattr(found, "in_force", None)
    lights = list_lights(found, clock.today())
    broken = sum(one.state == "broken" for one in lights)
    said = {"number": found.number, "broken": broken, "day": in_force.from_on if in_force else ""}
    title = (
        _("%(number)s 从 %(day)s 起生效，%(broken)d 项没做到")
        if in_force
        else _("%(number)s 还没有生效，%(broken)d 项没做到")
    ) % said
    lead = _("合同金额 %(sum)s 元，要交保证金 %(bond)s 元。") % {
        "sum": yuan(found.contract_fen), "bond": yuan(found.bond_fen),
    }  # fmt: skip
    parts = [
        _lights_table(request, lights),
        money_table(found),
        *_party_tables(found),
        *_acts(request, found, in_force),
        *money_act(request, found),
        *agreement_papers(request, found),
    ]
    return show(request, title=title, lead=lead, parts=parts, current="agreement")


def _lights_table(request: HttpRequest, lights: Sequence[Light]) -> Table:
    rows = []
    for one in lights:
        word, mark = LIGHTS[one.state]
        of = f"{one.reached} / {one.whole}"
        if one.kind == "on_time":
            of += f" · {one.target / 100:g}%"
        rows.append(
            [
                Cell(PROMISES[one.kind], _figure_url(request, one.kind)),
                Cell(one.clause),
                Cell(word, mark=mark),
                Cell(of, right=True),
                Cell(" · ".join(one.missing) or "—"),
            ]
        )
    heads = [_("承诺"), _("条款"), _("做到没有"), _("几个里做到几个"), _("缺的")]
    return Table("lights", _("承诺做到没有"), heads, rows, _("协议没有写可核对的承诺。"))


def _figure_url(request: HttpRequest, kind: str) -> str:
    if kind == "on_time":
        return reverse("desk:dashboard")
    if kind == "reports":
        return "#reports"
    return reverse("desk:offices") if may_see(request, [Role.ADMINISTRATOR]) else ""


def _party_tables(found: Any) -> list[Table]:
    insurers = [
        [
            Cell(one.name),
            Cell(f"{one.share_bp / 100:g}%", right=True),
            Cell(_("主承保") if one.is_lead else _("共保")),
        ]
        for one in found.insurers.all()
    ]
    signatures = [
        [Cell(PARTIES[one.party]), Cell(one.signer), Cell(plain_day(one.signed_on))]
        for one in found.signatures.all()
    ]
    reports = [[Cell(f"{one.month:%Y-%m}"), Cell(plain_day(one.delivered_on))] for one in found.reports.all()]
    kinds = bond_kinds()
    bonds = [
        [
            Cell(one.number),
            Cell(kinds.get(one.kind, one.kind)),
            Cell(one.issuer),
            number(one.amount_fen, fen=True),
            number(left_of(one), fen=True),
            Cell(plain_day(one.expires_on)),
        ]
        for one in list_bonds(found)
    ]
    calls = [
        [
            Cell(one.bond.number),
            number(one.amount_fen, fen=True),
            Cell(one.reason),
            Cell(one.proposed_by_name),
            Cell(one.agreed_by_name or "—"),
            Cell(plain_day(one.arrived_on)),
        ]
        for one in list_calls(found)
    ]
    bond_heads = [_("文号"), _("形式"), _("出具机构"), _("金额（元）"), _("还剩（元）"), _("到期日")]
    call_heads = [_("文号"), _("金额（元）"), _("为什么动用"), _("提议人"), _("同意人"), _("到账日")]
    return [
        Table("insurers", _("承保机构和份额"), [_("承保机构"), _("份额"), _("主次")], insurers, ""),
        Table(
            "signatures",
            _("签署"),
            [_("哪一方"), _("签署人"), _("签署日")],
            signatures,
            _("双方都签了才能生效。"),
        ),
        Table("bonds", _("履约保证金"), bond_heads, bonds, _("收到保函等凭证后登记，不收现金。")),
        Table("calls", _("动用保证金"), call_heads, calls, _("没有动用过；动用要两个人。")),
        Table("reports", _("月报"), [_("哪个月"), _("送达日")], reports, _("承保机构送来以后登记。")),
    ]


def _one(name: str, title: str, form: forms.Form, button: str, pk: int) -> Act:
    return Act(f"{name}-{pk}", title, form, reverse(f"desk:{name}", args=[pk]), button)


def _acts(request: HttpRequest, found: Any, in_force: Any) -> list[Act]:
    if not scope_of(request).is_city:
        return []
    acts: list[Act] = []
    if Role.CIVIL_AFFAIRS in actor_of(request).roles:
        if found.signatures.count() < len(PARTIES):
            acts.append(_one("agreement_sign", _("登记签署"), SignForm(), _("登记签署"), found.pk))
        if not in_force:
            acts.append(_one("agreement_start", _("让协议生效"), StartForm(), _("生效"), found.pk))
        acts.append(_one("agreement_report", _("登记月报"), ReportForm(), _("登记月报"), found.pk))
        acts.append(_one("bond_receive", _("登记保证金"), BondForm(), _("登记保证金"), found.pk))
    open_calls = {call.bond_id: call for call in list_calls(found) if not call.arrived_on}
    for bond in list_bonds(found):
        acts.extend(_bond_acts(request, bond, open_calls.get(bond.pk)))
    return acts


def _bond_acts(request: HttpRequest, bond: Any, call: Any) -> list[Act]:
    actor, words = actor_of(request), {"number": bond.number}
    if call is None:
        if Role.CIVIL_AFFAIRS not in actor.roles or not left_of(bond):
            return []
        return [
            _one("bond_call", _("动用 %(number)s") % words, CallForm(), _("提议动用"), bond.pk),
            _one("bond_return", _("退还 %(number)s") % words, ReturnForm(), _("退还"), bond.pk),
        ]
    if call.agreed_by:
        title = _("%(number)s 动用的钱到账") % words
        arrived = _one("bond_arrived", title, ArrivedForm(), _("登记到账"), call.pk)
        return [arrived] if Role.FINANCE in actor.roles else []
    title = _("同意动用 %(number)s") % words
    may_agree = Role.CIVIL_AFFAIRS in actor.roles and call.proposed_by != actor.id
    return [_one("bond_agree", title, forms.Form(), _("同意"), call.pk)] if may_agree else []


def _does(
    request: HttpRequest,
    form: forms.Form,
    service: Callable[..., object],
    done: str,
    **of: object,
) -> HttpResponse:
    return act(
        request,
        form,
        lambda said: service(**of, **said, **signed(request)),
        done=done,
        back=reverse("desk:agreement"),
    )


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a side has signed."""
    return _does(request, SignForm(request.POST), record_signature, _("签署已登记"), agreement_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the agreement in force."""
    return _does(request, StartForm(request.POST), put_in_force, _("协议已生效"), agreement_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a month's report."""
    return _does(request, ReportForm(request.POST), record_report, _("月报已登记"), agreement_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def bond_receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a bond."""

    def receive(**said: Any) -> object:
        own = {name: said.pop(name) for name in ("agreement_id", "actor", "occurred_at", "request_key")}
        return receive_bond(new=NewBond(**said), **own)

    return _does(request, BondForm(request.POST), receive, _("保证金已登记"), agreement_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def bond_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to call on a bond."""
    done = _("已提议动用，等另一位民政专员同意")
    return _does(request, CallForm(request.POST), propose_call, done, bond_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def bond_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a call on a bond."""
    return _does(request, forms.Form(request.POST), agree_call, _("已同意动用"), call_id=pk)


@allow(Role.FINANCE)
@require_POST
def bond_arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the called money has come."""
    return _does(request, ArrivedForm(request.POST), record_called_money, _("已登记到账"), call_id=pk)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def bond_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Give back what is left of a bond."""
    return _does(request, ReturnForm(request.POST), return_bond, _("保证金已退还"), bond_id=pk)


routes: list[URLPattern] = [
    path("underwriting/agreement/", agreement, name="agreement"),
    path("underwriting/agreement/<int:pk>/sign/", agreement_sign, name="agreement_sign"),
    path("underwriting/agreement/<int:pk>/start/", agreement_start, name="agreement_start"),
    path("underwriting/agreement/<int:pk>/report/", agreement_report, name="agreement_report"),
    path("underwriting/agreement/<int:pk>/bond/", bond_receive, name="bond_receive"),
    path("underwriting/bonds/<int:pk>/call/", bond_call, name="bond_call"),
    path("underwriting/bonds/<int:pk>/return/", bond_return, name="bond_return"),
    path("underwriting/bond-calls/<int:pk>/agree/", bond_agree, name="bond_agree"),
    path("underwriting/bond-calls/<int:pk>/arrived/", bond_arrived, name="bond_arrived"),
]
