"""Django's registration of this app."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """理赔受理."""

    name = "yiyuan.apps.claims"
    label = "claims"
    verbose_name = "理赔受理"
