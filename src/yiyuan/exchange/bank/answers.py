"""Reading the bank's answers (银行回单) by a profile: which order was paid, when, how much; why not.

In: the bytes of one file. Out: its lines in order. A file is read whole or refused whole, in words that say
which line and what would be right; a total line that differs from the sum of the lines refuses it too.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from yiyuan.exchange.bank.profile import NEEDED, BankProfile, InColumn, InForm, strftime_form
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.spreadsheets import read_workbook
from yiyuan.kernel.money import AMOUNT_FEN_MAX, read_yuan, yuan

REASON_CODE_MAX, REASON_MAX, ORDER_NO_MAX = 20, 200, 60
Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One answer: whether the order was paid, when, how much in fen; why not. `row` counts from 1."""

    row: int
    order_no: str
    is_paid: bool
    on: date
    amount_fen: int
    reason_code: str
    reason: str


def read_rows(content: bytes, profile: BankProfile) -> Sequence[ReturnLine]:
    """Return the lines of a file of rows: CSV, workbook or fixed width.

    :raises UnreadableFile: encoding, a column, a value or the total cannot be read or is wrong.
    """
    form = profile.answers
    rows = [list(row) for row in _READERS[form.form](content, form)][form.skip :]
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise UnreadableFile("文件是空的；应有表头和至少一行")
    places = _by_title(rows[0], form) if form.has_titles else _by_place(form)
    lines: list[ReturnLine] = []
    for number, cells in enumerate(rows[1 if form.has_titles else 0 :], start=1):
        row = {field: cells[place].strip() for field, place in places if place < len(cells)}
        if not any(row.values()):
            continue
        if row.get("order_no") in form.total_marks:
            _require_total(number, row, lines)
        else:
            lines.append(_line(number, row, form))
    return lines


def _by_title(titles: Cells, form: InForm) -> Sequence[tuple[str, int]]:
    plain = [title.strip().lstrip("\ufeff").replace("（", "(").replace("）", ")") for title in titles]
    places = [
        (column.field, plain.index(title))
        for column in form.columns
        for title in (*column.titles, "")[: len(column.titles)]
        if title in plain
    ]
    found = {field for field, _ in places}
    if not {"order_no", "result", "on"} <= found or not {"amount_yuan", "amount_fen"} & found:
        raise UnreadableFile(f"表头应有 {_wanted(form)}；现在是：{'、'.join(plain)[:200]}")
    return places


def _wanted(form: InForm) -> str:
    titles = {
        column.field: next((one for one in column.titles if not one.isascii()), column.titles[0])
        for column in form.columns
        if column.titles
    }
    needed = ((names, [titles[name] for name in names if name in titles]) for names in NEEDED)
    return "、".join(found[0] for _, found in needed if found)


def _by_place(form: InForm) -> Sequence[tuple[str, int]]:
    return [
        (column.field, column.place - 1 if column.place else at)
        for at, column in enumerate(form.columns)
        if column.field != "skip"
    ]


def _line(number: int, row: Mapping[str, str], form: InForm) -> ReturnLine:
    result = row.get("result", "")
    if result not in form.paid and result not in form.failed:
        wanted = f"“{'”“'.join(form.paid)}”（到账）或“{'”“'.join(form.failed)}”（退回）"
        raise UnreadableFile(f"第 {number} 行：结果应为{wanted}，现在是“{result[:40]}”")
    order_no = row.get("order_no", "")
    if len(order_no) > ORDER_NO_MAX or not order_no.isprintable():
        raise UnreadableFile(f"第 {number} 行：指令号应像 Y20191120-0001-00001，现在是“{order_no[:40]}”")
    code = row.get("reason_code", "")[:REASON_CODE_MAX]
    reason = row.get("reason", "")[:REASON_MAX] or (form.reasons or {}).get(code, "")
    return ReturnLine(
        row=number,
        order_no=order_no,
        is_paid=result in form.paid,
        on=_day(number, row.get("on", ""), form),
        amount_fen=_amount_fen(number, row),
        reason_code=_visible(code),
        reason=_visible(reason),
    )


