"""Telling a person why their proposal was declined (告知不赔): what was said, when and how is kept.

In: a declined proposal, the channel and the words. Out: one append-only record a telling.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.screening.errors import NotDeclined, RoleMissing
from yiyuan.apps.screening.models import Proposal, Telling
from yiyuan.kernel.actor import Actor, Role

CHANNELS = tuple(code for code, _word in Telling.CHANNELS)
SMS_CHARACTERS = 70  # one short message in Chinese


@exactly_once()
@transaction.atomic
def record_telling(
    *, proposal_id: int, channel: str, text: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Telling:
    """Keep that the person was told, by which channel and in which words; return the record.

    The same `request_key` returns the first record. Telling again, by another channel, is another record.

    :raises RoleMissing: the actor is no desk agent.
    :raises NotDeclined: the proposal is not declined, so that there is nothing of the kind to tell.
    """
    assert channel in CHANNELS, channel
    assert channel != Telling.SMS or len(text) <= SMS_CHARACTERS, "a short message has 70 characters"
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(within(actor.scope), pk=proposal_id)
    if earlier := Telling.objects.filter(request_key=request_key).first():
        return earlier
    if proposal.state != Proposal.DECLINED:
        raise NotDeclined(str(proposal_id))
    telling = Telling.objects.create(
        proposal=proposal,
        channel=channel,
        text=text,
        told_at=occurred_at,
        told_by=actor.id,
        told_by_name=actor.name,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="record_telling",
        subject=("proposal", str(proposal_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"channel": channel},
    )
    return telling


def list_tellings(proposal_id: int) -> Sequence[Telling]:
    """Return how a person was told, the newest first; who asks has seen the proposal."""
    return list(Telling.objects.filter(proposal_id=proposal_id).order_by("-pk")[:20])
