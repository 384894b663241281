"""Every address of the site (网址)."""

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("yiyuan.interfaces.desk.urls")),
]

handler403 = "yiyuan.interfaces.desk.errors.forbidden"
handler404 = "yiyuan.interfaces.desk.errors.not_found"
handler500 = "yiyuan.interfaces.desk.errors.server_error"
