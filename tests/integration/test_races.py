"""Two people at once (并发): real connections, real locks; whoever is second finds the first one's work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.builders import APPROVER, ASSESSOR, AT, CLERK, DESK, PAYER, PAYER_2, key, propose, say
from tests.integration.test_screening import city_with
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.claims.writing import Moved
from yiyuan.apps.payments.models import Batch, Order
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.screening.models import Run
from yiyuan.apps.screening.services import run_screening
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4
ROUNDS = 10


def at_once(act: Callable[[int], object], threads: int = THREADS) -> list[object]:
    """Run the act in so many threads that start together; return what each returned or raised."""
    gate = Barrier(threads)

    def run(number: int) -> object:
        gate.wait()
        try:
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_two_desks_confirm_one_proposal() -> None:
    for _ in range(ROUNDS):
        proposal = propose()

        results = at_once(
            lambda n, pk=proposal.pk: open_from_proposal(  # type: ignore[misc]
                proposal_id=pk, actor=DESK, occurred_at=AT, request_key=key()
            )
        )

        assert sum(isinstance(result, Claim) for result in results) == 1
        assert sum(isinstance(result, errors.ProposalDecided) for result in results) == THREADS - 1
        assert Claim.objects.filter(proposal_id=proposal.pk).count() == 1


def test_numbers_have_no_gap_and_no_double() -> None:
    proposals = [propose() for _ in range(8)]

    at_once(
        lambda n: open_from_proposal(
            proposal_id=proposals[n].pk, actor=DESK, occurred_at=AT, request_key=key()
        ),
        threads=8,
    )

    numbers = sorted(Claim.objects.values_list("number", flat=True))
    assert numbers == [f"正阳-医-2019-{place:05d}" for place in range(1, 9)]


def test_a_double_click_is_one_move() -> None:
    claim = open_from_proposal(proposal_id=propose().pk, actor=DESK, occurred_at=AT, request_key=key())
    request_key = key()

    results = at_once(
        lambda n: move_claim(
            number=claim.number, verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT, request_key=request_key
        )
    )

    assert all(isinstance(result, Moved) for result in results)
    assert ClaimEvent.objects.filter(verb="assess").count() == 1
    assert Entry.objects.filter(verb="assess").count() == 1


def test_two_approvers_approve_once() -> None:
    other = Actor("approver2", "复核二", frozenset({Role.APPROVER}), EVERYWHERE)
    for _ in range(ROUNDS):
        claim = open_from_proposal(proposal_id=propose().pk, actor=DESK, occurred_at=AT, request_key=key())
        say(claim, Verb.ASSESS, ASSESSOR)

        results = at_once(
            lambda n, number=claim.number: move_claim(  # type: ignore[misc]
                number=number,
                verb=Verb.APPROVE,
                actor=(APPROVER, other)[n],
                occurred_at=AT,
                request_key=key(),
            ),
            threads=2,
        )

        assert sum(isinstance(result, Moved) for result in results) == 1
        assert sum(isinstance(result, errors.IllegalMove) for result in results) == 1


def test_two_payers_order_a_claim_once_and_release_a_batch_once() -> None:
    claim = open_from_proposal(proposal_id=propose().pk, actor=DESK, occurred_at=AT, request_key=key())
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)

    at_once(lambda n: order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key()))
    batch = Batch.objects.get()
    files = at_once(
        lambda n: release_batch(number=batch.number, actor=PAYER_2, occurred_at=AT, request_key=key())
    )

    assert Order.objects.count() == 1
    assert len(set(map(str, files))) == 1
    assert Entry.objects.filter(verb="release_batch").count() == 1


def test_two_screenings_take_turns() -> None:
    city_with(124_980, 99_999)

    results = at_once(lambda n: run_screening(actor=CLERK, started_at=AT, request_key=key()), threads=2)

    assert all(isinstance(result, Run) for result in results)
    assert sorted(Run.objects.values_list("number", flat=True)) == [1, 2]
