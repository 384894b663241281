"""Django's registration of this app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """赔款支付."""

    name = "yiyuan.apps.payments"
    label = "payments"
    verbose_name = "赔款支付"
