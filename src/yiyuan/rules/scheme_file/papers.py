"""Parsing papers (材料的解读): what must be shown, for which causes, benefits and persons.

In: the `papers` section of a scheme file and the names it declares. Out: `Paper`s in the order of the file.
"""

from yiyuan.rules.contract_terms import Paper
from yiyuan.rules.events.terms import KINDS
from yiyuan.rules.scheme_file.conditions import Names, parse_condition
from yiyuan.rules.scheme_file.located import Section, nearest


def parse_papers(top: Section, names: Names) -> tuple[Paper, ...]:
    """Return the papers."""
    return tuple(_paper(entry, names) for entry in top.sections("papers"))


def _paper(entry: Section, names: Names) -> Paper:
    clause = entry.cite()
    if entry.has("paper") == entry.has("of"):
        entry.fault("应写 paper（一种材料）或 any: N, of: [材料…]（几种里交 N 种）其中一个")
    if entry.has("of"):
        listed, listed_en = entry.texts("of"), entry.english_texts("of")
        any_of = entry.integer("any", 1)
        if any_of > len(listed):
            entry.fault(f"of 只有 {len(listed)} 种材料，交不出 {any_of} 种", entry.line_of("any"))
    else:
        listed, any_of = (entry.text("paper"),), 1
        english = entry.english("paper")
        listed_en = () if english is None else (english,)
    kinds = entry.texts("kinds")
    for kind in kinds:
        if kind not in KINDS:
            entry.fault(f"kinds 里不认识“{kind}”{nearest(kind, KINDS)}", entry.line_of("kinds"))
    node = entry.node("when")
    paper = Paper(
        names=listed,
        names_en=listed_en,
        any_of=any_of,
        liabilities=entry.texts("liabilities"),
        benefits=entry.texts("benefits"),
        kinds=kinds,
        when=None if node is None else parse_condition(node, names, clause),
        held_by_register=entry.flag("held_by_register"),
        clause=clause,
    )
    entry.close()
    return paper
