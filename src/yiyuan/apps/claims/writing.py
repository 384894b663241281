"""Writing the moves of claims (经过): event, new state, ledger and audit of any number of moves at once.

In: locked claims and where they go. Out: their events; the claims carry what was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from yiyuan.apps.audit.services import NewEntry, record_entries
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.money import post_moves
from yiyuan.apps.claims.states import State, Verb
from yiyuan.kernel.actor import Actor

# An event and the state it leads to are one statement: neither stands without the other.
MOVE_SQL = """WITH given AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::timestamptz[], %s::date[])
        AS g(claim_id, verb, from_state, to_state, reason, request_key, papers_complete_at, due_on)
), moved AS (
    UPDATE claims_claim c SET state = g.to_state, papers_complete_at = g.papers_complete_at, due_on = g.due_on
    FROM given g WHERE c.id = g.claim_id
)
INSERT INTO claims_claimevent (claim_id, verb, from_state, to_state, reason, request_key, actor_id,
    actor_name, occurred_at, recorded_at)
SELECT claim_id, verb, from_state, to_state, reason, request_key, %s, %s, %s, now() FROM given
RETURNING request_key, id, recorded_at"""


@dataclass(frozen=True, slots=True)
class NewMove:
    """Where a claim goes. Its row is locked; its due day and the day of its papers are as they shall be."""

    claim: Claim
    verb: Verb
    to: State
    request_key: str
    reason: str = ""


def write_moves(*, moves: Sequence[NewMove], actor: Actor, occurred_at: datetime) -> Sequence[ClaimEvent]:
    """Write moves in the caller's transaction and return their events in the same order.

    A request key that is known violates a constraint, and nothing is kept.
    """
    post_moves([(move.claim, move.to, move.request_key) for move in moves], actor, occurred_at)
    columns = (
        [move.claim.pk for move in moves],
        [str(move.verb) for move in moves],
        [move.claim.state for move in moves],
        [str(move.to) for move in moves],
        [move.reason.strip() for move in moves],
        [move.request_key for move in moves],
        [move.claim.papers_complete_at for move in moves],
        [move.claim.due_on for move in moves],
    )
    with connection.cursor() as cursor:
        cursor.execute(MOVE_SQL, [*columns, actor.id, actor.name, occurred_at])
        written = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    record_entries(
        entries=[NewEntry(move.verb, ("claim", move.claim.number), move.request_key) for move in moves],
        actor=actor,
        occurred_at=occurred_at,
    )
    return [_event(move, *written[move.request_key], actor, occurred_at) for move in moves]


def _event(move: NewMove, pk: int, recorded_at: datetime, actor: Actor, occurred_at: datetime) -> ClaimEvent:
    event = ClaimEvent(
        pk=pk,
        claim=move.claim,
        verb=move.verb,
        from_state=move.claim.state,
        to_state=move.to,
        actor_id=actor.id,
        actor_name=actor.name,
        reason=move.reason.strip(),
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        request_key=move.request_key,
    )
    move.claim.state = move.to
    return event
