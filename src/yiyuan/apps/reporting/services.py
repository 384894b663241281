"""Making the path anew (主线的读模型重算): rows of every settlement, and their sums, in one transaction.

In: what screening, claims, payments and clocks keep, and a day. Out: `Path`, `PathSum`, `PathStand`. Only
what differs is written, so that doing it every minute costs little; it needs the whole city in view.
"""

from datetime import date, datetime
from time import monotonic

from django.db import connection, transaction

from yiyuan.apps.audit.queries import get_last_id
from yiyuan.apps.reporting.models import Path, PathStand
from yiyuan.apps.reporting.stages import OPEN_STATES, Money, Stage, Timing

REFRESH_LOCK = 0x59595250  # advisory lock: one refresh at a time
# A refresh that took a second may be repeated after ten: at most a tenth of a core goes into it.
REST = 10

COLUMNS = (
    "setl_id", "person_id", "county_code", "month", "group", "reason", "stage", "money", "timing", "days",
    "benefit_fen", "state", "number", "proposal_id",
)  # fmt: skip
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)

# The order of a claim that says where its money is: paid before sent before come back and not sent again.
ORDERS = """SELECT o.source, bool_or(o.state = 'paid') AS is_paid, bool_or(o.state = 'sent') AS is_sent,
    bool_or(o.state = 'returned' AND NOT EXISTS (SELECT FROM payments_order a
        WHERE a.reissues_id = o.id AND a.state IN ('sent', 'paid', 'returned'))) AS is_returned
FROM payments_order o GROUP BY o.source"""
FACTS = """SELECT coalesce(f.setl_id, p.setl_id) AS setl_id, coalesce(f.person_id, p.person_id) AS person_id,
    coalesce(f.county_code, p.county_code) AS county_code,
    date_trunc('month', coalesce(f.admitted_on, s.admitted_on))::date AS month,
    coalesce(nullif(p."group", ''), f."group", '') AS "group",
    coalesce(f.reason, CASE WHEN p.state = 'lapsed' THEN 'gone' ELSE p.reason END) AS finding,
    p.id AS proposal_id, p.outcome, p.state AS proposal_state, p.benefit_fen AS proposed_fen,
    c.number, c.state AS claim_state, c.benefit_fen AS claim_fen, c.due_on, c.papers_complete_at,
    k.stopped_at, k.due_on AS promised_on, coalesce(o.is_paid, false) AS is_paid,
    coalesce(o.is_sent, false) AS is_sent, coalesce(o.is_returned, false) AS is_returned
FROM screening_finding f
FULL JOIN screening_proposal p ON p.setl_id = f.setl_id
LEFT JOIN registry_settlement s ON f.setl_id IS NULL AND s.setl_id = p.setl_id
LEFT JOIN claims_claim c ON c.setl_id = coalesce(f.setl_id, p.setl_id)
LEFT JOIN deadlines_clock k ON k.subject = c.number
LEFT JOIN orders o ON o.source = c.number"""
PLACED = f"""SELECT f.*, CASE
    WHEN f.claim_state IS NULL OR NOT (f.claim_state IN ('approved', 'paid')
        OR (f.claim_state = 'closed' AND f.is_paid)) THEN ''
    WHEN f.is_paid THEN '{Money.PAID}' WHEN f.is_sent THEN '{Money.IN_FLIGHT}'
    WHEN f.is_returned AND f.claim_state = 'approved' THEN '{Money.RETURNED}'
    ELSE '{Money.HELD}' END AS money,
    (f.stopped_at AT TIME ZONE 'Asia/Shanghai')::date AS ended_on,
    (f.papers_complete_at AT TIME ZONE 'Asia/Shanghai')::date AS complete_on
FROM facts f"""
ROWS = f"""SELECT setl_id, person_id, county_code, month, "group",
    CASE WHEN outcome = 'undetermined' OR outcome IS NULL OR proposal_state = 'lapsed' THEN finding
        ELSE 'entitled' END AS reason,
    CASE WHEN money = '{Money.PAID}' THEN {Stage.PAID} WHEN money = '{Money.IN_FLIGHT}' THEN {Stage.SENT}
        WHEN money <> '' THEN {Stage.APPROVED} WHEN claim_state IS NOT NULL THEN {Stage.FILED}
        WHEN outcome = 'entitled' AND proposal_state <> 'lapsed' THEN {Stage.PROPOSED}
        WHEN finding = 'already_claimed' THEN {Stage.ENTITLED} ELSE {Stage.SCREENED} END AS stage,
    money, CASE WHEN claim_state IS NULL THEN ''
        WHEN claim_state = ANY (%(open)s) THEN CASE WHEN due_on IS NULL THEN '{Timing.PAUSED}'
            WHEN due_on < %(today)s THEN '{Timing.OVERDUE}' WHEN due_on = %(today)s THEN '{Timing.TODAY}'
            ELSE '{Timing.RUNNING}' END
        WHEN ended_on IS NULL THEN '' WHEN ended_on <= promised_on THEN '{Timing.KEPT}'
        ELSE '{Timing.LATE}' END AS timing,
    CASE WHEN money = '{Money.PAID}' AND ended_on IS NOT NULL
        THEN least(ended_on - complete_on, 32767)::smallint END AS days,
    coalesce(claim_fen,
        CASE WHEN outcome = 'entitled' AND proposal_state <> 'lapsed' THEN proposed_fen END, 0)
        AS benefit_fen,
    coalesce(claim_state, proposal_state, '') AS state, coalesce(number, '') AS number, proposal_id
FROM placed"""
STAGE_SQL = f"""DROP TABLE IF EXISTS staged_path; CREATE TEMP TABLE staged_path ON COMMIT DROP AS
WITH orders AS ({ORDERS}), facts AS ({FACTS}), placed AS ({PLACED}) {ROWS}"""
DROP_SQL = """DELETE FROM reporting_path p
WHERE NOT EXISTS (SELECT FROM staged_path s WHERE s.setl_id = p.setl_id)"""
KEEP_SQL = f"""INSERT INTO reporting_path AS p ({NAMES}) SELECT {NAMES} FROM staged_path
ON CONFLICT (setl_id) DO UPDATE SET {", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS[1:])}
WHERE ({", ".join(f'p."{name}"' for name in COLUMNS[1:])})
    IS DISTINCT FROM ({", ".join(f'excluded."{name}"' for name in COLUMNS[1:])})"""
