"""Keeping sums small and right (合计的归并与核对): fold the parts, count anew.

Triggers only ever append parts, so that no two desks wait for each other at a counter. Out: the same sums in
fewer rows; or the sums as a full count has them, and how many differed.
"""

from datetime import datetime

from django.db import connection, transaction

from yiyuan.apps.audit.services import record_entry
from yiyuan.kernel.actor import SYSTEM_ACTOR

KEY = 'kind, county_code, state, outcome, "group", due_on'
FOLDING = 4117_0002  # one worker at a time; an advisory lock of the transaction
FOLD = f"""WITH many AS (
    SELECT {KEY}, sum(count) AS count, sum(fen) AS fen, array_agg(id) AS ids FROM sums_part
    GROUP BY {KEY} HAVING count(*) > 1 OR (sum(count) = 0 AND sum(fen) = 0)
), gone AS (
    DELETE FROM sums_part WHERE id IN (SELECT unnest(ids) FROM many) RETURNING 1
), folded AS (
    INSERT INTO sums_part ({KEY}, count, fen)
    SELECT {KEY}, count, fen FROM many WHERE count <> 0 OR fen <> 0 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)"""
# What the rows say; `sums` 0001 has the same words in its triggers.
COUNTED = """SELECT 'claim' AS kind, county_code, state, '' AS outcome, '' AS "group", due_on,
    count(*) AS count, sum(benefit_fen) AS fen FROM claims_claim GROUP BY county_code, state, due_on
UNION ALL SELECT 'proposal', county_code, state, outcome, "group", NULL,
    count(*), sum(benefit_fen) FROM screening_proposal GROUP BY county_code, state, outcome, "group"
UNION ALL SELECT 'order', county_code, state, '', '', NULL,
    count(*), sum(amount_fen) FROM payments_order GROUP BY county_code, state"""
DIFFERING = f"""SELECT count(*) FROM (
    SELECT {KEY} FROM (
        SELECT {KEY}, count, fen FROM sums_part
        UNION ALL SELECT {KEY}, -count, -fen FROM ({COUNTED}) counted
    ) both_sides GROUP BY {KEY} HAVING sum(count) <> 0 OR sum(fen) <> 0
) differing"""


@transaction.atomic
def fold_sums() -> int:
    """Replace the parts of each sum by one; return how many rows fewer there are. Repeating it is safe."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLDING])
        cursor.execute(FOLD)
        return int(cursor.fetchone()[0])


@transaction.atomic
def recount_sums(*, occurred_at: datetime) -> int:
    """Make the sums what a full count says, and return how many differed from it: none, or a fault.

    As somebody who sees the whole city. Where something has to be mended, whoever writes a claim, a proposal
    or an order waits for it, and an audit row says so; otherwise nobody waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLDING])
        cursor.execute(DIFFERING)
        if not (differing := int(cursor.fetchone()[0])):
            return 0
        cursor.execute("LOCK TABLE claims_claim, screening_proposal, payments_order IN SHARE MODE")
        cursor.execute("DELETE FROM sums_part")
        cursor.execute(f"INSERT INTO sums_part ({KEY}, count, fen) {COUNTED}")
    record_entry(
        actor=SYSTEM_ACTOR,
        verb="recount_sums",
        subject=("sums", "city"),
        occurred_at=occurred_at,
        request_key=f"sums:{occurred_at.isoformat()}",
        detail={"differing": differing},
    )
    return differing
