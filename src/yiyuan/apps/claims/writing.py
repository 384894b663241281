"""Writing the moves of claims (经过): locks, then event, new state, ledger and audit of many moves at once.

In: claim numbers; then where each of the locked claims goes. Out: what was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from yiyuan.apps.audit.services import NewEntry, record_entries
from yiyuan.apps.claims.limits import LimitedMove, move_limits_of
from yiyuan.apps.claims.money import MoneyMove, post_moves
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.rows import execute_over
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.scope import Scope

# Locked in one order, so that two people with overlapping lists wait instead of standing in each other's way.
# Who said a verb last is read with the row, so that a second pair of eyes costs no second query; the trigger
# holds behind it.
LOCK_SQL = """SELECT c.number, c.id, c.state, c.cause, c.benefit_fen, c.is_emergency,
c.county_code, (SELECT d.scheme_valid_from FROM adjudication_decision d WHERE d.id = c.decision_id),
c.decision_id, EXISTS (SELECT FROM adjudication_consumption k WHERE k.decision_id = c.decision_id), ARRAY(
    SELECT (SELECT e.actor_id FROM claims_claimevent e
        WHERE e.claim_id = c.id AND e.verb = said.verb ORDER BY e.id DESC LIMIT 1)
    FROM unnest(%s::text[]) WITH ORDINALITY AS said(verb, place) ORDER BY said.place
)
FROM claims_claim c WHERE c.number = ANY(%s) AND (%s OR c.county_code = ANY(%s))
ORDER BY c.id FOR UPDATE"""
MOVE_COLUMNS = {
    "claim_id": "bigint", "from_state": "text", "to_state": "text", "request_key": "text",
    "is_turned": "boolean", "papers_complete_at": "timestamptz", "due_on": "date",
}  # fmt: skip
# An event and the state it leads to are one statement: neither stands without the other.
MOVE_SQL = """WITH given AS (SELECT * FROM {given}), moved AS (
    UPDATE claims_claim c SET state = g.to_state,
        papers_complete_at = coalesce(g.papers_complete_at, c.papers_complete_at),
        due_on = CASE WHEN g.is_turned THEN g.due_on ELSE c.due_on END
    FROM given g WHERE c.id = g.claim_id
)
INSERT INTO claims_claimevent (claim_id, verb, from_state, to_state, reason, request_key, actor_id,
    actor_name, occurred_at, recorded_at)
SELECT claim_id, %s, from_state, to_state, %s, request_key, %s, %s, %s, now() FROM given
RETURNING request_key, id"""


class LockedClaim(NamedTuple):
    """A claim whose row is held: where it stands, its benefit in fen, and who said some verbs last.

    `decided_under` is the first day of the scheme version of its decision; `has_limits` tells whether that
    decision takes something from a limit.
    """

    number: str
    id: int
    state: State
    cause: str
    benefit_fen: int
    is_emergency: bool
    county_code: str
    decided_under: date | None
    decision_id: int
    has_limits: bool
    last_actors: Mapping[Verb, str | None]


class ClockTurn(NamedTuple):
    """What a move does to a claim's promise: its new due day, and since when the papers are complete."""

    due_on: date | None
    papers_complete_at: datetime | None = None


class NewMove(NamedTuple):
    """Where a locked claim goes; without a turn its promise stays as it is."""

    claim: LockedClaim
    to: State
    request_key: str
    turn: ClockTurn | None = None


class Moved(NamedTuple):
    """A move on record: the number of its event, the claim, and what was said."""

    id: int
    number: str
    verb: Verb
    from_state: State
    to_state: State


def lock_claims(
    numbers: Iterable[str], *, scope: Scope, said: Sequence[Verb] = ()
) -> Mapping[str, LockedClaim]:
    """Hold the rows of claims until the transaction ends; return those there are, by number.

    Of each verb in `said` they tell who said it last.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            LOCK_SQL,
            [[str(verb) for verb in said], list(numbers), scope.is_city, sorted(scope.counties)],
        )
        return {row[0]: _locked(row, said) for row in cursor.fetchall()}


def _locked(row: tuple[Any, ...], said: Sequence[Verb]) -> LockedClaim:
    number, pk, state, *told, actors = row
    return LockedClaim._make((number, pk, State(state), *told, dict(zip(said, actors, strict=True))))


def write_moves(
    *, moves: Sequence[NewMove], verb: Verb, reason: str = "", actor: Actor, occurred_at: datetime
) -> Sequence[Moved]:
    """Write moves by one verb in the caller's transaction and return them as written, in the same order.

    A request key that is known violates a constraint, and nothing is kept.
    """
    post_moves(
        [
            MoneyMove(
                claim.number, claim.benefit_fen, claim.state, to, key, claim.county_code, claim.decided_under
            )
            for claim, to, key, _ in moves
        ],
        actor,
        occurred_at,
    )
    move_limits_of(
        [
            LimitedMove(claim.decision_id, claim.state, to, key)
            for claim, to, key, _ in moves
            if claim.has_limits
        ],
        actor,
        occurred_at,
    )
    written = execute_over(
        MOVE_SQL,
        MOVE_COLUMNS,
        map(_row, moves),
        after=[str(verb), reason.strip(), actor.id, actor.name, occurred_at],
    )
    events: dict[str, int] = dict(written)
    record_entries(
        entries=(NewEntry(verb, ("claim", move.claim.number), move.request_key) for move in moves),
        actor=actor,
        occurred_at=occurred_at,
    )
    return [Moved(events[key], claim.number, verb, claim.state, to) for claim, to, key, _ in moves]


def _row(move: NewMove) -> tuple[object, ...]:
    claim, to, key, turn = move
    if turn is None:
        return claim.id, str(claim.state), str(to), key, False, None, None
    return claim.id, str(claim.state), str(to), key, True, turn.papers_complete_at, turn.due_on
