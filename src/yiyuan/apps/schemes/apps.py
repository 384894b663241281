"""Django's registration of this app."""

from django.apps import AppConfig


class SchemesConfig(AppConfig):
    """方案版本."""

    name = "yiyuan.apps.schemes"
    label = "schemes"
    verbose_name = "方案版本"
