"""Drafting the agreement (登记合作协议): parties with shares, the sum, the bond, what is promised.

In: what the agreement's paper says. Out: the agreement of the year.
"""

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yiyuan.apps.underwriting.contracting import NewAgreement, NewPromise, Party, draft_agreement
from yiyuan.interfaces.desk.access import actor_of, allow, scope_of
from yiyuan.interfaces.desk.file_page import Act, DayField, act, programme_of, signed
from yiyuan.interfaces.desk.pages.premium_acts import YuanField
from yiyuan.kernel.actor import Role
from yiyuan.rules.terms import SchemeVersion

PARTY = re.compile(r"(.+?)\s+(\d{1,3})(?:\.(\d{1,2}))?\s*%")
# What the seed's agreement promises, and by which of its clauses.
CLAUSES = {"county_points": "TIME-2", "township_points": "TIME-2", "on_time": "TIME-1", "reports": "ORG-3"}


class PartiesField(forms.CharField):
    """One insurer a line with its share; the first leads."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def clean(self, value: object) -> list[Party]:
        """Return the parties."""
        found: list[Party] = []
        for line in str(super().clean(value)).splitlines():
            said = PARTY.fullmatch(line.strip())
            if said is None:
                raise forms.ValidationError(gettext_lazy("每行一家：名称 份额%，如 某某财险 60%"))
            share_bp = int(said[2]) * 100 + int((said[3] or "").ljust(2, "0"))
            found.append(Party(said[1].strip()[:60], share_bp, not found))
        return found


class DraftForm(forms.Form):
    """What the agreement says."""

    use_required_attribute = False
    number = forms.CharField(label=gettext_lazy("协议号"), max_length=60)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=200)
    until_on = DayField(label=gettext_lazy("到哪天为止（不含）"))
    contract_fen = YuanField(label=gettext_lazy("合同金额（元）"))
    bond_fen = YuanField(label=gettext_lazy("要交的保证金（元）"))
    parties = PartiesField(
        label=gettext_lazy("承保机构"), help_text=gettext_lazy("每行一家：名称 份额%；第一家是主承保")
    )
    county_points = forms.IntegerField(
        label=gettext_lazy("每个县区几个网点"), min_value=1, max_value=99, required=False
    )
    township_points = forms.IntegerField(
        label=gettext_lazy("每个乡镇几个网点"), min_value=1, max_value=99, required=False
    )
    on_time = forms.IntegerField(
        label=gettext_lazy("按时赔付要到百分之几"), min_value=1, max_value=100, required=False
    )
    reports = forms.IntegerField(
        label=gettext_lazy("月报在下月几日前"), min_value=1, max_value=28, required=False
    )


def draft_act(request: HttpRequest, terms: SchemeVersion) -> list[Act]:
    """Return the form that drafts the year's agreement, for those who may."""
    if Role.CIVIL_AFFAIRS not in actor_of(request).roles or not scope_of(request).is_city:
        return []
    form = DraftForm(initial={"until_on": terms.valid.to_on, "county_points": 1, "township_points": 1})
    hidden = [("programme_from", terms.valid.from_on)]
    url = reverse("desk:agreement_draft")
    return [Act("draft", _("登记合作协议"), form, url, _("登记协议"), hidden)]


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_draft(request: HttpRequest) -> HttpResponse:
    """Keep the agreement of the year."""
    year = programme_of(request).valid.from_on

    def draft(said: dict[str, Any]) -> object:
        promised = {kind: said.pop(kind) for kind in CLAUSES}
        if promised["on_time"]:
            promised["on_time"] *= 100
        promises = [NewPromise(kind, CLAUSES[kind], target) for kind, target in promised.items() if target]
        new = NewAgreement(programme_from=year, promises=promises, **said)
        return draft_agreement(new=new, **signed(request))

    back = f"{reverse('desk:agreement')}?from={year}"
    return act(request, DraftForm(request.POST), draft, done=_("协议已登记"), back=back)


routes: list[URLPattern] = [
    path("underwriting/agreement/draft/", agreement_draft, name="agreement_draft"),
]
