"""Staff accounts (人员): the list with its search, a new sign-in, roles and office, leaving, a new password.

In: requests of an administrator. Out: pages; a drawn password stands on one answer and is kept nowhere.
"""

from collections.abc import Mapping, Sequence

from django import forms
from django.contrib import messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiyuan.apps.accounts.errors import AccountRefusal
from yiyuan.apps.accounts.queries import (
    PAGE,
    StaffView,
    count_staff,
    get_staff_member,
    list_offices,
    list_staff,
)
from yiyuan.apps.accounts.services import (
    NewStaffMember,
    change_staff_member,
    end_staff_member,
    record_staff_member,
    reset_password,
)
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import asked, chosen, new_key, options, page_number, with_query
from yiyuan.interfaces.desk.drawn_passwords import draw_password
from yiyuan.interfaces.desk.labels import ROLES, refusal_text, role_title
from yiyuan.interfaces.desk.pages.offices import sections
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope


class StaffForm(forms.Form):
    """What an administrator says of a person; the sign-in is chosen once."""

    use_required_attribute = False
    username = forms.CharField(
        label=gettext_lazy("用户名"),
        help_text=gettext_lazy("登录用，一般是姓名的拼音；定了就不改"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": gettext_lazy("请定一个用户名")},
    )
    name = forms.CharField(
        label=gettext_lazy("姓名"),
        max_length=50,
        error_messages={"required": gettext_lazy("请写姓名，留痕里要用")},
    )
    office = forms.TypedChoiceField(
        label=gettext_lazy("单位"),
        coerce=int,
        help_text=gettext_lazy("单位管哪里，这个人就看得到哪里"),
        error_messages={"required": gettext_lazy("请选单位；没有单位什么都看不到")},
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("岗位"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(str(role), ROLES[role]) for role in STAFF],
        error_messages={"required": gettext_lazy("请至少选一个岗位")},
    )

    def __init__(
        self,
        scope: Scope,
        data: object = None,
        initial: Mapping[str, object] | None = None,
        *,
        is_new: bool = True,
    ) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # a QueryDict, or nothing
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", gettext_lazy("请选单位")),
            *((office.id, office.name) for office in list_offices(scope, open_only=True)),
        ]
        if not is_new:
            del self.fields["username"]


