"""The chart of accounts (科目) and the kinds of entries (凭证类型): where the programme's money can stand.

What stands on `payable` is approved and has never left (held); what has left stands on `in_flight`, on
`returned` until it is sent again, or has arrived on `paid`. What an arrived payment owes back stands on
`receivable`. Premium that is billed and has not come stands on `premium_receivable`. A bond is no money of
the fund until it is called: `bond_held` and `bond_owed` only say what there is. Each kind of entry takes from
its giver and gives to its taker; what an account gives away stands on it with a minus.
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
    PREMIUM = "premium"  # 保费收入
    PREMIUM_RECEIVABLE = "premium_receivable"  # 应收保费
    INSURER = "insurer"  # 承保机构往来
    BOND_HELD = "bond_held"  # 保证金
    BOND_OWED = "bond_owed"  # 应退保证金
    SUSPENSE = "suspense"  # 待查款
    SUSPENSE_OWED = "suspense_owed"  # 待查款来源


class EntryKind(StrEnum):
    """Why it moved."""

    RESERVE = "reserve"  # 核赔:项目资金 → 应付赔款
    UNRESERVE = "unreserve"  # 撤案:冲正核赔
    SEND = "send"  # 放行:应付赔款 → 在途
    PAY = "pay"  # 到账:在途 → 已付赔款
    COME_BACK = "come_back"  # 到账以后又退回,冲正到账:已付赔款 → 在途,接着退回
    RETURN = "return"  # 退回:在途 → 退票
    SEND_AGAIN = "send_again"  # 重付:退票 → 在途
    TAKE_BACK = "take_back"  # 退票不再重付:退票 → 应付赔款
    RECOVER = "recover"  # 结算冲销,应追回:已付赔款 → 应追回
    REPAY = "repay"  # 已追回:应追回 → 项目资金
    WAIVE = "waive"  # 不再追:冲正应追回
    BILL_PREMIUM = "bill_premium"  # 保费单:保费收入 → 应收保费
    CORRECT_PREMIUM = "correct_premium"  # 保费调减:应收保费 → 保费收入
    RECEIVE_PREMIUM = "receive_premium"  # 保费到账:应收保费 → 项目资金
    REFUND_PREMIUM = "refund_premium"  # 退还保费:项目资金 → 应收保费
    RECEIVE_BOND = "receive_bond"  # 收保证金:应退保证金 → 保证金
    RETURN_BOND = "return_bond"  # 退保证金:保证金 → 应退保证金
    CALL_BOND = "call_bond"  # 动用保证金,到账:保证金 → 项目资金
    SHARE_OUT = "share_out"  # 共保分摊:一家承保机构 → 另一家
    SUSPEND = "suspend"  # 挂账待查:待查款来源 → 待查款
    CLEAR_SUSPENSE = "clear_suspense"  # 查清销账:待查款 → 待查款来源


PATHS: dict[EntryKind, tuple[AccountCode, AccountCode]] = {
    EntryKind.RESERVE: (AccountCode.FUND, AccountCode.PAYABLE),
    EntryKind.UNRESERVE: (AccountCode.PAYABLE, AccountCode.FUND),
    EntryKind.SEND: (AccountCode.PAYABLE, AccountCode.IN_FLIGHT),
    EntryKind.PAY: (AccountCode.IN_FLIGHT, AccountCode.PAID),
    EntryKind.COME_BACK: (AccountCode.PAID, AccountCode.IN_FLIGHT),
    EntryKind.RETURN: (AccountCode.IN_FLIGHT, AccountCode.RETURNED),
    EntryKind.SEND_AGAIN: (AccountCode.RETURNED, AccountCode.IN_FLIGHT),
    EntryKind.TAKE_BACK: (AccountCode.RETURNED, AccountCode.PAYABLE),
    EntryKind.RECOVER: (AccountCode.PAID, AccountCode.RECEIVABLE),
    EntryKind.REPAY: (AccountCode.RECEIVABLE, AccountCode.FUND),
    EntryKind.WAIVE: (AccountCode.RECEIVABLE, AccountCode.PAID),
    EntryKind.BILL_PREMIUM: (AccountCode.PREMIUM, AccountCode.PREMIUM_RECEIVABLE),
    EntryKind.CORRECT_PREMIUM: (AccountCode.PREMIUM_RECEIVABLE, AccountCode.PREMIUM),
    EntryKind.RECEIVE_PREMIUM: (AccountCode.PREMIUM_RECEIVABLE, AccountCode.FUND),
    EntryKind.REFUND_PREMIUM: (AccountCode.FUND, AccountCode.PREMIUM_RECEIVABLE),
    EntryKind.RECEIVE_BOND: (AccountCode.BOND_OWED, AccountCode.BOND_HELD),
    EntryKind.RETURN_BOND: (AccountCode.BOND_HELD, AccountCode.BOND_OWED),
    EntryKind.CALL_BOND: (AccountCode.BOND_HELD, AccountCode.FUND),
    EntryKind.SHARE_OUT: (AccountCode.INSURER, AccountCode.INSURER),
    EntryKind.SUSPEND: (AccountCode.SUSPENSE_OWED, AccountCode.SUSPENSE),
    EntryKind.CLEAR_SUSPENSE: (AccountCode.SUSPENSE, AccountCode.SUSPENSE_OWED),
}
