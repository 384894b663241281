"""Reading the bank's answers (银行回单): a canonical CSV, and what each line says about an order.

In: bytes of a CSV with `order_no`, `result` (paid, failed), `on`, `amount_fen`, `reason_code`, `reason`;
Chinese headers and yuan are understood too. Out: lines in file order.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yiyuan.apps.payments.errors import ReturnUnreadable
from yiyuan.kernel.money import read_yuan

COLUMNS: Mapping[str, str] = {
    "order_no": "order_no",
    "指令号": "order_no",
    "result": "result",
    "结果": "result",
    "处理结果": "result",
    "on": "on",
    "日期": "on",
    "处理日期": "on",
    "amount_fen": "amount_fen",
    "金额(元)": "amount_yuan",
    "金额": "amount_yuan",
    "reason_code": "reason_code",
    "退回代码": "reason_code",
    "reason": "reason",
    "退回原因": "reason",
}
RESULTS: Mapping[str, bool] = {
    "paid": True, "成功": True, "已到账": True,
    "failed": False, "失败": False, "已退回": False,
}  # fmt: skip
REQUIRED = ("order_no", "result", "on")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One answer: whether the order was paid, when, how much; why not."""

    row: int
    order_no: str
    is_paid: bool
    on: date
    amount_fen: int
    reason_code: str
    reason: str


def read_returns(content: bytes) -> Sequence[ReturnLine]:
    """Return the lines of a return file; a footer (合计) is none.

    :raises ReturnUnreadable: encoding, a column or a value cannot be read; the text says where and what fits.
    """
    rows = list(csv.reader(io.StringIO(_decode(content), newline="")))
    if not rows:
        raise ReturnUnreadable("文件是空的；应有表头和至少一行")
    names = [COLUMNS.get(cell.strip().replace("（", "(").replace("）", ")"), "") for cell in rows[0]]
    missing = [name for name in REQUIRED if name not in names]
    if missing or not ({"amount_fen", "amount_yuan"} & set(names)):
        raise ReturnUnreadable(f"表头应有 指令号、结果、日期、金额；现在是：{'、'.join(rows[0])}")
    lines = []
    for number, cells in enumerate(rows[1:], start=1):
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        if not any(row.values()) or row.get("order_no") == "合计":
            continue
        lines.append(_line(number, row))
    return lines


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReturnUnreadable("文字编码读不懂；请存成 UTF-8 或 GB18030 的 CSV")


def _line(number: int, row: Mapping[str, str]) -> ReturnLine:
    result = RESULTS.get(row.get("result", ""))
    if result is None:
        raise ReturnUnreadable(f"第 {number} 行：结果应为“成功”或“失败”，现在是“{row.get('result', '')}”")
    try:
        on = date.fromisoformat(row.get("on", "").replace("/", "-"))
    except ValueError as error:
        raise ReturnUnreadable(f"第 {number} 行：日期应像 2019-11-21，现在是“{row.get('on', '')}”") from error
    return ReturnLine(
        row=number,
        order_no=row.get("order_no", ""),
        is_paid=result,
        on=on,
        amount_fen=_amount_fen(number, row),
        reason_code=row.get("reason_code", "")[:20],
        reason=row.get("reason", "")[:200],
    )


def _amount_fen(number: int, row: Mapping[str, str]) -> int:
    try:
        if row.get("amount_fen"):
            return int(row["amount_fen"])
        return read_yuan(row.get("amount_yuan", ""))
    except ValueError as error:
        raise ReturnUnreadable(f"第 {number} 行：金额读不懂，应像 800.00") from error
