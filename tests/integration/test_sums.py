"""Sums beside the rows: equal to a full count after every kind of write, by county, and told when not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, TODAY, key, opened, propose
from tests.integration.test_races import at_once
from yiyuan.apps.accounts.scoping import show_rows_as_before, show_rows_of
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.queries import ClaimFilter, count_by_due, count_by_state, count_claims
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.payments.queries import sum_orders
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.queries import ProposalFilter, count_proposals
from yiyuan.apps.screening.services import decline_proposal
from yiyuan.apps.sums.models import Part
from yiyuan.apps.sums.services import fold_sums, recount_sums
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db(transaction=True)


def walk_to_an_order() -> Claim:
    claim = opened()
    for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
        move_claim(number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key())
    order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())
    return claim


@contextmanager
def seen_as(scope: Scope) -> Iterator[None]:
    show_rows_of(scope)
    try:
        yield
    finally:
        show_rows_as_before()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_verb_keeps_the_sums_equal_to_a_full_count() -> None:
    claim = walk_to_an_order()
    opened()
    refused, waiting = propose(), propose()

    decline_proposal(proposal_id=refused.pk, reason="不是本人", actor=DESK, occurred_at=AT, request_key=key())

    assert recount_sums(occurred_at=AT) == 0
    assert count_by_state(scope=EVERYWHERE) == {
        "approved": (1, claim.benefit_fen),
        "lodged": (1, claim.benefit_fen),
    }
    assert count_proposals(ProposalFilter(), scope=EVERYWHERE) == (1, waiting.benefit_fen)
    assert count_proposals(ProposalFilter(state="declined"), scope=EVERYWHERE)[0] == 1
    assert sum_orders(scope=EVERYWHERE)["reserved"] == (1, claim.benefit_fen)
    assert count_by_due(ClaimFilter(), TODAY, scope=EVERYWHERE)["paused"] == 0


def test_writes_in_sets_are_noted_once_a_sum_and_not_once_a_row() -> None:
    for _ in range(4):
        propose()
    fold_sums()
    before = Part.objects.count()

    Proposal.objects.update(state=Proposal.LAPSED)

    assert Part.objects.count() == before + 2  # four taken from the open ones, four added to the others
    assert count_proposals(ProposalFilter(state="lapsed"), scope=EVERYWHERE)[0] == 4
    Proposal.objects.update(missing="")
    assert Part.objects.count() == before + 2, "what no sum tells leaves no part"


def test_a_statement_that_is_taken_back_takes_its_parts_with_it() -> None:
    opened()
    before = list(Part.objects.values_list())

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE claims_claim SET state = 'withdrawn'")
        cursor.execute("ROLLBACK")

    assert list(Part.objects.values_list()) == before
    assert recount_sums(occurred_at=AT) == 0


def test_folding_changes_no_sum_and_leaves_one_part_of_each() -> None:
    walk_to_an_order()
    before = count_by_state(scope=EVERYWHERE), sum_orders(scope=EVERYWHERE)

    gone = fold_sums()

    assert gone > 0
    assert (count_by_state(scope=EVERYWHERE), sum_orders(scope=EVERYWHERE)) == before
    assert not Part.objects.filter(count=0, fen=0).exists()
    assert fold_sums() == 0
    assert recount_sums(occurred_at=AT) == 0


def test_desks_that_file_at_once_while_a_worker_folds_lose_nothing() -> None:
    proposals = [propose() for _ in range(8)]

    def work(place: int) -> None:
        if place == 0:
            fold_sums()
        open_from_proposal(
            proposal_id=proposals[place].pk, actor=DESK, occurred_at=AT, request_key=f"at-once-{place}"
        )

    results = at_once(work, 8)

    assert results == [None] * 8
    assert recount_sums(occurred_at=AT) == 0
    assert count_claims(ClaimFilter(), TODAY, scope=EVERYWHERE)[0] == 8


def test_a_county_sees_its_own_sums_and_nobody_without_a_county_any() -> None:
    here = opened()
    county = Scope(frozenset({here.county_code}))

    with seen_as(Scope(frozenset({"999999"}))):
        elsewhere = Part.objects.count()
    with seen_as(county):
        own = count_claims(ClaimFilter(), TODAY, scope=EVERYWHERE)

    assert elsewhere == 0
    assert own == (1, here.benefit_fen)


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE sums_part SET count = count + 1 WHERE id = (SELECT max(id) FROM sums_part)",
        "DELETE FROM sums_part WHERE id = (SELECT max(id) FROM sums_part)",
    ],
)
def test_a_wrong_sum_is_found_mended_and_told(fault: str) -> None:
    walk_to_an_order()
    assert recount_sums(occurred_at=AT) == 0
    assert not Entry.objects.filter(verb="recount_sums").exists()

    execute(fault)

    assert recount_sums(occurred_at=AT) > 0
    assert Entry.objects.filter(verb="recount_sums").count() == 1
    assert recount_sums(occurred_at=AT) == 0
