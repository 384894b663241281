"""How much one claim asks of the database, from a found stay to a payment order: a bound that must hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, key, opened, propose
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.ledger.queries import sum_envelope
from yiyuan.apps.payments.models import Order

pytestmark = pytest.mark.django_db

AT_MOST = 25


def test_one_claim_from_filing_to_its_payment_order() -> None:
    opened()  # another claim, so that nothing is met for the first time
    proposal = propose()

    with CaptureQueriesContext(connection) as captured:
        claim = open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())
        for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
            move_claim(number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key())
        order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())

    statements = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    told = "\n".join(f"{place:>3} {sql[:110]}" for place, sql in enumerate(statements, start=1))
    assert len(statements) <= AT_MOST, told
    # The path was walked to its end, not cut short.
    assert Claim.objects.get(pk=claim.pk).state == "approved"
    assert Order.objects.get(source=claim.number).amount_fen == claim.benefit_fen
    assert sum_envelope().held_fen == claim.benefit_fen
