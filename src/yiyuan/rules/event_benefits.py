"""Benefits of an event (事故赔付): what is due to each victim, before and after limits, under given answers.

In: a scheme version, the world of a case, the liabilities it names, the answers to the scheme's questions.
Out: the dues with their steps, and every fact that is missing where the result turns on it. Order of
questions for each victim and benefit: is it claimed, covered, within the cause, not excluded, on its
condition, how much.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yiyuan.rules.algebra import Step
from yiyuan.rules.conditions import AnyOf, Condition, Missing, OpenQuestionError, Scope, holds
from yiyuan.rules.event_terms import ADD, FIRST, HIGHEST, Benefit, Combination, EventTerms
from yiyuan.rules.facts import Subject, World
from yiyuan.rules.limits import Due, Used, apply_limits
from yiyuan.rules.terms import Liability

SEVERAL_CAUSES = (
    "several_causes"  # the question of a case with several causes where no rule says which one pays
)
_UNTOLD = ""


@dataclass(slots=True)
class Payments:
    """What comes out under one set of answers: dues after limits, steps, what is missing."""

    dues: list[Due] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    missing: Missing = field(default_factory=list)
    is_claimed: bool = False


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
    for kind in ("person", "household", "event"):
        for subject in world.subjects(kind):
            prefix = f"{subject.id}/" if subject.id and not is_alone else ""
            _subject_dues(terms, subject, liabilities, _Asking(terms, answers, prefix, payments))
    if not payments.missing:
        limits = apply_limits(
            terms, payments.dues, answers, used_fen, is_alone=is_alone, missing=payments.missing
        )
        payments.steps.extend(limits)
    return payments


@dataclass(slots=True)
class _Asking:
    terms: EventTerms
    answers: Mapping[str, str]
    prefix: str
    payments: Payments
    known: dict[object, bool | None] = field(default_factory=dict)

    def holds(self, key: object, condition: Condition, scope: Scope) -> bool | None:
        """Ask a condition once for each victim, however many benefits turn on it."""
        if key not in self.known:
            self.known[key] = holds(condition, scope, self.payments.missing)
        return self.known[key]


def _subject_dues(
    terms: EventTerms, subject: Subject, liabilities: Sequence[Liability], asking: _Asking
) -> None:
    dues: list[Due] = []
    for liability in liabilities:
        for benefit in terms.benefits:
            if benefit.of == subject.kind and liability.code in benefit.liabilities:
                due = _due(benefit, liability, subject, asking)
                if due is not None:
                    dues.append(due)
    if not asking.payments.missing:
        _settle_causes(terms, dues, asking)
        for combination in terms.combine:
            _combine(combination, dues, asking)
    asking.payments.dues.extend(dues)


def _due(benefit: Benefit, liability: Liability, subject: Subject, asking: _Asking) -> Due | None:
    if benefit.claimed_with and not any(_is_said(subject, name) for name in benefit.claimed_with):
        return None
    asking.payments.is_claimed = True
    scope = Scope(subject, asking.answers, liability.cause, asking.prefix)
    refused_by = _refusal(benefit, liability, scope, asking)
    if refused_by == _UNTOLD:
        return None
    if refused_by is not None:
        asking.payments.steps.append(Step(asking.prefix + benefit.name, 0, refused_by))
        return None
    amount_fen = benefit.amount.fen(scope, asking.payments.missing)
    asking.payments.steps.extend(scope.steps)
    if amount_fen is None:
        return None
    return Due(subject, benefit, liability.code, liability.cause, amount_fen, set(benefit.limits))


def _is_said(subject: Subject, name: str) -> bool:
    # Only what the case says claims a benefit; what is presumed claims nothing.
    place: Subject | None = subject
    while place is not None:
        if name in place.values:
            return True
        place = place.above
    return False


def _refusal(benefit: Benefit, liability: Liability, scope: Scope, asking: _Asking) -> str | None:
    # The clause that refuses the benefit; None where nothing does, `_UNTOLD` where a fact is missing.
    for condition, key, clause, refuses_when in _hurdles(benefit, liability, asking.terms):
        found = asking.holds(key, condition, scope)
        if found is None:
            return _UNTOLD
        if found is refuses_when:
            return clause
    return None


def _hurdles(
    benefit: Benefit, liability: Liability, terms: EventTerms
) -> Iterator[tuple[Condition, object, str, bool]]:
    cause = terms.causes[liability.code]
    names = cause.cover if benefit.cover is None else benefit.cover
    covers = [terms.cover[name] for name in names if terms.cover[name].of == benefit.of]
    if covers:
        covered = AnyOf(tuple(cover.when for cover in covers))
        yield covered, ("cover", liability.code, *(cover.name for cover in covers)), covers[0].clause, False
    if cause.when is not None:
        yield cause.when, ("cause", liability.code), liability.clause, False
    for exclusion in terms.exclusions:
        if _concerns(exclusion.liabilities, liability.code) and _concerns(exclusion.benefits, benefit.name):
            yield exclusion.when, ("exclusion", liability.code, exclusion.name), exclusion.clause, True
    if benefit.when is not None:
        yield benefit.when, ("benefit", liability.code, benefit.name), benefit.clause, False


def _concerns(named: frozenset[str], one: str) -> bool:
    return not named or one in named


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
    """Return what each named victim receives, and each named household with a benefit of its own, in fen."""
    totals = {person.id: 0 for person in world.persons if person.id}
    for due in payments.dues:
        if due.subject.id:
            totals[due.subject.id] = totals.get(due.subject.id, 0) + due.amount_fen
    return totals


def by_benefit(payments: Payments) -> dict[str, int]:
    """Return what each benefit pays, in fen; benefits that pay nothing are left out."""
    totals: dict[str, int] = {}
    for due in payments.dues:
        if due.amount_fen:
            totals[due.benefit.name] = totals.get(due.benefit.name, 0) + due.amount_fen
    return totals
