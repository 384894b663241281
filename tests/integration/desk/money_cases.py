"""Claims and batches as far as a page needs them, made through the services; and people signed in."""

from functools import cache

from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    DESK,
    PAYER,
    PAYER_2,
    key,
    make_account,
    make_city,
    make_person,
    make_settlement,
    make_staff,
    make_status,
)
from yiyuan.apps.accounts.models import StaffMember
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

PASSWORD = "给测试用的 长密码 1949"
AUDITOR = Actor("auditor", "审计甲", frozenset({Role.AUDITOR}), EVERYWHERE)
ADMINISTRATOR = Actor("administrator", "管理甲", frozenset({Role.ADMINISTRATOR}), EVERYWHERE)


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def signed_in(actor: Actor) -> Client:
    """Return a browser in which this person is signed in."""
    make_city()
    member = make_staff(actor)
    StaffMember.objects.filter(pk=member.pk).update(password=_hashed())
    member.refresh_from_db()
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(member)
    return client


def signed_in_as(role: Role) -> Client:
    """Return a browser in which somebody of one role is signed in."""
    return signed_in(Actor(f"one-{role}", f"一位{role}", frozenset({role}), EVERYWHERE))


def propose(*, name: str = "马秀兰", with_account: bool = True) -> Proposal:
    """Return an open proposal of 800 yuan for a new person."""
    make_city()
    person = make_person(name)
    make_status(person)
    if with_account:
        make_account(person)
    settlement = make_settlement(person)
    run, _ = Run.objects.get_or_create(
        number=1,
        defaults={"scheme": "zhumadian-yiyuan", "started_at": AT, "manifest": {}, "request_key": key()},
    )
    return Proposal.objects.create(
        run=run,
        setl_id=settlement.setl_id,
        person_id=person.pk,
        county_code="411724",
        outcome="entitled",
        reason="entitled",
        group="subsistence_allowance",
        benefit_fen=80_000,
        clause="MED-1B",
    )


def open_claim(**words: object) -> Claim:
    """Return a lodged claim."""
    proposal = propose(**words)  # type: ignore[arg-type]
    return open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())


def approve_claim(**words: object) -> Claim:
    """Return a claim that two people have approved."""
    claim = open_claim(**words)
    for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
        move_claim(number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key())
    claim.refresh_from_db()
    return claim


def build_batch_of(count: int) -> int:
    """Return the number of a batch of approved claims, built by the first payer."""
    for _ in range(count):
        approve_claim()
    return order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())


def send_batch_of(count: int) -> list[Order]:
    """Return the orders of a batch that the second payer has released."""
    number = build_batch_of(count)
    release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
    return list(Order.objects.filter(batch__number=number).order_by("order_no"))


def answer(*lines: str) -> bytes:
    """Return a return file of the bank with these lines."""
    return "\n".join(["order_no,result,on,amount_fen,reason_code,reason", *lines]).encode()
