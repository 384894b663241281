"""Parsing clocks and filing (时限、申请期限的解读): until when something must be done, and asked for.

In: the `clocks` and `filing` sections of a scheme file. Out: `Clock`s, one for each band of amounts, in the
order of the file, and `Filing`s.
"""

from yiyuan.rules.contract_terms import LATE, Filing
from yiyuan.rules.events.facts import DATE
from yiyuan.rules.scheme_file.conditions import Names
from yiyuan.rules.scheme_file.located import Section
from yiyuan.rules.scheme_file.stretches import Stretch, parse_stretches
from yiyuan.rules.terms import PAID, PAPERS_COMPLETE, Clock

STARTS = (PAPERS_COMPLETE, "reported", "filed", "assessed", "agreed", "decided", "confirmed")
UNTILS = (PAID, "assessed", "answered", "noticed", "surveyed", "visited", "advanced")
_SPANS = ("minutes", "calendar_days", "working_days")
_WITHIN = {"within_days": "days", "within_months": "months", "within_years": "years"}


def parse_clocks(top: Section) -> tuple[Clock, ...]:
    """Return every clock, one for each band of amounts."""
    clocks: list[Clock] = []
    for entry in top.sections("clocks"):
        name, liabilities, benefits = entry.text("name"), entry.texts("liabilities"), entry.texts("benefits")
        starts, until = entry.word("starts", STARTS, STARTS[0]), entry.word("until", UNTILS, UNTILS[0])
        for row in parse_stretches(entry, "bands", covers_all=False):
            clause = row.section.cite()
            spans = _spans(row)
            row.section.close()
            clocks.append(
                Clock(
                    name=name,
                    liabilities=liabilities,
                    from_fen=row.from_fen,
                    below_fen=row.below_fen,
                    calendar_days=spans["calendar_days"],
                    working_days=spans["working_days"],
                    clause=clause,
                    benefits=benefits,
                    starts=starts,
                    until=until,
                    minutes=spans["minutes"],
                )
            )
        entry.close()
    return tuple(clocks)


def _spans(row: Stretch) -> dict[str, int | None]:
    section = row.section
    spans = {
        "minutes": section.integer_or_none("minutes", least=1),
        "calendar_days": section.integer_or_none("calendar_days", least=0),
        "working_days": section.integer_or_none("working_days", least=1),
    }
    said = [key for key in _SPANS if spans[key] is not None]
    if len(said) != 1:
        found = f"写了 {'、'.join(said)}" if said else "一个也没写"
        section.fault(
            f"应写 minutes（分钟）、calendar_days（自然日）或 working_days（工作日）其中一个，{found}"
        )
    return spans


def parse_filing(top: Section, names: Names) -> tuple[Filing, ...]:
    """Return until when a claim must be filed, in the order of the file."""
    return tuple(_filing(entry, names) for entry in top.sections("filing"))


def _filing(entry: Section, names: Names) -> Filing:
    clause = entry.cite()
    said = [key for key in _WITHIN if entry.has(key)]
    if len(said) != 1:
        entry.fault(f"应写 {'、'.join(_WITHIN)} 其中一个")
    fact = names.fact(entry.text("from"), entry.line_of("from"), clause)
    if fact is not None and fact.type != DATE:
        entry.fault(f"{fact.name} 不是日期，期限不能从它算起", entry.line_of("from"))
    filing = Filing(
        unit=_WITHIN[said[0]] if said else "days",
        within=entry.integer(said[0], least=1) if said else 1,
        from_fact=entry.text("from"),
        late=entry.word("late", LATE, LATE[0]),
        liabilities=entry.texts("liabilities"),
        clause=clause,
    )
    entry.close()
    return filing
