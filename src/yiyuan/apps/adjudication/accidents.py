"""Deciding an accident (事故核定): what the event rules pay one victim or household, frozen with its facts.

In: the liability, the day, and the facts of the accident by name. Out: a decision like that on a settlement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yiyuan.apps.adjudication.errors import AccidentUndecided, LimitSpent
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.adjudication.running import Account, Taking, account_of, lock_used, reserve_limits
from yiyuan.apps.adjudication.services import Decided
from yiyuan.apps.registry.queries import get_household_id
from yiyuan.kernel.actor import Actor
from yiyuan.rules.algebra import Step
from yiyuan.rules.eligibility import UNDETERMINED
from yiyuan.rules.events.assessment import Counted, EventResult, assess_event
from yiyuan.rules.events.facts import COUNTY, EVENT, HOUSEHOLD, PERSON, Subject, Value, World
from yiyuan.rules.terms import Liability, SchemeVersion

ACCIDENT = "accident"
LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Accident:
    """An accident of one victim, or of one household's belongings; `number` is that of its report.

    Reports of one event name it by the same `event`; its limits then hold for all of them together.
    """

    number: str
    liability: str
    on: date
    facts: Mapping[str, Value]
    is_of_household: bool = False
    event: str = ""


def work_out(
    terms: SchemeVersion, accident: Accident, used_fen: Mapping[str, int] | None = None
) -> EventResult:
    """Return what the scheme pays for an accident, by limit after what was used; nothing is kept."""
    world = World(terms.events.facts)
    world.event = Subject(world, EVENT, "", {"on": accident.on})
    of = HOUSEHOLD if accident.is_of_household else PERSON
    subject = Subject(world, of, "1", dict(accident.facts), world.event)
    (world.households if accident.is_of_household else world.persons).append(subject)
    return assess_event(terms.events, world, [_liability(terms, accident.liability)], {}, used_fen or {})


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

    What earlier claims have taken of its limits is a fact of the case; what it takes is reserved with it. The
    caller leaves the audit row (`entry_of`) together with its own.

    :raises AccidentUndecided: a fact is missing, or the scheme leaves a question open; the text says which.
    :raises LimitSpent: it would be paid, and nothing is left of a limit.
    """
    result, taken = _work_out_after_others(terms, accident, person_id)
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
        facts=_frozen_facts(accident, taken),
        decided_at=occurred_at,
        decided_by=actor.id,
        request_key=request_key,
    )
    reserve_limits(
        decision_id=decision.pk,
        takings=[one for one, _ in taken if one.amount_fen],
        actor=actor,
        occurred_at=occurred_at,
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


def _work_out_after_others(
    terms: SchemeVersion, accident: Accident, person_id: int
) -> tuple[EventResult, Sequence[tuple[Taking, int]]]:
    """Return the result and what it takes, each with what others have taken; the accounts stay held."""
    result = work_out(terms, accident)
    due_fen, accounts = result.benefit_fen, _accounts(terms, accident, result.counted, person_id)
    used = lock_used(list(accounts.values())) if accounts else {}
    if taken := {account.limit: used_fen for account, used_fen in used.items() if used_fen}:
        result = work_out(terms, accident, taken)
    if result.outcome == UNDETERMINED:
        raise AccidentUndecided("；".join(result.undecided))
    takings = [
        (Taking(account, one.amount_fen, one.limit_fen), used[account])
        for one in result.counted
        if (account := accounts.get(one.limit.name))
    ]
    if due_fen and not result.benefit_fen:
        tightest = min(takings, key=lambda one: one[0].limit_fen - one[1])
        raise LimitSpent(tightest[0].account.limit, 0)
    return result, takings


def _frozen_facts(accident: Accident, taken: Sequence[tuple[Taking, int]]) -> Mapping[str, object]:
    event = {"event": accident.event} if accident.event else {}
    return {
        ACCIDENT: {
            "liability": accident.liability,
            "on": accident.on.isoformat(),
            **event,
            **{name: _plain(value) for name, value in accident.facts.items()},
        },
        LIMITS: [
            {"limit": one.account.limit, "limit_fen": one.limit_fen, "used_fen": used_fen}
            for one, used_fen in taken
        ],
    }


def _accounts(
    terms: SchemeVersion, accident: Accident, counted: Sequence[Counted], person_id: int
) -> Mapping[str, Account]:
    """Return by limit the account it runs on; a household that nobody knows is the person's own."""
    found = {}
    for one in counted:
        holder = {COUNTY: one.holder, PERSON: str(person_id)}.get(one.limit.per, "")
        if one.limit.per == HOUSEHOLD:
            household = get_household_id(person_id)
            holder = f"~{person_id}" if household is None else str(household)
        found[one.limit.name] = account_of(
            terms,
            one.limit,
            holder_id=holder,
            on=accident.on,
            event=accident.event or accident.number,
            admission=accident.number,
        )
    return found


def _last(trace: tuple[Step, ...]) -> Step:
    assert trace, "what is decided has a step"
    return trace[-1]


def _liability(terms: SchemeVersion, code: str) -> Liability:
    return next(one for one in terms.liabilities if one.code == code)


def _plain(value: Value) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value if isinstance(value, bool | int | str) else str(value)
