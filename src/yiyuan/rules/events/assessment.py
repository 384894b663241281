"""Assessment of an event (事故理算): what a case comes to under every answer the scheme leaves open.

In: the terms of events, the world of a case, its liabilities, the answers it tries, what earlier claims have
used. Out: amounts in fen by benefit and by victim with the trace, or the questions that must be answered
first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yiyuan.kernel.errors import CaseError
from yiyuan.rules.algebra import Step
from yiyuan.rules.eligibility import ENTITLED, NOT_ENTITLED, UNDETERMINED
from yiyuan.rules.events.benefits import SEVERAL_CAUSES, Payments, by_benefit, by_person, pay
from yiyuan.rules.events.conditions import Missing, OpenQuestionError
from yiyuan.rules.events.facts import CHOICE, CHOICES, DATE, FLAG, MONEY, Fact, World
from yiyuan.rules.events.limits import Used
from yiyuan.rules.events.terms import EventTerms, RunningLimit
from yiyuan.rules.scheme_file.located import nearest
from yiyuan.rules.terms import Liability


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts against one limit of one holder, and how much the limit allows in all; in fen."""

    limit: RunningLimit
    holder: str
    amount_fen: int
    limit_fen: int


@dataclass(frozen=True, slots=True)
class EventResult:
    """What an event comes to, in fen; while `undecided` holds questions nothing is paid.

    `owed` are the (liability, benefit) that pay, under any of the answers that come to the same; `counted`
    is what counts against each limit under all of them: as long as it is open whether something counts, it
    uses nothing up (0).
    """

    outcome: str
    benefit_fen: int
    by_benefit: dict[str, int]
    by_person: dict[str, int]
    trace: tuple[Step, ...]
    undecided: tuple[str, ...]
    owed: tuple[tuple[str, str], ...] = ()
    counted: tuple[Counted, ...] = ()


def assess_event(
    terms: EventTerms,
    world: World,
    liabilities: Sequence[Liability],
    tried: Mapping[str, str],
    used_fen: Used,
) -> EventResult:
    """Return the result; repeating it gives the same.

    :raises CaseError: when the case tries an answer, or has used a limit, that the scheme does not know.
    """
    _check_words(terms, tried, used_fen, world)
    return _explore(terms, world, liabilities, terms.answers() | dict(tried), used_fen)


def _check_words(terms: EventTerms, tried: Mapping[str, str], used_fen: Used, world: World) -> None:
    limits = [limit.name for limit in terms.limits]
    used = [*used_fen, *(name for person in (*world.persons, *world.households) for name in person.used_fen)]
    for name in used:
        if name not in limits:
            raise CaseError(f"used_fen 里不认识限额 {name}{nearest(name, limits)}")
    for name, answer in tried.items():
        question = terms.questions.get(name)
        if question is None:
            raise CaseError(f"方案没有问题 {name}{nearest(name, list(terms.questions))}")
        if answer not in question.options:
            raise CaseError(f"{name} 没有答案 {answer}{nearest(answer, list(question.options))}")


def _explore(
    terms: EventTerms,
    world: World,
    liabilities: Sequence[Liability],
    answers: Mapping[str, str],
    used_fen: Used,
) -> EventResult:
    try:
        payments = pay(terms, world, liabilities, answers, used_fen)
    except OpenQuestionError as open_question:
        return _under_every_answer(terms, world, liabilities, answers, used_fen, open_question.question)
    if payments.missing:
        return _undetermined(_ask(payments.missing, terms, world))
    if not payments.claimed_by:
        return _undetermined((_what_is_claimed(terms, liabilities),))
    return _decided(payments, world)


