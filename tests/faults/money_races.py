"""Races over money (抢钱): many threads with connections of their own, at once, and what was left in the end.

In: how many. Out: how many there are that should be one, or how much more than there was.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from django.db import connection

from tests.builders import APPROVER, ASSESSOR, AT, DESK, key, opened, propose
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.ledger.budgets import GIVEN, agree_change, list_budgets, list_differing, propose_change
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

APPROVERS = [Actor(f"approver{n}", f"复核{n}", frozenset({Role.APPROVER}), EVERYWHERE) for n in range(2)]
MORE_THAN_ENOUGH_FEN = 10**12
FINANCE = [Actor(f"finance{n}", f"财政{n}", frozenset({Role.FINANCE}), EVERYWHERE) for n in range(2)]


def submit_again(times: int, threads: int) -> tuple[int, int]:
    """Say one submission so many times over threads; return how many claims there are, and other answers."""
    pk, request_key = propose().pk, key()
    before = Claim.objects.count()

    def submit(_number: int) -> object:
        return open_from_proposal(proposal_id=pk, actor=DESK, occurred_at=AT, request_key=request_key).number

    answers = Counter(_at_once(submit, times, threads))
    return Claim.objects.count() - before, sum(answers.values()) - max(answers.values())


def approve_twice(rounds: int) -> int:
    """Let two approvers approve one claim at once, round by round; return how many were not one."""
    wrong = 0
    for _ in range(rounds):
        number = _assessed()

        def approve(place: int, number: str = number) -> object:
            return move_claim(
                number=number, verb=Verb.APPROVE, actor=APPROVERS[place], occurred_at=AT, request_key=key()
            ).id

        answers = _at_once(approve, 2, 2)
        said = ClaimEvent.objects.filter(claim__number=number, verb=Verb.APPROVE).count()
        wrong += sum(isinstance(answer, int) for answer in answers) != 1 or said != 1
    return wrong


def spend_budget(threads: int, fits: int) -> tuple[int, int, int]:
    """Let threads approve a claim each of a budget of `fits`; return approved, least left, differing."""
    numbers = [_assessed() for _ in range(threads)]
    benefit_fen = Claim.objects.get(number=numbers[0]).benefit_fen
    # What was approved before counts too: first more than enough, then all but what shall fit is taken back.
    give(MORE_THAN_ENOUGH_FEN)
    give(fits * benefit_fen + 1 - list_budgets()[0].left_fen)

    def approve(place: int) -> object:
        return move_claim(
            number=numbers[place], verb=Verb.APPROVE, actor=APPROVER, occurred_at=AT, request_key=key()
        ).id

    _at_once(approve, threads, threads)
    approved = Claim.objects.filter(number__in=numbers, state=State.APPROVED).count()
    return approved, min(one.left_fen for one in list_budgets()), len(list_differing())


def give(amount_fen: int) -> None:
    """Give the city's budget of 2019 that much more, by two persons."""
    change_id = propose_change(
        programme_from=date(2019, 1, 1),
        county_code="",
        kind=GIVEN,
        amount_fen=amount_fen,
        reason="财社〔2019〕12号",
        actor=FINANCE[0],
        occurred_at=AT,
        request_key=key(),
    )
    agree_change(change_id=change_id, actor=FINANCE[1], occurred_at=AT, request_key=key())


def _assessed() -> str:
    number = opened().number
    move_claim(number=number, verb=Verb.ASSESS, actor=ASSESSOR, occurred_at=AT, request_key=key())
    return str(number)


def _at_once(act: Callable[[int], object], times: int, threads: int) -> list[object]:
    gate = Barrier(threads)

    def work(place: int) -> list[object]:
        gate.wait()
        found = []
        try:
            for number in range(place, times, threads):
                try:
                    found.append(act(number))
                except Exception as error:
                    found.append(type(error))
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(threads) as pool:
        return [answer for answers in pool.map(work, range(threads)) for answer in answers]
