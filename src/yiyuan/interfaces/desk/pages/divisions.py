"""Counties' codes that change by decree (区划代码变更): typed in by the administrator of the whole city.

In: the old and the new code, the name, the day and the decree. Out: the list of changes, the new one on top.
"""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yiyuan.apps.accounts.codes import list_code_changes
from yiyuan.apps.accounts.errors import AccountRefusal
from yiyuan.apps.registry.divisions import rename_county
from yiyuan.apps.registry.errors import RegistryRefusal
from yiyuan.apps.registry.queries import get_division_names
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, allow, request_key, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import refusal_text
from yiyuan.interfaces.desk.pages.offices import sections
from yiyuan.kernel.actor import Role

SIX_DIGITS = RegexValidator(r"^\d{6}$", gettext_lazy("县区代码是 6 位数字，如 411724"))


class CodeForm(forms.Form):
    """One county's change of code."""

    use_required_attribute = False
    old_code = forms.CharField(label=gettext_lazy("旧代码"), max_length=6, validators=[SIX_DIGITS])
    new_code = forms.CharField(label=gettext_lazy("新代码"), max_length=6, validators=[SIX_DIGITS])
    new_name = forms.CharField(label=gettext_lazy("现在的名称"), max_length=60)
    changed_on = forms.DateField(
        label=gettext_lazy("从哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("日期应像 2019-11-21")},
    )
    source = forms.CharField(
        label=gettext_lazy("依据"), help_text=gettext_lazy("哪份批复或公告"), max_length=200
    )

    def clean(self) -> dict[str, object]:
        """Ask for two different codes."""
        said = super().clean() or {}
        if said.get("old_code") and said.get("old_code") == said.get("new_code"):
            self.add_error("new_code", _("新代码应和旧代码不同"))
        return said


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def divisions(request: HttpRequest) -> HttpResponse:
    """Show the changes and the form; as a POST, keep a change."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _keep(request, form):
        return redirect("desk:divisions")
    changes = list_code_changes()
    names = get_division_names(code for one in changes for code in (one.old_code, one.new_code))
    context = {
        "form": form,
        "rows": [(one, names.get(one.old_code, ""), names.get(one.new_code, "")) for one in changes],
        "columns": [{"label": label} for label in (_("旧"), _("新"), _("从哪天起"), _("依据"))],
        "may_record": scope_of(request).is_city,
        "sections": sections("divisions"),
        "request_key": new_key(),
    }
    return render(request, "desk/divisions.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, form: CodeForm) -> bool:
    said = form.cleaned_data
    changed_on: date = said["changed_on"]
    try:
        rename_county(
            old_code=said["old_code"],
            new_code=said["new_code"],
            new_name=said["new_name"],
            changed_on=changed_on,
            source=said["source"],
            actor=actor_of(request),
            occurred_at=clock.now(),
            request_key=request_key(request),
        )
    except (AccountRefusal, RegistryRefusal) as refusal:
        form.add_error("old_code", refusal_text(refusal))
        return False
    messages.success(
        request, _("已记下：%(old)s 改为 %(new)s") % {"old": said["old_code"], "new": said["new_code"]}
    )
    return True


routes: list[URLPattern] = [path("divisions/", divisions, name="divisions")]
