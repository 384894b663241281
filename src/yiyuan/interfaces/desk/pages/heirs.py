"""When the insured person has died (继承人领款): the desk records who takes the money, on whose consent.

In: a claim whose money has not gone out, and the form. Out: the form's page, or a redirect to the claim.
"""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.claims.heirs import NewHeir, record_heir
from yiyuan.apps.claims.queries import get_claim_page
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.claim import ACCOUNT_LENGTHS
from yiyuan.kernel.actor import Role


class HeirForm(forms.Form):
    """What the heirs have shown at the desk."""

    use_required_attribute = False
    died_on = forms.DateField(
        label=gettext_lazy("死亡日期"),
        help_text=gettext_lazy("照死亡证明或户籍注销证明"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("请写明死亡日期"),
            "invalid": gettext_lazy("日期应像 2019-11-21"),
        },
    )
    name = forms.CharField(label=gettext_lazy("继承人姓名（户名）"), max_length=80)
    relation = forms.CharField(label=gettext_lazy("与本人的关系"), max_length=20)
    bank_name = forms.CharField(label=gettext_lazy("开户行"), max_length=100)
    account_no = forms.CharField(
        label=gettext_lazy("账号"),
        help_text=gettext_lazy("可以带空格，我们会去掉"),
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    consent = forms.CharField(
        label=gettext_lazy("其他继承人的同意"),
        help_text=gettext_lazy("谁同意由这个人领，书面材料存在哪里；没有其他继承人也请写明"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def clean_account_no(self) -> str:
        """Return the digits only."""
        number = "".join(str(self.cleaned_data["account_no"]).replace("-", "").split())
        low, high = ACCOUNT_LENGTHS
        if not (number.isascii() and number.isdigit() and low <= len(number) <= high):
            said = {"low": low, "high": high, "found": len(number)}
            raise forms.ValidationError(_("账号应为 %(low)d 到 %(high)d 位数字，现在 %(found)d 位") % said)
        return number


@allow(Role.DESK_AGENT)
def claim_heir(request: HttpRequest, number: str) -> HttpResponse:
    """Show the form, or keep what it says."""
    try:
        page = get_claim_page(number, actor=actor_of(request), today=clock.today())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if request.method == "POST":
        key, form = request_key(request), HeirForm(request.POST)
        if form.is_valid() and _record(request, number, form, key):
            return redirect("desk:claim", number=number)
    else:
        form = HeirForm()
    context = {
        "page": page,
        "form": form,
        "request_key": new_key(),
        "crumbs": [
            {"label": _("案件"), "url": reverse("desk:claims")},
            {"label": number, "url": reverse("desk:claim", args=[number])},
            {"label": _("本人已去世")},
        ],
    }
    return render(request, "desk/claim_heir.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, number: str, form: HeirForm, key: str) -> bool:
    words = cast(dict[str, object], form.cleaned_data)
    try:
        record_heir(
            number=number,
            new=NewHeir(**words),  # type: ignore[arg-type]  # the form's fields are those of the record
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except ClaimRefusal as refusal:
        form.add_error(None, refusal_text(refusal))
        return False
    messages.success(request, _("已记下，付款会打到继承人的账户"))
    return True


routes: list[URLPattern] = [path("claims/<str:number>/heir/", claim_heir, name="claim_heir")]
