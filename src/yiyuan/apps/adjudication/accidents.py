"""Deciding an accident (事故核定): what the event rules pay one victim or household, frozen with its facts.

In: the liability, the day, and the facts of the accident by name. Out: a decision like that on a settlement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yiyuan.apps.adjudication.errors import AccidentUndecided
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.adjudication.services import Decided
from yiyuan.kernel.actor import Actor
from yiyuan.rules.algebra import Step
from yiyuan.rules.eligibility import UNDETERMINED
from yiyuan.rules.events.assessment import EventResult, assess_event
from yiyuan.rules.events.facts import EVENT, HOUSEHOLD, PERSON, Subject, Value, World
from yiyuan.rules.terms import Liability, SchemeVersion

ACCIDENT = "accident"


@dataclass(frozen=True, slots=True)
class Accident:
    """An accident of one victim, or of one household's belongings; `number` is that of its report."""

    number: str
    liability: str
    on: date
    facts: Mapping[str, Value]
    is_of_household: bool = False


def work_out(terms: SchemeVersion, accident: Accident) -> EventResult:
    """Return what the scheme pays for an accident; nothing is kept."""
    world = World(terms.events.facts)
    world.event = Subject(world, EVENT, "", {"on": accident.on})
    of = HOUSEHOLD if accident.is_of_household else PERSON
    subject = Subject(world, of, "1", dict(accident.facts), world.event)
    (world.households if accident.is_of_household else world.persons).append(subject)
    return assess_event(terms.events, world, [_liability(terms, accident.liability)], {}, {})


def decide_accident(
    *,
    accident: Accident,
    person_id: int,
    terms: SchemeVersion,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Decided:
    """Decide an accident by the event rules and freeze the decision, in the caller's transaction.

    The caller leaves the audit row (`entry_of`) together with its own.

    :raises AccidentUndecided: a fact is missing, or the scheme leaves a question open; the text says which.
    """
    result = work_out(terms, accident)
    if result.outcome == UNDETERMINED:
        raise AccidentUndecided("；".join(result.undecided))
    decision = Decision.objects.create(
        setl_id=accident.number,
        person_id=person_id,
        scheme=terms.id,
        scheme_valid_from=terms.valid.from_on,
        scheme_sha256=terms.sha256,
        reading="",
        outcome=result.outcome,
        reason=ACCIDENT,
        benefit_fen=result.benefit_fen,
        clause=_last(result.trace).clause,
        trace=[step._asdict() for step in result.trace],
        facts={
            ACCIDENT: {
                "liability": accident.liability,
                "on": accident.on.isoformat(),
                **{name: _plain(value) for name, value in accident.facts.items()},
            }
        },
        decided_at=occurred_at,
        decided_by=actor.id,
        request_key=request_key,
    )
    return Decided(
        decision.pk,
        accident.number,
        person_id,
        result.outcome,
        ACCIDENT,
        result.benefit_fen,
        terms.valid.from_on,
    )


def _last(trace: tuple[Step, ...]) -> Step:
    assert trace, "what is decided has a step"
    return trace[-1]


def _liability(terms: SchemeVersion, code: str) -> Liability:
    return next(one for one in terms.liabilities if one.code == code)


def _plain(value: Value) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value if isinstance(value, bool | int | str) else str(value)
