"""Invented cases for the three sample pages: a workbench, a claim, a screening run."""

from datetime import date
from typing import Any

DESK: dict[str, Any] = {
    "nav": [
        {"label": "工作台", "url": "/", "current": True},
        {"label": "案件", "url": "/claims/"},
        {"label": "筛查", "url": "/screenings/"},
        {"label": "资金", "url": "/payments/"},
        {"label": "导入", "url": "/imports/"},
    ],
    "search_url": "/find/",
    "person": "陈志远",
    "role": "复核岗",
    "office": "正阳县民政局",
    "language_url": "/i18n/setlang/",
    "language_code": "en",
    "language_label": "English",
    "sign_out_url": "/sign-out/",
    "demo": True,
    "today": date(2019, 11, 20),
    "day_kind": "工作日",
    "clock": "09:26",
}

RULER = [
    {"words": "已超期", "count": 1, "url": "#q", "left": -1, "limit": 1},
    {"words": "今天到期", "count": 14, "url": "#q", "left": 0, "limit": 1},
    {"words": "明天到期", "count": 22, "url": "#q", "left": 1, "limit": 2, "tone": "plain"},
    {"words": "2–3 天", "count": 9, "url": "#q", "left": 3, "limit": 3, "tone": "plain"},
    {"words": "4 天以上", "count": 12, "url": "#q", "left": 4, "limit": 4, "tone": "plain"},
    {"words": "已暂停", "count": 5, "url": "#q", "left": 1, "limit": 1, "paused": True},
]
QUEUE_COLUMNS = [
    {"pick": True},
    {"label": "时限", "url": "?sort=due", "sorted": "ascending"},
    {"label": "申请人"},
    {"label": "案号"},
    {"label": "责任"},
    {"label": "拟赔（元）", "url": "?sort=sum", "right": True},
    {"label": "状态"},
    {"label": "提醒"},
    {"label": "下一步"},
]


def _case(
    number: str, name: str, place: str, cause: str, fen: int, left: int, limit: int, **more: Any
) -> Any:
    return {
        "number": number,
        "name": name,
        "place": place,
        "cause": cause,
        "fen": fen,
        "left": left,
        "limit": limit,
        "status": "已初审",
        "kind": "mid",
        "next": "复核",
        **more,
    }


GROUPS = [
    {
        "title": "已超期 1 件",
        "cases": [
            _case("交-0031", "田国栋", "寒冻镇 **18", "交通事故", 3800000, -1, 7, remark="救助基金回函已到")
        ],
    },
    {
        "title": "今天到期 14 件，显示 8 件",
        "cases": [
            _case("医-07215", "马秀兰", "熊寨镇 **46", "医疗补充", 80000, 0, 1, cursor=True),
            _case(
                "医-07216",
                "张保财",
                "真阳街道 **33",
                "医疗补充",
                41265,
                0,
                1,
                picked=True,
                remark="抽查，已看",
            ),
            _case("医-07218", "李凤英", "汝南埠镇 **27", "医疗补充", 80000, 0, 1, picked=True),
            _case("医-07219", "王改荣", "铜钟镇 **64", "医疗补充", 28790, 0, 1, picked=True),
            _case(
                "医-07221", "周长河", "陡沟镇 **15", "医疗补充", 80000, 0, 1, picked=True, remark="抽查，已看"
            ),
            _case(
                "医-07222", "刘小满", "熊寨镇 **08", "医疗补充", 50000, 0, 1, tag="疑似重复 1 件", next="比对"
            ),
            _case("灾-0012", "孙德贵", "大林镇 **52", "自然灾害", 860000, 0, 3),
            _case("医-07224", "郭桂枝", "永兴镇 **71", "医疗补充", 35520, 0, 1, picked=True),
        ],
    },
    {
        "title": "明天到期 22 件，显示 2 件",
        "cases": [
            _case("医-07230", "何金玲", "兰青乡 **40", "医疗补充", 80000, 1, 1),
            _case(
                "溺-0004",
                "冯某某",
                "油坊店乡 未成年",
                "未成年人溺水",
                10000000,
                1,
                7,
                status="已退回",
                kind="back",
                tag="市级退回：缺死亡证明",
                next="补证明",
            ),
        ],
    },
    {
        "title": "4 天以上 12 件，显示 1 件",
        "cases": [
            _case(
                "意-0009",
                "陈家等 5 人",
                "彭桥乡 一起事故",
                "群体性意外",
                14600000,
                6,
                10,
                remark="需市级会签",
            )
        ],
    },
    {
        "title": "已暂停 5 件，显示 1 件",
        "cases": [
            _case(
                "医-07188",
                "韩庆山",
                "付寨乡 **93",
                "医疗补充",
                64210,
                1,
                1,
                paused=True,
                status="已暂停",
                kind="stop",
                remark="11月18日已发补件通知",
                next="看缺件",
            )
        ],
    },
]
WORKBENCH = {"ruler": RULER, "columns": QUEUE_COLUMNS, "groups": GROUPS}

