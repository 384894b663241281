"""Parsing who claims and who is paid (申请与领款人的解读) of a benefit.

In: the entry of a benefit and the names its file declares. Out: the facts that claim it, the payee; faults
and remarks are findings.
"""

from yiyuan.rules.events.facts import CASE_FACTS, HOUSEHOLD, PERSON, Between, Fact
from yiyuan.rules.events.terms import PAYEES
from yiyuan.rules.scheme_file.conditions import Names
from yiyuan.rules.scheme_file.located import Section, nearest


def parse_payee(entry: Section) -> str:
    """Return who is paid: a word of the language, or whom the plan names."""
    payee = entry.text_or_none("payee") or PAYEES[0]
    # A text names somebody; what looks like a word of the language and is none is a slip.
    if payee not in PAYEES and payee.isascii():
        entry.fault(
            f"payee 不能是“{payee}”{nearest(payee, PAYEES)}（别的领款人请写中文名称）", entry.line_of("payee")
        )
    return payee


def parse_claimed_with(entry: Section, names: Names, of: str) -> tuple[str, ...]:
    """Return the facts that claim the benefit of such a subject, with remarks on those that hardly do."""
    node = entry.node("claimed_with")
    if node is None:
        return ()
    named = (node.value,) if isinstance(node.value, str) else entry.texts("claimed_with")
    found = [names.fact(name, node.line, entry.clause) for name in named]
    facts = [fact for fact in found if fact is not None]
    for fact in facts:
        if fact.derived is not None:
            names.findings.remark(
                node.line,
                f"claimed_with 里的 {fact.name} 是算出来的，案例写了它才算申请：{_instead(fact)}",
                entry.clause,
            )
        if fact.of == HOUSEHOLD and of == PERSON:
            names.findings.remark(
                node.line,
                f"{entry.text('name')} 按人赔，claimed_with 的 {fact.name} 是一户的事实："
                "户里每个人都会各赔一次，按户赔请写 for: household",
                entry.clause,
            )
    return tuple(fact.name for fact in facts)


def _instead(fact: Fact) -> str:
    ends = (fact.derived.from_fact, fact.derived.to_fact) if isinstance(fact.derived, Between) else ()
    said = [end for end in ends if end not in CASE_FACTS]
    return f"请写案例里说的事实，如 {'、'.join(said)}" if said else "请写案例里说的事实"
