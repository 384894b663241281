"""The life of a payment order and its batch (支付指令、支付批次)."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch is."""

    RESERVED = "reserved"  # 已组批,等第二人放行
    SENT = "sent"  # 已送银行
    VOIDED = "voided"  # 已撤回


class OrderState(StrEnum):
    """Where one order is; `sent` is in flight until the bank answers."""

    RESERVED = "reserved"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    VOIDED = "voided"
    TAKEN_OUT = "taken_out"  # 已从批次里取出,其余的照付
