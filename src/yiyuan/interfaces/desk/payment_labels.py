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
CHECKS: dict[str, Promise] = {
    "holder_name": gettext_lazy("户名和本人、监护人、继承人都不一样"),
    "call_back": gettext_lazy("大额，要先打电话回访"),
}
SUSPENSE_STATES: dict[str, tuple[Promise, str]] = {
    "open": (gettext_lazy("待查"), "open"),
    "proposed": (gettext_lazy("等第二人同意"), "mid"),
    "matched": (gettext_lazy("已对到指令"), "done"),
    "sent_back": (gettext_lazy("已退回银行"), "stop"),
}
WHY_SUSPENDED: dict[str, Promise] = {
    "unknown_order": gettext_lazy("我们没有这个指令号"),
    "amount_differs": gettext_lazy("金额和指令不一样"),
    "answered_otherwise": gettext_lazy("银行以前说的是另一个结果"),
    "not_sent": gettext_lazy("这条指令没有送过银行"),
}


def suspense_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where a line in suspense is."""
    word, mark = SUSPENSE_STATES[state]
    return str(word), mark


def why_suspended(why: str) -> str:
    """Return why a line of the bank's answers hangs."""
    return str(WHY_SUSPENDED[why])


def batch_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where a batch is."""
    word, mark = BATCH_STATES[state]
    return str(word), mark


def order_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where an order is."""
    word, mark = ORDER_STATES[state]
    return str(word), mark
