"""Filing many claims at once leaves what filing them one by one leaves: same rule, rows and refusals."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.builders import APPROVER, ASSESSOR, AT, DESK, PAYER, key, opened, propose
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.audit.models import Entry as AuditEntry
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim, move_claims
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.ledger.models import Entry, Posting
from yiyuan.apps.ledger.queries import sum_envelope
from yiyuan.apps.payments.models import Order
from yiyuan.apps.rows import FEW, insert_rows
from yiyuan.apps.screening.models import Proposal

pytestmark = pytest.mark.django_db

MANY = FEW + 10
# What names a row or a moment of the database; everything else must be the same.
OWN = {
    "id", "number", "setl_id", "person_id", "proposal_id", "decision_id", "account_id", "claim_id",
    "request_key", "recorded_at", "order_no", "batch_id", "source", "subject", "subject_id", "entry_id",
    "account_no", "digest", "asked_digest",
}  # fmt: skip


def propose_many(count: int = MANY) -> list[Proposal]:
    # The last has no account: its claim waits, and is left out of the moves.
    return [propose() for _ in range(count - 1)] + [propose(with_account=False)]


def open_many(proposals: list[Proposal]) -> list[str]:
    requests = [OpenRequest(one.pk, f"open:{one.pk}") for one in proposals]
    return [claim.number for claim in open_claims(requests=requests, actor=DESK, occurred_at=AT)]


def said_of_all(numbers: list[str], verb: Verb) -> dict[str, str]:
    return {number: f"{verb}:{number}" for number in numbers}


def alike(model: Any) -> list[dict[str, Any]]:
    """Return the rows of a table without what names them or says whose they are."""
    rows = [{k: v for k, v in row.items() if k not in OWN} for row in model.objects.order_by("pk").values()]
    for row in rows:
        for name in ("facts", "detail"):
            row[name] = {k: v for k, v in row.get(name, {}).items() if k not in {"setl_id", "decision"}}
            for status in row[name].get("statuses", []):
                status.pop("row")
    return sorted(rows, key=str)


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_many_at_once_leave_what_one_by_one_leaves() -> None:
    kept = (Decision, Claim, ClaimEvent, Clock, Order, Entry, Posting, AuditEntry)
    for proposal in propose_many():
        claim = open_from_proposal(
            proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=f"open:{proposal.pk}"
        )
        if claim.due_on is not None:
            for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
                move_claim(number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key())
    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    singly = {model: alike(model) for model in kept}
    held_singly = sum_envelope().held_fen
    before = {model: model.objects.count() for model in kept}

    numbers = open_many(propose_many())
    for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
        keys = said_of_all(numbers[:-1], verb)
        move_claims(keys=keys, verb=verb, actor=actor, occurred_at=AT)
    order_payments(numbers=numbers[:-1], actor=PAYER, occurred_at=AT, request_key=key())

    check_constraints()
    for model in kept:
        assert model.objects.count() == 2 * before[model]
        doubled = [row for row in singly[model] for _ in range(2)]
        assert alike(model) == sorted(doubled, key=str), model
    assert sum_envelope().held_fen == 2 * held_singly
    assert Claim.objects.filter(number=numbers[-1], state="awaiting_documents", due_on=None).exists()


def test_they_come_back_in_the_order_asked_for() -> None:
    proposals = propose_many()[::-1]

    numbers = open_many(proposals)

    by_proposal = dict(Claim.objects.values_list("proposal_id", "number"))
    assert numbers == [by_proposal[proposal.pk] for proposal in proposals]
    moved = move_claims(
        keys=said_of_all(numbers[1:], Verb.ASSESS), verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT
    )
    assert [move.number for move in moved] == numbers[1:]
    assert [ClaimEvent.objects.get(pk=move.id).claim.number for move in moved[:3]] == numbers[1:4]


def test_one_that_is_decided_already_keeps_all_from_being_opened() -> None:
    proposals, taken = propose_many(), propose()
    open_from_proposal(proposal_id=taken.pk, actor=DESK, occurred_at=AT, request_key=key())

    with pytest.raises(errors.ProposalDecided):
        open_many([*proposals, taken])

    assert Claim.objects.count() == 1
    assert Proposal.objects.filter(state="open").count() == MANY


def test_one_whose_turn_it_is_not_keeps_all_from_moving() -> None:
    numbers = open_many(propose_many())

    with pytest.raises(errors.IllegalMove):
        # The last one waits for its account.
        move_claims(keys=said_of_all(numbers, Verb.ASSESS), verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT)

    assert not ClaimEvent.objects.filter(verb="assess").exists()
    assert Claim.objects.filter(state="lodged").count() == MANY - 1


def test_saying_it_again_to_many_changes_nothing() -> None:
    numbers = open_many(propose_many())[:-1]
    words: Any = {
        "keys": said_of_all(numbers, Verb.ASSESS), "verb": Verb.ASSESS, "actor": ASSESSOR, "occurred_at": AT,
    }  # fmt: skip

    first = move_claims(**words)
    again = move_claims(**words)

    assert first == again
    assert ClaimEvent.objects.filter(verb="assess").count() == MANY - 1
    assert AuditEntry.objects.filter(verb="assess").count() == MANY - 1


def test_who_assessed_one_of_many_cannot_approve_them() -> None:
    numbers = open_many(propose_many())[:-1]
    move_claims(keys=said_of_all(numbers, Verb.ASSESS), verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT)
    both = type(APPROVER)(ASSESSOR.id, ASSESSOR.name, APPROVER.roles | ASSESSOR.roles, APPROVER.scope)

    with pytest.raises(errors.SameHands):
        move_claims(keys=said_of_all(numbers, Verb.APPROVE), verb=Verb.APPROVE, actor=both, occurred_at=AT)

    assert not Entry.objects.exists()
    assert Claim.objects.filter(state="assessed").count() == MANY - 1


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 3 * FEW])
def test_few_rows_and_many_arrive_as_they_were_given(count: int) -> None:
    columns = {"a": "text", "b": "bigint", "c": "date", "d": "jsonb", "e": "bytea", "f": "boolean"}
    row = (
        "制表\t换行\n反斜\\ 引号\"' {given} %s NULL \\N",
        None,
        date(2019, 2, 28),
        {"键": [1, "\\t\n"]},
        b"\x00\xff\\",
        True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kept (a text, b bigint, c date, d jsonb, e bytea, f boolean, g text)"
        )

    insert_rows(
        "kept", columns, [row, ("", 0, None, {}, b"", False)] * count, constants={"g": "100% {given}"}
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT a, b, c, d::text, e, f, g FROM kept ORDER BY f DESC")
        found = [(*values[:3], values[3], bytes(values[4]), *values[5:]) for values in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (2 * count,)
    assert found == [
        (*row[:3], '{"键": [1, "\\\\t\\n"]}', *row[4:], "100% {given}"),
        ("", 0, None, "{}", b"", False, "100% {given}"),
    ]


def test_no_rows_ask_nothing(django_assert_num_queries: Any) -> None:
    opened()
    with django_assert_num_queries(0):
        assert insert_rows("audit_entry", {"verb": "text"}, [], returning="id") == []
