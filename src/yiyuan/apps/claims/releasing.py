"""Releasing a payment batch (放行): nothing goes to the bank while a question about its claim is open.

In: a batch that a payer has built. Out: its bank files; or a refusal that names the claims in question, which
are taken out of the batch by one act so that the rest can go.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.claims.checking import list_concerns
from yiyuan.apps.claims.errors import BatchQuestioned, ChecksMissing
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.payments.queries import get_batch, list_reserved_sources
from yiyuan.apps.payments.services import BankFiles, release_batch, take_out_orders
from yiyuan.kernel.actor import Actor

WHY_TAKEN_OUT = "有疑问待人决定"
WHY_UNCHECKED = "户名不符或大额没有回访"


def list_questioned(batch_number: int) -> Sequence[str]:
    """Return the numbers of a batch's claims that have an open question and have not gone out, in order."""
    asked = Question.objects.filter(
        state=Question.OPEN, claim__number__in=list_reserved_sources(batch_number)
    )
    return list(asked.order_by("claim__number").values_list("claim__number", flat=True))


@exactly_once()
@transaction.atomic
def release_payments(*, number: int, actor: Actor, occurred_at: datetime, request_key: str) -> BankFiles:
    """Release a batch to the bank as a second person; return its files. Repeating it returns the same bytes.

    :raises BatchQuestioned: claims in it have an open question; the text names them.
    :raises ChecksMissing: a name differs or a call back is due, and nothing is noted; the text names claims.
    :raises SameHands: the actor built the batch.
    :raises BatchMoved: the batch was voided.
    :raises RoleMissing: the actor is no payer.
    """
    if questioned := _lock_and_list(number):
        raise BatchQuestioned("、".join(questioned))
    contract_from = get_batch(number, scope=actor.scope).contract_from
    if concerns := list_concerns(number, contract_from):
        raise ChecksMissing("、".join(dict.fromkeys(one.source for one in concerns)))
    return release_batch(number=number, actor=actor, occurred_at=occurred_at, request_key=request_key)


def _taken_out_again(*, request_key: str, **_words: object) -> Sequence[str]:
    return sorted(get_request(request_key)[1].get("taken_out", ()))


@exactly_once(again=_taken_out_again)
@transaction.atomic
def take_out_questioned(
    *, number: int, actor: Actor, occurred_at: datetime, request_key: str
) -> Sequence[str]:
    """Take the claims with an open question out of a batch; return their numbers. Repeating it takes none.

    They can be ordered again once a person has decided to keep them. An emptied batch is voided.

    :raises BatchMoved: the batch has gone to the bank, or was voided.
    :raises RoleMissing: the actor is no payer.
    """
    questioned = _lock_and_list(number)
    take_out_orders(
        number=number,
        sources=questioned,
        reason=WHY_TAKEN_OUT,
        actor=actor,
        occurred_at=occurred_at,
        request_key=request_key,
    )
    return questioned


@exactly_once(again=_taken_out_again)
@transaction.atomic
def take_out_unchecked(
    *, number: int, actor: Actor, occurred_at: datetime, request_key: str
) -> Sequence[str]:
    """Take the claims about which a note is missing out of a batch; return their numbers.

    They can be ordered again once the name is accounted for. An emptied batch is voided.

    :raises BatchMoved: the batch has gone to the bank, or was voided.
    :raises RoleMissing: the actor is no payer.
    """
    batch = get_batch(number, scope=actor.scope)
    waiting = list(dict.fromkeys(one.source for one in list_concerns(number, batch.contract_from)))
    take_out_orders(
        number=number,
        sources=waiting,
        reason=WHY_UNCHECKED,
        actor=actor,
        occurred_at=occurred_at,
        request_key=request_key,
    )
    return waiting


def _lock_and_list(number: int) -> Sequence[str]:
    # Asking about a claim holds its row too: a question is seen here, or it waits and finds the money gone.
    claims = Claim.objects.filter(number__in=list_reserved_sources(number)).order_by("pk")
    list(claims.select_for_update().values_list("pk", flat=True))
    return list_questioned(number)
