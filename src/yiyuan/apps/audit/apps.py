"""Django's registration of this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """留痕."""

    name = "yiyuan.apps.audit"
    label = "audit"
    verbose_name = "留痕"