CLAIM = {
    "stages": [
        {"label": "已筛查发现", "when": "11月18日 02:10", "state": "done"},
        {"label": "已告知本人", "when": "11月18日 15:20", "state": "done"},
        {"label": "已立案", "when": "11月19日 10:42", "state": "done"},
        {"label": "已初审", "when": "今天 09:12", "state": "done"},
        {"label": "复核：您", "when": "今天 17:30 前", "state": "now"},
        {"label": "送银行", "when": "今天 17:30"},
        {"label": "到账", "when": "今天 18:00 前"},
    ],
    "left_over": [
        {"label": "医保认可的费用", "fen": 1590620, "source": "结算单 第 3 栏"},
        {"op": "减", "label": "基本医保统筹已付", "fen": 1113434, "source": "第 5 栏"},
        {"op": "减", "label": "居民大病保险已付", "fen": 213716, "source": "第 8 栏"},
        {"op": "减", "label": "医疗救助已付", "fen": 138490, "source": "第 11 栏"},
        {"op": "得", "label": "剩余合规费用", "fen": 124980, "kind": "total"},
    ],
    "not_counted": [
        {"label": "全自费", "fen": 190360},
        {"label": "超限价", "fen": 21257},
        {"label": "先行自付", "fen": 62000},
        {"label": "不算“符合医疗报销费用”", "fen": 273617, "total": True},
    ],
    "applied": [
        {"label": "剩余合规费用", "fen": 124980},
        {"label": "分界线", "fen": 100000},
        {"op": "得", "label": "满分界线，按 800 元标准", "fen": 80000, "kind": "total"},
    ],
    "readings": [
        {"id": "A", "adopted": True, "text": "满 1,000 元，一律赔 800 元", "fen": 80000},
        {"id": "B", "text": "剩余费用的一半，最多 800 元：1,249.80 × 50%", "fen": 62490},
        {"id": "C", "text": "前 1,000 元赔一半，超出部分全赔，最多 800 元：500.00 + 249.80", "fen": 74980},
    ],
    "evidence_columns": [
        {"label": "编号"},
        {"label": "材料"},
        {"label": "从哪里来"},
        {"label": "核对结果"},
        {"label": "操作", "heard": True},
    ],
    "evidence": [
        ("甲", "农村低保花名册 2019年10月", "民政局名册，第 1,204 行", "姓名、号码一致"),
        ("乙", "住院结算单 H4117…0862", "医保局结算文件，11月15日", "费用合计相符，18,642.37 元"),
        ("丙", "居民身份证", "村干部拍照，11月18日", "已核对，在有效期内"),
        ("丁", "惠农一卡通账户", "财政局一卡通库", "户名一致，尾号 3317"),
        ("戊", "本人同意与委托", "马秀兰口头同意，村干部 刘桂兰 代办", "录音 42 秒，关系：包户干部"),
    ],
    "clock_rows": [
        {"label": "资料齐全，起算", "text": "11月19日 10:42"},
        {"label": "到期", "text": "11月20日 17:30"},
        {"label": "还剩", "text": "8 小时 4 分", "strong": True},
    ],
    "events": [
        {"when": "今天 09:12", "what": "李玉梅初审通过", "note": "4 条理由全部相符"},
        {"when": "19日 10:42", "what": "资料齐全，已立案", "note": "时限开始"},
        {"when": "19日 09:30", "what": "本人确认账户", "note": "电话回访，号码尾号 5526"},
        {"when": "18日 15:20", "what": "刘桂兰入户告知", "note": "讲了价格、范围、金额，听懂了"},
        {"when": "18日 02:10", "what": "系统筛查发现", "note": "第 46 次筛查，规则 2019.3"},
        {"when": "12日", "what": "出院结算", "note": "驻马店市中心医院"},
    ],
    "keys": [{"key": "a", "label": "同意"}, {"key": "r", "label": "退回"}, {"key": "p", "label": "打印"}],
}


