"""Django's registration of this app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """待传事实."""

    name = "yiyuan.apps.outbox"
    label = "outbox"
    verbose_name = "待传事实"
