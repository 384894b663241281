"""Django's registration of this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """工作人员与岗位."""

    name = "yiyuan.apps.accounts"
    label = "accounts"
    verbose_name = "工作人员与岗位"
