"""Django's registration of this app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """会计分录."""

    name = "yiyuan.apps.ledger"
    label = "ledger"
    verbose_name = "会计分录"