SUM_SQL = """DELETE FROM reporting_pathsum;
INSERT INTO reporting_pathsum (county_code, month, "group", reason, stage, money, timing, state, days,
    count, benefit_fen)
SELECT county_code, month, "group", reason, stage, money, timing, state, days, count(*), sum(benefit_fen)
FROM staged_path GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"""


@transaction.atomic
def refresh_path(*, today: date, refreshed_at: datetime) -> int:
    """Make rows and sums anew as of a day; return how many settlements there are. Repeating changes nothing.

    The caller has to see the whole city: rows it does not see would be taken for gone.
    """
    began = monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFRESH_LOCK])
        seen = get_last_id()
        cursor.execute(STAGE_SQL, {"open": list(OPEN_STATES), "today": today})
        cursor.execute(DROP_SQL)
        cursor.execute(KEEP_SQL)
        cursor.execute(SUM_SQL)
    took_ms = int((monotonic() - began) * 1000)
    PathStand.objects.update_or_create(
        pk=1,
        defaults={"refreshed_at": refreshed_at, "today": today, "audit_id": seen, "took_ms": took_ms},
    )
    return Path.objects.count()


def refresh_path_if_moved(*, today: date, refreshed_at: datetime) -> bool:
    """Make the path anew where something was written since, or the day has turned; tell whether it did."""
    stand = PathStand.objects.first()
    if stand is not None and stand.today == today:
        if stand.audit_id == get_last_id():
            return False
        rested_ms = (refreshed_at - stand.refreshed_at).total_seconds() * 1000
        if 0 <= rested_ms < stand.took_ms * REST:
            return False
    refresh_path(today=today, refreshed_at=refreshed_at)
    return True
