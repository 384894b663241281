"""Benefits of an event (事故赔付): what is due to each victim, before and after limits, under given answers.

In: a scheme version, the world of a case, the liabilities it names, the answers to the scheme's questions.
Out: the dues with their steps, and every fact that is missing where the result turns on it. Order of
questions for each victim and benefit: is it claimed, covered, within the cause, not excluded, on its
condition, how much.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yiyuan.rules.algebra import Step
from yiyuan.rules.events.conditions import AnyOf, Condition, Missing, OpenQuestionError, Scope, holds
from yiyuan.rules.events.facts import EVENT, HOUSEHOLD, PERSON, Subject, World
from yiyuan.rules.events.limits import Applied, Due, Used, apply_limits
from yiyuan.rules.events.terms import ADD, FIRST, HIGHEST, Benefit, Combination, EventTerms
from yiyuan.rules.terms import Liability

SEVERAL_CAUSES = (
    "several_causes"  # the question of a case with several causes where no rule says which one pays
)


@dataclass(slots=True)
class Payments:
    """What comes out under one set of answers: dues after limits, the limits, steps, what is missing."""

    dues: list[Due] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    missing: Missing = field(default_factory=list)
    claimed_by: dict[str, None] = field(default_factory=dict)  # ids of who claims something, in order


@dataclass(frozen=True, slots=True)
class _Hurdle:
    """A condition a benefit must pass, and the clause that refuses it otherwise."""

    condition: Condition
    clause: str
    refuses_when: bool


@dataclass(frozen=True, slots=True)
class _Offer:
    """A benefit under one liability, with its hurdles in the order in which they are asked."""

    benefit: Benefit
    liability: Liability
    hurdles: tuple[_Hurdle, ...]


@dataclass(slots=True)
class _Asking:
    """What every victim is asked with; `known` keeps a condition's answer for the victim and liability."""

    answers: Mapping[str, str]
    payments: Payments
    prefix: str = ""
    known: dict[int, bool | None] = field(default_factory=dict)

    def holds(self, condition: Condition, scope: Scope) -> bool | None:
        key = id(condition)
        if key not in self.known:
            self.known[key] = holds(condition, scope, self.payments.missing)
        return self.known[key]


def pay(
    terms: EventTerms,
    world: World,
    liabilities: Sequence[Liability],
    answers: Mapping[str, str],
    used_fen: Used,
) -> Payments:
    """Return what is paid; nothing of it counts while `missing` is not empty.

    :raises OpenQuestionError: when the result turns on an undecided question.
    """
    payments = Payments()
    is_alone = len(world.persons) + len(world.households) <= 1
    offers = [_offers(terms, liability) for liability in liabilities]
    for kind in (PERSON, HOUSEHOLD, EVENT):
        for subject in world.subjects(kind):
            prefix = f"{subject.id}/" if subject.id and not is_alone else ""
            payments.dues.extend(_dues_of(terms, subject, offers, _Asking(answers, payments, prefix)))
    if not payments.missing:
        payments.applied = apply_limits(
            terms, payments.dues, answers, used_fen, is_alone=is_alone, missing=payments.missing
        )
        payments.steps.extend(one.step for one in payments.applied)
    return payments


def _offers(terms: EventTerms, liability: Liability) -> list[_Offer]:
    covers: dict[tuple[str, ...], Condition] = {}  # one condition for each set, so that it is asked once
    return [
        _Offer(benefit, liability, tuple(_hurdles(benefit, liability, terms, covers)))
        for benefit in terms.benefits
        if liability.code in benefit.liabilities
    ]


def _hurdles(
    benefit: Benefit, liability: Liability, terms: EventTerms, covers: dict[tuple[str, ...], Condition]
) -> Iterator[_Hurdle]:
    cause = terms.causes[liability.code]
    wanted = cause.cover if benefit.cover is None else benefit.cover
    names = tuple(name for name in wanted if terms.cover[name].of == benefit.of)
    if names:
        covered = covers.setdefault(names, AnyOf(tuple(terms.cover[name].when for name in names)))
        yield _Hurdle(covered, terms.cover[names[0]].clause, refuses_when=False)
    if cause.when is not None:
        yield _Hurdle(cause.when, liability.clause, refuses_when=False)
    for exclusion in terms.exclusions:
        if _concerns(exclusion.liabilities, liability.code) and _concerns(exclusion.benefits, benefit.name):
            yield _Hurdle(exclusion.when, exclusion.clause, refuses_when=True)
    if benefit.when is not None:
        yield _Hurdle(benefit.when, benefit.clause, refuses_when=False)


