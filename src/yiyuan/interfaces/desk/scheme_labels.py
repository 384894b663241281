"""What a scheme is called in the language of the page (方案用语); the scheme's own words, never ours."""

from django.utils.translation import get_language

from yiyuan.rules.terms import BandReading, Clause, Disease, Group, Liability, TierReading


def is_english() -> bool:
    """Tell whether the page is in English."""
    return get_language() == "en"


def name_of(term: Group | Disease | Liability | TierReading | BandReading) -> str:
    """Return a term's name."""
    return term.name_en if is_english() else term.name_zh


def text_of(clause: Clause) -> str:
    """Return a clause as it is restated."""
    return clause.text_en if is_english() else clause.text
