"""Accounts in another's name (户名不是本人): money is held until a person records why it may go there.

In: an approved claim, its account. Out: held, with the ways out: another account, a guardian's, an heir's, or
a recorded consent. A guardian's account and an heir's are told as such and never held.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import AccountMissing, IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, HolderConsent
from yiyuan.apps.claims.transitions import BEFORE_PAYMENT
from yiyuan.apps.payments.queries import has_living_order
from yiyuan.kernel.actor import Actor, Role

HEIR_ACCOUNT = "heir"  # an account kept as that of whoever takes the money of somebody who has died
# Read with the claims themselves, so that holding costs a batch no second look. An empty name is for the bank
# to check, as ever.
IS_ANOTHERS = RawSQL(
    """EXISTS (SELECT FROM registry_account a JOIN registry_person p ON p.id = claims_claim.person_id
    WHERE a.id = claims_claim.account_id AND a.guardian_of_id IS NULL AND a.kind <> %s
        AND a.holder_name NOT IN ('', p.name) AND NOT EXISTS (SELECT FROM claims_holderconsent c
            WHERE c.claim_id = claims_claim.id AND c.account_id = a.id))""",
    [HEIR_ACCOUNT],
    output_field=BooleanField(),
)


def is_held_for_holder(number: str) -> bool:
    """Tell whether a claim's money would go to an account in another's name that nobody has accounted for."""
    return Claim.objects.alias(is_anothers=IS_ANOTHERS).filter(number=number, is_anothers=True).exists()


def _consent_again(*, request_key: str, **_words: object) -> HolderConsent:
    return HolderConsent.objects.get(request_key=request_key)


@exactly_once(again=_consent_again)
@transaction.atomic
def record_consent(
    *, number: str, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> HolderConsent:
    """Record why a claim's money may go to its account in another's name; return the record. Repeatable.

    It holds for this claim and this account only: choosing another account asks again.

    :raises RoleMissing: the actor is no desk agent.
    :raises ReasonMissing: nothing says why.
    :raises AccountMissing: the claim has no account.
    :raises IllegalMove: the money is on its way or has arrived.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(number)
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if earlier := HolderConsent.objects.filter(request_key=request_key).first():
        return earlier
    if claim.account_id is None:
        raise AccountMissing(number)
    if claim.state not in BEFORE_PAYMENT or has_living_order(number):
        raise IllegalMove(f"{number}: the money is on its way")
    consent = HolderConsent.objects.create(
        claim=claim,
        account_id=claim.account_id,
        reason=reason.strip(),
        recorded_at=occurred_at,
        recorded_by=actor.id,
        recorded_by_name=actor.name,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="record_consent",
        subject=("claim", number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"account": claim.account_id, "reason": reason.strip()[:200]},
    )
    return consent


def get_consent(number: str, account_id: int) -> HolderConsent | None:
    """Return why a claim's money may go to this account of another, or None."""
    found = HolderConsent.objects.filter(claim__number=number, account_id=account_id)
    return found.order_by("-pk").first()
