"""The acts of the money model on the product (钱的模型之真实一侧): through the services that people use.

In: claims of the model, acts by name. Out: claims in the database, what the services did or refused, where
claims, orders and money stand.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Sum

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, PAYER_2, key
from tests.property.money_model import Claim as ModelClaim
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.claims.envelope import sum_records
from yiyuan.apps.claims.models import Claim, ClaimEvent, Recovery
from yiyuan.apps.claims.recoveries import open_recovery, record_repayment
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim, withdraw_questioned
from yiyuan.apps.ledger.models import Posting
from yiyuan.apps.ledger.queries import sum_accounts, sum_envelope
from yiyuan.apps.payments.errors import NoMatch
from yiyuan.apps.payments.models import Order, Suspense
from yiyuan.apps.payments.posting import record_answers
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.payments.suspense import agree_match, propose_match
from yiyuan.exchange.bank.answers import ReturnLine
from yiyuan.kernel.actor import Role

SECOND = replace(APPROVER, id="approver2", roles=frozenset({Role.APPROVER, Role.DESK_AGENT}))
BY = {"assess": ASSESSOR, "appeal": DESK, "withdraw": DESK, "return_for_assessment": SECOND, "close": SECOND}
PLACES = ("payable", "in_flight", "returned", "paid", "receivable")


def number_of(place: int) -> str:
    """Return the number of a claim of the world."""
    return f"世界-{place}"


def make_claims(claims: Sequence[ModelClaim], payee: tuple[int, int], year: date) -> None:
    """Write the claims as their opening leaves them: lodged, papers complete, on a frozen decision."""
    person, account = payee
    decisions = Decision.objects.bulk_create(
        Decision(
            setl_id=number_of(place), person_id=person, scheme="zhumadian-yiyuan", scheme_valid_from=year,
            scheme_sha256="", reading="", outcome="entitled", reason="accident", benefit_fen=one.fen,
            clause="SUM-1", trace=[], facts={}, decided_at=AT, decided_by=DESK.id, request_key=key(),
        )
        for place, one in enumerate(claims)
    )  # fmt: skip
    made = Claim.objects.bulk_create(
        Claim(
            number=number_of(place), setl_id=number_of(place), person_id=person, county_code=one.county,
            cause="L1", decision_id=decisions[place].pk, benefit_fen=one.fen, account_id=account,
            state=State.LODGED, opened_at=AT, papers_complete_at=AT, due_on=AT.date(),
        )
        for place, one in enumerate(claims)
    )  # fmt: skip
    ClaimEvent.objects.bulk_create(
        ClaimEvent(
            claim=one, verb=Verb.LODGE, from_state=State.REPORTED, to_state=State.LODGED, actor_id=DESK.id,
            actor_name=DESK.name, occurred_at=AT, request_key=key(),
        )
        for one in made
    )  # fmt: skip


def _words(actor: Any) -> dict[str, Any]:
    return {"actor": actor, "occurred_at": AT, "request_key": key()}


def say(number: str, verb: str) -> None:
    """Say a verb to a claim as somebody whose step it is."""
    move_claim(number=number, verb=Verb(verb), reason="理由", **_words(BY.get(verb, APPROVER)))


@transaction.atomic
def give_up(number: str) -> None:
    """Withdraw a claim from any state before payment."""
    claim = Claim.objects.select_for_update().get(number=number)
    withdraw_questioned(claim, reason="理由", **_words(APPROVER))


def send(number: str) -> None:
    """Order a claim's payment and release it by another person."""
    batch = order_payments(numbers=[number], **_words(PAYER))
    release_batch(number=batch, **_words(PAYER_2))


def recover(number: str) -> None:
    """Ask back what was paid."""
    open_recovery(number=number, reason="理由", **_words(APPROVER))


def repay(number: str) -> None:
    """Note that what was asked back has come."""
    found = Recovery.objects.filter(claim__number=number, state=Recovery.OPEN).first()
    if found is None:
        raise NoMatch(number)
    record_repayment(recovery_id=found.pk, received_on=AT.date(), **_words(PAYER))


def match_late(number: str) -> None:
    """Match what the bank says came back to the claim's last order, by two payers."""
    order = Order.objects.filter(source=number).order_by("-pk").first()
    found = (
        Suspense.objects.filter(order_no=order.order_no, is_paid=False) if order else Suspense.objects.none()
    )
    hanging = found.filter(closed_at=None).first()
    if order is None or hanging is None:
        raise NoMatch(number)
    propose_match(suspense_id=hanging.pk, order_no=order.order_no, note="银行来函", **_words(PAYER))
    agree_match(suspense_id=hanging.pk, **_words(PAYER_2))


def answer_order(number: str, place: int, said: str) -> str:
    """Let the bank answer an order of a claim; return what becomes of the line."""
    order_no, fen = (
        Order.objects.filter(source=number).order_by("pk").values_list("order_no", "amount_fen")[place]
    )
    line = ReturnLine(1, order_no, said == "paid", AT.date(), fen, "", "")
    refused = record_answers(name="r.csv", digest="0" * 64, lines=[line], **_words(PAYER))
    return refused[1][0] if refused else "posted"


def standing() -> dict[str, tuple[str, str, list[str]]]:
    """Return by claim its state, where its money stands, and its orders in turn."""
    claims = dict(Claim.objects.values_list("number", "state"))
    orders: dict[str, list[str]] = {number: [] for number in claims}
    for number, state in Order.objects.order_by("pk").values_list("source", "state"):
        orders[number].append(state)
    sums = Posting.objects.values_list("entry__subject", "account_id").annotate(fen=Sum("amount_fen"))
    places: dict[str, str] = {}
    for number, account, fen in sums:
        if fen and account in PLACES and number in claims:
            assert number not in places, f"the money of {number} stands twice"
            places[number] = account
    return {number: (claims[number], places.get(number, "free"), orders[number]) for number in claims}


def envelope_faults() -> list[str]:
    """Return what of the ledger is not whole, or not what claims and orders say; money is nowhere twice."""
    ledger, records = sum_envelope(), sum_records()
    faults = [] if ledger.is_whole else ["the envelope is not whole"]
    if ledger != records:
        faults.append(f"ledger {ledger}, records {records}")
    if sum(sum_accounts().values()):
        faults.append("the ledger does not sum to zero")
    return faults
