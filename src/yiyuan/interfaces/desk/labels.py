"""The words for codes (用语): states, verbs, roles, reasons, groups; Chinese first, English by gettext."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.claims.errors import BudgetSpent, LimitSpent
from yiyuan.apps.claims.opening import GAP_NO_ACCOUNT
from yiyuan.apps.claims.states import State, Verb
from yiyuan.interfaces.desk.budget_words import spent_text
from yiyuan.interfaces.desk.limit_words import limit_spent_text
from yiyuan.kernel.actor import SYSTEM_ACTOR, Role

ROLES: dict[str, Promise] = {
    Role.CLERK: gettext_lazy("数据专员"),
    Role.DESK_AGENT: gettext_lazy("理赔岗"),
    Role.ASSESSOR: gettext_lazy("初审岗"),
    Role.APPROVER: gettext_lazy("复核岗"),
    Role.PAYER: gettext_lazy("支付专员"),
    Role.CIVIL_AFFAIRS: gettext_lazy("民政专员"),
    Role.FINANCE: gettext_lazy("财政专员"),
    Role.AUDITOR: gettext_lazy("审计员"),
    Role.ADMINISTRATOR: gettext_lazy("管理员"),
    Role.SYSTEM: gettext_lazy("系统"),
}
STATES: dict[str, Promise] = {
    State.REPORTED: gettext_lazy("已报案"),
    State.LODGED: gettext_lazy("已立案"),
    State.AWAITING_DOCUMENTS: gettext_lazy("已暂停"),
    State.ASSESSED: gettext_lazy("已初审"),
    State.APPROVED: gettext_lazy("已复核"),
    State.DECLINED: gettext_lazy("已决定不赔"),
    State.APPEALED: gettext_lazy("已申诉"),
    State.WITHDRAWN: gettext_lazy("已撤案"),
    State.PAID: gettext_lazy("已到账"),
    State.CLOSED: gettext_lazy("已结案"),
}
VERBS: dict[str, Promise] = {
    Verb.REPORT: gettext_lazy("报案"),
    Verb.LODGE: gettext_lazy("立案"),
    Verb.REQUEST_DOCUMENTS: gettext_lazy("通知补件"),
    Verb.RECEIVE_DOCUMENTS: gettext_lazy("补齐了"),
    Verb.ASSESS: gettext_lazy("初审"),
    Verb.RETURN_FOR_ASSESSMENT: gettext_lazy("退回初审"),
    Verb.APPROVE: gettext_lazy("复核同意"),
    Verb.DECLINE: gettext_lazy("不予赔付"),
    Verb.WITHDRAW: gettext_lazy("撤案"),
    Verb.APPEAL: gettext_lazy("申诉"),
    Verb.CONFIRM_PAYMENT: gettext_lazy("银行确认到账"),
    Verb.RETURN_PAYMENT: gettext_lazy("到账以后又被银行退回"),
    Verb.CLOSE: gettext_lazy("结案"),
}
REASONS: dict[str, Promise] = {
    "entitled": gettext_lazy("应赔付"),
    "reversed": gettext_lazy("结算已冲销"),
    "outside_period": gettext_lazy("不在保险期内"),
    "outside_pool": gettext_lazy("县区不在统筹内"),
    "no_group_on_date": gettext_lazy("入院当天不在六类群体"),
    "disease_not_listed": gettext_lazy("病种不在表内"),
    "needs_proof": gettext_lazy("光看编码判不了，要看证明"),
    "nothing_left_to_pay": gettext_lazy("没有剩余费用"),
    "already_claimed": gettext_lazy("已经赔过"),
    "missing_fact": gettext_lazy("缺一项事实"),
}
REFUSALS: dict[str, Promise] = {
    "scheme_has_faults": gettext_lazy("方案检查有错误，改好才能生效"),
    "scheme_not_accepted": gettext_lazy("还有没认下的"),
    "scheme_in_force": gettext_lazy("这一天起的版本已经生效，不再改"),
    "draft_unreadable": gettext_lazy("上传的不是能用的草案，什么都没有存"),
    "scheme_not_writable": gettext_lazy("方案目录写不进去，请管服务器的人把 YAML 文件放进去"),
    "scheme_nothing_in_force": gettext_lazy("先由两个人让现行的版本生效，才能放进新的草案"),
    "scheme_not_proposed": gettext_lazy("还没有人提请这一版，或文件在提请以后改过，请重新提请"),
    "suspended_once": gettext_lazy(
        "已经通知补过一次，不能再停：缺什么要一次说全。材料还不齐就按现有的办，或写明理由不赔"
    ),
    "question_answered": gettext_lazy("别人已经答复了这一条"),
    "budget_taken": gettext_lazy("预算不能比已经占用和付出的少"),
    "budget_change_decided": gettext_lazy("这一条已经有人办了，请刷新后再看"),
    "money_under_way": gettext_lazy("钱已经在路上或到账，不能撤案；要追回请选“追回”"),
    "not_held": gettext_lazy("别人已经处理了这份文件，请刷新后再看"),
    "not_to_mend": gettext_lazy("这一行已经更正过，或者不用更正"),
    "no_whole_list": gettext_lazy("这次导入不是全部名单，或还没有读完"),
    "list_outdated": gettext_lazy("已经按更新的名单更新过，这份旧名单不能再停人"),
    "illegal_move": gettext_lazy("这件赔案已经走到别的一步，请刷新后再看"),
    "period_closed": gettext_lazy("这个月已经结账；更正请记在开着的月份"),
    "period_not_over": gettext_lazy("这个月还没有过完，不能结账"),
    "period_out_of_order": gettext_lazy("这个月已经结账，或不是最近结的那个月"),
    "role_missing": gettext_lazy("这一步不归您的岗位办"),
    "same_hands": gettext_lazy("您经手过这一步，要由另一人来办"),
    "reason_missing": gettext_lazy("请写明理由，要告诉当事人"),
    "key_reused": gettext_lazy("这次提交已经用过，请刷新后再试"),
    "proposal_decided": gettext_lazy("别人已经决定了这一条"),
    "not_entitled": gettext_lazy("按现在的名册和结算，这一条不该赔"),
    "account_missing": gettext_lazy("没有可用的收款账户，请先补上"),
    "nothing_paid": gettext_lazy("银行还没有确认付出，没有可以追回的"),
    "recovery_closed": gettext_lazy("这一笔追回已经了结"),
    "waiver_missing": gettext_lazy("还没有人提议不再追"),
    "nothing_to_pay": gettext_lazy("没有可以付款的赔案"),
    "batch_moved": gettext_lazy("这一批已经送出或撤回"),
    "file_changed": gettext_lazy("重新生成的文件和放行时的不一样，没有下载；请找管理员"),
    "return_unreadable": gettext_lazy("回单读不懂"),
    "profile_faulty": gettext_lazy("银行格式用不了"),
    "suspense_closed": gettext_lazy("这一笔待查款已经办结，或还没有人提议，请刷新后再看"),
    "no_match": gettext_lazy("这个指令号没有在途，或金额和回单不一样，对不上"),
    "note_missing": gettext_lazy("请写明凭什么这样办"),
    "out_of_scope": gettext_lazy("这要管全市的人来办，您的单位只管一部分"),
    "name_taken": gettext_lazy("这个名字已经有人用了，请换一个"),
    "own_administration": gettext_lazy("自己的管理员岗位、离岗和密码要由另一位管理员办"),
    "last_administrator": gettext_lazy("全市要留至少一位管理员，请先指定另一位"),
    "office_in_use": gettext_lazy("这个单位里还有人，请先把人调走"),
    "office_closed": gettext_lazy("这个单位已停用，请选别的单位"),
    "has_left": gettext_lazy("这个人已离岗，要先办回岗"),
    "batch_cut": gettext_lazy("已经装进支付批次，要先撤回那一批；已送银行的不能撤销确认"),
    "checks_missing": gettext_lazy("这几件户名不符或大额还没有回访：写明结果，或取出，才能放行"),
    "batch_questioned": gettext_lazy("这几件有疑问等人决定，先不付款；可以把它们取出，其余的照付"),
    "account_of_another": gettext_lazy("户名不是本人，先不付款：换一个账户，或写明凭什么由这个人代领"),
    "two_contracts": gettext_lazy("两个年度的赔案由不同的合同付，要分开装批"),
    "paper_alive": gettext_lazy("照票据立的案还在办或已付款，先撤掉它，才能改按医保结算办"),
    "not_declined": gettext_lazy("这一条没有决定不赔，不用告知"),
    "stay_known": gettext_lazy("这次住院已经有了，不用再录"),
    "name_decided": gettext_lazy("别人已经核对过这个姓名"),
    "division_unknown": gettext_lazy("没有这个旧代码的县区，请照现有的区划填"),
    "code_changed": gettext_lazy("这个旧代码已经改过，或新代码本身是一个旧代码"),
    "no_phone": gettext_lazy("这不像电话：手机是 11 位，座机要带区号，如 0396-1234567"),
    "nothing_to_screen": gettext_lazy("还没有名册或结算，请先导入"),
    "run_under_way": gettext_lazy("已有一次筛查在跑，跑完再开始下一次"),
    "settles_nothing": gettext_lazy("这个方案没有按结算逐笔核定的医疗保障，没有可筛查的"),
}

BANK_RETURN = "银行退回："  # how the note begins that a returned order leaves on its claim
NO_REASON = "没有写原因"


def role_title(role: str) -> str:
    """Return the title of a post."""
    return str(ROLES.get(role, role))


def actor_word(actor_id: str, name: str) -> str:
    """Return who did something: a person's name, or the word for the system."""
    return role_title(Role.SYSTEM) if actor_id == SYSTEM_ACTOR.id else name