def _concerns(named: frozenset[str], one: str) -> bool:
    return not named or one in named


def _dues_of(
    terms: EventTerms, subject: Subject, offers: Sequence[Sequence[_Offer]], asking: _Asking
) -> list[Due]:
    dues: list[Due] = []
    for some in offers:
        asking.known.clear()
        for offer in some:
            if offer.benefit.of == subject.kind and _is_claimed(offer.benefit, subject):
                asking.payments.claimed_by[subject.id] = None
                due = _due(offer, subject, asking)
                if due is not None:
                    dues.append(due)
    if len(dues) > 1 and not asking.payments.missing:
        _settle_causes(terms, dues, asking)
        for combination in terms.combine:
            _combine(combination, dues, asking)
    return dues


def _is_claimed(benefit: Benefit, subject: Subject) -> bool:
    # Only what the case says claims a benefit; what is presumed claims nothing.
    return not benefit.claimed_with or any(subject.says(name) for name in benefit.claimed_with)


def _due(offer: _Offer, subject: Subject, asking: _Asking) -> Due | None:
    benefit, liability = offer.benefit, offer.liability
    scope = Scope(subject, asking.answers, liability.cause, asking.prefix)
    for hurdle in offer.hurdles:
        found = asking.holds(hurdle.condition, scope)
        if found is None:
            return None
        if found is hurdle.refuses_when:
            asking.payments.steps.append(Step(asking.prefix + benefit.name, 0, hurdle.clause))
            return None
    amount_fen = benefit.amount.fen(scope, asking.payments.missing)
    asking.payments.steps.extend(scope.steps)
    if amount_fen is None:
        return None
    return Due(subject, benefit, liability.code, liability.cause, amount_fen, benefit.limits)


def _settle_causes(terms: EventTerms, dues: list[Due], asking: _Asking) -> None:
    by_cause: dict[str, int] = {}
    for due in dues:
        by_cause[due.cause] = by_cause.get(due.cause, 0) + due.amount_fen
    paying = [cause for cause, amount_fen in by_cause.items() if amount_fen]
    rule = terms.several_causes
    if len(paying) <= 1 or (rule is not None and rule.rule == ADD):
        return
    if rule is None:
        raise OpenQuestionError(SEVERAL_CAUSES)
    if rule.rule == FIRST:
        order = list(rule.order) or list(by_cause)
        chosen = min(paying, key=lambda cause: order.index(cause) if cause in order else len(order))
    else:
        assert rule.rule == HIGHEST, "the parser lets no other rule through"
        chosen = max(paying, key=lambda cause: by_cause[cause])
    _drop([due for due in dues if due.cause != chosen], rule.clause, asking)


def _combine(combination: Combination, dues: list[Due], asking: _Asking) -> None:
    named = [due for due in dues if due.benefit.name in combination.benefits and due.amount_fen]
    if combination.rule == ADD or len(named) <= 1:
        return
    if combination.rule == HIGHEST:
        kept = max(named, key=lambda due: due.amount_fen)
    else:
        kept = min(named, key=lambda due: combination.benefits.index(due.benefit.name))
    dropped = [due for due in named if due.benefit.name != kept.benefit.name]
    _drop(dropped, combination.clause, asking)


def _drop(dues: Sequence[Due], clause: str, asking: _Asking) -> None:
    for due in dues:
        if due.amount_fen:
            asking.payments.steps.append(Step(asking.prefix + due.benefit.name, 0, clause))
        due.amount_fen = 0


def by_person(payments: Payments, world: World) -> dict[str, int]:
    """Return what each named victim receives, and each named household that claims something, in fen."""
    names = [*(person.id for person in world.persons), *payments.claimed_by]
    totals = {name: 0 for name in names if name}
    for due in payments.dues:
        if due.subject.id:
            totals[due.subject.id] += due.amount_fen
    return totals


def by_benefit(payments: Payments) -> dict[str, int]:
    """Return what each benefit pays, in fen; benefits that pay nothing are left out."""
    totals: dict[str, int] = {}
    for due in payments.dues:
        if due.amount_fen:
            totals[due.benefit.name] = totals.get(due.benefit.name, 0) + due.amount_fen
    return totals
