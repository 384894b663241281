"""Promises in full: a changed notice of holidays, the one gap notice, the fast track, what is overdue."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from tests.builders import APPROVER, ASSESSOR, AT, CLERK, DESK, TODAY, key, make_account, opened, say
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.escalation import list_escalated
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.promises import follow_calendar, set_emergency
from yiyuan.apps.claims.queries import ClaimFilter, list_claims
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.deadlines.models import CalendarDay, Clock, ClockChange
from yiyuan.apps.deadlines.queries import get_clock, list_clock_changes
from yiyuan.apps.intake.running import ImportResult, import_file
from yiyuan.apps.registry.models import Person
from yiyuan.kernel.actor import SYSTEM_ACTOR
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

HEADER = "year,version,known_from,date,name,kind\n"
FIRST = HEADER + "2019,1,,2019-10-01,国庆节,off\n"
# A made-up second notice: the day on which a claim of these tests is due becomes free, and the day after it.
SECOND = HEADER + (
    "2019,2,2019-11-20,2019-10-01,国庆节,off\n"
    "2019,2,2019-11-20,2019-11-21,临时放假,off\n"
    "2019,2,2019-11-20,2019-11-22,临时放假,off\n"
)


def notice(folder: Path, text: str, name: str = "放假.csv") -> ImportResult:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_file(path=path, kind="holidays", group="", actor=CLERK, occurred_at=AT, request_key=key())


def due(claim: Claim) -> date | None:
    return Claim.objects.get(pk=claim.pk).due_on


def test_a_new_notice_moves_open_promises_and_keeps_the_old_day(tmp_path: Path) -> None:
    notice(tmp_path, FIRST)
    claim, paid = opened(), opened()
    Clock.objects.filter(subject=paid.number).update(stopped_at=AT)
    assert due(claim) == date(2019, 11, 21)

    result = notice(tmp_path, SECOND, "放假第二版.csv")

    assert (result.state, result.changed) == ("done", 3)
    assert (due(claim), due(paid)) == (date(2019, 11, 25), date(2019, 11, 21))
    (change,) = list_clock_changes(claim.number)
    assert (change.cause, change.old_due_on, change.new_due_on) == (
        "calendar",
        date(2019, 11, 21),
        date(2019, 11, 25),
    )
    assert change.reason == "放假安排 2019 年第 2 版"
    assert not list_clock_changes(paid.number)


def test_a_notice_counts_from_the_day_it_is_known(tmp_path: Path) -> None:
    notice(tmp_path, FIRST)
    claim = opened()
    notice(tmp_path, SECOND.replace("2019-11-20,2019", "2019-11-21,2019"), "放假第二版.csv")
    assert due(claim) == date(2019, 11, 21)

    words = {"reason": "放假安排", "actor": SYSTEM_ACTOR, "occurred_at": AT + timedelta(days=1)}
    moved = follow_calendar(request_key=key(), **words)  # type: ignore[arg-type]
    again = follow_calendar(request_key=key(), **words)  # type: ignore[arg-type]

    assert (moved, again, due(claim)) == (1, 0, date(2019, 11, 25))


def test_a_version_once_known_is_not_told_otherwise(tmp_path: Path) -> None:
    notice(tmp_path, FIRST)

    result = notice(tmp_path, FIRST + "2019,1,,2019-10-02,国庆节,off\n", "改了.csv")

    assert result.state == "failed"
    assert "版本请写 2" in result.message
    assert CalendarDay.objects.count() == 1


def test_a_move_of_a_due_day_is_never_changed() -> None:
    claim = opened()
    say(claim, Verb.REQUEST_DOCUMENTS, DESK, "缺出院小结")

    with pytest.raises(DatabaseError), transaction.atomic():
        ClockChange.objects.update(reason="x")


def at(days: int) -> dict[str, object]:
    return {"occurred_at": AT + timedelta(days=days), "request_key": key()}


def test_the_one_gap_notice_pauses_the_promise_and_keeps_the_days_used() -> None:
    claim = opened()
    number = claim.number

    move_claim(number=number, verb=Verb.REQUEST_DOCUMENTS, actor=DESK, reason="缺出院小结", **at(0))  # type: ignore[arg-type]
    paused = Claim.objects.get()
    clock = get_clock(number)
    assert clock is not None
    assert (paused.state, paused.due_on, clock.paused_on) == ("awaiting_documents", None, TODAY)

    move_claim(number=number, verb=Verb.RECEIVE_DOCUMENTS, actor=DESK, **at(6))  # type: ignore[arg-type]

    # One day was promised and none used: the papers came on the 26th, so the 27th is the last.
    assert (Claim.objects.get().state, due(claim)) == ("lodged", date(2019, 11, 27))
    assert [(c.cause, c.old_due_on, c.new_due_on) for c in list_clock_changes(number)] == [
        ("paused", date(2019, 11, 21), None),
        ("resumed", date(2019, 11, 21), date(2019, 11, 27)),
    ]
    assert Claim.objects.get().papers_complete_at == AT


def test_documents_are_asked_for_once() -> None:
    claim = opened()
    say(claim, Verb.REQUEST_DOCUMENTS, DESK, "缺出院小结")
    say(claim, Verb.RECEIVE_DOCUMENTS, DESK)

    with pytest.raises(errors.SuspendedOnce):
        say(claim, Verb.REQUEST_DOCUMENTS, DESK, "还缺一份")

    assert Claim.objects.get().state == "lodged"


def test_a_gap_before_the_claim_was_lodged_is_no_suspension() -> None:
    claim = opened(with_account=False)
    make_account(Person.objects.get())
    say(claim, Verb.RECEIVE_DOCUMENTS, DESK)

    say(claim, Verb.REQUEST_DOCUMENTS, DESK, "缺出院小结")

    assert Claim.objects.get().state == "awaiting_documents"


def test_a_late_promise_is_late_still_after_a_pause() -> None:
    claim = opened()
    move_claim(
        number=claim.number,
        verb=Verb.REQUEST_DOCUMENTS,
        actor=DESK,
        reason="缺出院小结",
        **at(6),  # type: ignore[arg-type]
    )

    move_claim(number=claim.number, verb=Verb.RECEIVE_DOCUMENTS, actor=DESK, **at(9))  # type: ignore[arg-type]

    back_on, due_on = date(2019, 11, 29), due(claim)
    assert due_on is not None
    assert due_on < back_on


def test_an_emergency_stands_first_and_says_why() -> None:
    plain, urgent = opened(), opened()

    set_emergency(
        number=urgent.number,
        is_emergency=True,
        reason="在重症监护室",
        actor=DESK,
        **at(0),  # type: ignore[arg-type]
    )

    rows = list_claims(ClaimFilter(("lodged",)), TODAY, scope=EVERYWHERE)
    assert [row.number for row in rows] == [urgent.number, plain.number]
    assert Claim.objects.get(pk=urgent.pk).emergency_reason == "在重症监护室"
    # The scheme gives emergencies no clock of their own: the medical one runs on.
    assert due(urgent) == due(plain)


def test_only_the_desk_calls_an_emergency_and_gives_a_reason() -> None:
    claim = opened()
    words = {"number": claim.number, "is_emergency": True, **at(0)}

    with pytest.raises(errors.RoleMissing):
        set_emergency(reason="急", actor=ASSESSOR, **words)  # type: ignore[arg-type]
    with pytest.raises(errors.ReasonMissing):
        set_emergency(reason=" ", actor=DESK, **words)  # type: ignore[arg-type]
    assert not Claim.objects.get().is_emergency


def test_what_is_overdue_goes_up_by_working_days() -> None:
    claim = opened()  # due on Thursday 21 November

    def level(on: date, scope: Scope = EVERYWHERE) -> list[int]:
        return [one.level for one in list_escalated(on, scope=scope)]

    assert level(date(2019, 11, 21)) == []
    assert level(date(2019, 11, 22)) == [1]
    assert level(date(2019, 11, 24)) == [1]
    assert level(date(2019, 11, 26)) == [3]
    assert level(date(2019, 12, 2)) == [7]
    assert level(date(2019, 12, 2), Scope(frozenset({"411725"}))) == []
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.DECLINE, APPROVER, "不在册")
    assert level(date(2019, 12, 2)) == []
