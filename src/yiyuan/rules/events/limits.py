"""Limits (累计限额): what is left of each limit after earlier claims, and how an excess is shared out.

In: what is due for each victim and benefit, the limits in the order of the scheme, and what earlier claims
have used. Out: what is paid, and a step for each limit. Amounts only ever go down.
`docs/schemes/language.md#limits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiyuan.kernel.errors import CaseError
from yiyuan.rules.algebra import Step
from yiyuan.rules.events.conditions import Missing, OpenQuestionError, Scope, holds
from yiyuan.rules.events.facts import COUNTY, HOUSEHOLD, PERSON, Subject
from yiyuan.rules.events.terms import HOLDERS, PRO_RATA, Benefit, EventTerms, Inside, RunningLimit

Used = Mapping[str, int | Mapping[str, int]]


@dataclass(slots=True)
class Due:
    """What is due to one victim from one benefit for one liability, in fen; limits lower it."""

    subject: Subject
    benefit: Benefit
    liability: str
    cause: str
    amount_fen: int
    limits: frozenset[str]  # what it counts against; grows by the limits that those are inside of


@dataclass(frozen=True, slots=True)
class Applied:
    """A limit that was applied to what is due to one holder: how much it allows in all, and its step."""

    limit: RunningLimit
    holder: str
    dues: Sequence[Due]
    limit_fen: int
    step: Step


@dataclass(frozen=True, slots=True)
class _Claim:
    """What every limit is asked with: the terms, the answers in force, and what the case says was used."""

    terms: EventTerms
    answers: Mapping[str, str]
    used_fen: Used
    is_alone: bool


def apply_limits(
    terms: EventTerms,
    dues: Sequence[Due],
    answers: Mapping[str, str],
    used_fen: Used,
    *,
    is_alone: bool,
    missing: Missing,
) -> list[Applied]:
    """Lower the dues to what the limits leave, in the order of the scheme, and return each limit applied.

    :raises OpenQuestionError: when the result turns on an undecided question.
    """
    claim = _Claim(terms, answers, used_fen, is_alone)
    applied: list[Applied] = []
    for limit in terms.limits:
        counted = [due for due in dues if limit.name in due.limits and _counts(limit, due)]
        if not any(due.amount_fen for due in counted):
            _widen(limit, counted, answers)
            continue
        for key, group in _groups(limit, counted, missing).items():
            one = _apply(limit, key, group, claim, missing)
            if one is not None:
                applied.append(one)
        _widen(limit, counted, answers)
    return applied


def _counts(limit: RunningLimit, due: Due) -> bool:
    return not limit.liabilities or due.liability in limit.liabilities


def _widen(limit: RunningLimit, dues: Sequence[Due], answers: Mapping[str, str]) -> None:
    if not any(due.amount_fen for due in dues):
        return
    for inside in limit.inside:
        if _is_inside(inside, answers):
            for due in dues:
                due.limits |= {inside.limit}


def _is_inside(inside: Inside, answers: Mapping[str, str]) -> bool:
    for answer in inside.answers:
        if answer.question not in answers:
            raise OpenQuestionError(answer.question)
        if answers[answer.question] != answer.option:
            return False
    return True


def _groups(limit: RunningLimit, dues: Sequence[Due], missing: Missing) -> dict[str, list[Due]]:
    groups: dict[str, list[Due]] = {}
    for due in dues:
        key = holder_of(limit.per, due.subject, missing)
        if key is not None:
            groups.setdefault(key, []).append(due)
    return groups


def holder_of(per: str, subject: Subject, missing: Missing) -> str | None:
    """Return whose limit it is by id: the person's, the household's, the county's, or one for all ("")."""
    if per == PERSON:
        return subject.id
    if per == HOUSEHOLD:
        if subject.kind == HOUSEHOLD:
            return subject.id
        return (
            subject.above.id
            if subject.above is not None and subject.above.kind == HOUSEHOLD
            else f"~{subject.id}"
        )
    if per == COUNTY:
        found = subject.value("county_code")
        if found is None:
            missing.append((subject, "county_code"))
        return None if found is None else str(found)
    assert per in HOLDERS, "the parser lets no other holder through"
    return ""


