"""Identity numbers (公民身份号码) and how they may be shown: pure functions on text.

In: text as a person or a file wrote it. Out: the cleaned number, the first fault found in it, what the number
itself says (birth, sex, disability kind and level), and masked forms for screens, papers and logs.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ID_LENGTH = 18
CARD_LENGTHS = (20, 22)
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
# Everything a spreadsheet or an input method leaves between or before the digits.
BLANKS = (
    " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
TEXT_MARKS = "'’‘`´＇＂\"="
FULL_WIDTH = "０１２３４５６７８９ｘＸ"
HALF_WIDTH = "0123456789xX"

_DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "皇甫", "东方", "令狐", "夏侯", "尉迟", "公孙", "慕容")
_CLEAN = str.maketrans(dict(zip(FULL_WIDTH, HALF_WIDTH, strict=True)) | dict.fromkeys(BLANKS + TEXT_MARKS))

_PHONE_MARKS = str.maketrans(dict.fromkeys("+-－()（）"))
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[1-9][0-9]{8,10}")


class IdentityFault(StrEnum):
    """What is wrong with an identity number, in the order in which it is looked for."""

    MISSING = "missing"
    LENGTH = "length"
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"


@dataclass(frozen=True)
class DisabilityCard:
    """A disability card number (残疾人证号) taken apart: whose, kind 1–7, level 1–4, re-issue digits."""

    person_id: str
    kind: str
    level: str
    reissue: str


def clean_id_number(text: str) -> str:
    """Return the number in half-width capitals without blanks and text marks; repeating changes nothing."""
    return text.translate(_CLEAN).upper()


def id_number_fault(number: str) -> IdentityFault | None:
    """Return the first fault of a cleaned number by GB 11643, or None; an old county code is no fault."""
    if not number:
        return IdentityFault.MISSING
    if len(number) != ID_LENGTH:
        return IdentityFault.LENGTH
    if birth_on(number) is None:
        return IdentityFault.BIRTH_DATE
    if not _is_digits(number[:17]) or check_character(number[:17]) != number[17]:
        return IdentityFault.CHECK_DIGIT
    return None


def check_character(first_17: str) -> str:
    """Return the check character of the 17 digits before it (mod 11 of the weighted sum)."""
    total = sum(weight * int(digit) for weight, digit in zip(CHECK_WEIGHTS, first_17, strict=True))
    return CHECK_CHARACTERS[total % 11]


def birth_on(number: str) -> date | None:
    """Return the day of birth that characters 7 to 14 name, or None where they name no real day."""
    digits = number[6:14]
    if len(digits) != 8 or not _is_digits(digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def sex(number: str) -> str | None:
    """Return "1" (male) or "2" (female) by the seventeenth character, or None where it is no digit."""
    digit = number[16:17]
    if not _is_digits(digit):
        return None
    return "1" if int(digit) % 2 else "2"


def clean_phone(text: str) -> str:
    """Return the digits of a telephone number without blanks, hyphens and the country's 86."""
    digits = clean_id_number(text).translate(_PHONE_MARKS)
    return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits


def is_phone(number: str) -> bool:
    """Tell whether a cleaned number is a mobile number, or a landline with its area code."""
    return bool(_PHONE.fullmatch(number))


def mask_phone(number: str) -> str:
    """Return a telephone number with its last four digits only."""
    return mask_account(number)


def parse_disability_card(number: str) -> DisabilityCard | None:
    """Return the parts of a cleaned card number, or None; the person id inside is not checked here."""
    if len(number) not in CARD_LENGTHS:
        return None
    return DisabilityCard(number[:18], number[18], number[19], number[20:])


def mask_value(value: str) -> str:
    """Return the first two and the last two characters with stars between; four characters or fewer stay."""
    return f"{value[:2]}{'*' * (len(value) - 4)}{value[-2:]}" if len(value) > 4 else value


def mask_id_number(number: str) -> str:
    """Return the first two and last two characters with stars between; a short number is hidden whole."""
    return mask_value(number) if len(number) > 8 else "*" * len(number)


def mask_name(name: str) -> str:
    """Return the surname and one star per further character (王小明 → 王**, 欧阳小明 → 欧阳**)."""
    surname = 2 if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES else 1
    return name[:surname] + "*" * max(len(name) - surname, 0)


def mask_account(account_no: str) -> str:
    """Return a bank account number with its last four digits only."""
    shown = account_no[-4:] if len(account_no) > 4 else ""
    return "*" * (len(account_no) - len(shown)) + shown


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
