"""The life of a payment order and its batch (支付指令、支付批次)."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch is."""

    RESERVED = "reserved"  # 已组批,等第二人放行
    SENT = "sent"  # 已送银行


class OrderState(StrEnum):
    """Where one order is; `sent` is in flight until the bank answers."""

    RESERVED = "reserved"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    VOIDED = "voided"


ORDER_MOVES: dict[tuple[OrderState, OrderState], str] = {
    (OrderState.RESERVED, OrderState.SENT): "release_batch",
    (OrderState.RESERVED, OrderState.VOIDED): "void_batch",
    (OrderState.SENT, OrderState.PAID): "record_returns",
    (OrderState.SENT, OrderState.RETURNED): "record_returns",
}