def _under_every_answer(
    terms: EventTerms,
    world: World,
    liabilities: Sequence[Liability],
    answers: Mapping[str, str],
    used_fen: Used,
    question: str,
) -> EventResult:
    if question == SEVERAL_CAUSES:
        causes = "、".join(one.name_zh for one in liabilities)
        return _undetermined((f"{causes}都能赔，方案没有写几个原因同时成立时按哪一个赔（several_causes）",))
    asked = terms.questions[question]
    if not asked.options:
        return _undetermined((f"{asked.asks}（{question}；{asked.clause}）",))
    results = [
        _explore(terms, world, liabilities, {**answers, question: option}, used_fen)
        for option in asked.options
    ]
    first = results[0]
    if all(
        (one.undecided, one.by_benefit, one.by_person, one.benefit_fen)
        == (first.undecided, first.by_benefit, first.by_person, first.benefit_fen)
        for one in results
    ):
        owed = tuple(dict.fromkeys(pair for one in results for pair in one.owed))
        return replace(first, owed=owed, counted=_counted_under_all([one.counted for one in results]))
    words = " / ".join(f"{code}（{name}）" if name != code else code for code, name in asked.options.items())
    others = [text for one in results for text in one.undecided]
    return _undetermined(
        tuple(dict.fromkeys([f"{asked.asks}（{question}：{words}；{asked.clause}）", *others]))
    )


def _counted_under_all(under: Sequence[Sequence[Counted]]) -> tuple[Counted, ...]:
    by_holder: dict[tuple[str, str], list[Counted]] = {}
    for one in (one for counted in under for one in counted):
        by_holder.setdefault((one.limit.name, one.holder), []).append(one)
    return tuple(
        replace(
            found[0],
            amount_fen=min(one.amount_fen for one in found) if len(found) == len(under) else 0,
            limit_fen=max(one.limit_fen for one in found),
        )
        for found in by_holder.values()
    )


def _decided(payments: Payments, world: World) -> EventResult:
    total_fen = sum(due.amount_fen for due in payments.dues)
    return EventResult(
        outcome=ENTITLED if total_fen else NOT_ENTITLED,
        benefit_fen=total_fen,
        by_benefit=by_benefit(payments),
        by_person=by_person(payments, world),
        trace=tuple(payments.steps),
        undecided=(),
        owed=tuple(
            dict.fromkeys((due.liability, due.benefit.name) for due in payments.dues if due.amount_fen)
        ),
        counted=tuple(
            Counted(one.limit, one.holder, sum(due.amount_fen for due in one.dues), one.limit_fen)
            for one in payments.applied
        ),
    )


def _undetermined(questions: tuple[str, ...]) -> EventResult:
    # What is undetermined is nobody's amount yet, not even 0.
    return EventResult(UNDETERMINED, 0, {}, {}, (), questions)


def _ask(missing: Missing, terms: EventTerms, world: World) -> tuple[str, ...]:
    is_alone = len(world.persons) + len(world.households) <= 1
    asked: dict[str, None] = {}
    for subject, name in missing:
        # What is asked of the event stands once for everybody.
        fact = terms.facts[name]
        who = subject.id if subject.id and not is_alone and fact.of != "event" else ""
        asked[f"{who + '：' if who else ''}{_question(fact)}"] = None
    return tuple(asked)


_ASKS = {FLAG: "是不是{}？（{}）", DATE: "{}是哪一天？（{}）", MONEY: "{}是多少？（{}，分）"}


def _question(fact: Fact) -> str:
    if fact.type in (CHOICE, CHOICES) and fact.options:
        return f"{fact.name_zh}是哪一项？（{fact.name}：{'、'.join(fact.options)}）"
    # A question of yes or no begins with 是不是, and so may the name of the fact begin with 是.
    words = fact.name_zh.removeprefix("是") if fact.type == FLAG else fact.name_zh
    return _ASKS.get(fact.type, "{}是多少？（{}）").format(words, fact.name)


def _what_is_claimed(terms: EventTerms, liabilities: Sequence[Liability]) -> str:
    codes = {one.code for one in liabilities}
    facts: dict[str, str] = {}
    for benefit in terms.benefits:
        if codes.intersection(benefit.liabilities):
            facts |= dict.fromkeys(benefit.claimed_with, benefit.name_zh)
    if not facts:
        return (
            f"{'、'.join(one.name_zh for one in liabilities)}赔什么：方案没有写这项责任的赔付项目（benefits）"
        )
    listed = "、".join(f"{name}（{benefit}）" for name, benefit in facts.items())
    return f"申请哪一项赔付？请写明其中的事实：{listed}"
