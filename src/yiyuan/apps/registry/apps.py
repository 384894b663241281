"""Django's registration of this app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """参保登记."""

    name = "yiyuan.apps.registry"
    label = "registry"
    verbose_name = "参保登记"
