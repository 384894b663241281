"""The words for imports (导入用语): kinds of files and what they unlock, states of a job, why rows fail."""

from collections.abc import Collection, Iterable

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yiyuan.exchange.looking import field_of_column
from yiyuan.exchange.meaning import field_label, is_field
from yiyuan.kernel.actor import Role

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
BANK_RETURNS = "bank-returns"
# What a payer brings; a city is not asked for it, so it is none of the kinds above.
ANSWERS: dict[str, tuple[Promise, Promise]] = {
    BANK_RETURNS: (gettext_lazy("银行回单"), gettext_lazy("知道哪笔到账、哪笔退回"))
}
JOB_STATES: dict[str, tuple[Promise, str]] = {
    "queued": (gettext_lazy("已排队"), "open"),
    "running": (gettext_lazy("正在读入"), "mid"),
    "done": (gettext_lazy("已读完"), "done"),
    "failed": (gettext_lazy("没有读成"), "back"),
    "undone": (gettext_lazy("已撤销"), "stop"),
    "held": (gettext_lazy("等您看过"), "mid"),
    "dropped": (gettext_lazy("没有导入"), "stop"),
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
    "result": gettext_lazy("看不出是成功还是失败"),
    "known_differently": gettext_lazy("早就有这个结算号，内容不一样"),
    "unknown_order": gettext_lazy("没有这个指令号"),
    "amount_differs": gettext_lazy("金额和送出的不一样"),
    "answered_before": gettext_lazy("这笔早就入过账"),
    "answered_otherwise": gettext_lazy("这笔的结果早就定了，和这一行相反"),
    "not_sent": gettext_lazy("这笔款没有在途"),
}


LIST_CHANGES: dict[str, Promise] = {
    "left": gettext_lazy("离开的"),
    "joined": gettext_lazy("进来的"),
    "changed": gettext_lazy("时间改了的"),
}
OBSTACLES: dict[str, Promise] = {
    "not_done": gettext_lazy("这份文件还没有读完，或没有读成，没有可撤的"),
    "holidays": gettext_lazy("放假安排不能撤：请导入下一个版本来更正"),
    "bank_returns": gettext_lazy("银行回单已经入账，不能撤：请银行来函更正"),
    "corrected_since": gettext_lazy("后来的导入（第 %(number)d 批）更正过它的行，请先撤那一批"),
    "decided": gettext_lazy("已有 %(number)d 个核定结论依据这份文件"),
    "paid_to": gettext_lazy("已有 %(number)d 件赔案用这份文件里的账户收款"),
    "declined": gettext_lazy("这份文件里的结算已有 %(number)d 条由人做过决定"),
    "answered": gettext_lazy("因这份文件已有 %(number)d 件赔案撤了案或在追款"),
}


GROUP_REASONS: dict[str, Promise] = {
    "given": gettext_lazy("您选的"),
    "columns": gettext_lazy("看栏目认的"),
    "rows": gettext_lazy("按“人员类别”一栏逐行认的"),
}
PROFILE_FAULTS: dict[str, Promise] = {
    "no_name": gettext_lazy("请给这个对应起个名字，例如“县民政低保”"),
    "name_taken": gettext_lazy("这个名字已经有了，请换一个"),
    "unknown_column": gettext_lazy("选了不认识的栏目，请刷新后再试"),
    "column_twice": gettext_lazy("一栏只能当一样用"),
}


def obstacle_words(why: str, number: int) -> str:
    """Return why an import cannot be undone, in plain words."""
    return str(OBSTACLES[why]) % {"number": number}


def kind_word(kind: str) -> str:
    """Return the name of a kind of file."""
    known = KINDS | ANSWERS
    return str(known[kind][0]) if kind in known else kind


def job_state(state: str) -> tuple[str, str]:
    """Return the word and the mark for where an import is."""
    word, mark = JOB_STATES[state]
    return str(word), mark


def reason_of_refusal(reason: str) -> str:
    """Return why a row was refused, in plain words."""
    return str(REASONS.get(reason, reason))


def kinds_of(roles: Collection[Role]) -> dict[str, tuple[Promise, Promise]]:
    """Return the kinds of files that these posts may look at: the data clerk's, the payer's, or both."""
    mine = dict(KINDS) if set(roles) & {Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR} else {}
    return mine | (ANSWERS if set(roles) & {Role.PAYER, Role.AUDITOR, Role.ADMINISTRATOR} else {})


def group_reason(code: str) -> str:
    """Return by what a register was known, in plain words."""
    by, _colon, text = code.partition(":")
    if by == "name":
        return _("名称里写着“%(text)s”") % {"text": text}
    return str(GROUP_REASONS[by])


def profile_fault(why: str, detail: str) -> str:
    """Return why a choice of columns cannot be kept, in plain words, the missing facts by name."""
    if why != "fact_missing":
        return str(PROFILE_FAULTS[why])
    facts = [fields.split(",") for fields in detail.split("|")]
    return _("还缺：%(facts)s。请在下面选出是哪一栏") % {"facts": missing_words(facts)}


def field_word(field: str) -> str:
    """Return what a column is called: as departments write it, in English by its canonical name."""
    return field_label(field) if (get_language() or "zh").startswith("zh") else field.replace("_", " ")


def column_word(column: str) -> str:
    """Return what a column that comes out of a reading is called."""
    field = field_of_column(column)
    return field_word(field) if is_field(field) else column


def missing_words(facts: Iterable[Iterable[str]]) -> str:
    """Return the names of missing facts, those of which one would do joined by 或."""
    return "、".join(_("或").join(f"“{field_word(field)}”" for field in fields) for fields in facts)
