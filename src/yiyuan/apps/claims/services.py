"""Opening claims and ordering their payment (受理与支付); other moves stand in `transitions.py`."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import DateField, Exists, F, OuterRef
from django.db.models.expressions import RawSQL
from django.utils.timezone import localtime

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import (
    AccountMissing,
    AccountOfAnother,
    IllegalMove,
    RoleMissing,
    TwoContracts,
)
from yiyuan.apps.claims.holders import IS_ANOTHERS
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.money import owed_again_by
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.states import State
from yiyuan.apps.claims.transitions import BEFORE_PAYMENT
from yiyuan.apps.outbox.queries import list_waiting
from yiyuan.apps.payments.bank_profiles import GENERAL
from yiyuan.apps.payments.queries import has_living_order, list_standing
from yiyuan.apps.payments.services import OrderRequest, build_batch
from yiyuan.apps.registry.queries import list_accounts
from yiyuan.apps.rows import IsAmong
from yiyuan.kernel.actor import Actor, Role

DECIDED_UNDER = RawSQL(
    "(SELECT d.scheme_valid_from FROM adjudication_decision d WHERE d.id = claims_claim.decision_id)",
    [],
    output_field=DateField(),
)


def _opened_again(*, request_key: str, **_words: object) -> Claim:
    return Claim.objects.get(number=get_request(request_key)[0])


@exactly_once(again=_opened_again)
def open_from_proposal(
    *, proposal_id: int, actor: Actor, occurred_at: datetime, request_key: str, proof_note: str = ""
) -> Claim:
    """Confirm a proposal and open its claim; return the claim.

    The settlement is decided anew by the desk's rule from what is known now; the decision with its trace
    is frozen. With an account on record the papers are complete and the clock starts; without one the
    claim waits for it. `proof_note` says which proof a person has seen where the code alone cannot tell.
    Repeating it with the same key returns the same claim.

    :raises KeyReused: the key was used for something else.
    :raises ProposalDecided: somebody else has decided this proposal.
    :raises NotEntitled: the desk's rule does not come to a benefit.
    :raises RoleMissing: the actor is no desk agent.
    """
    request = OpenRequest(proposal_id, request_key, proof_note)
    (opened,) = open_claims(requests=[request], actor=actor, occurred_at=occurred_at)
    return opened.as_claim(occurred_at)


def _claim_again(*, number: str, **_words: object) -> Claim:
    return Claim.objects.get(number=number)


@exactly_once(again=_claim_again)
@transaction.atomic
def set_account(
    *, number: str, account_id: int, actor: Actor, occurred_at: datetime, request_key: str
) -> Claim:
    """Choose the account a claim is paid to; return the claim. Repeating it changes nothing.

    :raises IllegalMove: the money is on its way or has arrived.
    :raises AccountMissing: the account does not belong to this person or a guardian.
    :raises RoleMissing: the actor is no desk agent.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    claim = Claim.objects.select_for_update().get(within(actor.scope), number=number)
    if claim.state not in BEFORE_PAYMENT or has_living_order(number):
        raise IllegalMove(f"{number}: the money is on its way")
    if account_id not in {account.id for account in list_accounts(claim.person_id)}:
        raise AccountMissing(number)
    if claim.account_id != account_id:
        claim.account_id = account_id
        claim.payment_note = ""
        claim.save(update_fields=["account_id", "payment_note"])
        record_entry(
            actor=actor,
            verb="set_account",
            subject=("claim", number),
            occurred_at=occurred_at,
            request_key=request_key,
            detail={"account": account_id},
        )
    return claim


def _ordered_again(*, request_key: str, **_words: object) -> int:
    return int(get_request(request_key)[0])


@exactly_once(again=_ordered_again)
@transaction.atomic
def order_payments(
    *,
    numbers: Sequence[str] | None,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    bank_profile: str = GENERAL,
) -> int:
    """Put approved claims into one payment batch; return its number. `None` takes all that can be paid.

    A claim that the bank has returned is taken only with a new account, or when it is named; its order says
    which one it takes the place of. A claim with an open question waits. A batch holds the claims of one
    scheme version, whose insurer pays them. The same `request_key` returns the same batch.

    :raises IllegalMove: a named claim is not approved, is on its way, or has an open question.
    :raises AccountMissing: a named claim has no account.
    :raises TwoContracts: the named claims were decided under versions of two years.
    :raises AccountOfAnother: a named claim's account is in another's name, and nothing says why.
    """
    claims = Claim.objects.select_for_update().filter(within(actor.scope), state=State.APPROVED)
    if numbers is None:
        claims = claims.filter(account_id__isnull=False, payment_note="")
    else:
        claims = claims.filter(IsAmong(F("number"), numbers))
    # What a question hangs over waits until a person has answered it.
    claims = claims.exclude(Exists(Question.objects.filter(claim=OuterRef("pk"), state=Question.OPEN)))
    told = claims.annotate(is_anothers=IS_ANOTHERS, decided_under=DECIDED_UNDER)
    candidates = list(map(_Payable._make, told.order_by("due_on", "pk").values_list(*_Payable._fields)))
    standing = list_standing(claim.number for claim in candidates)
    unheard = list_waiting(topic="payment.returned", name="claim") if standing.returned else set()
    free = [claim for claim in candidates if claim.number not in standing.living | unheard]
    chosen = [claim for claim in free if not claim.is_anothers]
    _require_payable(numbers, free, {claim.number for claim in chosen})
    # One file draws on one insurer: where two years meet, the year of the claim that is due first goes first.
    contracts = {claim.decided_under for claim in chosen}
    if numbers is not None and len(contracts) > 1:
        raise TwoContracts("、".join(str(day) for day in sorted(contracts)))
    contract_from = chosen[0].decided_under if chosen else None
    return build_batch(
        requests=[
            _request(claim, claim.account_id, standing.returned.get(claim.number), occurred_at)
            for claim in chosen
            if claim.account_id is not None and claim.decided_under == contract_from
        ],
        contract_from=contract_from,
        bank_profile=bank_profile,
        actor=actor,
        occurred_at=occurred_at,
        request_key=request_key,
    )


class _Payable(NamedTuple):
    """What an order needs of a claim, by the names of its columns."""

    number: str
    person_id: int
    county_code: str
    cause: str
    benefit_fen: int
    account_id: int | None
    due_on: date | None
    is_anothers: bool
    decided_under: date


def _request(
    claim: _Payable, account_id: int, reissues_id: int | None, occurred_at: datetime
) -> OrderRequest:
    if reissues_id is None:
        due_on = claim.due_on
    else:
        due_on = owed_again_by(claim.number, claim.cause, claim.benefit_fen, localtime(occurred_at).date())
    return OrderRequest(
        source=claim.number,
        person_id=claim.person_id,
        county_code=claim.county_code,
        amount_fen=claim.benefit_fen,
        account_id=account_id,
        due_on=due_on,
        reissues_id=reissues_id,
    )


def _require_payable(
    numbers: Sequence[str] | None, free: Sequence[_Payable], chosen: AbstractSet[str]
) -> None:
    if numbers is None:
        return
    found = {claim.number: claim for claim in free}
    for number in numbers:
        if number not in found:
            raise IllegalMove(f"{number}: is not approved, or is on its way already")
        if found[number].account_id is None:
            raise AccountMissing(number)
        if number not in chosen:
            raise AccountOfAnother(number)
