"""Opening the claim of an accident (事故立案): reported by a person, decided by the event rules.

In: the accident with its facts, whose it is, and the account that is to be paid. Out: a claim that is lodged.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localtime

from yiyuan.apps.adjudication.accidents import Accident, decide_accident
from yiyuan.apps.adjudication.errors import AccidentUndecided
from yiyuan.apps.adjudication.errors import LimitSpent as NothingLeft
from yiyuan.apps.adjudication.services import Decided, entry_of
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import NewEntry, record_entries
from yiyuan.apps.claims.errors import AccountMissing, LimitSpent, NotEntitled, RoleMissing
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.opening import NUMBER_SQL
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.deadlines.services import ClockRequest, start_clock
from yiyuan.apps.registry.queries import get_division_names, list_accounts
from yiyuan.apps.schemes.queries import list_terms, version_on
from yiyuan.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class NewAccident:
    """What the desk was told: the accident, whose it is, where, and the account that is to be paid."""

    accident: Accident
    person_id: int
    county_code: str
    account_id: int


def _opened_again(*, request_key: str, **_words: object) -> Claim:
    return Claim.objects.get(number=get_request(request_key)[0])


@exactly_once(again=_opened_again)
@transaction.atomic
def open_accident_claim(*, new: NewAccident, actor: Actor, occurred_at: datetime, request_key: str) -> Claim:
    """Decide an accident and open its claim, papers complete; return it. Repeating it returns the same claim.

    :raises KeyReused: the key was used for something else.
    :raises NotEntitled: the event rules pay nothing, or cannot tell; the text says what is missing.
    :raises LimitSpent: earlier claims have taken all of a limit.
    :raises AccountMissing: the account does not belong to this person or a guardian.
    :raises RoleMissing: the actor is no desk agent, or not in this county.
    """
    if Role.DESK_AGENT not in actor.roles or not actor.scope.covers(new.county_code):
        raise RoleMissing(actor.id)
    if new.account_id not in {account.id for account in list_accounts(new.person_id)}:
        raise AccountMissing(new.accident.number)
    terms = version_on(list_terms(), new.accident.on)
    try:
        decided = decide_accident(
            accident=new.accident,
            person_id=new.person_id,
            terms=terms,
            actor=actor,
            occurred_at=occurred_at,
            request_key=f"{request_key}:decide",
        )
    except AccidentUndecided as error:
        raise NotEntitled(str(error)) from error
    except NothingLeft as spent:
        raise LimitSpent(spent.limit, spent.left_fen) from spent
    if not decided.benefit_fen:
        raise NotEntitled(decided.outcome)
    number = _number(new.county_code, occurred_at)
    clock = start_clock(
        request=ClockRequest(number, new.accident.liability, decided.benefit_fen),
        terms=terms,
        started_at=occurred_at,
    )
    claim = Claim.objects.create(
        number=number,
        setl_id=new.accident.number,
        person_id=new.person_id,
        county_code=new.county_code,
        cause=new.accident.liability,
        proposal_id=None,
        decision_id=decided.id,
        benefit_fen=decided.benefit_fen,
        account_id=new.account_id,
        state=State.LODGED,
        opened_at=occurred_at,
        papers_complete_at=occurred_at,
        due_on=clock.due_on,
    )
    _write_events(claim, decided, actor, occurred_at, request_key)
    return claim


def _write_events(
    claim: Claim, decided: Decided, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    moves = (
        (Verb.REPORT, State.REPORTED, State.REPORTED, request_key),
        (Verb.LODGE, State.REPORTED, State.LODGED, f"{request_key}:lodge"),
    )
    for verb, at, to, key in moves:
        ClaimEvent.objects.create(
            claim=claim,
            verb=verb,
            from_state=at,
            to_state=to,
            actor_id=actor.id,
            actor_name=actor.name,
            occurred_at=occurred_at,
            request_key=key,
        )
    entries = [NewEntry(verb, ("claim", claim.number), key) for verb, _, _, key in moves]
    record_entries(
        entries=[entry_of(decided, f"{request_key}:decide"), *entries], actor=actor, occurred_at=occurred_at
    )


def _number(county_code: str, occurred_at: datetime) -> str:
    year = localtime(occurred_at).year
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [year, [county_code], [1]])
        ((_, last),) = cursor.fetchall()
    name = get_division_names([county_code]).get(county_code, county_code)
    return f"{name[:2] if len(name) > 2 else name}-事-{year}-{last:05d}"
