"""Django's registration of this app."""

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    """批量筛查."""

    name = "yiyuan.apps.screening"
    label = "screening"
    verbose_name = "批量筛查"
