"""Django's registration of this app."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """统计."""

    name = "yiyuan.apps.reporting"
    label = "reporting"
    verbose_name = "统计"
