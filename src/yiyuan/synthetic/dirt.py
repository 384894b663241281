"""The dirt of real department files (脏数据): what people type, export and paste.

In: a clean value and a seeded random source. Out: the text as a department might write it, and, where an
importer has to refuse the row for it, the reason. Every row carries one such fault at most, so the truth is
known.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from yiyuan.kernel.identity import check_character

MISSING = "missing"
LENGTH = "length"
BIRTH_DATE = "birth_date"
CHECK_DIGIT = "check_digit"
DUPLICATE = "duplicate"
NOT_COVERED_LEVEL = "not_covered_level"
DATE = "date"
AMOUNT = "amount"
DISCHARGED_BEFORE_ADMISSION = "discharged_before_admission"
TOTAL_MISMATCH = "total_mismatch"

DUPLICATE_IN_LISTS = 0.014
DUPLICATE_IN_SETTLEMENTS = 0.0095

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_SERIAL_DAY_ZERO = date(1899, 12, 30).toordinal()

# Cumulative shares of the faults and of the harmless oddities of an id, as counted in lists of this kind.
_ID_FAULTS = ((0.003, MISSING), (0.008, LENGTH), (0.014, BIRTH_DATE), (0.019, CHECK_DIGIT))
_ID_FAULTS_END = 0.019
_ID_ODD_END = 0.075


@dataclass(frozen=True, slots=True)
class SoiledId:
    """An id as written in a file, and why a row with it must be refused, if it must."""

    text: str
    fault: str | None


def soil_id(random: Random, person_id: str, *, suffix: str = "") -> SoiledId:
    """Return ``person_id`` with ``suffix`` (the end of a disability card number) as a list might hold it."""
    chance = random.random()
    if chance >= _ID_ODD_END:
        return SoiledId(person_id + suffix, None)
    if chance >= _ID_FAULTS_END:
        return SoiledId(odd_id(random, person_id + suffix), None)
    fault = next(name for bound, name in _ID_FAULTS if chance < bound)
    if fault == MISSING:
        return SoiledId("", MISSING)
    if fault == LENGTH:
        kept = person_id if suffix else person_id[: 15 + int(random.random() * 3)]
        return SoiledId(kept, LENGTH)
    if fault == BIRTH_DATE:
        return SoiledId(_impossible_birthday(random, person_id) + suffix, BIRTH_DATE)
    return SoiledId(wrong_check_character(person_id) + suffix, CHECK_DIGIT)


def odd_id(random: Random, text: str) -> str:
    """Return an id that reads the same once blanks, full-width digits and apostrophes are cleaned away."""
    chance = random.random()
    if chance < 0.62:
        return f" {text[:6]} {text[6:14]} {text[14:]} "
    if chance < 0.80:
        return text.translate(_FULL_WIDTH)
    if chance < 0.92:
        return f"'{text}"
    return text.lower() if "X" in text else f"{text} "


def wrong_check_character(person_id: str) -> str:
    """Return the id with another last digit, as a slip of the pen would leave it."""
    right = person_id[-1]
    return person_id[:-1] + ("0" if right in "X9" else str(int(right) + 1))


def _impossible_birthday(random: Random, person_id: str) -> str:
    day = ("1332", "0230", "0431", "0015")[int(random.random() * 4)]
    first_17 = person_id[:10] + day + person_id[14:17]
    return first_17 + check_character(first_17)


def serial(day: date) -> int:
    """Return the number a spreadsheet keeps for ``day``."""
    return day.toordinal() - _SERIAL_DAY_ZERO


def write_date(form: str, day: date) -> str:
    """Return ``day`` as text in one of the forms departments use."""
    if form == "iso":
        return day.isoformat()
    if form == "slash":
        return f"{day.year}/{day.month}/{day.day}"
    if form == "compact":
        return f"{day:%Y%m%d}"
    if form == "chinese":
        return f"{day.year}年{day.month}月{day.day}日"
    if form == "serial":
        return str(serial(day))
    if form == "with_time":
        return f"{day.isoformat()} 00:00:00"
    if day.day != 1:
        return day.isoformat()
    return f"{day:%Y.%m}" if form == "month" else f"{day:%Y%m}"


_ODD_DATE_FORMS = ("iso", "slash", "compact", "chinese", "serial", "with_time", "month", "month_compact")
_ODD_DATES = 0.06


def soil_date(random: Random, usual_form: str, day: date | None) -> str:
    """Return ``day`` in the list's usual form, now and then in another; empty where there is none."""
    if day is None:
        return ""
    form = usual_form
    if random.random() < _ODD_DATES:
        form = _ODD_DATE_FORMS[int(random.random() * len(_ODD_DATE_FORMS))]
    return write_date(form, day)


def yuan(fen: int) -> str:
    """Return ``fen`` as yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole}.{cents:02d}"


def yuan_with_commas(fen: int) -> str:
    """Return ``fen`` as yuan with two decimals and commas between thousands."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"
