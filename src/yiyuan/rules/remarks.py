"""Remarks on a scheme (方案提醒): what may stand as it is and is worth a second look.

In: a scheme version. Out: remarks with the clause they are about. A fault refuses a file; a remark does not:
a text may jump down on purpose, or name a limit nobody uses yet.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import combinations, pairwise

from yiyuan.kernel.money import share_fen, yuan
from yiyuan.rules.contract_terms import PremiumTerms
from yiyuan.rules.events.amounts import First, Fixed, Tiered, Unstated
from yiyuan.rules.events.conditions import Answered
from yiyuan.rules.events.terms import Benefit, EventTerms, RunningLimit
from yiyuan.rules.terms import SchemeVersion, Tier, TierReading


@dataclass(frozen=True, slots=True)
class Remark:
    """What is worth a look, and the clause it is about."""

    clause: str
    message: str


def remarks(version: SchemeVersion) -> Iterator[Remark]:
    """Yield every remark, in the order of the file's sections."""
    events = version.events
    yield from _causes(version)
    for benefit in events.benefits:
        yield from _branches(benefit)
        for node in walk(benefit.amount):
            if isinstance(node, Tiered):
                yield from jumps_down(node.tiers)
    if version.medical is not None:
        for reading in version.medical.readings.values():
            if isinstance(reading, TierReading):
                yield from jumps_down(reading.tiers)
    yield from about_limits(events)
    yield from about_unused(events, version.premium)


def walk(term: object) -> Iterator[object]:
    """Yield the term and everything it is put together from, the outer before the inner."""
    yield term
    if isinstance(term, tuple | frozenset):
        for part in term:
            yield from walk(part)
    elif is_dataclass(term) and not isinstance(term, type):
        for field in fields(term):
            yield from walk(getattr(term, field.name))


def jumps_down(tiers: Sequence[Tier]) -> Iterator[Remark]:
    """Yield a remark for each start of a tier at which one fen more is paid less."""
    for lower, upper in pairwise(tiers):
        below_fen, at_fen = _paid(lower, upper.from_fen - 1), _paid(upper, upper.from_fen)
        if at_fen < below_fen:
            yield Remark(
                upper.clause,
                f"到 {yuan(upper.from_fen)} 元时赔付从 {yuan(below_fen)} 元降到 {yuan(at_fen)} 元："
                "多花一分反而少赔",
            )


def _paid(tier: Tier, amount_fen: int) -> int:
    if tier.fixed_fen is not None:
        return tier.fixed_fen
    assert tier.rate_bp is not None, "the loader gives every tier a rate or a sum"
    return share_fen(amount_fen, tier.rate_bp)


def _causes(version: SchemeVersion) -> Iterator[Remark]:
    events = version.events
    settled = None if version.medical is None else version.medical.liability
    paid_for = {code for benefit in events.benefits for code in benefit.liabilities}
    for liability in version.liabilities:
        if liability.code == settled:
            continue
        if liability.code not in paid_for:
            yield Remark(
                liability.clause, f"责任 {liability.code} {liability.name_zh}没有赔付项目（benefits）"
            )
        asked = [
            paper for paper in version.papers if not paper.liabilities or liability.code in paper.liabilities
        ]
        if not liability.documents and not asked:
            yield Remark(
                liability.clause, f"责任 {liability.code} {liability.name_zh}没有写要什么材料（papers）"
            )


def _branches(benefit: Benefit) -> Iterator[Remark]:
    for node in walk(benefit.amount):
        if not isinstance(node, First):
            continue
        seen = Counter(arm.when for arm in node.arms)
        if any(number > 1 for number in seen.values()):
            yield Remark(benefit.clause, f"{benefit.name} 的 first 有两项条件相同，后一项永远用不到")
        if node.arms and node.arms[-1].when is not None:
            yield Remark(benefit.clause, f"{benefit.name} 的 first 最后一项也有条件：都不符合的赔 0")


