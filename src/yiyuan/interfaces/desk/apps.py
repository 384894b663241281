"""Django's registration of the staff site."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """业务台."""

    name = "yiyuan.interfaces.desk"
    label = "desk"
