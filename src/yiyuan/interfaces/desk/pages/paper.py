"""Typing in a paper bill (录入纸质票据): a stay the medical insurance's files have not brought yet.

In: a person and what stands on the paper, in yuan. Out: the proposal it became; or the form again with what
was found and what would be right.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.papers import use_feed
from yiyuan.apps.registry.errors import RegistryRefusal
from yiyuan.apps.registry.paper import NewPaperBill, record_paper_bill
from yiyuan.apps.registry.queries import PersonView, get_person
from yiyuan.apps.screening.at_desk import propose_at_desk
from yiyuan.apps.screening.errors import ScreeningRefusal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.fact_labels import AMOUNTS
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import AMOUNT_FEN_MAX, read_yuan, yuan

PAYERS = ("hifp_pay_fen", "hifmi_pay_fen", "maf_pay_fen", "oth_pay_fen")
DAYS = {
    "required": gettext_lazy("请照票据写这一天"),
    "invalid": gettext_lazy("日期应像 2019-11-21"),
}


class YuanField(forms.CharField):
    """Yuan as a person writes them; the cleaned value is fen."""

    def __init__(self, **words: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **words)

    def clean(self, value: object) -> int:
        """Return fen; nothing written is 0 where nothing has to be."""
        text = str(super().clean(value)).replace("，", ",")
        try:
            fen = read_yuan(text) if text else 0
        except ValueError as error:
            raise forms.ValidationError(_("应是元，最多两位小数，如 1249.80")) from error
        if not 0 <= fen <= AMOUNT_FEN_MAX:
            raise forms.ValidationError(_("金额不能是负数，也不能这么大"))
        return fen


class PaperForm(forms.Form):
    """What stands on the paper, in its words and in yuan."""

    use_required_attribute = False
    hospital_name = forms.CharField(label=gettext_lazy("医院"), max_length=100)
    admitted_on = forms.DateField(
        label=gettext_lazy("入院日"), widget=forms.DateInput(attrs={"type": "date"}), error_messages=DAYS
    )
    discharged_on = forms.DateField(
        label=gettext_lazy("出院日"), widget=forms.DateInput(attrs={"type": "date"}), error_messages=DAYS
    )
    diagnosis_code = forms.CharField(
        label=gettext_lazy("主要诊断编码"),
        help_text=gettext_lazy("看出院小结或病案首页，如 N18.0"),
        max_length=30,
    )
    total_fen = YuanField(label=gettext_lazy("医疗总费用（元）"))
    eligible_fen = YuanField(
        label=gettext_lazy("医保认可的费用（元）"), help_text=gettext_lazy("结算单上的“符合政策范围金额”")
    )
    hifp_pay_fen = YuanField(label=AMOUNTS["hifp_pay_fen"], required=False)
    hifmi_pay_fen = YuanField(label=AMOUNTS["hifmi_pay_fen"], required=False)
    maf_pay_fen = YuanField(label=AMOUNTS["maf_pay_fen"], required=False)
    oth_pay_fen = YuanField(label=AMOUNTS["oth_pay_fen"], required=False)
    kept_at = forms.CharField(
        label=gettext_lazy("票据原件存在哪里"),
        help_text=gettext_lazy("以后要查得到，如：正阳县窗口 2019 年第 3 盒"),
        max_length=200,
    )

    def clean(self) -> dict[str, Any]:
        """Hold the days and the sums against each other."""
        said = super().clean() or {}
        admitted, discharged = said.get("admitted_on"), said.get("discharged_on")
        if admitted and discharged and discharged < admitted:
            self.add_error("discharged_on", _("出院日应不早于入院日"))
        if discharged and discharged > clock.today():
            self.add_error("discharged_on", _("出院日还没有到，出院结算以后再录"))
        total, eligible = said.get("total_fen"), said.get("eligible_fen")
        if total is not None and eligible is not None and eligible > total:
            self.add_error(
                "eligible_fen", _("不应大于总费用 %(total)s 元，请再看结算单") % {"total": yuan(total)}
            )
        return said

    def bill(self, person: PersonView) -> NewPaperBill:
        """Return what was said; as far as paper tells, the stay was settled on the day of discharge."""
        said = self.cleaned_data
        return NewPaperBill(
            person_id=person.id,
            hospital_name=said["hospital_name"],
            admitted_on=said["admitted_on"],
            discharged_on=said["discharged_on"],
            settled_on=said["discharged_on"],
            diagnosis_code=said["diagnosis_code"],
            total_fen=said["total_fen"],
            eligible_fen=said["eligible_fen"],
            paid_fen={name: said[name] for name in PAYERS},
            kept_at=said["kept_at"],
        )


@allow(Role.DESK_AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a paper bill; as a POST, keep it and lead to its proposal."""
    try:
        person = get_person(pk, scope=scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    form = PaperForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kept = _keep(request, person, form)
        if kept is not None:
            return kept
    context = {
        "person": person,
        "form": form,
        "request_key": new_key(),
        "crumbs": [
            {"label": person.name, "url": reverse("desk:person", args=[pk])},
            {"label": _("录入纸质票据")},
        ],
    }
    return render(request, "desk/paper.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, person: PersonView, form: PaperForm) -> HttpResponse | None:
    key, actor, now = request_key(request), actor_of(request), clock.now()
    try:
        bill = record_paper_bill(
            new=form.bill(person), actor=actor, occurred_at=now, request_key=f"{key}:bill"
        )
    except RegistryRefusal as refusal:
        form.add_error("admitted_on", refusal_text(refusal))
        return None
    try:
        proposal = propose_at_desk(
            setl_id=bill.settlement.setl_id, actor=actor, occurred_at=now, request_key=key
        )
    except ScreeningRefusal as refusal:
        messages.warning(request, _("票据已录入。%(why)s") % {"why": refusal_text(refusal)})
        return redirect("desk:person", pk=person.id)
    messages.success(request, _("票据已录入，请核对后确认"))
    return redirect("desk:proposal", pk=proposal.pk)


@allow(Role.DESK_AGENT)
@require_POST
def paper_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the file's row count instead of the paper's, with a reason."""
    person_id = request.POST.get("person", "")
    try:
        use_feed(
            bill_id=pk,
            reason=request.POST.get("reason", "")[:500],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except ClaimRefusal as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _("已改按医保结算办，下次筛查会提名"))
    if not (person_id.isascii() and person_id.isdigit()):
        raise Http404
    return redirect("desk:person", pk=int(person_id[:18]))


routes: list[URLPattern] = [
    path("people/<int:pk>/paper/", paper, name="paper"),
    path("paper/<int:pk>/feed/", paper_feed, name="paper_feed"),
]
