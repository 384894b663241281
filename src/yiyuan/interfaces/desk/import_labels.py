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
    "residents": (gettext_lazy("户籍人口名册"), gettext_lazy("全市的人都查得到，按户、按村")),
    "holidays": (gettext_lazy("放假安排"), gettext_lazy("工作日数得准，改了放假，时限跟着改")),
}
JOB_STATES: dict[str, tuple[Promise, str]] = {
    "queued": (gettext_lazy("已排队"), "open"),
    "running": (gettext_lazy("正在读入"), "mid"),
    "done": (gettext_lazy("已读完"), "done"),
    "failed": (gettext_lazy("没有读成"), "back"),
    "undone": (gettext_lazy("已撤销"), "stop"),
}
REASONS: dict[str, Promise] = {
    "missing": gettext_lazy("缺必填的一项"),
    "length": gettext_lazy("号码位数不对"),
    "birth_date": gettext_lazy("号码里的出生日期不存在"),
    "check_digit": gettext_lazy("号码最后一位校验不上"),
    "duplicate": gettext_lazy("前面已经有这一行"),
    "not_covered_level": gettext_lazy("残疾等级不在保障范围"),
    "date": gettext_lazy("日期读不懂"),
    "day_kind": gettext_lazy("看不出是放假还是上班"),
    "amount": gettext_lazy("金额读不懂"),
    "discharged_before_admission": gettext_lazy("出院早于入院"),
    "total_mismatch": gettext_lazy("各项加起来不等于总费用"),
    "period": gettext_lazy("停止的日子早于开始的日子"),
    "group": gettext_lazy("认不出是哪一类群体"),
    "county": gettext_lazy("认不出是哪个县区"),
    "unreadable": gettext_lazy("这一格读不懂"),
}


LIST_CHANGES: dict[str, Promise] = {
    "left": gettext_lazy("离开的"),
    "joined": gettext_lazy("进来的"),
    "changed": gettext_lazy("时间改了的"),
}
OBSTACLES: dict[str, Promise] = {
    "not_done": gettext_lazy("这份文件还没有读完，或没有读成，没有可撤的"),
    "holidays": gettext_lazy("放假安排不能撤：请导入下一个版本来更正"),
    "corrected_since": gettext_lazy("后来的导入（第 %(number)d 批）更正过它的行，请先撤那一批"),
    "decided": gettext_lazy("已有 %(number)d 个核定结论依据这份文件"),
    "paid_to": gettext_lazy("已有 %(number)d 件赔案用这份文件里的账户收款"),
    "declined": gettext_lazy("这份文件里的结算已有 %(number)d 条由人做过决定"),
    "answered": gettext_lazy("因这份文件已有 %(number)d 件赔案撤了案或在追款"),
}


def obstacle_words(why: str, number: int) -> str:
    """Return why an import cannot be undone, in plain words."""
    return str(OBSTACLES[why]) % {"number": number}


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
