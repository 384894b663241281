"""Django's registration of this app."""

from django.apps import AppConfig


class AdjudicationConfig(AppConfig):
    """核定结论与依据."""

    name = "yiyuan.apps.adjudication"
    label = "adjudication"
    verbose_name = "核定结论与依据"
