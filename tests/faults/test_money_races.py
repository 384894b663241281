"""Races over money: one submission, two approvers, many claims on one budget; a tenth of the soak."""

import pytest

from tests.faults.money_races import approve_twice, spend_budget, submit_again

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_one_submission_a_thousand_times_is_one_claim() -> None:
    assert submit_again(1_000, 32) == (1, 0)


def test_two_approvers_at_once_are_one_approval() -> None:
    assert approve_twice(100) == 0


def test_many_claims_on_one_budget_never_overdraw_it() -> None:
    approved, left_fen, differing = spend_budget(16, 5)

    assert (approved, left_fen, differing) == (5, 1, 0)
