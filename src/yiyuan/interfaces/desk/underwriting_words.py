"""The words of underwriting (承保用语): refusals with the figure or paper they are about."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.reporting.errors import StatementRefusal
from yiyuan.apps.underwriting.errors import UnderwritingRefusal
from yiyuan.interfaces.desk.labels import REFUSALS

PROMISES: dict[str, Promise] = {
    "county_points": gettext_lazy("县区有服务网点"),
    "township_points": gettext_lazy("乡镇有服务网点"),
    "on_time": gettext_lazy("按时赔付"),
    "reports": gettext_lazy("按月送报表"),
}
WORDS: dict[str, Promise] = {
    "head_count_wrong": gettext_lazy("人数不对：不能小于 0，县区要在方案的统筹里"),
    "head_count_twice": gettext_lazy("这个县区本年度的人数已核定，要改请写更正原因"),
    "bill_refused": gettext_lazy("保费算不出来"),
    "amount_wrong": gettext_lazy("金额或依据不对"),
    "day_wrong": gettext_lazy("日期不对"),
    "already_there": gettext_lazy("已经登记过"),
    "shares_wrong": gettext_lazy("份额或权重合计要是 100%，主承保只能一家"),
    "not_in_force_yet": gettext_lazy("还不能生效"),
    "over_cap": gettext_lazy("保证金超过上限"),
    "bond_wrong": gettext_lazy("这样的保证金不能收或不能动用"),
    "period_too_short": gettext_lazy("投标时间不够"),
    "bids_not_closed": gettext_lazy("投标还没有截止"),
    "bid_too_late": gettext_lazy("投标不在规定时间内，截止"),
    "scores_missing": gettext_lazy("评分或评委不齐"),
    "not_a_judge": gettext_lazy("不是这次招标的评委，或已经开始评分"),
    "too_early": gettext_lazy("前一步还没有办"),
    "nothing_late": gettext_lazy("没有到期未拨的保费"),
    "month_not_over": gettext_lazy("这个月还没有过完，或不在方案年度里"),
    "figures_changed": gettext_lazy("账上的数已经变了，或已另出一份，请重新编制"),
    "terms_wrong": gettext_lazy("这一条费用约定不对：比例、金额要大于 0，分担合计 100%，要写条款"),
    "bands_gap": gettext_lazy("风险分担有一段赔付率没有写谁承担，最后一档不写上限"),
    "bands_overlap": gettext_lazy("风险分担有两档同时管一个赔付率"),
    "promise_not_made": gettext_lazy("协议没有这项承诺，或一项承诺写了两次违约金"),
    "paper_refused": gettext_lazy("这种材料不归这里，或投标文件没有选是哪一家的"),
    "no_agreement": gettext_lazy("当年没有合作协议，没有承保机构可以结算"),
}
# What a refusal is about, where it is no figure and no paper.
ABOUT: dict[str, Promise] = {
    "no_head_count": gettext_lazy("还没有核定人数"),
    "no_due_day": gettext_lazy("方案没有写分期，请写应拨日"),
    "no_paper": gettext_lazy("没有附上依据的文件或没有写来源"),
    "no_clause": gettext_lazy("没有写条款"),
    "nothing_owed": gettext_lazy("没有应拨的保费"),
    "policyholder": gettext_lazy("投保方没有签署"),
    "insurer": gettext_lazy("承保方没有签署"),
    "award": gettext_lazy("定标"),
    "award_notice": gettext_lazy("发中标通知书"),
    "contract_signed": gettext_lazy("签订合同"),
    "agree_bond_call": gettext_lazy("另一人同意动用"),
}


def refusal_words(refusal: UnderwritingRefusal | StatementRefusal) -> str:
    """Return what to tell a person whose act was refused, with what it is about."""
    if refusal.code in WORDS:
        which = ABOUT.get(str(refusal), refusal)
        return _("%(what)s（%(which)s）") % {"what": WORDS[refusal.code], "which": which}
    return str(REFUSALS.get(refusal.code, _("没有办成，什么都没有改动")))
