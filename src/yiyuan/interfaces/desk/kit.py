"""The kit page (组件样张): every component once, with invented sample data.

In: a request. Out: a page, in a made-up city only; people, numbers and sums are invented.
"""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from yiyuan.apps.registry.queries import get_city
from yiyuan.interfaces.desk.access import allow
from yiyuan.kernel.actor import Role

SWATCHES = (
    ("墨", "#1b2430", "正文 15.65:1"),
    ("墨二", "#46525f", "说明 7.98:1"),
    ("墨三", "#5a6672", "次要 5.87:1"),
    ("石青", "#0b5b70", "强调 7.65:1"),
    ("松", "#1c6638", "按时 6.98:1"),
    ("赭", "#8a4600", "将到期 7.10:1"),
    ("朱", "#ae241b", "超期 6.85:1"),
    ("框", "#7b8792", "控件边 3.67:1"),
    ("纸", "#f5f4f0", "底色"),
    ("石青浅", "#e3f0f3", "选中底色"),
    ("三级", "#78b0bf", "配墨字 6.53:1"),
    ("四级", "#2a778e", "配白字 5.09:1"),
)

STEPS = (
    {"label": "是谁", "state": "done"},
    {"label": "发生了什么", "state": "done"},
    {"label": "打到哪张卡", "state": "now"},
    {"label": "核对", "state": ""},
)

RULER = (
    {"words": "已超期", "count": 1, "url": "#main", "left": -1, "limit": 1},
    {"words": "今天到期", "count": 14, "url": "#main", "left": 0, "limit": 1, "current": True},
    {"words": "明天到期", "count": 22, "url": "#main", "left": 1, "limit": 2, "tone": "plain"},
    {"words": "2–3 天", "count": 9, "url": "#main", "left": 3, "limit": 3, "tone": "plain"},
    {"words": "4 天以上", "count": 12, "url": "#main", "left": 4, "limit": 4, "tone": "plain"},
    {"words": "已暂停", "count": 5, "url": "#main", "left": 1, "limit": 1, "paused": True},
)

SUM_ROWS = (
    {"label": "医保认可的费用", "fen": 1590620, "source": "结算单 第 3 栏"},
    {"op": "减", "label": "基本医保统筹已付", "fen": 1113434, "source": "第 5 栏"},
    {"op": "减", "label": "居民大病保险已付", "fen": 213716, "source": "第 8 栏"},
    {"op": "得", "label": "剩余合规费用", "fen": 263470, "kind": "total"},
    {"op": "得", "label": "应赔付", "fen": 80000, "kind": "grand"},
)

LEDGER_ROWS = (
    {"label": "全自费", "fen": 190360},
    {"label": "超限价", "fen": 21257},
    {"label": "不算进去的", "fen": 211617, "total": True},
)

READINGS = (
    {"id": "A", "adopted": True, "text": "满 1,000 元，一律赔 800 元", "fen": 80000},
    {"id": "B", "text": "剩余费用的一半，最多 800 元：1,249.80 × 50%", "fen": 62490},
    {"id": "C", "text": "前 1,000 元赔一半，超出部分全赔，最多 800 元：500.00 + 249.80", "fen": 74980},
)

STAGES = (
    {"label": "已筛查发现", "when": "11月18日 02:10", "state": "done"},
    {"label": "已立案", "when": "11月19日 10:42", "state": "done"},
    {"label": "复核：您", "when": "今天 17:30 前", "state": "now"},
    {"label": "到账", "when": "今天 18:00 前", "state": ""},
)

EVENTS = (
    {"when": "今天 09:12", "what": "李玉梅初审通过", "note": "4 条理由全部相符"},
    {"when": "19日 10:42", "what": "资料齐全，已立案", "note": "时限开始"},
    {"when": "12日", "what": "出院结算", "note": "驻马店市中心医院"},
)

FUNNEL = (
    {
        "label": "已筛查",
        "count": 128460,
        "kind": "squeezed",
        "gap": {"count": 109726, "causes": "不符合：不在六类群体 71,302，病种不在表内 35,118"},
    },
    {
        "label": "应赔付",
        "count": 18734,
        "gap": {"count": 11520, "causes": "没有告知", "action": "派人告知", "url": "#main"},
    },
    {"label": "已到账", "count": 7214, "kind": "paid"},
)

