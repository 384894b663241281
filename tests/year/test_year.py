"""A year of a city, month by month, against a small pure model: nothing diverges (一年不走样)."""

from pathlib import Path

import pytest

from tests.year.playing import Divergence, play_year, shorten, tell

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SEED, WORLDS, ROUNDS = 4117, 300, 40


def test_three_hundred_small_worlds_live_forty_steps_as_the_model_says(tmp_path: Path) -> None:
    try:
        history = play_year(SEED, range(WORLDS), ROUNDS, tmp_path)
    except Divergence as found:
        shortest = shorten(SEED, found, range(WORLDS), tmp_path)
        pytest.fail(f"{shortest}\n{tell(SEED, shortest.history)}")

    assert len(history) == ROUNDS
