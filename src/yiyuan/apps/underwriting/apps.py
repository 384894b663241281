"""Django's registration of this app."""

from django.apps import AppConfig


class UnderwritingConfig(AppConfig):
    """承保."""

    name = "yiyuan.apps.underwriting"
    label = "underwriting"
    verbose_name = "承保"
