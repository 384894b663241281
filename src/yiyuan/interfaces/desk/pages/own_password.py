"""One's own password (改自己的密码): asked for before anything else where an administrator has drawn it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user, password_validation, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yiyuan.apps.accounts.services import change_own_password
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, request_key
from yiyuan.interfaces.desk.addresses import new_key


def _secret(label: Any, purpose: str, missing: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": purpose}),
        error_messages={"required": missing},
    )


class PasswordForm(forms.Form):
    """The old password once, the new one twice."""

    use_required_attribute = False
    old = _secret(gettext_lazy("现在的密码"), "current-password", gettext_lazy("请输现在的密码"))
    new = _secret(
        gettext_lazy("新密码"),
        "new-password",
        gettext_lazy("请输新密码"),
        gettext_lazy("至少 10 位，不要用名字、用户名或常见密码"),
    )
    again = _secret(gettext_lazy("新密码再输一遍"), "new-password", gettext_lazy("请把新密码再输一遍"))

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self._user = user

    def clean_old(self) -> str:
        """Return the old password where it is right."""
        old: str = self.cleaned_data["old"]
        if not self._user.check_password(old):
            raise ValidationError(_("这不是现在的密码"))
        return old

    def clean_new(self) -> str:
        """Return the new password where it is good enough and another one."""
        new: str = self.cleaned_data["new"]
        if self._user.check_password(new):
            raise ValidationError(_("新密码和现在的一样，请换一个"))
        password_validation.validate_password(new, self._user)
        return new

    def clean_again(self) -> str:
        """Return the repetition where it is one."""
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise ValidationError(_("两遍输的不一样"))
        return again


@allow(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Show the form; as a POST, change the password and stay signed in here only."""
    # A member of staff: nobody else passes the guard above.
    user: Any = get_user(request)
    form = PasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        change_own_password(
            password=form.cleaned_data["new"],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        messages.success(request, _("密码改好了，别处的登录都已退出"))
        return redirect("desk:workbench")
    context = {
        "form": form,
        "is_first": user.must_change_password,
        "request_key": new_key(),
    }
    return render(request, "desk/own_password.html", context, status=422 if form.errors else 200)


routes: list[URLPattern] = [path("password/", own_password, name="own_password")]
