"""Budgets against their model (状态机对照): Hypothesis says the acts, the database and the model answer.

In: how many runs of how many steps, and a seed. Out: an error with the shortest history that diverges.
"""

from datetime import date, timedelta
from itertools import count

import hypothesis.strategies as st
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.builders import AT, PAYER, key
from tests.faults.money_races import FINANCE
from tests.property.budget_model import PAID, PATHS, RESERVED, BudgetModel
from yiyuan.apps.ledger.budgets import GIVEN, agree_change, list_budgets_of, propose_change
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.errors import BudgetSpent, BudgetTaken
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry

COUNTIES = ("411721", "411722")
# Worlds share a database: each lives in a year of its own.
_worlds = count(1)


class BudgetMachine(RuleBasedStateMachine):
    """One programme with two counties: acts on it go to both sides, which have to agree."""

    @initialize()
    def begin(self) -> None:
        self.world = next(_worlds)
        self.year = date(2019, 1, 1) + timedelta(days=self.world)
        self.model = BudgetModel()

    @rule(county=st.sampled_from(("", *COUNTIES)), amount_fen=st.integers(-60, 200).filter(bool))
    def give(self, county: str, amount_fen: int) -> None:
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

    @rule(county=st.sampled_from(COUNTIES), amount_fen=st.integers(1, 80))
    def file(self, county: str, amount_fen: int) -> None:
        self.model.claims[len(self.model.claims)] = (county, amount_fen, "free")

    @rule(place=st.integers(0, 5), name=st.sampled_from(sorted(PATHS)))
    def move(self, place: int, name: str) -> None:
        if not self.model.claims:
            return
        claim = place % len(self.model.claims)
        county, amount_fen, at = self.model.claims[claim]
        if at != PATHS[name][0]:
            return
        is_allowed = self.model.act(claim, name)
        assert self._post(claim, name, county, amount_fen) == is_allowed

    def _post(self, claim: int, name: str, county: str, amount_fen: int) -> bool:
        subject = f"世界{self.world}-{claim}"
        try:
            with transaction.atomic():
                if name == "unreserve":
                    reverse_entry(
                        subject=subject, posted=EntryKind.RESERVE, kind=EntryKind.UNRESERVE, actor=PAYER,
                        occurred_at=AT, request_key=key(),
                    )  # fmt: skip
                else:
                    entry = NewEntry(EntryKind(name), subject, amount_fen, key(), county, self.year)
                    post_entries(entries=[entry], actor=PAYER, occurred_at=AT)
        except BudgetSpent:
            return False
        return True

    @invariant()
    def both_sides_agree(self) -> None:
        found = {one.county_code: one for of in COUNTIES for one in list_budgets_of(self.year, of)}
        should = {
            county: (
                self.model.left(county),
                self.model.taken(county, RESERVED),
                self.model.taken(county, PAID),
            )
            for county in self.model.given_fen
        }
        assert {
            county: (one.left_fen, one.reserved_fen, one.paid_fen) for county, one in found.items()
        } == should
        assert all(left_fen >= 0 for left_fen, _, _ in should.values())


def play(runs: int, steps: int, seeded: int) -> None:
    """Play so many runs of so many steps; the seed is printed, so that a divergence can be played again."""
    print(f"budget machine: seed {seeded}, {runs} runs of {steps} steps")
    words = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(seeded)(BudgetMachine), settings=words)
