"""Parsing the contract's side (承保和报案的解读): who carries the risk, and until when a case is filed.

In: the `insurers` and `filing` sections of a scheme file, either of which may be missing. Out: terms.
"""

from yiyuan.kernel.money import BASIS_POINTS
from yiyuan.rules.located import Section
from yiyuan.rules.terms import Filing, Insurer

DATE_OF_LOSS = "on"
QUESTION = "question"


def parse_filing(top: Section) -> Filing | None:
    """Return until when a case is filed, None where the scheme is silent."""
    found = [_filing(entry) for entry in top.sections("filing")]
    if len(found) > 1:
        top.fault("filing 现在只能写一条", top.line_of("filing"))
    return found[0] if found else None


def parse_insurers(top: Section) -> tuple[Insurer, ...]:
    """Return who carries the risk, none where the scheme does not name them; shares sum to the whole."""
    if not top.has("insurers"):
        return ()
    section = top.section("insurers")
    clause = section.cite()
    found = []
    for entry in section.sections("rows"):
        found.append(
            Insurer(
                name=entry.text("name"),
                name_zh=entry.text("name_zh"),
                name_en=entry.text("name_en"),
                share_bp=entry.integer("share_bp", 1, BASIS_POINTS),
                is_lead=entry.flag("lead"),
                clause=clause,
            )
        )
        entry.close()
    section.close()
    if (total := sum(one.share_bp for one in found)) != BASIS_POINTS:
        section.fault(f"承保份额合计应是 {BASIS_POINTS}，现在是 {total}")
    if sum(one.is_lead for one in found) != 1:
        section.fault("应有且只有一家主承保（lead: true）")
    return tuple(found)


def _filing(entry: Section) -> Filing:
    clause = entry.cite()
    years = entry.integer("within_years", least=1)
    if entry.text("from") != DATE_OF_LOSS:
        entry.fault(f"from 应是 {DATE_OF_LOSS}（出险日）", entry.line_of("from"))
    if entry.text("late") != QUESTION:
        entry.fault(f"late 应是 {QUESTION}：晚报由人决定，不自动拒赔", entry.line_of("late"))
    entry.close()
    return Filing(years, clause)
