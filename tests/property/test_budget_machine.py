"""Budgets keep step with a small pure model, whatever is said to them in whatever order."""

import pytest

from tests.property.budget_machine import BudgetMachine, play
from tests.property.budget_model import BudgetModel

RUNS, STEPS, SEED = 200, 40, 4117


@pytest.mark.slow
@pytest.mark.django_db
def test_budgets_keep_step_with_the_model() -> None:
    play(RUNS, STEPS, SEED)


@pytest.mark.django_db
def test_a_model_that_forgets_a_return_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = BudgetModel.taken

    def forgetful(model: BudgetModel, county: str, places: tuple[str, ...] = ()) -> int:
        return right(model, county, tuple(one for one in places if one != "payable"))

    monkeypatch.setattr(BudgetModel, "taken", forgetful)

    with pytest.raises(AssertionError):
        play(50, 20, SEED)
    assert BudgetMachine.__name__
