"""The file a batch goes to the bank as (银行代发文件): CSV and XLSX, the same bytes at every rebuild.

In: the frozen orders of a batch. Out: bytes. The last line carries count and sum, so that a cut file shows.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import xlsxwriter

from yiyuan.kernel.money import yuan

HEADER = ("指令号", "户名", "账号", "开户行", "金额(元)", "用途")
PURPOSE = "一元民生救助保险赔款"
# A workbook keeps its making time; a fixed one keeps rebuilt files equal to the byte.
MADE_AT = datetime(2019, 1, 1)  # noqa: DTZ001 - a constant of the file format, not a point in time


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of the bank file; the amount in fen."""

    order_no: str
    holder_name: str
    account_no: str
    bank_name: str
    amount_fen: int


def build_csv(lines: Sequence[OrderLine]) -> bytes:
    """Return the batch as CSV in UTF-8 with BOM, lines in order of their numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(line) for line in lines)
    writer.writerow(_footer(lines))
    return out.getvalue().encode("utf-8-sig")


def build_xlsx(lines: Sequence[OrderLine]) -> bytes:
    """Return the same lines as a workbook; account numbers are texts, so that no digit is lost."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_AT})
    sheet = book.add_worksheet("代发明细")
    for row, cells in enumerate([HEADER, *(_cells(line) for line in lines), _footer(lines)]):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell)
    sheet.set_column(0, 5, 22)
    book.close()
    return out.getvalue()


def checksum(content: bytes) -> str:
    """Return the sha256 that the batch keeps and the receipt prints."""
    return sha256(content).hexdigest()


def _cells(line: OrderLine) -> tuple[str, ...]:
    return (
        line.order_no,
        _plain(line.holder_name),
        line.account_no,
        _plain(line.bank_name),
        yuan(line.amount_fen).replace(",", ""),
        PURPOSE,
    )


def _footer(lines: Sequence[OrderLine]) -> tuple[str, ...]:
    total = yuan(sum(line.amount_fen for line in lines)).replace(",", "")
    return ("合计", f"{len(lines)} 笔", "", "", total, "")


def _plain(text: str) -> str:
    # A cell that starts like a formula would be run by a spreadsheet.
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
