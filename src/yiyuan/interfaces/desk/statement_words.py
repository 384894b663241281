"""The words of statements (结算单用语): what each line says, of whom, and how its number is written.

In: the frozen lines of a statement. Out: rows of words, for the page and for the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.interfaces.desk.templatetags.yiyuan_format import percent
from yiyuan.interfaces.desk.underwriting_words import PROMISES
from yiyuan.kernel.money import yuan

KINDS: dict[str, Promise] = {
    "insurer": gettext_lazy("承保机构月度结算单"),
    "public_money": gettext_lazy("财政资金和撬动社会资金表"),
    "appropriation": gettext_lazy("财政拨付情况表"),
}
MAIN: dict[str, Promise] = {
    "insurer": gettext_lazy("本月赔付"),
    "public_money": gettext_lazy("财政资金到账"),
    "appropriation": gettext_lazy("本年累计拨付"),
}
NOTES: dict[str, Promise] = {
    "insurer": gettext_lazy(
        "费用、违约金、风险分担和准备金照协议，协议没有写的照方案，都没有写的写“没有约定”。违约金从保证金里扣要另行动用。"
    ),
    "public_money": gettext_lazy("撬动社会资金按承保机构在收到的保费之外赔的钱算（推定口径）。"),
    "appropriation": gettext_lazy("按保费通知书和收据，累计到本月末。"),
}
LINES: dict[str, Promise] = {
    "premium_billed": gettext_lazy("本年应收保费"),
    "premium_received": gettext_lazy("本年已收保费"),
    "received_in_month": gettext_lazy("本月到账"),
    "premium_open": gettext_lazy("还没有到账"),
    "claims_in_month": gettext_lazy("本月赔付件数"),
    "paid_in_month": gettext_lazy("本月赔付"),
    "claims_in_year": gettext_lazy("本年赔付件数"),
    "paid_in_year": gettext_lazy("本年赔付"),
    "waiting": gettext_lazy("已核赔还没有到账"),
    "loss_ratio": gettext_lazy("赔付率"),
    "bond_held": gettext_lazy("保证金余额"),
    "bond_called": gettext_lazy("本月动用保证金"),
    "promises_kept": gettext_lazy("做到的承诺"),
    "promises_broken": gettext_lazy("没做到的承诺"),
    "share": gettext_lazy("承保份额"),
    "share_paid": gettext_lazy("按份额分摊本月赔付"),
    "kept": gettext_lazy("结余归属"),
    "borne": gettext_lazy("超赔分担"),
    "reserve": gettext_lazy("风险准备金"),
    "risk_sharing": gettext_lazy("风险分担"),
    "expense": gettext_lazy("承保机构费用"),
    "penalty_days": gettext_lazy("没做到的天数"),
    "penalty": gettext_lazy("违约金"),
    "penalties": gettext_lazy("本月违约金合计"),
    "public_money": gettext_lazy("财政资金到账"),
    "left_of_fund": gettext_lazy("项目资金余额"),
    "levered": gettext_lazy("撬动社会资金"),
    "paid_per_hundred": gettext_lazy("每 100 元财政资金赔到居民手里"),
}


# Who is no county and no insurer by name.
WHOSE: dict[str, Promise] = {**PROMISES, "policyholder": gettext_lazy("投保方")}
UNSAID: dict[str, Promise] = {
    "not_agreed": gettext_lazy("没有约定"),
    "not_on_record": gettext_lazy("缺口从哪天起没有记录，按天算不出"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line in words; `code` and `name` are what it was made from."""

    label: str
    whose: str
    text: str
    code: str
    name: str


def rows_of(lines: Sequence[Sequence[object]], counties: Mapping[str, str]) -> list[Row]:
    """Return the lines in words; a county is named, an insurer or bearer stands as it was written."""
    return [
        Row(
            str(LINES[str(code)]),
            counties.get(str(whose), str(WHOSE.get(str(whose), whose))),
            _number(str(unit), int(str(value))),
            str(code),
            str(whose),
        )
        for code, whose, unit, value in lines
    ]


def _number(unit: str, value: int) -> str:
    if unit in UNSAID:
        return str(UNSAID[unit])
    if unit == "fen":
        return _("%(sum)s 元") % {"sum": yuan(value)}
    return f"{percent(value)}%" if unit == "bp" else f"{value:,}"