TILES = (
    {"name": "西平", "column": 2, "row": 1, "level": 4, "value": "44.9", "unit": "%", "note": "2列 1行"},
    {"name": "遂平", "column": 2, "row": 2, "level": 5, "value": "51.3", "unit": "%", "note": "2列 2行"},
    {
        "name": "上蔡",
        "column": 3,
        "row": 2,
        "level": 1,
        "value": "28.6",
        "unit": "%",
        "note": "3列 2行",
        "corner": "次低",
    },
    {"name": "泌阳", "column": 1, "row": 3, "note": "未报数"},
    {"name": "驿城", "column": 2, "row": 3, "level": 5, "value": "54.0", "unit": "%", "note": "2列 3行"},
    {"name": "汝南", "column": 3, "row": 3, "level": 4, "value": "42.3", "unit": "%", "note": "3列 3行"},
    {"name": "平舆", "column": 4, "row": 3, "level": 3, "value": "39.4", "unit": "%", "note": "4列 3行"},
    {"name": "确山", "column": 2, "row": 4, "level": 5, "value": "45.0", "unit": "%", "note": "2列 4行"},
    {"name": "正阳", "column": 3, "row": 4, "level": 2, "value": "31.3", "unit": "%", "note": "3列 4行"},
    {"name": "新蔡", "column": 4, "row": 4, "note": "不在本池"},
)
SCALE = ("不到 30%", "30–35%", "35–40%", "40–45%", "满 45%")

COLUMNS = (
    {"pick": True},
    {"label": "时限", "url": "#main", "sorted": "ascending"},
    {"label": "申请人"},
    {"label": "案号"},
    {"label": "拟赔（元）", "url": "#main", "right": True},
    {"label": "状态"},
    {"label": "下一步"},
)
QUEUE = (
    {"id": 7215, "name": "马秀兰", "town": "熊寨镇", "tail": "**46", "fen": 80000, "left": 0, "limit": 1},
    {"id": 7216, "name": "张保财", "town": "真阳街道", "tail": "**33", "fen": 41265, "left": 1, "limit": 1},
    {"id": 7230, "name": "何金玲", "town": "兰青乡", "tail": "**40", "fen": 80000, "left": -1, "limit": 7},
)

TERMS = (
    {"term": "案号", "text": "正阳-医-2019-07215"},
    {"term": "身份证号", "text": "41**************46"},
    {"term": "收款账户", "text": "农商银行 尾号 3317，户名一致"},
)

KEYS = ({"key": "a", "label": "复核"}, {"key": "p", "label": "打印"})


class SampleForm(forms.Form):
    """A form with two wrong fields, an optional one and a place for a file."""

    error_css_class = ""
    card = forms.CharField(label="收款的银行卡号", help_text="可以带空格，我们会去掉", min_length=19)
    discharged_on = forms.DateField(
        label="出院日期",
        error_messages={"invalid": "没有 2月30日，2019年2月最后一天是 28 日"},
        widget=forms.DateInput(attrs={"autocomplete": "off"}),
    )
    holder = forms.CharField(label="户名", required=False)
    cause = forms.ChoiceField(
        label="退回的原因",
        required=False,
        widget=forms.RadioSelect,
        choices=[("card", "银行卡号不对"), ("paper", "缺材料")],
    )
    register = forms.FileField(label="部门文件", help_text="Excel、CSV、TXT 都可以", required=False)

    def clean_card(self) -> str:
        """Refuse the sample number, saying how many digits are missing."""
        raise forms.ValidationError("银行卡号少 1 位：应为 19 位，现在 18 位")


@allow(Role.ADMINISTRATOR)
def kit(request: HttpRequest) -> HttpResponse:
    """Show every component once, in a made-up city only: the samples are invented."""
    city = get_city()
    if city is None or not city.is_synthetic:
        raise Http404
    return render(request, "kit.html", kit_context())


def kit_context() -> dict[str, Any]:
    """Return the sample data of the kit page, the form already refused."""
    form = SampleForm(
        {"card": "6228 4507 1800 2233 17", "discharged_on": "2019年2月30日", "holder": "马秀兰"}
    )
    form.is_valid()
    return {
        "form": form,
        "swatches": SWATCHES,
        "steps": STEPS,
        "ruler": RULER,
        "sum_rows": SUM_ROWS,
        "ledger_rows": LEDGER_ROWS,
        "readings": READINGS,
        "stages": STAGES,
        "events": EVENTS,
        "funnel": FUNNEL,
        "tiles": TILES,
        "scale": SCALE,
        "columns": COLUMNS,
        "queue": QUEUE,
        "terms": TERMS,
        "keys": KEYS,
    }
