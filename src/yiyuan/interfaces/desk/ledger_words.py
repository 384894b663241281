"""How the ledger's accounts, entries and findings are put into words (账簿用语)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.ledger.chart import AccountCode, EntryKind
from yiyuan.apps.ledger.verifying import Fault, Finding

ACCOUNTS: Mapping[str, Promise] = {
    AccountCode.FUND: gettext_lazy("项目资金"),
    AccountCode.PAYABLE: gettext_lazy("应付赔款"),
    AccountCode.IN_FLIGHT: gettext_lazy("在途"),
    AccountCode.RETURNED: gettext_lazy("退票"),
    AccountCode.PAID: gettext_lazy("已付赔款"),
    AccountCode.RECEIVABLE: gettext_lazy("应追回"),
    AccountCode.PREMIUM: gettext_lazy("保费收入"),
    AccountCode.PREMIUM_RECEIVABLE: gettext_lazy("应收保费"),
    AccountCode.INSURER: gettext_lazy("承保机构往来"),
    AccountCode.BOND_HELD: gettext_lazy("保证金（备查）"),
    AccountCode.BOND_OWED: gettext_lazy("应退保证金"),
    AccountCode.SUSPENSE: gettext_lazy("待查款"),
    AccountCode.SUSPENSE_OWED: gettext_lazy("待查款来源"),
}
KINDS: Mapping[str, Promise] = {
    EntryKind.RESERVE: gettext_lazy("核赔"),
    EntryKind.UNRESERVE: gettext_lazy("撤案，冲正核赔"),
    EntryKind.SEND: gettext_lazy("放行送银行"),
    EntryKind.PAY: gettext_lazy("到账"),
    EntryKind.COME_BACK: gettext_lazy("到账以后又退回，冲正到账"),
    EntryKind.RETURN: gettext_lazy("银行退回"),
    EntryKind.SEND_AGAIN: gettext_lazy("重付"),
    EntryKind.TAKE_BACK: gettext_lazy("退票不再重付"),
    EntryKind.RECOVER: gettext_lazy("转为应追回"),
    EntryKind.REPAY: gettext_lazy("已追回"),
    EntryKind.WAIVE: gettext_lazy("不再追，冲正应追回"),
    EntryKind.BILL_PREMIUM: gettext_lazy("保费单"),
    EntryKind.CORRECT_PREMIUM: gettext_lazy("保费调减"),
    EntryKind.RECEIVE_PREMIUM: gettext_lazy("保费到账"),
    EntryKind.REFUND_PREMIUM: gettext_lazy("退还保费"),
    EntryKind.RECEIVE_BOND: gettext_lazy("收保证金"),
    EntryKind.RETURN_BOND: gettext_lazy("退保证金"),
    EntryKind.CALL_BOND: gettext_lazy("动用保证金"),
    EntryKind.SHARE_OUT: gettext_lazy("共保分摊"),
    EntryKind.SUSPEND: gettext_lazy("挂账待查"),
    EntryKind.CLEAR_SUSPENSE: gettext_lazy("查清销账"),
}


def finding_words(finding: Finding) -> str:
    """Return what does not hold, by table and number, as a person reads it."""
    values = {
        "number": finding.row_id,
        "subject": f"（{finding.subject}）" if finding.subject else "",
        "postings": "、".join(map(str, finding.postings)),
    }
    return _FAULTS[finding.fault]() % values


_FAULTS = {
    Fault.ENTRY_CHANGED: lambda: _("凭证 %(number)d%(subject)s或它的分录 %(postings)s 被改过"),
    Fault.DIGEST_CHANGED: lambda: _("凭证 %(number)d%(subject)s的校验值被改过"),
    Fault.ENTRY_REPLACED: lambda: _("凭证 %(number)d%(subject)s连同校验值被改过，分录 %(postings)s"),
    Fault.ENTRY_REMOVED: lambda: _("凭证 %(number)d 被删了"),
    Fault.ENTRY_FOREIGN: lambda: _("凭证 %(number)d%(subject)s不是由系统记的"),
    Fault.LINK_CHANGED: lambda: _("封存第 %(number)d 位%(subject)s的链值被改过"),
    Fault.LINK_REMOVED: lambda: _("封存第 %(number)d 位被删了"),
    Fault.SEAL_CHANGED: lambda: _("封存批次 %(number)d 被改过"),
    Fault.ANCHOR_CHANGED: lambda: _("链锚 %(number)d 被改过，或和留痕不符"),
    Fault.POSTING_LOST: lambda: _("分录 %(postings)s 没有凭证 %(number)d"),
}
