"""Making the files of a batch (生成银行文件): CSV, workbook and fixed width, the same bytes at every rebuild.

In: the frozen orders of a batch and a profile. Out: bytes by the ending of the file's name. Where the profile
asks for it, a line carries count and sum, so that a cut file shows.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter

from yiyuan.exchange.bank.pain001 import build_pain001
from yiyuan.exchange.bank.profile import BankProfile, Column, OutForm, date_text
from yiyuan.exchange.bank.sending import OrderLine, Sending
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.kernel.money import yuan

# A workbook keeps its making time; a fixed one keeps rebuilt files equal to the byte.
MADE_AT = datetime(2019, 1, 1)  # noqa: DTZ001 - a constant of the file format, not a point in time
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def build_files(sending: Sending, profile: BankProfile, only: str = "") -> dict[str, bytes]:
    """Return the files of a batch by the ending of their names, or the one whose name ends in `only`.

    :raises UnreadableFile: an order does not fit what the profile says; the text names it.
    """
    return {out.ending: _BUILDERS[out.form](sending, out) for out in profile.out if only in ("", out.ending)}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line before it is put down: its columns, and the texts in them."""

    columns: Sequence[Column]
    cells: Sequence[str]
    order_no: str = ""


def _lines(sending: Sending, out: OutForm) -> Iterable[_Line]:
    batch = _batch_words(sending, out)
    if out.head:
        yield _Line(out.head, [_cell(column, batch) for column in out.head])
    if out.has_titles:
        yield _Line(out.columns, [column.title for column in out.columns])
    for row, order in enumerate(sending.lines, start=1):
        words = {**batch, **_order_words(order, row)}
        yield _Line(out.columns, [_cell(column, words) for column in out.columns], order.order_no)
    if out.foot:
        yield _Line(out.foot, [_cell(column, batch) for column in out.foot])


def _batch_words(sending: Sending, out: OutForm) -> Mapping[str, str]:
    return {
        "batch": str(sending.batch),
        "count": str(len(sending.lines)),
        "total_yuan": _plain_yuan(sending.total_fen),
        "total_fen": str(sending.total_fen),
        "date": _day(sending.made_on, out),
    }


def _order_words(order: OrderLine, row: int) -> Mapping[str, str]:
    return {
        "order_no": order.order_no,
        "holder_name": order.holder_name,
        "account_no": order.account_no,
        "bank_name": order.bank_name,
        "amount_yuan": _plain_yuan(order.amount_fen),
        "amount_fen": str(order.amount_fen),
        "row": str(row),
    }


def _day(day: date, out: OutForm) -> str:
    return date_text(day, out.date_form)


def _plain_yuan(amount_fen: int) -> str:
    return yuan(amount_fen).replace(",", "")


def _cell(column: Column, words: Mapping[str, str]) -> str:
    return words[column.value] if column.value else column.text.format_map(words)


def _csv(sending: Sending, out: OutForm) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator=out.line_end, delimiter=out.delimiter)
    writer.writerows(_shown(line) for line in _lines(sending, out))
    return _encode(target.getvalue(), out.encoding)


def _xlsx(sending: Sending, out: OutForm) -> bytes:
    # Account numbers are texts, so that no digit is lost.
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_AT})
    sheet = book.add_worksheet(out.sheet)
    for row, line in enumerate(_lines(sending, out)):
        for column, cell in enumerate(_shown(line)):
            sheet.write_string(row, column, cell)
    sheet.set_column(0, len(out.columns) - 1, 22)
    book.close()
    return target.getvalue()


def _shown(line: _Line) -> Sequence[str]:
    # A cell that starts like a formula would be run by a spreadsheet.
    names = ("holder_name", "bank_name")
    return [
        f"'{cell}" if line.order_no and column.value in names and cell.startswith(FORMULA_STARTS) else cell
        for column, cell in zip(line.columns, line.cells, strict=True)
    ]


def _fixed(sending: Sending, out: OutForm) -> bytes:
    text = []
    for line in _lines(sending, out):
        for column, cell in zip(line.columns, line.cells, strict=True):
            text.append(_padded(column, cell, out, line.order_no))
        text.append(out.line_end)
    return _encode("".join(text), out.encoding)


def _padded(column: Column, cell: str, out: OutForm, order_no: str) -> str:
    named = column.title or column.value or column.text
    if any(not sign.isprintable() for sign in cell):
        raise UnreadableFile(f"{order_no} 的{named}里有换行或看不见的字符，定长文件放不下")
    length = len(_encode(cell, out.encoding)) if out.width_in == "bytes" else len(cell)
    if length > column.width:
        raise UnreadableFile(
            f"{order_no or '头尾行'} 的{named}“{cell}”占 {length}，栏宽只有 {column.width}；请把 width 放宽"
        )
    padding = column.fill * (column.width - length)
    return cell + padding if column.side == "left" else padding + cell


def _encode(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        signs = text[error.start : error.end]
        raise UnreadableFile(f"“{signs}”这个字用 {encoding} 写不出来；请把 encoding 改成 gb18030") from error


_BUILDERS: Mapping[str, Callable[[Sending, OutForm], bytes]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "fixed": _fixed,
    "pain.001": build_pain001,
}
