"""The addresses of the staff site (业务台)."""

from django.contrib.auth import views as auth_views
from django.urls import path

from yiyuan.interfaces.desk.pages import audit, batch, imports, payments, person, scheme, search

app_name = "desk"

urlpatterns = [
    path("sign-in/", auth_views.LoginView.as_view(template_name="sign_in.html"), name="sign_in"),
    path("sign-out/", auth_views.LogoutView.as_view(), name="sign_out"),
    *payments.routes,
    *batch.routes,
    *imports.routes,
    *search.routes,
    *person.routes,
    *audit.routes,
    *scheme.routes,
]
