"""The words for money on its way (支付用语): states of batches and orders, and the mark beside each."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from yiyuan.apps.payments.states import BatchState, OrderState

# The word, and the kind of the status mark.
BATCH_STATES: dict[str, tuple[Promise, str]] = {
    BatchState.RESERVED: (gettext_lazy("已组批"), "open"),
    BatchState.SENT: (gettext_lazy("已送银行"), "mid"),
    BatchState.VOIDED: (gettext_lazy("已撤回"), "stop"),
}
ORDER_STATES: dict[str, tuple[Promise, str]] = {
    OrderState.RESERVED: (gettext_lazy("已组批"), "open"),
    OrderState.SENT: (gettext_lazy("已送银行"), "mid"),
    OrderState.PAID: (gettext_lazy("已到账"), "done"),
    OrderState.RETURNED: (gettext_lazy("已退回"), "back"),
    OrderState.VOIDED: (gettext_lazy("已撤回"), "stop"),
    OrderState.TAKEN_OUT: (gettext_lazy("有疑问，已取出"), "stop"),
}


def batch_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where a batch is."""
    word, mark = BATCH_STATES[state]
    return str(word), mark


def order_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where an order is."""
    word, mark = ORDER_STATES[state]
    return str(word), mark
