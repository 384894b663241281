"""Exactly once (只办一次): a key is one command's for ever; a repeat is answered, anything else refused."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, PAYER_2, key, make_account, opened, propose
from tests.integration.desk.money_cases import approve_claim, build_batch_of, signed_in
from tests.integration.test_races import at_once
from yiyuan.apps.audit.errors import KeyReused
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.errors import IllegalMove
from yiyuan.apps.claims.holders import record_consent
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.promises import set_emergency
from yiyuan.apps.claims.releasing import release_payments
from yiyuan.apps.claims.services import open_from_proposal, order_payments, set_account
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.payments.models import Batch, Order
from yiyuan.apps.payments.services import void_batch
from yiyuan.apps.registry.models import Person
from yiyuan.apps.screening.services import decline_proposal

pytestmark = pytest.mark.django_db

# A tenth of what is promised; the whole by YIYUAN_SUBMISSIONS=10000.
SUBMISSIONS = int(os.environ.get("YIYUAN_SUBMISSIONS", "1000"))
THREADS = 32


def refused(command: Callable[..., Any], **words: Any) -> None:
    with pytest.raises(KeyReused), transaction.atomic():
        command(**words)


def test_named_claims_ordered_again_come_to_the_same_batch() -> None:
    first, second = approve_claim(), approve_claim()
    words = {"actor": PAYER, "occurred_at": AT, "request_key": key()}

    number = order_payments(numbers=[first.number], **words)  # type: ignore[arg-type]

    assert order_payments(numbers=[first.number], **words) == number  # type: ignore[arg-type]
    refused(order_payments, numbers=[second.number], **words)
    refused(order_payments, numbers=None, **words)
    with pytest.raises(IllegalMove), transaction.atomic():
        order_payments(numbers=[first.number], **{**words, "request_key": key()})  # type: ignore[arg-type]
    assert (Batch.objects.count(), Order.objects.count()) == (1, 1)


def test_the_opening_of_one_claim_is_not_the_opening_of_another() -> None:
    one, other = propose(), propose()
    words = {"actor": DESK, "occurred_at": AT, "request_key": key()}

    claim = open_from_proposal(proposal_id=one.pk, **words)  # type: ignore[arg-type]

    assert open_from_proposal(proposal_id=one.pk, **words).pk == claim.pk  # type: ignore[arg-type]
    refused(open_from_proposal, proposal_id=other.pk, **words)
    assert Claim.objects.count() == 1


def test_a_key_of_one_command_is_no_key_of_another() -> None:
    claim = opened()
    words = {"actor": DESK, "occurred_at": AT, "request_key": key()}
    set_emergency(number=claim.number, is_emergency=True, reason="急", **words)  # type: ignore[arg-type]

    refused(move_claim, number=claim.number, verb=Verb.ASSESS, **words | {"actor": ASSESSOR})
    refused(record_consent, number=claim.number, reason="同意", **words)
    assert not ClaimEvent.objects.filter(verb="assess").exists()


def test_what_has_moved_on_is_not_moved_back_by_a_repeat() -> None:
    claim = opened()
    account = make_account(Person.objects.get(pk=claim.person_id), tail="9902")
    before, first = claim.account_id, key()
    assert before is not None
    words = {"number": claim.number, "actor": DESK, "occurred_at": AT}
    set_account(account_id=account.pk, request_key=first, **words)  # type: ignore[arg-type]
    set_account(account_id=before, request_key=key(), **words)  # type: ignore[arg-type]

    answered = set_account(account_id=account.pk, request_key=first, **words)  # type: ignore[arg-type]

    assert answered.account_id == before
    refused(set_account, account_id=before + 5, request_key=first, **words)


def test_another_person_or_another_reason_is_another_body() -> None:
    proposal, request_key = propose(), key()
    words = {"proposal_id": proposal.pk, "actor": DESK, "occurred_at": AT, "request_key": request_key}

    first = decline_proposal(reason="不在名单", **words)  # type: ignore[arg-type]

    assert decline_proposal(reason="不在名单", **words).pk == first.pk  # type: ignore[arg-type]
    refused(decline_proposal, reason="另一个原因", **words)
    refused(decline_proposal, reason="不在名单", **{**words, "actor": APPROVER})
    assert Entry.objects.filter(verb="decline_proposal").count() == 1


def test_a_release_and_a_taking_back_keep_their_keys() -> None:
    number, released, voided = build_batch_of(1), key(), key()

    files = release_payments(number=number, actor=PAYER_2, occurred_at=AT, request_key=released)
    approve_claim()
    other = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    void_batch(number=other, reason="组错了", actor=PAYER, occurred_at=AT, request_key=voided)

    assert release_payments(number=number, actor=PAYER_2, occurred_at=AT, request_key=released) == files
    void_batch(number=other, reason="组错了", actor=PAYER, occurred_at=AT, request_key=voided)
    refused(void_batch, number=other, reason="别的", actor=PAYER, occurred_at=AT, request_key=voided)
    refused(release_payments, number=other, actor=PAYER_2, occurred_at=AT, request_key=released)
    assert Entry.objects.filter(verb__in=["release_batch", "void_batch"]).count() == 2


def test_no_digest_gives_a_secret_away() -> None:
    claim = opened()
    set_emergency(
        number=claim.number, is_emergency=True, reason="急", actor=DESK, occurred_at=AT, request_key=key()
    )

    digests = list(Entry.objects.exclude(asked_digest="").values_list("asked_digest", flat=True))

    assert len(digests) == len(set(digests))
    assert {len(digest) for digest in digests} == {64}


def test_a_page_says_that_the_key_was_used_for_something_else() -> None:
    number = build_batch_of(1)
    client, request_key = signed_in(PAYER_2), key()
    client.post(f"/payments/{number}/void/", {"request_key": request_key, "reason": "组错了"})

    page = client.post(
        f"/payments/{number}/void/", {"request_key": request_key, "reason": "改口"}, follow=True
    )

    assert "这次提交已经用过" in page.content.decode()
    assert Order.objects.get().reason == "组错了"


@pytest.mark.django_db(transaction=True)
def test_the_same_submission_over_many_threads_is_one() -> None:
    claim, request_key = opened(), key()
    each = SUBMISSIONS // THREADS + 1

    def submit(_thread: int) -> set[int]:
        return {
            move_claim(
                number=claim.number,
                verb=Verb.ASSESS,
                actor=ASSESSOR,
                occurred_at=AT,
                request_key=request_key,
            ).id
            for _ in range(each)
        }

    answers = at_once(submit, threads=THREADS)

    assert len({frozenset(answer) for answer in answers if isinstance(answer, set)}) == 1, answers
    assert all(isinstance(answer, set) for answer in answers)
    assert ClaimEvent.objects.filter(verb="assess").count() == 1
    assert Entry.objects.filter(verb="assess").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_order_over_many_threads_is_one_batch() -> None:
    claim, request_key = approve_claim(), key()

    answers = at_once(
        lambda _thread: order_payments(
            numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=request_key
        ),
        threads=THREADS,
    )

    assert set(answers) == {1}, answers
    assert (Batch.objects.count(), Order.objects.count()) == (1, 1)