def _visible(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())


def _day(number: int, text: str, form: InForm) -> date:
    for wanted in form.date_forms:
        try:
            day = datetime.strptime(text, strftime_form(wanted)).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
        if day.year > 1900:
            return day
    likes = " 或 ".join(
        form_.replace("YYYY", "2019").replace("MM", "11").replace("DD", "21") for form_ in form.date_forms
    )
    raise UnreadableFile(f"第 {number} 行：日期应像 {likes}，现在是“{text[:40]}”")


def _amount_fen(number: int, row: Mapping[str, str]) -> int:
    in_fen, in_yuan = row.get("amount_fen", ""), row.get("amount_yuan", "")
    try:
        if in_fen:
            if not (in_fen.isascii() and in_fen.isdigit() and len(in_fen) < 20):
                raise ValueError(in_fen)
            amount_fen = int(in_fen)
        else:
            amount_fen = read_yuan(in_yuan)
    except ValueError as error:
        told = in_fen or in_yuan
        wanted = "80000（分）" if in_fen else "800.00（元）"
        raise UnreadableFile(
            f"第 {number} 行：金额读不懂，应像 {wanted} 或 800.00，现在是“{told[:40]}”"
        ) from error
    if not 0 < amount_fen <= AMOUNT_FEN_MAX:
        raise UnreadableFile(f"第 {number} 行：金额应大于 0，不超过 {yuan(AMOUNT_FEN_MAX)} 元")
    return amount_fen


def _require_total(number: int, row: Mapping[str, str], lines: Sequence[ReturnLine]) -> None:
    if not (row.get("amount_fen") or row.get("amount_yuan")):
        return
    said, summed = _amount_fen(number, row), sum(line.amount_fen for line in lines)
    if said != summed:
        raise UnreadableFile(
            f"第 {number} 行：合计写的是 {yuan(said)}，各行加起来是 {yuan(summed)}；"
            "文件可能被截断或改过，请向银行要一份完整的"
        )


def _csv_rows(content: bytes, form: InForm) -> Iterator[Cells]:
    text = decode(content, form)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    except csv.Error as error:
        raise UnreadableFile(f"CSV 读不懂（{error}）；请向银行要一份完整的，或另存为 CSV 再传") from error


def _workbook_rows(content: bytes, form: InForm) -> Iterator[Cells]:
    with TemporaryDirectory(prefix="yiyuan-answers-") as folder:
        path = Path(folder) / "answers.xlsx"
        path.write_bytes(content)
        for _name, rows in read_workbook(path):
            yield from rows
            return


def _fixed_rows(content: bytes, form: InForm) -> Iterator[Cells]:
    in_bytes = form.width_in == "bytes"
    text = decode(content, form)
    encoding = next(one for one in form.encodings if _decodes(content, one))
    for line in text.splitlines():
        if line.strip():
            yield list(_fields(line, form.columns, encoding if in_bytes else ""))


def _fields(line: str, columns: Sequence[InColumn], encoding: str) -> Iterator[str]:
    start, raw = 0, line.encode(encoding) if encoding else b""
    for column in columns:
        end = start + column.width
        yield raw[start:end].decode(encoding, errors="replace") if encoding else line[start:end]
        start = end


def decode(content: bytes, form: InForm) -> str:
    """Return the text of a file in the first of the profile's encodings that fits.

    :raises UnreadableFile: none does, or the text holds a character that no text holds.
    """
    for encoding in form.encodings:
        if _decodes(content, encoding):
            text = content.decode(encoding)
            if "\x00" in text:
                break
            return text
    raise UnreadableFile(f"文字编码读不懂；请存成 {' 或 '.join(form.encodings)}")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


_READERS: Mapping[str, Callable[[bytes, InForm], Iterator[Cells]]] = {
    "csv": _csv_rows,
    "xlsx": _workbook_rows,
    "fixed": _fixed_rows,
}
