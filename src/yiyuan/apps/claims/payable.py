"""Approved claims on their way to a batch (待支付), and those that no batch takes by itself (不能装批)."""

from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q, Sum

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.claims.holders import IS_ANOTHERS
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import State
from yiyuan.apps.outbox.queries import list_waiting
from yiyuan.apps.payments.queries import list_living_sources, living_orders
from yiyuan.kernel.scope import Scope

PAGE = 50


def count_payable(*, scope: Scope) -> tuple[int, int]:
    """Return how many approved claims the next batch would take (待支付), and their sum in fen.

    Those without an account of the person, those the bank has returned and those on their way are left out.
    """
    # The bank has returned it and the claim has not heard yet: that is no claim to pay either.
    unheard = list_waiting(topic="payment.returned", name="claim")
    ready = (
        Claim.objects.filter(
            ~Exists(living_orders(of=OuterRef("number"))),
            within(scope),
            state=State.APPROVED,
            account_id__isnull=False,
            payment_note="",
        )
        .alias(is_anothers=IS_ANOTHERS)
        .exclude(is_anothers=True)
        .exclude(number__in=unheard)
    )
    found = ready.aggregate(n=Count("*"), fen=Sum("benefit_fen", default=0))
    return found["n"], found["fen"]


def list_held_claims(*, scope: Scope, limit: int = PAGE) -> Sequence[Claim]:
    """Return approved claims that no batch takes by itself.

    They have no account, or one in another's name, or the bank has returned the money.
    """
    held = (
        Claim.objects.filter(within(scope), state=State.APPROVED)
        .alias(is_anothers=IS_ANOTHERS)
        .filter(Q(account_id__isnull=True) | ~Q(payment_note="") | Q(is_anothers=True))
    )
    claims = list(held.order_by("due_on", "pk")[:limit])
    on_their_way = list_living_sources(claim.number for claim in claims)
    return [claim for claim in claims if claim.number not in on_their_way]


def list_came_back(*, scope: Scope, limit: int = PAGE) -> Sequence[Claim]:
    """Return approved claims whose money the bank has sent back (银行退回), the first due first."""
    came_back = Claim.objects.filter(within(scope), ~Q(payment_note=""), state=State.APPROVED)
    return list(came_back.order_by("due_on", "pk")[:limit])
