"""What a scheme says in the language of the page (方案用语); the scheme's own words, never ours.

Where the scheme has no English for its words, the page shows them in Chinese.
"""

from collections.abc import Sequence

from django.utils.translation import get_language

from yiyuan.rules.contract_terms import PremiumPart
from yiyuan.rules.terms import (
    BandReading,
    Clause,
    County,
    Disease,
    Group,
    Liability,
    Limit,
    Source,
    TierReading,
)


def is_english() -> bool:
    """Tell whether the page is in English."""
    return get_language() == "en"


def name_of(term: Group | Disease | Liability | TierReading | BandReading | PremiumPart) -> str:
    """Return a term's name."""
    return term.name_en if is_english() else term.name_zh


def text_of(clause: Clause) -> str:
    """Return a clause as it is restated."""
    return clause.text_en if is_english() else clause.text


def place_of(clause: Clause) -> str:
    """Return where a clause stands in its document, an empty text where no source has it."""
    place = clause.place
    return _either(
        f"《{place.document}》{place.part} {place.item}".rstrip() if place else None, clause.place_en
    )


def reading_of(clause: Clause) -> str:
    """Return how an open clause is read, an empty text where it is not open."""
    return _either(clause.reading, clause.reading_en)


def assumed_of(term: Clause | County | Disease | Liability | Limit) -> str:
    """Return where an assumed term comes from, an empty text where a source gives it."""
    return _either(term.assumed, term.assumed_en)


def trigger_of(liability: Liability) -> str:
    """Return what must have happened."""
    return _either(liability.trigger, liability.trigger_en)


def documents_of(liability: Liability) -> Sequence[str]:
    """Return the papers that a liability asks for."""
    return (is_english() and liability.documents_en) or liability.documents


def certifying_bodies_of(liability: Liability) -> Sequence[str]:
    """Return who establishes that it happened."""
    return (is_english() and liability.certifying_bodies_en) or liability.certifying_bodies


def publisher_of(source: Source) -> str:
    """Return who published a source."""
    return _either(source.publisher, source.publisher_en)


def _either(words: str | None, english: str | None) -> str:
    return (is_english() and english) or words or ""
