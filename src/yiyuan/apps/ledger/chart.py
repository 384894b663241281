"""The chart of accounts (科目) and the kinds of entries (凭证类型): where the programme's money can stand.

What stands on `payable` is approved and has never left (held); what has left stands on `in_flight`, on
`returned` until it is sent again, or has arrived on `paid`. What an arrived payment owes back stands on
`receivable`.
"""

from enum import StrEnum


class AccountCode(StrEnum):
    """Where money stands."""

    FUND = "fund"  # 项目资金
    PAYABLE = "payable"  # 应付赔款
    IN_FLIGHT = "in_flight"  # 在途
    RETURNED = "returned"  # 退票
    PAID = "paid"  # 已付赔款
    RECEIVABLE = "receivable"  # 应追回


class EntryKind(StrEnum):
    """Why it moved."""

    RESERVE = "reserve"  # 核赔:项目资金 → 应付赔款
    UNRESERVE = "unreserve"  # 撤案:冲正核赔
    SEND = "send"  # 放行:应付赔款 → 在途
    PAY = "pay"  # 到账:在途 → 已付赔款
    RETURN = "return"  # 退回:在途 → 退票
    SEND_AGAIN = "send_again"  # 重付:退票 → 在途
    TAKE_BACK = "take_back"  # 退票不再重付:退票 → 应付赔款
    RECOVER = "recover"  # 结算冲销,应追回:已付赔款 → 应追回
    REPAY = "repay"  # 已追回:应追回 → 项目资金
    WAIVE = "waive"  # 不再追:冲正应追回


PATHS: dict[EntryKind, tuple[AccountCode, AccountCode]] = {
    EntryKind.RESERVE: (AccountCode.FUND, AccountCode.PAYABLE),
    EntryKind.UNRESERVE: (AccountCode.PAYABLE, AccountCode.FUND),
    EntryKind.SEND: (AccountCode.PAYABLE, AccountCode.IN_FLIGHT),
    EntryKind.PAY: (AccountCode.IN_FLIGHT, AccountCode.PAID),
    EntryKind.RETURN: (AccountCode.IN_FLIGHT, AccountCode.RETURNED),
    EntryKind.SEND_AGAIN: (AccountCode.RETURNED, AccountCode.IN_FLIGHT),
    EntryKind.TAKE_BACK: (AccountCode.RETURNED, AccountCode.PAYABLE),
    EntryKind.RECOVER: (AccountCode.PAID, AccountCode.RECEIVABLE),
    EntryKind.REPAY: (AccountCode.RECEIVABLE, AccountCode.FUND),
    EntryKind.WAIVE: (AccountCode.RECEIVABLE, AccountCode.PAID),
}
