"""What a bank's files look like (银行格式): the parts of a profile, and the names a profile may use.

A profile says which files go out for a batch and how the bank's answers come in. `loading.py` reads it from
YAML, `writing.py` and `pain001.py` make files by it, `answers.py` and `camt054.py` read them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# What one order says, and what the whole batch says.
OF_AN_ORDER = ("order_no", "holder_name", "account_no", "bank_name", "amount_yuan", "amount_fen", "row")
OF_A_BATCH = ("batch", "count", "total_yuan", "total_fen", "date")
ANSWERED = ("order_no", "result", "on", "amount_yuan", "amount_fen", "reason_code", "reason")
NEEDED = (("order_no",), ("result",), ("on",), ("amount_yuan", "amount_fen"))
# The form of a file, and how its name ends.
OUT_FORMS = {"csv": "csv", "xlsx": "xlsx", "fixed": "txt", "pain.001": "xml"}
IN_FORMS = ("csv", "xlsx", "fixed", "camt.054")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "ascii")
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
SIDES, UNITS = ("left", "right"), ("bytes", "characters")
_DATE_PARTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d"}
_DATE_FORM = re.compile(r"[^A-Za-z0-9%]*".join(["(YYYY|MM|DD)"] * 3) + r"[^A-Za-z0-9%]*")


@dataclass(frozen=True, slots=True)
class Column:
    """One cell or field of a line: a `value` by its name, or a `text` in which {names} of the batch stand."""

    value: str
    text: str
    title: str
    width: int = 0
    side: str = "left"
    fill: str = " "


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose account pays, as pain.001 asks for it."""

    name: str
    account_no: str
    bank_code: str


@dataclass(frozen=True, slots=True)
class OutForm:
    """One file that goes out for a batch."""

    form: str
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\r\n"
    has_titles: bool = False
    head: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()
    foot: tuple[Column, ...] = ()
    date_form: str = "YYYY-MM-DD"
    width_in: str = "bytes"
    sheet: str = ""
    payer: Payer | None = None
    purpose: str = ""

    @property
    def ending(self) -> str:
        """Return how the file's name ends, which tells the files of one profile apart."""
        return OUT_FORMS[self.form]


@dataclass(frozen=True, slots=True)
class InColumn:
    """Where a fact of an answer stands: under one of these titles, at a place (1 = first), or so wide."""

    field: str
    titles: tuple[str, ...] = ()
    place: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class InForm:
    """How the bank's answers come in."""

    form: str
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    delimiter: str = ","
    skip: int = 0
    has_titles: bool = True
    columns: tuple[InColumn, ...] = ()
    date_forms: tuple[str, ...] = ("YYYY-MM-DD",)
    width_in: str = "bytes"
    paid: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    reasons: Mapping[str, str] | None = None
    total_marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankProfile:
    """One bank's files; `sha256` is that of the profile file itself."""

    name: str
    title: str
    out: tuple[OutForm, ...]
    answers: InForm
    sha256: str


def is_date_form(form: str) -> bool:
    """Tell whether a form names year, month and day once each, such as YYYY-MM-DD or YYYYMMDD."""
    found = _DATE_FORM.fullmatch(form)
    return found is not None and set(found.groups()) == set(_DATE_PARTS)


def strftime_form(form: str) -> str:
    """Return a form of a date as Python's calendar functions take it."""
    for part, code in _DATE_PARTS.items():
        form = form.replace(part, code)
    return form


def date_text(day: date, form: str) -> str:
    """Return a day in this form; the year has four digits on every system."""
    return (
        form.replace("YYYY", f"{day.year:04d}")
        .replace("MM", f"{day.month:02d}")
        .replace("DD", f"{day.day:02d}")
    )