def _apply(
    limit: RunningLimit, key: str, group: list[Due], claim: _Claim, missing: Missing
) -> Applied | None:
    subject = group[0].subject
    of_one = limit.per in (PERSON, HOUSEHOLD)
    asked_of = subject if of_one else subject.world.event
    scope = Scope(asked_of, claim.answers, group[0].cause)
    asked: Missing = []
    applies = True if limit.when is None else holds(limit.when, scope, asked)
    if applies is False:
        return None
    limit_fen = limit.amount.fen(scope, missing)
    if limit_fen is None:
        return None
    left_fen = max(limit_fen - _used(limit, key, subject, claim), 0)
    if applies is None:
        # Whether it holds matters only where it would take something.
        if sum(due.amount_fen for due in group) > left_fen:
            missing.extend(asked)
        return None
    _share_out(limit, group, left_fen, claim.answers)
    prefix = f"{key}/" if of_one and key and not claim.is_alone else ""
    step = Step(prefix + limit.name, sum(due.amount_fen for due in group), limit.clause)
    return Applied(limit, key, group, limit_fen, step)


def _used(limit: RunningLimit, key: str, subject: Subject, claim: _Claim) -> int:
    said = claim.used_fen.get(limit.name, 0)
    if not isinstance(said, int):
        return said.get(key.removeprefix("~"), 0)
    if limit.per not in (PERSON, HOUSEHOLD):
        return said
    own = subject.used_fen.get(limit.name)
    if own is not None:
        return own
    if said and not claim.is_alone:
        raise CaseError(
            f"used_fen 里的 {limit.name} 是每{'人' if limit.per == PERSON else '户'}的限额，案例有几个人，"
            f"请写在各人名下，或写 {{{limit.name}: {{编号: 分}}}}"
        )
    return said


def _share_out(limit: RunningLimit, group: list[Due], left_fen: int, answers: Mapping[str, str]) -> None:
    due_fen = sum(due.amount_fen for due in group)
    if due_fen <= left_fen:
        return
    sharing = limit.sharing
    if limit.sharing_question is not None:
        if limit.sharing_question not in answers:
            raise OpenQuestionError(limit.sharing_question)
        sharing = answers[limit.sharing_question]
    amounts = [due.amount_fen for due in group]
    if sharing == PRO_RATA:
        ids = [(due.subject.kind, due.subject.id) for due in group]
        paid = pro_rata(
            amounts, left_fen, sorted(range(len(group)), key=lambda number: (ids[number], number))
        )
    else:
        paid = in_order(amounts, left_fen)
    for due, paid_fen in zip(group, paid, strict=True):
        due.amount_fen = paid_fen


def in_order(amounts_fen: Sequence[int], left_fen: int) -> list[int]:
    """Return what each takes in turn of what is left, in fen; the sum is what is left or all that is due."""
    paid: list[int] = []
    for amount_fen in amounts_fen:
        paid.append(min(amount_fen, left_fen))
        left_fen -= paid[-1]
    return paid


def pro_rata(amounts_fen: Sequence[int], left_fen: int, order: Sequence[int]) -> list[int]:
    """Return each one's proportional part of what is left, in fen; the sum is what is left to the fen.

    The largest remainders get the fen that are over, of equal ones the earlier in `order`, which must not
    depend on how the case lists the victims. What is left is less than what is due.
    """
    due_fen = sum(amounts_fen)
    paid = [amount_fen * left_fen // due_fen for amount_fen in amounts_fen]
    rank = {number: place for place, number in enumerate(order)}
    by_remainder = sorted(
        range(len(amounts_fen)),
        key=lambda number: (-(amounts_fen[number] * left_fen % due_fen), rank[number]),
    )
    for number in by_remainder[: left_fen - sum(paid)]:
        paid[number] += 1
    return paid
