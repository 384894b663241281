"""Django's registration of this app."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """时限."""

    name = "yiyuan.apps.deadlines"
    label = "deadlines"
    verbose_name = "时限"
