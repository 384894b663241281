"""How figures, days and persons are written on a page (显示格式).

In: fen, basis points, dates, aware datetimes, names and identity numbers. Out: text with half-width digits;
the unit 元 is written by the template, after a space. A missing fact (None, or the empty text that stands
for an unknown template variable) shows as a dash, never as zero.
"""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import dateformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yiyuan.kernel import identity, money

register = template.Library()

MISSING = "—"


@register.filter
def yuan(fen: int | str | None) -> str:
    """Return fen as yuan with two decimals and thousands separators, `8,017,100.00`."""
    return money.yuan(fen) if isinstance(fen, int) else MISSING


@register.filter
def count(number: int | str | None) -> str:
    """Return a whole number with thousands separators, `128,460`."""
    return f"{number:,}" if isinstance(number, int) else MISSING


@register.filter
def percent(rate_bp: int | str | None) -> str:
    """Return basis points as a percentage with one decimal and no sign, 4490 as `44.9`, half rounded up."""
    if not isinstance(rate_bp, int):
        return MISSING
    tenths = (abs(rate_bp) + 5) // 10
    return f"{'-' if rate_bp < 0 else ''}{tenths // 10}.{tenths % 10}"


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """Return `2019年11月20日`, in English `20 Nov 2019`."""
    return _written(value, _("Y年n月j日"))


@register.filter(expects_localtime=True)
def short_day(value: date | None) -> str:
    """Return the day without its year, `11月20日`, for lists inside one year."""
    return _written(value, _("n月j日"))


@register.filter(expects_localtime=True)
def weekday(value: date | None) -> str:
    """Return `星期三`."""
    return _written(value, "l")


@register.filter(expects_localtime=True)
def day_time(value: datetime | None) -> str:
    """Return `2019年11月20日 10:42` in local time."""
    return _written(value, _("Y年n月j日 H:i"))


@register.filter(expects_localtime=True)
def short_day_time(value: datetime | None) -> str:
    """Return `11月20日 10:42` in local time."""
    return _written(value, _("n月j日 H:i"))


@register.filter
def masked_name(name: str | None) -> str:
    """Return the surname with one star for every further character."""
    return identity.mask_name(name) if name else MISSING


@register.filter
def masked_id(number: str | None) -> str:
    """Return an identity number with only its first two and last two characters."""
    return identity.mask_id_number(number) if number else MISSING


@register.filter
def masked_account(account_no: str | None) -> str:
    """Return a bank account with only its last four digits."""
    return identity.mask_account(account_no) if account_no else MISSING


@register.filter
def id_tail(number: str | None) -> str:
    """Return the last two characters only, `**46`, which tell namesakes apart in a queue."""
    return f"**{number[-2:]}" if number and len(number) > 4 else "**"


def _written(value: date | None, form: str) -> str:
    if not value:
        return MISSING
    # Equal moments of two time zones are written differently, and days have names in each language.
    return _formatted(value, getattr(value, "tzinfo", None), form, get_language())


@lru_cache(maxsize=4096)
def _formatted(value: date, _zone: object, form: str, _language: str | None) -> str:
    return dateformat.format(value, form)
