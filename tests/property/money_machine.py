"""Money against its model (状态机对照): Hypothesis says the acts, the services and the model answer.

In: how many runs of how many steps, and a seed. Out: an error with the shortest history that diverges. Each
run is a world of its own that leaves nothing behind: rolled back, its rows cost the next world nothing.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import hypothesis.strategies as st
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.builders import AT, key, make_account, make_city, make_person
from tests.faults.money_races import FINANCE
from tests.property.money_model import PAID, RESERVED, SAID, Claim, MoneyModel
from tests.property.money_world import (
    answer_order,
    envelope_faults,
    give_up,
    make_claims,
    match_late,
    number_of,
    recover,
    repay,
    say,
    send,
    standing,
)
from yiyuan.apps.claims.errors import ClaimRefusal
from yiyuan.apps.ledger.budgets import GIVEN, agree_change, list_budgets, propose_change
from yiyuan.apps.ledger.errors import BudgetTaken
from yiyuan.apps.outbox.services import deliver_waiting
from yiyuan.apps.payments.errors import PaymentRefusal
from yiyuan.interfaces.jobs.tasks import HANDLERS

COUNTIES = ("411721", "411722")
AMOUNTS_FEN = (30, 50, 80, 20)
ACTS: dict[str, Callable[[str], None]] = {
    "give_up": give_up, "send": send, "recover": recover, "repay": repay, "match": match_late,
    **{verb: lambda number, verb=verb: say(number, verb) for verb in SAID},  # type: ignore[misc]
}  # fmt: skip
NAMES = sorted(ACTS)
NEXT = {
    "lodged": "assess", "assessed": "approve", "approved": "send", "declined": "appeal",
    "appealed": "return_for_assessment",
}  # fmt: skip
WHAT = ("on",) * 9 + ("may",) * 5 + ("answer",) * 3 + ("any", "any", "give", "hear")
SAY = ("paid", "returned")
_worlds = count(1)


class MoneyMachine(RuleBasedStateMachine):
    """One programme with two counties and four claims: acts go to both sides, which have to agree."""

    payee: tuple[int, int]

    @initialize()
    def begin(self) -> None:
        self.world = transaction.atomic()
        self.world.__enter__()
        self.year = date(2019, 1, 1) + timedelta(days=next(_worlds))
        self.model = MoneyModel(claims=[Claim(COUNTIES[n % 2], fen) for n, fen in enumerate(AMOUNTS_FEN)])
        make_claims(self.model.claims, self.payee, self.year)
        self.seen = ""
        self._give("", 120)

    # One rule, so that no run goes without any of the acts; what leads on is drawn most often.
    @rule(
        what=st.sampled_from(WHAT),
        place=st.integers(0, 3),
        more=st.integers(0, 59),
        said=st.sampled_from(SAY),
    )
    def step(self, what: str, place: int, more: int, said: str) -> None:
        if what == "on":
            self._go_on(place, said)
        elif what == "give":
            self._give(("", *COUNTIES)[place % 3], more - 15 or 1)
        elif what == "hear":
            self._hear()
        elif what == "answer":
            self._answer(place, more, said)
        elif what == "any":
            self._act(NAMES[more % len(NAMES)], place)
        else:
            self._act_on_one_that_may(NAMES[more % len(NAMES)], place)

    def _give(self, county: str, amount_fen: int) -> None:
        change_id = propose_change(
            programme_from=self.year, county_code=county, kind=GIVEN, amount_fen=amount_fen, reason="依据",
            actor=FINANCE[0], occurred_at=AT, request_key=key(),
        )  # fmt: skip
        try:
            agree_change(change_id=change_id, actor=FINANCE[1], occurred_at=AT, request_key=key())
            is_done = True
        except BudgetTaken:
            is_done = False
        assert is_done == self.model.give(county, amount_fen)

    def _go_on(self, place: int, said: str) -> None:
        """Do what comes next for a claim: on its way to the bank, or back again."""
        claim = self.model.claims[place]
        name = NEXT.get(claim.state, "")
        if claim.unheard:
            self._hear()
        elif claim.orders and claim.orders[-1] == "sent":
            self._answer(place, 0, said)
        elif claim.late:
            self._act("match", place)
        elif name:
            self._act(name, place)

    def _answer(self, place: int, order: int, said: str) -> None:
        claim = self.model.claims[place]
        if claim.orders:
            order = claim.last - order % len(claim.orders)
            found = answer_order(number_of(place), order, said)
            assert found == self.model.answer(claim, order, said)

    def _hear(self) -> None:
        deliver_waiting(handlers=HANDLERS, delivered_at=AT)
        self.model.hear()

    def _act_on_one_that_may(self, name: str, place: int) -> None:
        may = [n for n, claim in enumerate(self.model.claims) if self.model.may(claim, name)]
        if may:
            self._act(name, may[place % len(may)])

    def _act(self, name: str, place: int) -> None:
        claim = self.model.claims[place]
        is_allowed = self.model.may(claim, name)
        try:
            ACTS[name](number_of(place))
            is_done = True
        except (ClaimRefusal, PaymentRefusal):
            is_done = False
        assert is_done == is_allowed, f"{name} of {place}: {is_done}, should be {is_allowed}"
        if is_allowed:
            self.model.act(claim, name)

    @invariant()
    def both_sides_agree(self) -> None:
        """Compare the budgets, wherever the step has moved something."""
        if self.seen == (now := repr(self.model)):
            return
        self.seen = now
        should = {
            county: (
                self.model.left(county),
                self.model.taken(county, RESERVED),
                self.model.taken(county, PAID),
            )
            for county in self.model.given_fen
        }
        found = {
            one.county_code: (one.left_fen, one.reserved_fen, one.paid_fen)
            for one in list_budgets()
            if one.programme_from == self.year
        }
        assert found == should
        assert all(left_fen >= 0 for left_fen, _, _ in should.values())

    def teardown(self) -> None:
        """Hold claims, orders and ledger against the model as they stand in the end; leave nothing behind."""
        if not hasattr(self, "model"):
            return
        try:
            if not connection.needs_rollback:
                self._ends_right()
        finally:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    def _ends_right(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert standing() == {
            number_of(place): (claim.state, claim.money, claim.orders)
            for place, claim in enumerate(self.model.claims)
        }
        assert envelope_faults() == []


def play(runs: int, steps: int, seeded: int, *, shortened: bool = True) -> None:
    """Play so many runs of so many steps; the seed is printed, so that a divergence can be played again."""
    print(f"money machine: seed {seeded}, {runs} runs of {steps} steps")
    words = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shortened else (Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with transaction.atomic():
        make_city()
        person = make_person()
        MoneyMachine.payee = (person.pk, make_account(person).pk)
        run_state_machine_as_test(seed(seeded)(MoneyMachine), settings=words)
        transaction.set_rollback(True)
