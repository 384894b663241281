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
    "suspense": Help(
        gettext_lazy("银行回单里对不上指令的每一行，都挂在这里，有负责人，办结才走。"),
        gettext_lazy("查清是哪一笔的，提议对到那条指令，另一位支付专员同意；查不清的退回银行并写明经过。"),
    ),
    "budgets": Help(
        gettext_lazy("每一年度的预算：下达多少、占用多少、付了多少、还剩多少；县区有单独预算的也在这里。"),
        gettext_lazy("复核时预算不够就停下来。要下达或追加，一个人写明依据提议，另一个人同意。"),
    ),
    "returned": Help(
        gettext_lazy("银行退回的每一笔：为什么退、谁负责、最迟哪天再付。"),
        gettext_lazy("负责人问清新的账户，在案件页换好；支付专员点再付，另一位放行。办不了的交给别人。"),
    ),
    "limits": Help(
        gettext_lazy("方案限额用掉多少：每人、每户、每次事故最高多少、占用多少、付了多少、还剩多少。"),
        gettext_lazy("剩下的不够时，核定自动只赔到剩下的。依法要超出，一个人写明依据提议，另一个人同意。"),
    ),
    "premium": Help(
        gettext_lazy("一年的保费：每个县区核定多少人、应付多少、到了多少、晚了几天。"),
        gettext_lazy("先到县区核定人数，再一起出具通知书；钱到了由财政专员登记。"),
    ),
    "premium_county": Help(
        gettext_lazy("一个县区的保费：人数、通知书、应拨、收据和催拨，每份都能打印。"),
        gettext_lazy("人数错了就更正：另出一份，原来的不动；到期没到账的催拨。"),
    ),
    "agreement": Help(
        gettext_lazy("当年的合作协议：谁承保多少、承诺做到没有、签了没有、保证金在不在。"),
        gettext_lazy("双方签署、保证金收到以后让它生效；没做到的承诺看缺的是哪些。"),
    ),
    "statements": Help(
        gettext_lazy("每个月的报表：和承保机构结算、财政资金和撬动社会资金、财政拨付。"),
        gettext_lazy("月份过完由一个人编制，另一个人核对后签发；签发以后不再变。"),
    ),
    "statement": Help(
        gettext_lazy("一份月度报表，数都从账簿来，编制时就固定下来。"),
        gettext_lazy("核对后由另一个人签发；账上后来变了，另出一份，写明为什么。"),
    ),
    "statement_misses": Help(
        gettext_lazy("这个月没做到的承诺：哪一项、晚了几天、按协议该扣多少。"),
        gettext_lazy("核对每一行；要从保证金里扣，到协议页提议动用保证金。"),
    ),
    "tenders": Help(
        gettext_lazy("公开招标的档案：什么时候发、什么时候截止、谁中标。"),
        gettext_lazy("点编号看投标、评分和法定步骤；评委也从这里进去评分。"),
    ),
    "tender": Help(
        gettext_lazy("一次招标从投标到合同备案，每一步法定哪天以前办。"),
        gettext_lazy("截止后评委各自评分，全部评完由两个人定标，再按期公告、签约、备案。"),
    ),
    "bill_paper": Help(
        gettext_lazy("给县区的保费通知书，写着各项、谁付、哪天付。"), gettext_lazy("打印后盖章送达。")
    ),
    "order_paper": Help(
        gettext_lazy("一笔保费的拨付令，大小写金额都有。"), gettext_lazy("打印后送付款方的财政部门。")
    ),
    "receipt_paper": Help(
        gettext_lazy("保费到账的收据，或多收退还的单子。"), gettext_lazy("打印后交付款方存档。")
    ),
    "batch": Help(
        gettext_lazy("一次送银行的一批付款，放行以后文件不再变。"),
        gettext_lazy("等放行的，由装批以外的另一位支付专员核对合计再放行。"),
    ),
    "ledger": Help(
        gettext_lazy("一个月里每个科目的期初、增减和期末；按发生的月份，也可以只看到某一天为止已入账的。"),
        gettext_lazy("点科目看一笔一笔的分户账；要对账，到对账单按县区或承保机构打印。"),
    ),
    "ledger_card": Help(
        gettext_lazy("一个科目这个月的每一笔，每一笔之后还有多少。"),
        gettext_lazy("核对余额；哪一笔不明白，按案号查赔案。"),
    ),
    "ledger_statement": Help(
        gettext_lazy("一个科目在各县区或各承保机构有多少，给对方对账用。"),
        gettext_lazy("选科目和月份，打印或下载，双方核对后盖章。"),
    ),
    "ledger_chain": Help(
        gettext_lazy("哪些月份结了账，全部凭证有没有被背着系统改过。"),
        gettext_lazy("月份过完后由市财政专员结账；把最新的链锚抄下来另外保存。"),
    ),
    "dashboard": Help(
        gettext_lazy("全市或一个县区走到哪一步：应赔多少、到账多少、钱在哪里、时限守住没有。"),
        gettext_lazy("选县区和月份；点任何一个数，看它是哪些人、哪些案件。"),
    ),
    "dashboard_rows": Help(
        gettext_lazy("总览上一个数背后的每一条结算，有多少条，数就是多少。"),
        gettext_lazy("点“打开”看这一条：立了案的到案件，提了名的到名单，其余的到这个人。"),
    ),
    "run": Help(
        gettext_lazy("一次筛查读了哪些文件、得出什么，和上一次比变了哪些。"),
        gettext_lazy("先看“不再应赔”和“有变化”；要核对原件，下载清单。"),
    ),
    "list_changes": Help(
        gettext_lazy("新名单和上一份比：谁进来、谁不在了、谁的起止日期变了。"),
        gettext_lazy("看过不在了的人，再确认停止；已经赔了的不会自动追回，会变成疑问等人决定。"),
    ),
    "questions": Help(
        gettext_lazy("已经办过的案件，现在的事实和当时不一样了；系统不改，等人决定。"),
        gettext_lazy("一件一件看变了什么，选维持、撤案或追回，并写明理由。"),
    ),
    "claim_heir": Help(
        gettext_lazy("本人去世了，钱由继承人领：登记是谁、什么关系、别的继承人怎么说。"),
        gettext_lazy("写好收款账户再存；存了以后不能改，只能再登记一次。"),
    ),
    "search": Help(
        gettext_lazy("按证号、姓名、拼音或案号找人、找案件。"),
        gettext_lazy("证号要写全；姓名和拼音写开头就行。"),
    ),
    "person": Help(
        gettext_lazy("一个人的全部：困难身份、住院、账户、提名和赔案。看过会留痕。"),
        gettext_lazy("点一次住院或一件赔案看理由；资料不对，请部门更正名册后再导入。"),
    ),
    "audit": Help(
        gettext_lazy("谁在什么时候做了什么、看了谁，只增不改。"),
        gettext_lazy("按人、按对象或按案号筛；往前翻看更早的。"),
    ),
    "scheme": Help(
        gettext_lazy("现在按哪一版方案算：每一条、每一个数、怎么读、暂定的是哪些。"),
        gettext_lazy("有疑问的条款对照来源看；暂定的等正式文件来了换新版本。"),
    ),
    "scheme_versions": Help(
        gettext_lazy("方案的每一版：草案、现行还是已结束，和上一版比改了什么，过去的案子照它重算差多少。"),
        gettext_lazy("草案先看改了什么、再重算；一个人逐条认下并提请，另一个人批准，才生效。"),
    ),
    "scheme_replay": Help(
        gettext_lazy("过去的案子照这一版重算：谁多、谁少、每个县区差多少；什么都不改动。"),
        gettext_lazy("看过再决定要不要提请生效；要改的改方案文件，再算一遍。"),
    ),
    "scheme_drafts": Help(
        gettext_lazy("上传新方案的草案：整个目录打成的 zip，或其中的 YAML 文件；当场检查，原样留存。"),
        gettext_lazy("上传以后看哪里要改，改好再传；没有错误的，比一比、试案例、重算，再放进方案目录。"),
    ),
    "scheme_draft": Help(
        gettext_lazy("一份草案：每一处要改的文件和行号，和现行版本比改了什么，手算案例结果怎么变。"),
        gettext_lazy("有错误的改好再传；没有错误的试案例、重算过去的案子，看过再放进方案目录提请生效。"),
    ),
    "scheme_draft_replay": Help(
        gettext_lazy("过去的案子照草案重算，到哪里了，结果怎样：谁多、谁少、每个县区差多少；什么都不改动。"),
        gettext_lazy("可以离开，算完的结果留在这里；看过再决定要不要提请生效。"),
    ),
    "scheme_try": Help(
        gettext_lazy("填一个案子，看按方案赔多少、每一步依据哪一条；只算不存。"),
        gettext_lazy("先选出险原因，只填知道的；还要问的会列出来。"),
    ),
    "imports": Help(
        gettext_lazy("部门文件从这里进来；读不懂的行另存，写明原因，别的行照样用。"),
        gettext_lazy("先放困难群体名册和住院结算明细，读完去筛查；另存的行下载给部门改。"),
    ),
    "import_job": Help(
        gettext_lazy("一份文件读到哪里了、读成了什么、哪些行没有用上。"),
        gettext_lazy("先看另存的原因，能改的逐行更正或下载更正表；整份传错了就撤销。"),
    ),
    "import_columns": Help(
        gettext_lazy("文件的每一栏当成什么。系统认不出的，由您说明一次，存下来下次自己认。"),
        gettext_lazy("看例子选好每一栏，写个名字存下；一样的表头再来就按它读。"),
    ),
    "refused_row": Help(
        gettext_lazy("一行没有用上的数据，原样在这里，可以改了再用。"),
        gettext_lazy("改标红的一栏，先看对不对，再更正；原来的文件不动，更正另记一次导入。"),
    ),
    "staff": Help(
        gettext_lazy("谁能登录、办什么、看得到哪里。"),
        gettext_lazy("新来的人开账号，密码当面交；调动改单位，离开办离岗。"),
    ),
    "staff_new": Help(
        gettext_lazy("给一个人开账号：叫什么、在哪个单位、办什么。"),
        gettext_lazy("存好以后页上给出一次性密码，当面交给本人，第一次登录要改。"),
    ),
    "staff_member": Help(
        gettext_lazy("一个人的岗位和单位；调动、离岗、换密码都在这里。"),
        gettext_lazy("调到别的县区改单位就行，从下一次点击起只看得到那里。"),
    ),
    "guide": Help(
        gettext_lazy("给居民看的理赔指南，由现行方案自动写成，例子都由系统算出。"),
        gettext_lazy("下载 PDF 印出来发；方案改了再印，旧的收回。"),
    ),
    "divisions": Help(
        gettext_lazy("县区换了代码，旧代码和新代码在这里对上。"),
        gettext_lazy("填旧代码、新代码和从哪天起；旧文件照样读得懂，历史留着旧代码。"),
    ),
    "notice": Help(
        gettext_lazy("一条不赔的决定怎么告诉本人：能打印，也能照着发短信、打电话。"),
        gettext_lazy("告知以后记下哪天、怎么告知的；本人不服的，在这里记下申诉，换一个人看。"),
    ),
    "paper": Help(
        gettext_lazy("医保数据里没有的住院，照纸质票据录进来，马上算能不能赔。"),
        gettext_lazy("照票据填，原件存哪里写清楚；以后医保数据来了会自动对上，不会赔两次。"),
    ),
    "screening_request": Help(
        gettext_lazy("一次筛查跑到哪里了。"),
        gettext_lazy("可以离开，跑完了菜单上会说。"),
    ),
    "profiles": Help(
        gettext_lazy("各部门文件的栏目怎么认，记过的都在这里。"),
        gettext_lazy("认错了的改一改；同样表头的文件下次自动照着读。"),
    ),
    "profile": Help(
        gettext_lazy("一种表头的栏目对应：文件里叫什么，我们当作什么。"),
        gettext_lazy("改好保存，以后同样表头的文件照新的读；已读进来的不变。"),
    ),
    "offices": Help(
        gettext_lazy("部门、服务网点和承保机构，各管哪个县区。"),
        gettext_lazy("先登记单位，再到“人员”给里面的人开账号。"),
    ),
    "office_new": Help(
        gettext_lazy("登记一个部门、服务网点或承保机构。"),
        gettext_lazy("服务网点写全地址、电话和开门时间：居民照这个来。"),
    ),
    "office": Help(
        gettext_lazy("一个单位的情况：管哪里、在哪里、几点开门。"),
        gettext_lazy("撤并的单位，先把人调走再停用。"),
    ),
    "own_password": Help(
        gettext_lazy("换自己的密码；管理员给的一次性密码，第一次登录要换。"),
        gettext_lazy("写一个别处没有用过的长密码，两遍一样，再存。"),
    ),
}


def help_for(name: str) -> Help | None:
    """Return the help of a page by the name of its address."""
    return HELP.get(name)
