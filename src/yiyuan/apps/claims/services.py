"""Opening claims and ordering their payment (受理与支付); other moves stand in `transitions.py`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import localtime

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.adjudication.queries import DecisionView
from yiyuan.apps.adjudication.services import decide_settlement
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import AccountMissing, IllegalMove, NotEntitled, ProposalDecided, RoleMissing
from yiyuan.apps.claims.models import Claim, Question
from yiyuan.apps.claims.money import owed_by
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import BEFORE_PAYMENT, record_move, start_claim_clock
from yiyuan.apps.outbox.queries import list_waiting
from yiyuan.apps.payments.queries import has_living_order, list_standing
from yiyuan.apps.payments.services import OrderRequest, build_batch
from yiyuan.apps.registry.queries import get_division_names, list_accounts
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening import errors as screening_errors
from yiyuan.apps.screening.services import confirm_proposal
from yiyuan.kernel.actor import Actor, Role

GAP_NO_ACCOUNT = "缺收款账户：名册和一卡通库里都没有"
NUMBER_SQL = """INSERT INTO claims_numberseries (county_code, year, last) VALUES (%s, %s, 1)
ON CONFLICT (county_code, year) DO UPDATE SET last = claims_numberseries.last + 1 RETURNING last"""


@transaction.atomic
def open_from_proposal(
    *, proposal_id: int, actor: Actor, occurred_at: datetime, request_key: str, proof_note: str = ""
) -> Claim:
    """Confirm a proposal and open its claim; return the claim.

    The settlement is decided anew by the desk's rule from what is known now; the decision with its trace
    is frozen. With an account on record the papers are complete and the clock starts; without one the
    claim waits for it. `proof_note` says which proof a person has seen where the code alone cannot tell.
    Repeating it with the same key returns the same claim.

    :raises ProposalDecided: somebody else has decided this proposal.
    :raises NotEntitled: the desk's rule does not come to a benefit.
    :raises RoleMissing: the actor is no desk agent.
    """
    if earlier := Claim.objects.filter(proposal_id=proposal_id, events__request_key=request_key).first():
        return earlier
    try:
        proposal = confirm_proposal(
            proposal_id=proposal_id, actor=actor, occurred_at=occurred_at, note=proof_note
        )
    except screening_errors.ProposalDecided as error:
        raise ProposalDecided(str(proposal_id)) from error
    except screening_errors.RoleMissing as error:
        raise RoleMissing(str(error)) from error
    decision = decide_settlement(
        setl_id=proposal.setl_id,
        proof_seen=bool(proof_note.strip()),
        actor=actor,
        occurred_at=occurred_at,
        request_key=f"{request_key}:decide",
    )
    if decision.outcome != "entitled":
        raise NotEntitled(decision.reason)
    return _open(proposal.pk, proposal.county_code, decision, actor, occurred_at, request_key)


def _open(
    proposal_id: int,
    county_code: str,
    decision: DecisionView,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> Claim:
    accounts = list_accounts(decision.person_id)
    claim = Claim.objects.create(
        number=_next_number(county_code, occurred_at),
        setl_id=decision.setl_id,
        person_id=decision.person_id,
        county_code=county_code,
        cause=get_terms().medical.liability,
        proposal_id=proposal_id,
        decision_id=decision.id,
        benefit_fen=decision.benefit_fen,
        account_id=accounts[0].id if accounts else None,
        state=State.REPORTED,
        opened_at=occurred_at,
    )
    record_move(claim, Verb.REPORT, State.REPORTED, actor, occurred_at, request_key)
    if accounts:
        start_claim_clock(claim, occurred_at)
        record_move(claim, Verb.LODGE, State.LODGED, actor, occurred_at, f"{request_key}:lodge")
    else:
        record_move(
            claim,
            Verb.REQUEST_DOCUMENTS,
            State.AWAITING_DOCUMENTS,
            actor,
            occurred_at,
            f"{request_key}:gap",
            GAP_NO_ACCOUNT,
        )
    claim.save()
    return claim


def _next_number(county_code: str, occurred_at: datetime) -> str:
    # One statement gives the number and holds the series until the claim is kept: none is lost or doubled.
    year = localtime(occurred_at).year
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [county_code, year])
        place = cursor.fetchone()[0]
    county = get_division_names([county_code]).get(county_code, county_code)
    short = county[:2] if len(county) > 2 else county
    return f"{short}-医-{year}-{place:05d}"


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


@transaction.atomic
def order_payments(
    *, numbers: Sequence[str] | None, actor: Actor, occurred_at: datetime, request_key: str
) -> int:
    """Put approved claims into one payment batch; return its number. `None` takes all that can be paid.

    A claim that the bank has returned is taken only with a new account, or when it is named; its order says
    which one it takes the place of. A claim with an open question waits. The same `request_key` returns the
    same batch.

    :raises IllegalMove: a named claim is not approved, is on its way, or has an open question.
    :raises AccountMissing: a named claim has no account.
    """
    claims = Claim.objects.select_for_update().filter(within(actor.scope), state=State.APPROVED)
    if numbers is None:
        claims = claims.filter(account_id__isnull=False, payment_note="")
    else:
        claims = claims.filter(number__in=numbers)
    # What a question hangs over waits until a person has answered it.
    claims = claims.exclude(Exists(Question.objects.filter(claim=OuterRef("pk"), state=Question.OPEN)))
    candidates = list(claims.order_by("due_on", "pk"))
    standing = list_standing(claim.number for claim in candidates)
    unheard = list_waiting(topic="payment.returned", name="claim") if standing.returned else set()
    chosen = [claim for claim in candidates if claim.number not in standing.living | unheard]
    _require_payable(numbers, chosen)
    return build_batch(
        requests=[
            _request(claim, claim.account_id, standing.returned.get(claim.number), occurred_at)
            for claim in chosen
            if claim.account_id is not None
        ],
        actor=actor,
        occurred_at=occurred_at,
        request_key=request_key,
    )


def _request(claim: Claim, account_id: int, reissues_id: int | None, occurred_at: datetime) -> OrderRequest:
    return OrderRequest(
        source=claim.number,
        person_id=claim.person_id,
        county_code=claim.county_code,
        amount_fen=claim.benefit_fen,
        account_id=account_id,
        due_on=owed_by(claim, is_again=reissues_id is not None, ordered_at=occurred_at),
        reissues_id=reissues_id,
    )


def _require_payable(numbers: Sequence[str] | None, chosen: Sequence[Claim]) -> None:
    if numbers is None:
        return
    found = {claim.number: claim for claim in chosen}
    for number in numbers:
        if number not in found:
            raise IllegalMove(f"{number}: is not approved, or is on its way already")
        if found[number].account_id is None:
            raise AccountMissing(number)
