"""Django's registration of this app."""

from django.apps import AppConfig


class SumsConfig(AppConfig):
    """随行合计."""

    name = "yiyuan.apps.sums"
    label = "sums"
    verbose_name = "随行合计"
