"""Help inside pages (页内帮助): what a page is for, and the step that comes next.

In: the name of a page's address. Out: two short texts, or nothing where a page says it all itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Help:
    """What a page is for, and what to do next."""

    purpose: Promise
    next_step: Promise


HELP: Mapping[str, Help] = {
    "workbench": Help(
        gettext_lazy("今天等您办的事都在这里，时限最近的在最上面。"),
        gettext_lazy("先办最上面那一件；办完它就从这里消失，走到下一个岗位。"),
    ),
    "claims": Help(
        gettext_lazy("您看得到的全部赔案，办完的也在；可以按状态、县区、到期筛选和导出。"),
        gettext_lazy("点案号打开一件；要一起办几件，先按一种状态筛选再打勾。"),
    ),
    "claim": Help(
        gettext_lazy("一件赔案的全部：为什么赔这么多、谁签过、到哪天为止、打到哪个账户。"),
        gettext_lazy("看懂“为什么”那一栏再签；不归您办的，页上写着归谁。"),
    ),
    "screening": Help(
        gettext_lazy("用名册和结算找出谁应赔没有赔。系统只提名单，赔不赔由人决定。"),
        gettext_lazy("理赔岗在名单里确认或写明理由不赔；新文件导入后由数据专员再筛一次。"),
    ),
    "proposal": Help(
        gettext_lazy("一个人为什么应赔，每一步依据哪一条、哪一份文件。"),
        gettext_lazy("没有疑问就确认立案；不应赔就写明理由，理由要告诉当事人。"),
    ),
    "payments": Help(
        gettext_lazy("复核过的钱怎么到人手里：装批、放行、送银行、收回单。"),
        gettext_lazy("一位支付专员装批，另一位放行；银行回单来了在这里入账，退回的换账户再付。"),
    ),
    "batch": Help(
        gettext_lazy("一次送银行的一批付款，放行以后文件不再变。"),
        gettext_lazy("等放行的，由装批以外的另一位支付专员核对合计再放行。"),
    ),
    "imports": Help(
        gettext_lazy("部门文件从这里进来；读不懂的行另存，写明原因，别的行照样用。"),
        gettext_lazy("先放困难群体名册和住院结算明细，读完去筛查；另存的行下载给部门改。"),
    ),
    "staff": Help(
        gettext_lazy("谁能登录、办什么、看得到哪里。"),
        gettext_lazy("新来的人开账号，密码当面交；调动改单位，离开办离岗。"),
    ),
    "guide": Help(
        gettext_lazy("给居民看的理赔指南，由现行方案自动写成，例子都由系统算出。"),
        gettext_lazy("下载 PDF 印出来发；方案改了再印，旧的收回。"),
    ),
    "offices": Help(
        gettext_lazy("部门、服务网点和承保机构，各管哪个县区。"),
        gettext_lazy("先登记单位，再到“人员”给里面的人开账号。"),
    ),
}


def help_for(name: str) -> Help | None:
    """Return the help of a page by the name of its address."""
    return HELP.get(name)