def about_limits(events: EventTerms) -> Iterator[Remark]:
    """Yield what is to be said of limits: above the one around them, or without a stated relation."""
    by_name = {limit.name: limit for limit in events.limits}
    for limit in events.limits:
        for inside in limit.inside:
            parent = by_name[inside.limit]
            if _fixed(limit) > _fixed(parent) >= 0:
                yield Remark(
                    limit.clause,
                    f"限额 {limit.name} {yuan(_fixed(limit))} 元高过它所在的 {parent.name}"
                    f" {yuan(_fixed(parent))} 元，用不到",
                )
    benefits = {benefit.name for benefit in events.benefits}
    for limit in events.limits:
        if limit.name in benefits:
            yield Remark(
                limit.clause,
                f"限额和赔付项目都叫 {limit.name}，计算依据里分不清：请给限额换个名字，如 {limit.name}_limit",
            )
    for one, other in combinations(events.limits, 2):
        if (
            one.per == other.per
            and one.per in ("person", "household")
            and not _is_related(one, other, events)
        ):
            yield Remark(
                one.clause,
                f"没有写 {one.name} 和 {other.name} 是什么关系：请写 inside（在内）或 added_to（另加），"
                "原文没说就写成问题（questions）",
            )


def _fixed(limit: RunningLimit) -> int:
    return limit.amount.amount_fen if isinstance(limit.amount, Fixed) else -1


def _is_related(one: RunningLimit, other: RunningLimit, events: EventTerms) -> bool:
    if other.name in one.added_to or one.name in other.added_to:
        return True
    around_one, around_other = _around(one, events), _around(other, events)
    if other.name in around_one or one.name in around_other or around_one & around_other:
        return True
    # A benefit that names both says that it counts against both; causes that never meet need no relation.
    if any({one.name, other.name} <= benefit.limits for benefit in events.benefits):
        return True
    return not (_causes_of(one, events) & _causes_of(other, events))


def _around(limit: RunningLimit, events: EventTerms) -> set[str]:
    found: set[str] = set()
    for inside in limit.inside:
        parent = next((one for one in events.limits if one.name == inside.limit), None)
        if parent is not None and inside.limit not in found:
            found |= {inside.limit} | _around(parent, events)
    return found


def _causes_of(limit: RunningLimit, events: EventTerms) -> set[str]:
    codes = {
        code for benefit in events.benefits if limit.name in benefit.limits for code in benefit.liabilities
    }
    return codes & limit.liabilities if limit.liabilities else codes


def about_unused(events: EventTerms, premium: PremiumTerms | None = None) -> Iterator[Remark]:
    """Yield every limit, cover and question that nothing turns on, neither what is paid nor the premium."""
    named = {name for benefit in events.benefits for name in benefit.limits}
    named |= {inside.limit for limit in events.limits for inside in limit.inside}
    for limit in events.limits:
        if limit.name not in named:
            yield Remark(limit.clause, f"限额 {limit.name} 没有任何赔付项目用到")
    covers = {name for cause in events.causes.values() for name in cause.cover}
    covers |= {name for benefit in events.benefits for name in benefit.cover or ()}
    for cover in events.cover.values():
        if cover.name not in covers:
            yield Remark(cover.clause, f"保障对象 {cover.name} 没有任何责任用到")
    asked = set(_questions_in(events, premium))
    for question in events.questions.values():
        if question.name not in asked:
            yield Remark(question.clause, f"问题 {question.name} 不影响任何条款")


def _questions_in(events: EventTerms, premium: PremiumTerms | None) -> Iterator[str]:
    for node in walk((events.benefits, events.limits, events.exclusions, tuple(events.cover.values()))):
        if isinstance(node, Answered | Unstated):
            yield node.question
        elif isinstance(node, RunningLimit) and node.sharing_question is not None:
            yield node.sharing_question
    for node in walk((tuple(events.causes.values()), premium)):
        if isinstance(node, Answered | Unstated):
            yield node.question
