"""The words for imports (导入用语): kinds of files and what they unlock, states of a job, why rows fail."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

HARDSHIP = "hardship"
# In the order in which a new city needs them; the second text says what the file makes possible.
KINDS: dict[str, tuple[Promise, Promise]] = {
    HARDSHIP: (gettext_lazy("困难群体名册"), gettext_lazy("知道谁在六类群体里、从哪天到哪天")),
    "settlements": (gettext_lazy("住院结算明细"), gettext_lazy("算出报销之后还剩多少要自己付")),
    "accounts": (gettext_lazy("一卡通账户"), gettext_lazy("赔款打得出去，监护人也认得")),
    "claimed": (gettext_lazy("已赔付结算号"), gettext_lazy("以前赔过的不再赔一次")),
    "headcount": (gettext_lazy("户籍人口"), gettext_lazy("算出每个县区的保费")),
}
JOB_STATES: dict[str, tuple[Promise, str]] = {
    "queued": (gettext_lazy("已排队"), "open"),
    "running": (gettext_lazy("正在读入"), "mid"),
    "done": (gettext_lazy("已读完"), "done"),
    "failed": (gettext_lazy("没有读成"), "back"),
}
REASONS: dict[str, Promise] = {
    "missing": gettext_lazy("缺必填的一项"),
    "length": gettext_lazy("号码位数不对"),
    "birth_date": gettext_lazy("号码里的出生日期不存在"),
    "check_digit": gettext_lazy("号码最后一位校验不上"),
    "duplicate": gettext_lazy("前面已经有这一行"),
    "not_covered_level": gettext_lazy("残疾等级不在保障范围"),
    "date": gettext_lazy("日期读不懂"),
    "amount": gettext_lazy("金额读不懂"),
    "discharged_before_admission": gettext_lazy("出院早于入院"),
    "total_mismatch": gettext_lazy("各项加起来不等于总费用"),
    "period": gettext_lazy("停止的日子早于开始的日子"),
    "group": gettext_lazy("认不出是哪一类群体"),
    "county": gettext_lazy("认不出是哪个县区"),
    "unreadable": gettext_lazy("这一格读不懂"),
}


def kind_word(kind: str) -> str:
    """Return the name of a kind of file."""
    return str(KINDS[kind][0]) if kind in KINDS else kind


def job_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where an import is."""
    word, mark = JOB_STATES[state]
    return str(word), mark


def reason_of_refusal(reason: str) -> str:
    """Return why a row was refused, in plain words."""
    return str(REASONS.get(reason, reason))