@allow(Role.ADMINISTRATOR)
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Show the people, found by name, sign-in, office or post."""
    scope, words, page = scope_of(request), asked(request, "words", 60), page_number(request)
    role = chosen(request, "role", ROLES)
    total = count_staff(scope, words=words, role=role)
    found = list_staff(scope, words=words, role=role, offset=(page - 1) * PAGE)
    address = with_query(request)
    turn = f"{address}{'&' if '?' in address else '?'}page="
    context = {
        "rows": [(member, _titles(member.roles)) for member in found],
        "total": total,
        "words": words,
        "role_options": options({role: ROLES[role] for role in STAFF}, role, _("全部")),
        "columns": _columns(),
        "sections": sections("staff"),
        "previous_url": f"{turn}{page - 1}" if page > 1 else "",
        "next_url": f"{turn}{page + 1}" if page * PAGE < total else "",
    }
    return render(request, "desk/staff.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def staff_new(request: HttpRequest) -> HttpResponse:
    """Ask who comes; as a POST, make the sign-in and show its first password."""
    scope = scope_of(request)
    if request.method != "POST":
        return _form_page(request, StaffForm(scope, initial={"roles": request.GET.getlist("role")}), None)
    form, key = StaffForm(scope, request.POST), request_key(request)
    if form.is_valid():
        said = form.cleaned_data
        password = draw_password(said["username"], key)
        new = NewStaffMember(
            username=said["username"],
            name=said["name"],
            office_id=said["office"],
            roles=[Role(role) for role in said["roles"]],
            password=password,
            must_change_password=True,
        )
        try:
            record_staff_member(new=new, actor=actor_of(request), occurred_at=clock.now(), request_key=key)
        except AccountRefusal as refusal:
            form.add_error("username", refusal_text(refusal))
        else:
            return _password_page(request, said["username"], password)
    return _form_page(request, form, None)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def staff_member(request: HttpRequest, username: str) -> HttpResponse:
    """Show one person; as a POST, change name, roles or office."""
    found, scope = _member(request, username), scope_of(request)
    initial = {"name": found.name, "office": found.office_id, "roles": found.roles}
    if request.method != "POST":
        return _form_page(request, StaffForm(scope, initial=initial, is_new=False), found)
    form, key = StaffForm(scope, request.POST, initial, is_new=False), request_key(request)
    if form.is_valid():
        said = form.cleaned_data
        try:
            change_staff_member(
                username=username,
                name=said["name"],
                roles=[Role(role) for role in said["roles"]],
                office_id=said["office"],
                actor=actor_of(request),
                occurred_at=clock.now(),
                request_key=key,
            )
        except AccountRefusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("%(name)s 改好了") % {"name": said["name"]})
            return redirect("desk:staff_member", username=username)
    return _form_page(request, form, found)


@allow(Role.ADMINISTRATOR)
@require_POST
def staff_end(request: HttpRequest, username: str) -> HttpResponse:
    """Let a person leave."""
    found, key = _member(request, username), request_key(request)
    try:
        end_staff_member(username=username, actor=actor_of(request), occurred_at=clock.now(), request_key=key)
    except AccountRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:staff_member", username=username)
    messages.success(request, _("%(name)s 已离岗，登录已全部退出；办过的事都还在") % {"name": found.name})
    return redirect("desk:staff")


@allow(Role.ADMINISTRATOR)
@require_POST
def staff_password(request: HttpRequest, username: str) -> HttpResponse:
    """Draw a new password for a person and show it once."""
    _member(request, username)
    key = request_key(request)
    password = draw_password(username, key)
    try:
        reset_password(
            username=username,
            password=password,
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=key,
        )
    except AccountRefusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("desk:staff_member", username=username)
    return _password_page(request, username, password)


def _password_page(request: HttpRequest, username: str, password: str) -> HttpResponse:
    member = _member(request, username)
    context = {
        "member": member,
        "titles": _titles(member.roles),
        "password": password,
        "site": request.build_absolute_uri("/"),
        "crumbs": [{"label": _("人员"), "url": reverse("desk:staff")}, {"label": member.name}],
    }
    response = render(request, "desk/staff_password.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _form_page(request: HttpRequest, form: StaffForm, found: StaffView | None) -> HttpResponse:
    context = {
        "form": form,
        "member": found,
        "is_self": found is not None and found.username == actor_of(request).id,
        "has_offices": len(form.fields["office"].choices) > 1,  # type: ignore[attr-defined]  # a choice field
        "crumbs": [
            {"label": _("人员"), "url": reverse("desk:staff")},
            {"label": found.name if found else _("新的人员")},
        ],
        "request_key": new_key(),
        "end_key": new_key(),
        "password_key": new_key(),
    }
    return render(request, "desk/staff_member.html", context, status=422 if form.errors else 200)


def _member(request: HttpRequest, username: str) -> StaffView:
    try:
        return get_staff_member(username, scope_of(request))
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _titles(roles: Sequence[str]) -> str:
    return _("、").join(role_title(role) for role in roles)


def _columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("姓名")},
        {"label": _("用户名")},
        {"label": _("岗位")},
        {"label": _("单位")},
        {"label": _("上次登录")},
        {"label": _("状态")},
    ]


routes: list[URLPattern] = [
    path("staff/", staff, name="staff"),
    path("new-staff/", staff_new, name="staff_new"),
    path("staff/<str:username>/", staff_member, name="staff_member"),
    path("staff/<str:username>/leave/", staff_end, name="staff_end"),
    path("staff/<str:username>/password/", staff_password, name="staff_password"),
]