def _tile(name: str, column: int, row: int, level: int, rate: str, left: str, corner: str = "") -> Any:
    return {
        "name": name,
        "column": column,
        "row": row,
        "level": level,
        "value": rate,
        "unit": "%",
        "note": f"还差 {left}",
        "corner": corner,
        "url": f"?county={column}{row}",
    }


SCREENING = {
    "funnel": [
        {
            "label": "已筛查",
            "count": 128460,
            "kind": "squeezed",
            "gap": {
                "count": 109726,
                "causes": "不符合：不在六类群体 71,302，病种不在表内 35,118，没有剩余费用 3,306",
            },
        },
        {
            "label": "应赔付",
            "count": 18734,
            "gap": {
                "count": 5526,
                "causes": "没有告知：没有入户 3,618，电话打不通 1,908",
                "action": "派人告知",
                "url": "#p",
            },
        },
        {
            "label": "已告知",
            "count": 13208,
            "gap": {
                "count": 5162,
                "causes": "告知了没有申请：没有账户 2,047，在外地 1,876，其他 1,239",
                "action": "派人代办",
                "url": "#p",
            },
        },
        {
            "label": "已申请",
            "count": 8046,
            "gap": {
                "count": 832,
                "causes": "正在办：已初审 511，已送银行 297，已退票 24",
                "action": "看在办",
                "url": "#p",
            },
        },
        {"label": "已到账", "count": 7214, "kind": "paid"},
    ],
    "tiles": [
        _tile("西平", 2, 1, 4, "44.9", "910"),
        _tile("遂平", 2, 2, 5, "51.3", "538"),
        _tile("上蔡", 3, 2, 1, "28.6", "2,151", "次低"),
        _tile("泌阳", 1, 3, 3, "39.5", "1,028"),
        _tile("驿城", 2, 3, 5, "54.0", "683"),
        _tile("汝南", 3, 3, 4, "42.3", "1,106"),
        _tile("平舆", 4, 3, 4, "40.4", "1,335"),
        _tile("确山", 2, 4, 5, "45.0", "670"),
        _tile("正阳", 3, 4, 2, "31.3", "1,357"),
        _tile("新蔡", 4, 4, 1, "28.3", "1,742", "最低"),
    ],
    "scale": ["不到 30%", "30–35%", "35–40%", "40–45%", "满 45%"],
    "columns": [
        {"pick": True},
        {"label": "姓名"},
        {"label": "乡镇"},
        {"label": "群体"},
        {"label": "病种"},
        {"label": "剩余费用（元）", "right": True},
        {"label": "拟赔（元）", "right": True},
        {"label": "为什么"},
        {"label": "状态"},
        {"label": "下一步"},
    ],
    "people": [
        (
            "胡桂花",
            "女 71 岁",
            "熊寨镇",
            "农村低保",
            "终末期肾病",
            211436,
            80000,
            "入院日在册；电话已核实",
            "open",
        ),
        (
            "贾永福",
            "男 58 岁",
            "真阳街道",
            "建档立卡",
            "食管癌",
            158002,
            80000,
            "入院日在册；病种在表内",
            "open",
        ),
        (
            "魏大妮",
            "女 9 岁",
            "汝南埠镇",
            "孤儿",
            "先天性心脏病",
            94618,
            47309,
            "入院日在册；监护人是祖母",
            "mid",
        ),
        (
            "彭守义",
            "男 64 岁",
            "铜钟镇",
            "特困供养",
            "脑梗死",
            100000,
            80000,
            "正好 1,000 元，按读法 A 取 800 元",
            "open",
        ),
    ],
}
