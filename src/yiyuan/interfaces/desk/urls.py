"""The addresses of the staff site (业务台)."""

from django.contrib.auth import views as auth_views
from django.urls import path

from yiyuan.interfaces.desk import kit
from yiyuan.interfaces.desk.pages import (
    audit,
    batch,
    claim,
    claims,
    guide,
    heirs,
    import_job,
    imports,
    list_changes,
    offices,
    own_password,
    payments,
    person,
    proposal,
    questions,
    recoveries,
    scheme,
    screening,
    search,
    staff,
    workbench,
)

app_name = "desk"

urlpatterns = [
    path("sign-in/", auth_views.LoginView.as_view(template_name="sign_in.html"), name="sign_in"),
    path("sign-out/", auth_views.LogoutView.as_view(), name="sign_out"),
    path("kit/", kit.kit, name="kit"),
    *workbench.routes,
    *claims.routes,
    *claim.routes,
    *heirs.routes,
    *recoveries.routes,
    *screening.routes,
    *proposal.routes,
    *payments.routes,
    *batch.routes,
    *imports.routes,
    *import_job.routes,
    *list_changes.routes,
    *questions.routes,
    *search.routes,
    *person.routes,
    *audit.routes,
    *scheme.routes,
    *guide.routes,
    *staff.routes,
    *offices.routes,
    *own_password.routes,
]