def state_word(state: str) -> str:
    """Return the participle for where a claim is."""
    return str(STATES.get(state, state))


def verb_word(verb: str) -> str:
    """Return the imperative for a move."""
    return str(VERBS.get(verb, verb))


def reason_word(reason: str) -> str:
    """Return a screening reason in plain words."""
    return str(REASONS.get(reason, reason))


def kept_words(text: str) -> str:
    """Return a reason kept with a claim; what the system wrote is said in the language of the page."""
    if text == GAP_NO_ACCOUNT:
        return _("缺收款账户：名册和一卡通库里都没有")
    if text.startswith(BANK_RETURN):
        reason = text.removeprefix(BANK_RETURN)
        return _("银行退回：%(reason)s") % {"reason": _("没有写原因") if reason == NO_REASON else reason}
    return text


# Refusals whose own text names what they are about.
SAYS_WHICH = frozenset(
    {
        "return_unreadable", "profile_faulty", "stay_known", "batch_questioned", "scheme_has_faults",
        "scheme_not_accepted", "draft_unreadable", "checks_missing",
    }
)  # fmt: skip


def refusal_text(error: Exception) -> str:
    """Return what to tell a person whose request was refused, with the detail where it helps."""
    code = getattr(error, "code", "")
    text = str(REFUSALS.get(code, _("没有办成，什么都没有改动")))
    if code == "not_entitled":
        return f"{text}：{reason_word(str(error))}"
    if isinstance(error, BudgetSpent):
        return spent_text(error.county_code, error.left_fen)
    if isinstance(error, LimitSpent):
        return limit_spent_text(error.limit, error.left_fen)
    if code in SAYS_WHICH:
        return f"{text}：{error}"
    return text
