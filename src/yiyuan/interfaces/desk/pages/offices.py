"""Offices and service points (单位与网点): the list, a new one, its facts, closing and opening.

In: requests of an administrator. Out: pages; every act is one domain call.
"""

from collections.abc import Mapping, Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiyuan.apps.accounts.errors import AccountRefusal
from yiyuan.apps.accounts.offices import OfficeFacts, change_office, record_office, set_office_open
from yiyuan.apps.accounts.queries import OfficeView, get_office, list_offices
from yiyuan.apps.registry.queries import get_division_names, list_counties
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

KINDS: Mapping[str, Promise] = {
    "bureau": gettext_lazy("部门"),
    "service_point": gettext_lazy("服务网点"),
    "insurer": gettext_lazy("承保机构"),
}


class OfficeForm(forms.Form):
    """What an administrator says of an office."""

    use_required_attribute = False
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=100,
        error_messages={"required": gettext_lazy("请写单位或网点的名称")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=list(KINDS.items()))
    county_code = forms.ChoiceField(
        label=gettext_lazy("管哪里"),
        required=False,
        help_text=gettext_lazy("这里的人只看得到这个县区的人、案件和钱。"),
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=40, required=False)
    hours = forms.CharField(
        label=gettext_lazy("开门时间"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("居民照这个来，如：工作日 8:30–12:00，14:30–17:30"),
    )

    def __init__(
        self, scope: Scope, data: object = None, initial: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # a QueryDict, or nothing
        counties = [(county.code, county.name) for county in list_counties(scope=scope)]
        field = self.fields["county_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext_lazy("全市")), *counties] if scope.is_city else counties

    def facts(self) -> OfficeFacts:
        """Return what was said."""
        said = self.cleaned_data
        return OfficeFacts(
            name=said["name"],
            county_code=said["county_code"],
            kind=said["kind"],
            address=said["address"],
            phone=said["phone"],
            hours=said["hours"],
        )


@allow(Role.ADMINISTRATOR)
@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """Show every office this administrator answers for."""
    found = list_offices(scope_of(request))
    names = get_division_names(office.county_code for office in found)
    context = {
        "rows": [
            (office, KINDS[office.kind], names.get(office.county_code) or _("全市")) for office in found
        ],
        "open": sum(office.is_open for office in found),
        "columns": _columns(),
        "sections": sections("offices"),
    }
    return render(request, "desk/offices.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def office_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new office; as a POST, keep it."""
    form = OfficeForm(scope_of(request), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_office(
                facts=form.facts(),
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=request_key(request),
            )
        except AccountRefusal as refusal:
            form.add_error("name", refusal_text(refusal))
        else:
            messages.success(request, _("%(name)s 已经登记") % {"name": form.cleaned_data["name"]})
            return redirect("desk:offices")
    return _form_page(request, form, None)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def office(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an office's facts; as a POST, change them."""
    found = _office(request, pk)
    initial = {name: getattr(found, name) for name in OfficeForm.base_fields}
    form = OfficeForm(scope_of(request), request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_office(
                office_id=pk,
                facts=form.facts(),
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=request_key(request),
            )
        except AccountRefusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("%(name)s 改好了") % {"name": form.cleaned_data["name"]})
            return redirect("desk:offices")
    return _form_page(request, form, found)


@allow(Role.ADMINISTRATOR)
@require_POST
def office_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an office, or open it again."""
    found, is_open = _office(request, pk), request.POST.get("open") == "1"
    try:
        set_office_open(
            office_id=pk,
            is_open=is_open,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except AccountRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:office", pk=pk)
    words = _("%(name)s 重新开放") if is_open else _("%(name)s 已停用，不再派人")
    messages.success(request, words % {"name": found.name})
    return redirect("desk:offices")


def sections(current: str) -> Sequence[dict[str, object]]:
    """Return the parts of the administration: people, offices, and codes that changed."""
    return [
        {"label": _("人员"), "url": reverse("desk:staff"), "current": current == "staff"},
        {"label": _("单位与网点"), "url": reverse("desk:offices"), "current": current == "offices"},
        {"label": _("区划代码"), "url": reverse("desk:divisions"), "current": current == "divisions"},
    ]


def _form_page(request: HttpRequest, form: OfficeForm, found: OfficeView | None) -> HttpResponse:
    context = {
        "form": form,
        "office": found,
        "crumbs": [
            {"label": _("单位与网点"), "url": reverse("desk:offices")},
            {"label": found.name if found else _("新的单位")},
        ],
        "request_key": new_key(),
        "open_key": new_key(),
    }
    return render(request, "desk/office.html", context, status=422 if form.errors else 200)


def _office(request: HttpRequest, pk: int) -> OfficeView:
    try:
        return get_office(pk, scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("名称")},
        {"label": _("类别")},
        {"label": _("管哪里")},
        {"label": _("人数"), "right": True},
        {"label": _("地址、电话、开门时间")},
        {"label": _("状态")},
    ]


routes: list[URLPattern] = [
    path("offices/", offices, name="offices"),
    path("offices/new/", office_new, name="office_new"),
    path("offices/<int:pk>/", office, name="office"),
    path("offices/<int:pk>/open/", office_open, name="office_open"),
]
