"""Facts of a premium (保费用到的事实): all of them are a county's.

In: the premium section, its terms, and the names the file declares. Out: findings.
"""

from yiyuan.rules.contract_terms import Payer, PremiumPart, PremiumTerms
from yiyuan.rules.remarks import walk
from yiyuan.rules.scheme_file.conditions import Names
from yiyuan.rules.scheme_file.located import Section


def check_counties(section: Section, terms: PremiumTerms, names: Names) -> None:
    """Report every fact of a part or payer that is none of a county."""
    # A premium is worked out for counties, of which nobody says what is asked of a person.
    rows: list[tuple[PremiumPart | Payer, str, str]] = [
        *((part, "parts", f"保费分项 {part.name}") for part in terms.parts),
        *((payer, "payers", f"付款方 {payer.payer}") for payer in terms.payers),
    ]
    for row, key, what in rows:
        asked = {fact for node in walk(row) if isinstance(fact := getattr(node, "fact", None), str)}
        for name in sorted(asked.difference(terms.facts)):
            if name in names.facts:
                section.findings.add(
                    section.line_of(key), f"{what} 用了 {name}，它不是县区的事实（of: county）", row.clause
                )
