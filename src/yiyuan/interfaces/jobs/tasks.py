"""What runs by itself (后台任务): delivering facts, reading uploaded files."""

from collections.abc import Mapping

from django.db import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from yiyuan.apps.accounts.queries import get_actor
from yiyuan.apps.claims import handlers as claims
from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.promises import follow_calendar
from yiyuan.apps.intake.queries import list_unfinished
from yiyuan.apps.intake.running import close_abandoned, read_import_job
from yiyuan.apps.ledger.sealing import anchor_chain, seal_entries
from yiyuan.apps.ledger.verifying import verify_and_record
from yiyuan.apps.outbox.services import Handler, deliver_waiting
from yiyuan.apps.reporting.services import refresh_path_if_moved
from yiyuan.apps.screening.draft_replays import get_replay, list_unfinished_replays, take_replay
from yiyuan.apps.screening.requests import get_request, list_unfinished_requests, take_request
from yiyuan.apps.sums.services import fold_sums, recount_sums
from yiyuan.interfaces import clock
from yiyuan.kernel.actor import SYSTEM_ACTOR

# A disk that is full and a database that is away come back: what somebody asked for is done then.
UNTIL_IT_IS_BACK = RetryStrategy(max_attempts=720, wait=10, retry_exceptions=[OperationalError])
HANDLERS: Mapping[str, Handler] = {
    "payment.sent": claims.on_payment_sent,
    "payment.paid": claims.on_payment_paid,
    "payment.returned": claims.on_payment_returned,
}


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_facts", pass_context=False)
def deliver_facts(timestamp: int = 0) -> int:
    """Hand every waiting fact to its handler; return how many. Repeating it is safe."""
    return deliver_waiting(handlers=HANDLERS, delivered_at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="refresh_path", pass_context=False)
def refresh_figures(timestamp: int = 0) -> bool:
    """Make the figures of the dashboard anew where something was written since; tell whether it did."""
    now = clock.now()
    return refresh_path_if_moved(today=now.date(), refreshed_at=now)


@app.periodic(cron="30 18 * * *")  # half past two at night in the city: cron runs by UTC
@app.task(queueing_lock="check_money", pass_context=False)
def check_money(timestamp: int = 0) -> bool:
    """Hold the ledger against claims and orders; tell whether it holds. Each run leaves its audit row."""
    return check_envelope(occurred_at=clock.now()).is_whole


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="fold_sums", pass_context=False)
def fold_figures(timestamp: int = 0) -> int:
    """Keep the sums that pages read few; return how many rows fewer there are. Repeating is safe."""
    return fold_sums()


@app.periodic(cron="40 18 * * *")
@app.task(queueing_lock="check_sums", pass_context=False)
def check_figures(timestamp: int = 0) -> int:
    """Hold the sums that pages read against a full count; return how many had to be mended: none."""
    return recount_sums(occurred_at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="seal_ledger", pass_context=False)
def seal_ledger(timestamp: int = 0) -> int:
    """Seal the entries of the ledger that are new; return how many. Repeating it is safe."""
    return seal_entries(sealed_at=clock.now()).new


@app.periodic(cron="0 19 * * *")  # three at night in the city: cron runs by UTC
@app.task(queueing_lock="verify_ledger", pass_context=False)
def verify_ledger(timestamp: int = 0) -> bool:
    """Anchor the ledger's chain and verify all of it; tell whether it holds. Each run is audited."""
    now = clock.now()
    anchor_chain(actor=SYSTEM_ACTOR, anchored_at=now, request_key=f"anchor:{now.isoformat()}")
    verified = verify_and_record(actor=SYSTEM_ACTOR, occurred_at=now, request_key=f"verify:{now.isoformat()}")
    return verified.is_whole


@app.periodic(cron="10 0 * * *")
@app.task(queueing_lock="count_promises", pass_context=False)
def count_promises(timestamp: int = 0) -> int:
    """Count the open promises by the notices known today; return how many moved. Repeating is safe."""
    now = clock.now()
    return follow_calendar(
        reason="放假安排从今天起可知",
        actor=SYSTEM_ACTOR,
        occurred_at=now,
        request_key=f"count-promises:{now:%Y%m%d%H%M%S}",
    )


@app.task(pass_context=False, retry=UNTIL_IT_IS_BACK)
def read_import(job_id: int) -> str:
    """Read an uploaded file and write its rows; return the job's state. Repeating it is safe."""
    state = read_import_job(job_id, occurred_at=clock.now()).state
    # Answers of the bank leave facts; their claims need not wait for the minute.
    deliver_waiting(handlers=HANDLERS, delivered_at=clock.now())
    return state


@app.task(pass_context=False, retry=UNTIL_IT_IS_BACK)
def screen_city(request_id: int) -> str:
    """Run a requested screening; return the request's state. Repeating it is safe."""
    request = get_request(request_id)
    # Whoever has lost the post since may no longer screen: the roles are those held now.
    actor = get_actor(request.requested_by)
    return take_request(request_id, actor=actor, now=clock.now).state


@app.task(pass_context=False, retry=UNTIL_IT_IS_BACK)
def replay_draft(replay_id: int) -> str:
    """Work out the past under a draft; return the request's state. Repeating it is safe."""
    asked = get_replay(replay_id)
    actor = get_actor(asked.requested_by)
    return take_replay(replay_id, actor=actor, now=clock.now).state


def take_up_unfinished() -> int:
    """Queue again what a stopped worker left behind: uploads, screenings, replays; close what has no file.

    Returns how many.
    """
    close_abandoned(occurred_at=clock.now())
    unfinished, requests = list_unfinished(), list_unfinished_requests()
    replays = list_unfinished_replays()
    for job_id in unfinished:
        read_import.defer(job_id=job_id)
    for request_id in requests:
        screen_city.defer(request_id=request_id)
    for replay_id in replays:
        replay_draft.defer(replay_id=replay_id)
    return len(unfinished) + len(requests) + len(replays)
