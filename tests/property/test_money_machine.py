"""Budget, claim, approval, payment, return and appeal keep step with a small pure model, in any order."""

from collections.abc import Callable

import pytest

from tests.property.money_machine import play
from tests.property.money_model import MoneyModel
from yiyuan.apps.claims import money, services
from yiyuan.apps.payments import posting, suspense
from yiyuan.apps.payments.queries import Standing, list_standing

RUNS, STEPS, SEED, FEW, TRIES = 200, 40, 4117, 40, 5
Plant = Callable[[pytest.MonkeyPatch], None]

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_money_keeps_step_with_the_model() -> None:
    play(RUNS, STEPS, SEED)


def model_forgets(patch: pytest.MonkeyPatch) -> None:
    right = MoneyModel.taken

    def forgetful(model: MoneyModel, county: str, places: tuple[str, ...] = ()) -> int:
        return right(model, county, tuple(one for one in places if one != "payable"))

    patch.setattr(MoneyModel, "taken", forgetful)


def given_back_never(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(money, "_give_back", lambda *_words: None)


def late_return_not_reversed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspense, "post_came_back", lambda *_words, **_more: None)


def paid_again_while_paid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        services, "list_standing", lambda sources: Standing(frozenset(), list_standing(sources).returned)
    )


def answer_turned_round(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "contradiction", lambda line, order: None)


@pytest.mark.slow
@pytest.mark.breaks
@pytest.mark.parametrize(
    "plant",
    [
        model_forgets,
        given_back_never,
        late_return_not_reversed,
        paid_again_while_paid,
        answer_turned_round,
    ],
)
def test_a_planted_fault_is_noticed(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    # What a seed draws hangs on what else the process has loaded: one of a few seeds must come upon it.
    with pytest.raises(Exception):  # noqa: B017, PT011, PT012 - whichever side notices first
        for further in range(TRIES):
            play(FEW, STEPS, SEED + further, shortened=False)
