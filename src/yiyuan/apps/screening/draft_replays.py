"""Replays of drafts in the background (后台重算草案): asked for on a page, run by the worker, one at a time.

In: a draft and who asks; later the request's number. Out: a `DraftReplay` that says how far it is and holds
the comparison. A worker that is killed leaves it running; taking it up again works it out once. Nothing of
the city changes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import OperationalError, connection
from django.db.models import BigIntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.schemes.drafts import MAY_DRAFT, get_draft, load_draft
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.errors import (
    OutOfScope,
    RoleMissing,
    RunUnderWay,
    ScreeningRefusal,
    SettlesNothing,
)
from yiyuan.apps.screening.models import DraftReplay
from yiyuan.apps.screening.replaying import replay_registry
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.errors import SchemeError

REPLAY_LOCK = 0x59595250  # advisory lock: two people who ask at the same moment are one after the other
ALIVE = (DraftReplay.QUEUED, DraftReplay.RUNNING)
UNKNOWN, FAULTY = "unknown", "scheme_has_faults"
SHOWN = 10


@exactly_once()
def request_replay(*, draft_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> DraftReplay:
    """Ask for the past under a draft; return the request. The same `request_key` returns the first one.

    :raises RunUnderWay: another replay waits or runs.
    :raises SettlesNothing: the draft or the version in force pays nothing settlement by settlement.
    :raises RoleMissing: the actor writes no schemes.
    :raises OutOfScope: a replay covers the whole city, and the actor does not.
    :raises SchemeError: the draft has faults.
    """
    _check_actor(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REPLAY_LOCK])
    if earlier := DraftReplay.objects.filter(request_key=request_key).first():
        return earlier
    if DraftReplay.objects.filter(state__in=ALIVE).exists():
        raise RunUnderWay
    before, draft = get_terms(), get_draft(draft_id)
    if before.medical is None or load_draft(draft).medical is None:
        raise SettlesNothing
    asked = DraftReplay.objects.create(
        draft_id=draft_id,
        against=before.version,
        requested_by=actor.id,
        requested_by_name=actor.name,
        requested_at=occurred_at,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="request_draft_replay",
        subject=("scheme", draft.scheme),
        occurred_at=occurred_at,
        request_key=f"{request_key}:replay",
        detail={"draft": draft.pk, "version": draft.version, "sha256": draft.sha256},
    )
    return asked


def take_replay(replay_id: int, *, actor: Actor, now: Callable[[], datetime]) -> DraftReplay:
    """Work out a requested replay for `actor`, who asked for it; return it. Repeating it works out nothing.

    What is refused, or what breaks it, is kept with the request.
    """
    asked = DraftReplay.objects.get(pk=replay_id)
    if asked.state not in ALIVE:
        return asked
    DraftReplay.objects.filter(pk=replay_id).update(state=DraftReplay.RUNNING, began_at=now())
    try:
        _check_actor(actor)
        result = replay_registry(old=get_terms(), new=load_draft(get_draft(asked.draft_id)))
    except ScreeningRefusal as refusal:
        _end(replay_id, now(), state=DraftReplay.FAILED, failed_code=refusal.code)
    except SchemeError:
        _end(replay_id, now(), state=DraftReplay.FAILED, failed_code=FAULTY)
    except OperationalError:
        # The database was away or full: the request stays alive, and is taken again.
        raise
    except Exception:
        # Whatever else breaks it: who asked is told that it failed, and the worker's log says why.
        _end(replay_id, now(), state=DraftReplay.FAILED, failed_code=UNKNOWN)
        raise
    else:
        _end(replay_id, now(), state=DraftReplay.DONE, result=result)
    return DraftReplay.objects.get(pk=replay_id)


def _check_actor(actor: Actor) -> None:
    if not MAY_DRAFT & actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.is_city:
        raise OutOfScope(actor.id)


def _end(replay_id: int, ended_at: datetime, **outcome: object) -> None:
    DraftReplay.objects.filter(pk=replay_id).update(ended_at=ended_at, **outcome)


def get_replay(replay_id: int) -> DraftReplay:
    """Return one replay.

    :raises DraftReplay.DoesNotExist: there is none of this number.
    """
    return DraftReplay.objects.get(pk=replay_id)


def list_replays_of(draft_id: int) -> Sequence[DraftReplay]:
    """Return the newest replays of a draft, without their results but for `change_fen`, what each adds."""
    change = Cast(KT("result__total__change_fen"), BigIntegerField())
    found = DraftReplay.objects.filter(draft_id=draft_id).annotate(change_fen=change)
    return list(found.defer("result").order_by("-pk")[:SHOWN])


def list_unfinished_replays() -> list[int]:
    """Return the replays that a stopped worker left behind."""
    return list(DraftReplay.objects.filter(state__in=ALIVE).order_by("pk").values_list("pk", flat=True))
