"""Refused rows (退回的行): where each stands, what was found, masked, and what would be right, for a clerk.

In: the judged rows of a reading. Out: the view `refused`: `file`, `sheet`, `row`, `column`, `value`,
`reason`, `right`.
"""

from yiyuan.exchange.cleaning import masked, text_literal

DUPLICATE = -1
WORDING = {
    "missing": "应填写",
    "length": "身份证号应为 18 位；残疾人证号应为 20 或 22 位",
    "birth_date": "第 7 至 14 位应是真实的出生年月日",
    "check_digit": "身份证号末位与前 17 位不符，请核对原证件",
    "duplicate": "前面已有同一条，只保留一行",
    "not_covered_level": "残疾等级不在保障范围内，不必改",
    "group": "应写明是哪一类困难群体，例如 低保、特困、孤儿",
    "county": "应为本市的县区名称或六位区划代码",
    "day_kind": "应写 放假（off）或 上班（work）",
    "date": "应为真实日期，例如 2019-01-31、2019年1月31日、201901",
    "period": "终止日期应晚于开始日期",
    "amount": "应为以元为单位、最多两位小数的金额，例如 1,234.50；只有冲正（填了原结算号）才可为负",
    "discharged_before_admission": "出院日期不应早于入院日期",
    "total_mismatch": "医疗费总额应等于政策范围内、全自费、超限价、先行自付四项之和",
    "result": "结果应写 成功（paid）或 失败（failed）",
    "known_differently": "这个结算号早就有了，内容不一样。要更正请先报冲正（填原结算号），再报新的结算号",
    "unknown_order": "没有这个指令号，请核对是不是我们送出的",
    "amount_differs": "金额和送出的指令不一样，没有入账；请银行核对",
    "answered_before": "这笔早就入过账，不会再入一次",
    "answered_otherwise": "这笔的结果早就定了，和这一行相反；请银行来函更正",
    "not_sent": "这笔款没有在途，不能入账；请核对指令号",
    "unreadable": "应为数字；如显示成 1.23E+17，请把该列设为文本格式后重新导出",
}
LOST_DIGITS = "表格已把号码变成数字，末几位丢失；请把该列设为文本格式后从原系统重新导出"


def view_sql(duplicate_key: str) -> str:
    """Return the statement that makes the view `refused`; `duplicate_key` is shown for a row that repeats
    another.
    """
    right = " ".join(
        f"WHEN {text_literal(reason)} THEN {text_literal(text)}" for reason, text in WORDING.items()
    )
    return f"""
        CREATE VIEW refused AS
        SELECT files.file, sheets.sheet, judged."row", faults.header AS "column",
            {masked("judged.found")} AS value, faults.reason,
            CASE WHEN faults.reason = 'length' AND contains(judged.found, 'E+')
                THEN {text_literal(LOST_DIGITS)} ELSE CASE faults.reason {right} END END
            || CASE WHEN faults.reason = 'missing' THEN '“' || faults.header || '”'
                WHEN judged.first_row IS NOT NULL THEN '（首次出现在第 ' || judged.first_row || ' 行）'
                WHEN judged.detail IS NOT NULL THEN '（' || judged.detail || '）'
                ELSE '' END AS "right",
            judged.seq, judged.file_no, judged.sheet_no, judged.rn, judged.cells
        FROM (
            SELECT checked.*, duplicates.first_row,
                CASE WHEN checked.fault IS NOT NULL THEN checked.fault
                    WHEN duplicates.seq IS NOT NULL THEN {DUPLICATE}
                    ELSE checked.late_fault END AS final_fault,
                CASE WHEN checked.fault IS NULL AND duplicates.seq IS NOT NULL
                    THEN CAST({duplicate_key} AS VARCHAR) ELSE checked.fault_value END AS found
            FROM checked LEFT JOIN duplicates ON duplicates.seq = checked.seq
            WHERE checked.fault IS NOT NULL OR checked.late_fault IS NOT NULL OR duplicates.seq IS NOT NULL
        ) judged
        JOIN faults ON faults.file_no = judged.file_no AND faults.sheet_no = judged.sheet_no
            AND faults.fault = judged.final_fault
        JOIN files ON files.file_no = judged.file_no
        JOIN sheets ON sheets.file_no = judged.file_no AND sheets.sheet_no = judged.sheet_no
    """
