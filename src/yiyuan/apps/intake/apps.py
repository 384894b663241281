"""Django's registration of this app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """数据导入."""

    name = "yiyuan.apps.intake"
    label = "intake"
    verbose_name = "数据导入"
