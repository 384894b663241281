"""Faults planted in the services (故意种下的错): the year notices each, and says what differs."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.year.playing import Divergence, find_divergence, play_year, shorten
from yiyuan.apps.claims import money, questions, recoveries, releasing, services
from yiyuan.apps.intake import running
from yiyuan.apps.payments import posting
from yiyuan.apps.payments.queries import Standing, list_standing
from yiyuan.apps.registry.bulk import undoing
from yiyuan.apps.screening import services as screening

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.breaks]
SEED, WORLDS, ROUNDS, FEW = 7, range(40), 40, 4
Plant = Callable[[pytest.MonkeyPatch], None]


def paid_again(patch: pytest.MonkeyPatch) -> None:
    standing = list_standing

    def forgetful(sources: Iterable[str]) -> Standing:
        return replace(standing(sources), living=frozenset())

    patch.setattr(services, "list_standing", forgetful)


def paid_double(patch: pytest.MonkeyPatch) -> None:
    request = services._request

    def doubled(*words: Any) -> Any:
        made = request(*words)
        return replace(made, amount_fen=2 * made.amount_fen)

    patch.setattr(services, "_request", doubled)


def reversal_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(money, "_give_back", lambda *_words: None)


def question_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(running, "compare_decisions", lambda **_words: 0)


def declined_proposed_again(patch: pytest.MonkeyPatch) -> None:
    unchanged = "p.facts_key <> '' AND p.facts_key <>"
    assert unchanged in screening.COMPARE_SQL
    without = screening.COMPARE_SQL.replace(unchanged, "p.facts_key <> '' AND 'x' <>")
    patch.setattr(screening, "COMPARE_SQL", without)


def correction_kept_after_undoing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(undoing, "RESTORE", ())


def released_in_question(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(releasing, "list_questioned", lambda _number: [])


def withdrawn_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(questions, "decline_confirmed", lambda **_words: None)


def recovered_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recoveries, "decline_confirmed", lambda **_words: None)


def answer_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting, "record_facts", lambda **_words: None)


@pytest.mark.parametrize(
    ("plant", "shows"),
    [
        (paid_again, "IntegrityError"),
        (paid_double, "the records"),
        (reversal_forgotten, "the ledger"),
        (question_skipped, "'open'|Question matching query does not exist"),
        (declined_proposed_again, "'reopened'"),
        (correction_kept_after_undoing, "periods of"),
        (released_in_question, "BatchQuestioned was due"),
        (withdrawn_for_ever, "should be \\('declined'.* is \\('confirmed'"),
        (recovered_for_ever, "should be \\('declined'.* is \\('confirmed'"),
        (answer_not_told, "'approved'"),
    ],
)
def test_a_planted_fault_is_noticed(
    plant: Plant, shows: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(monkeypatch)

    with pytest.raises(Divergence, match=shows):
        play_year(SEED, WORLDS, ROUNDS, tmp_path)


def test_a_divergence_is_shortened_to_one_world_and_still_diverges(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paid_double(monkeypatch)
    with pytest.raises(Divergence) as found:
        play_year(SEED, range(FEW), ROUNDS, tmp_path, turns=4)

    shortest = shorten(SEED, found.value, range(FEW), tmp_path, seconds=2)

    worlds = {index for one in shortest.history for turn in one.turns for index in turn.actions}
    assert len(worlds) == 1
    monkeypatch.undo()
    assert find_divergence(SEED, worlds, shortest.history, tmp_path) is None
