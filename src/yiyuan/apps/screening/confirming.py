"""Confirming proposals (确认拟赔): one or many at once, each by a person and only while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.screening.errors import ProposalDecided, RoleMissing
from yiyuan.apps.screening.models import Proposal
from yiyuan.kernel.actor import Actor, Role

# Locked in one order, so that two people who confirm overlapping lists wait instead of standing in each
# other's way.
CONFIRM_SQL = """WITH locked AS (
    SELECT p.id, g.note FROM screening_proposal p
    JOIN unnest(%s::bigint[], %s::text[]) AS g(id, note) USING (id)
    WHERE p.state = 'open' AND (%s OR p.county_code = ANY(%s)) ORDER BY p.id FOR UPDATE OF p
)
UPDATE screening_proposal p
SET state = 'confirmed', decided_by = %s, decided_at = %s, decided_reason = locked.note
FROM locked WHERE p.id = locked.id RETURNING p.id, p.setl_id, p.county_code"""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A proposal that a person has just confirmed."""

    id: int
    setl_id: str
    county_code: str


@transaction.atomic
def confirm_proposals(
    *, notes: Mapping[int, str], actor: Actor, occurred_at: datetime
) -> Mapping[int, Confirmed]:
    """Mark open proposals as confirmed, each with its note, all or none; return them by their numbers.

    Their claims are opened by the caller, in the same transaction.

    :raises ProposalDecided: somebody decided one of them before.
    :raises RoleMissing: the actor is no desk agent.
    :raises Proposal.DoesNotExist: there is none of a number, or it lies outside the actor's scope.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    scope = actor.scope
    with connection.cursor() as cursor:
        cursor.execute(
            CONFIRM_SQL,
            [list(notes), list(notes.values()), scope.is_city, sorted(scope.counties), actor.id, occurred_at],
        )
        confirmed = {row[0]: Confirmed(*row) for row in cursor.fetchall()}
    for proposal_id in notes:
        if proposal_id not in confirmed:
            Proposal.objects.get(within(scope), pk=proposal_id)
            raise ProposalDecided(str(proposal_id))
    return confirmed
