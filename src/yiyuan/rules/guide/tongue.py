"""The language of a guide (指南的语言): Chinese and English side by side, so that neither can be forgotten.

In: both wordings of a sentence, or a term of the scheme with its two names. Out: the one wanted. The rules
know no framework, and a guide is made without a site: hence no message catalogue.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from yiyuan.kernel.money import FEN_PER_YUAN, yuan

ZH, EN = "zh", "en"
LANGUAGES = (ZH, EN)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Named(Protocol):
    """A term with a name in both languages."""

    @property
    def name_zh(self) -> str:
        """The Chinese name."""

    @property
    def name_en(self) -> str:
        """The English name."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One of the two languages."""

    language: str

    def __call__(self, chinese: str, english: str) -> str:
        """Return the wording of this language."""
        return english if self.language == EN else chinese

    def name(self, term: Named) -> str:
        """Return a term's name; the Chinese one where the scheme has no English."""
        return self(term.name_zh, term.name_en or term.name_zh)

    def either(self, chinese: str | None, english: str | None) -> str:
        """Return the scheme's words, the Chinese ones where it has no English."""
        return (english if self.language == EN and english else chinese) or ""

    def listed(self, parts: Iterable[str]) -> str:
        """Return the parts as a list in a sentence."""
        return self("、", "; ").join(part for part in parts if part)

    def money(self, amount_fen: int) -> str:
        """Return an amount with its unit; whole yuan without fen."""
        digits = yuan(amount_fen).removesuffix(".00")
        return self(f"{digits} 元", f"{digits} yuan")

    def percent(self, rate_bp: int) -> str:
        """Return basis points as a percentage."""
        whole, rest = divmod(rate_bp, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"

    def day(self, on: date) -> str:
        """Return a date with its weekday."""
        weekday = on.weekday()
        return self(
            f"{on.year}年{on.month}月{on.day}日（星期{_WEEKDAYS[weekday]}）",
            f"{_WEEKDAYS_EN[weekday]} {on.day} {_MONTHS[on.month - 1]} {on.year}",
        )

    def stretch(self, from_fen: int, below_fen: int | None) -> str:
        """Return the amounts from one (满) and below another (不到); empty where all are meant."""
        parts = []
        if from_fen % FEN_PER_YUAN == 1:
            # One fen above a round sum: the text says that the sum itself belongs to the stretch before.
            parts.append(self(f"超过 {self.money(from_fen - 1)}", f"more than {self.money(from_fen - 1)}"))
        elif from_fen:
            parts.append(self(f"满 {self.money(from_fen)}", f"{self.money(from_fen)} or more"))
        if below_fen is not None and below_fen % FEN_PER_YUAN == 1:
            parts.append(self(f"不超过 {self.money(below_fen - 1)}", f"at most {self.money(below_fen - 1)}"))
        elif below_fen is not None:
            parts.append(self(f"不到 {self.money(below_fen)}", f"less than {self.money(below_fen)}"))
        return self("、", ", ").join(parts)
