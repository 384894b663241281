"""Screenings in the background (后台筛查): asked for on a page, run by the worker, one at a time.

In: who asks; later the request's number. Out: a `RunRequest` that says how far it is. A worker that is killed
leaves the request running; taking it up again makes the one run it was to make.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import F

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.screening.errors import OutOfScope, RoleMissing, RunUnderWay, ScreeningRefusal
from yiyuan.apps.screening.models import RunRequest
from yiyuan.apps.screening.services import run_screening
from yiyuan.kernel.actor import Actor, Role

REQUEST_LOCK = 0x59595251  # advisory lock: two people who ask at the same moment are one after the other
ALIVE = (RunRequest.QUEUED, RunRequest.RUNNING)
UNKNOWN = "unknown"


@transaction.atomic
def request_run(*, actor: Actor, occurred_at: datetime, request_key: str) -> RunRequest:
    """Ask for a screening; return the request. The same `request_key` returns the first one.

    :raises RunUnderWay: another screening waits or runs.
    :raises RoleMissing: the actor is no clerk.
    :raises OutOfScope: a run covers the whole city, and the actor does not.
    """
    if Role.CLERK not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REQUEST_LOCK])
    if earlier := RunRequest.objects.filter(request_key=request_key).first():
        return earlier
    if RunRequest.objects.filter(state__in=ALIVE).exists():
        raise RunUnderWay
    request = RunRequest.objects.create(
        requested_by=actor.id,
        requested_by_name=actor.name,
        requested_at=occurred_at,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="request_screening",
        subject=("run_request", str(request.pk)),
        occurred_at=occurred_at,
        request_key=f"{request_key}:request",
    )
    return request


def take_request(request_id: int, *, actor: Actor, now: Callable[[], datetime]) -> RunRequest:
    """Run a requested screening for `actor`, who asked for it; return the request. Repeating it runs nothing.

    What the screening refuses, or what breaks it, is kept with the request; nothing of such a run is written.
    A database that is away or full breaks nothing: the request can be taken again.
    """
    request = RunRequest.objects.get(pk=request_id)
    if request.state not in ALIVE:
        return request
    began_at = now()
    RunRequest.objects.filter(pk=request_id).update(state=RunRequest.RUNNING, began_at=began_at)
    try:
        run = run_screening(actor=actor, started_at=began_at, request_key=request.request_key)
    except ScreeningRefusal as refusal:
        _end(request_id, now(), state=RunRequest.FAILED, failed_code=refusal.code)
    except OperationalError:
        # The database was away or full: the request stays alive, and is taken again.
        raise
    except Exception:
        # Whatever else breaks it: who asked is told that it failed, and the worker's log says why.
        _end(request_id, now(), state=RunRequest.FAILED, failed_code=UNKNOWN)
        raise
    else:
        _end(request_id, now(), state=RunRequest.DONE, run_id=run.pk)
    return RunRequest.objects.get(pk=request_id)


def _end(request_id: int, ended_at: datetime, **outcome: object) -> None:
    RunRequest.objects.filter(pk=request_id).update(ended_at=ended_at, **outcome)


def get_request(request_id: int) -> RunRequest:
    """Return one request.

    :raises RunRequest.DoesNotExist: there is none of this number.
    """
    return RunRequest.objects.select_related("run").get(pk=request_id)


def mark_seen(*, request_id: int, actor: Actor, occurred_at: datetime) -> None:
    """Keep that whoever asked for a screening has seen how it ended; repeating it changes nothing."""
    RunRequest.objects.filter(
        pk=request_id, requested_by=actor.id, seen_at__isnull=True, ended_at__isnull=False
    ).update(seen_at=occurred_at)


def find_unseen(actor_id: str) -> RunRequest | None:
    """Return the newest screening this person asked for that has ended and was not looked at, or None."""
    ended = RunRequest.objects.filter(requested_by=actor_id, seen_at__isnull=True, ended_at__isnull=False)
    return ended.select_related("run").order_by("-pk").first()


def find_request_under_way() -> RunRequest | None:
    """Return the request that waits or runs, or None."""
    return RunRequest.objects.filter(state__in=ALIVE).order_by("-pk").first()


def list_unfinished_requests() -> list[int]:
    """Return the requests that a stopped worker left behind."""
    return list(RunRequest.objects.filter(state__in=ALIVE).order_by("pk").values_list("pk", flat=True))


def last_seconds() -> int | None:
    """Return how long the last finished screening took, in seconds, or None before the first."""
    done = RunRequest.objects.filter(state=RunRequest.DONE).annotate(took=F("ended_at") - F("began_at"))
    took = done.order_by("-pk").values_list("took", flat=True).first()
    return None if took is None else round(took.total_seconds())
