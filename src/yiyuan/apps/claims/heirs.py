"""When the insured person has died before the money came (继承人领款): who takes it, on whose consent.

In: the day of death, the heir with relation and account, and the recorded consent. Out: the claim pays to the
heir's account. The benefit is the dead person's right, so that nothing of the decision changes.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.holders import HEIR_ACCOUNT
from yiyuan.apps.claims.models import Claim, Heir
from yiyuan.apps.claims.services import set_account
from yiyuan.apps.registry.services import NewAccount, record_account
from yiyuan.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class NewHeir:
    """What the desk has been shown: the day of death, the heir, their account, and the others' consent."""

    died_on: date
    name: str
    relation: str
    consent: str
    bank_name: str
    account_no: str


def _heir_again(*, request_key: str, **_words: object) -> Heir:
    return Heir.objects.get(request_key=request_key)


@exactly_once(again=_heir_again)
@transaction.atomic
def record_heir(*, number: str, new: NewHeir, actor: Actor, occurred_at: datetime, request_key: str) -> Heir:
    """Let an heir take a claim's money; return the record. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no desk agent.
    :raises ReasonMissing: the consent of the other heirs, or that there are none, is not recorded.
    :raises IllegalMove: the money is on its way or has arrived, or the death lies in the future.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if not new.consent.strip():
        raise ReasonMissing(number)
    if new.died_on > localtime(occurred_at).date():
        raise IllegalMove(f"{number}: nobody has died on a day to come")
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if earlier := Heir.objects.filter(request_key=request_key).first():
        return earlier
    account_id = record_account(
        new=NewAccount(claim.person_id, new.bank_name, new.account_no, new.name, HEIR_ACCOUNT),
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:account",
    )
    set_account(
        number=number,
        account_id=account_id,
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:choose",
    )
    heir = Heir.objects.create(
        claim=claim,
        died_on=new.died_on,
        name=new.name,
        relation=new.relation,
        consent=new.consent.strip(),
        account_id=account_id,
        recorded_at=occurred_at,
        recorded_by=actor.id,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="record_heir",
        subject=("claim", number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"relation": new.relation, "died_on": new.died_on.isoformat(), "account": account_id},
    )
    return heir


def get_heir(number: str) -> Heir | None:
    """Return who takes the money of a claim now, or None where nobody has been recorded."""
    return Heir.objects.filter(claim__number=number).order_by("-pk").first()
