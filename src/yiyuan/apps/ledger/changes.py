"""Changes that two persons make (两人的变动): one proposes with a reason, another agrees, or it is refused.

In: a change of a budget, or of a limit. Out: the same with who decided what and when; nobody agrees to their
own proposal.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from yiyuan.apps.ledger.errors import ChangeDecided, ReasonMissing, RoleMissing, SameHands
from yiyuan.kernel.actor import Actor, Role

MAY_CHANGE = (Role.FINANCE, Role.CIVIL_AFFAIRS)
PROPOSED, AGREED, REFUSED = "proposed", "agreed", "refused"
BY_TWO = Q(state=PROPOSED, decided_by="", decided_at=None) | (
    Q(state__in=[AGREED, REFUSED], decided_at__isnull=False)
    & ~Q(decided_by="")
    & (Q(state=REFUSED) | ~Q(decided_by=F("proposed_by")))
)


class ChangeByTwo(models.Model):
    """What one person proposed on which ground, and what another one decided; see `BY_TWO`."""

    amount_fen = models.BigIntegerField("金额")
    reason = models.TextField("依据")
    state = models.CharField("状态", max_length=10, default=PROPOSED)
    proposed_at = models.DateTimeField("提议时间")
    proposed_by = models.CharField("提议人", max_length=150)
    proposed_by_name = models.CharField("提议人姓名", max_length=50)
    decided_at = models.DateTimeField("决定时间", null=True)
    decided_by = models.CharField("决定人", max_length=150, blank=True)
    decided_by_name = models.CharField("决定人姓名", max_length=50, blank=True)
    request_key = models.CharField("请求号", max_length=120, unique=True)

    class Meta:
        abstract = True


def proposed_words(reason: str, actor: Actor, occurred_at: datetime, request_key: str) -> dict[str, Any]:
    """Return what every proposal keeps of who made it, when and why.

    :raises ReasonMissing: what it rests on is not said.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    require_city(actor)
    if not reason.strip():
        raise ReasonMissing(request_key)
    return {
        "reason": reason.strip(),
        "proposed_at": occurred_at,
        "proposed_by": actor.id,
        "proposed_by_name": actor.name,
        "request_key": request_key,
    }


def decide(change: ChangeByTwo, state: str, actor: Actor, occurred_at: datetime) -> None:
    """Put a decision onto a proposal whose row is held, unsaved.

    :raises ChangeDecided: somebody has agreed to it or refused it.
    :raises SameHands: the actor agrees to what is their own.
    :raises RoleMissing: the actor is neither finance nor civil affairs officer of the city.
    """
    require_city(actor)
    if change.state != PROPOSED:
        raise ChangeDecided(str(change.pk))
    if state == AGREED and change.proposed_by == actor.id:
        raise SameHands(actor.id)
    change.state, change.decided_at = state, occurred_at
    change.decided_by, change.decided_by_name = actor.id, actor.name


def require_city(actor: Actor) -> None:
    """Let the city's officers pass who may change what is promised.

    :raises RoleMissing: for everybody else.
    """
    if not actor.roles.intersection(MAY_CHANGE) or not actor.scope.is_city:
        raise RoleMissing(actor.id)
