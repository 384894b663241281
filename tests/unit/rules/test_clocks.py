"""Clocks beyond the papers and the payment: by benefit, in minutes, on the same day, from other events."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.unit.rules.plain import DEATH, faults, read, write
from yiyuan.kernel.workdays import HolidayRow, calendar_as_known
from yiyuan.rules.assessment import assess
from yiyuan.rules.deadlines import Start, case_deadline, due_date, fitting_clock, last_day, needs_amount
from yiyuan.rules.scheme_file.loading import load_cases, load_file

RIZHAO = (
    DEATH
    + """\
clocks:
  - {name: survey, starts: confirmed, until: surveyed, bands: [{from_fen: 0, minutes: 30, clause: C-1}]}
  - {name: death, benefits: [death], bands: [{from_fen: 0, calendar_days: 10, clause: C-1}]}
  - name: pay
    bands:
      - {from_fen: 0, through_fen: 200_000, calendar_days: 0, clause: C-1}
      - {from_fen: 200_001, through_fen: 50_000_000, working_days: 2, clause: C-1}
  - {name: agreed, starts: agreed, bands: [{from_fen: 0, calendar_days: 10, clause: C-1}]}
"""
)
FRIDAY, SATURDAY, MONDAY = date(2019, 11, 22), date(2019, 11, 23), date(2019, 11, 25)


def test_a_clock_fits_by_what_it_runs_until_the_benefit_and_the_amount(tmp_path: Path) -> None:
    clocks = read(tmp_path, RIZHAO).clocks

    found = [
        fitting_clock(clocks, "L1", 100, "death"),
        fitting_clock(clocks, "L1", 100, "medical"),
        fitting_clock(clocks, "L1", 200_001),
        fitting_clock(clocks, "L1", 50_000_001),
        fitting_clock(clocks, "L1", 100, until="surveyed"),
    ]

    assert [clock.name if clock else None for clock in found] == ["death", "pay", "pay", "agreed", "survey"]
    assert fitting_clock(clocks, "L1", 100, until="visited") is None
    assert needs_amount(clocks, "L1")


def test_the_same_day_moves_to_the_next_working_day(tmp_path: Path, holidays: tuple[HolidayRow, ...]) -> None:
    clock = fitting_clock(read(tmp_path, RIZHAO).clocks, "L1", 200_000)
    assert clock is not None
    calendar = calendar_as_known(holidays)

    assert due_date(clock, FRIDAY, calendar).due_on == FRIDAY
    assert due_date(clock, SATURDAY, calendar).due_on == MONDAY
    assert "当天" in due_date(clock, FRIDAY, calendar).rule


def test_days_left_after_a_pause_may_be_none_and_late_ones_stay_late(
    holidays: tuple[HolidayRow, ...],
) -> None:
    calendar = calendar_as_known(holidays)

    assert last_day(SATURDAY, 0, calendar, in_working_days=False).on == MONDAY
    assert last_day(SATURDAY, 0, calendar, in_working_days=True).on == SATURDAY
    assert last_day(MONDAY, -2, calendar, in_working_days=False).on == SATURDAY


def test_minutes_count_from_the_moment_or_name_the_day(
    tmp_path: Path, holidays: tuple[HolidayRow, ...]
) -> None:
    clock = fitting_clock(read(tmp_path, RIZHAO).clocks, "L1", 0, until="surveyed")
    assert clock is not None
    calendar = calendar_as_known(holidays)

    to_the_minute = due_date(clock, FRIDAY, calendar, datetime(2019, 11, 22, 23, 45))
    by_day = due_date(clock, FRIDAY, calendar)

    assert to_the_minute.due_at == datetime(2019, 11, 23, 0, 15)
    assert to_the_minute.due_on == SATURDAY
    assert to_the_minute.rule == "C-1：确认 30 分钟内"
    assert (by_day.due_at, by_day.due_on) == (None, FRIDAY)


@pytest.mark.parametrize(
    ("by_benefit", "due_on"),
    [
        ({"medical": 200_000}, FRIDAY),
        ({"medical": 200_001}, date(2019, 11, 26)),
        ({"medical": 1, "death": 200_000}, date(2019, 12, 2)),
        ({"medical": 1, "death": 0}, FRIDAY),
        ({}, FRIDAY),
    ],
)
def test_the_last_day_of_all_benefits_is_the_cases(
    tmp_path: Path, holidays: tuple[HolidayRow, ...], by_benefit: dict[str, int], due_on: date
) -> None:
    deadline = case_deadline(
        read(tmp_path, RIZHAO).clocks,
        [("L1", name) for name, fen in by_benefit.items() if fen] or [("L1", "")],
        sum(by_benefit.values()),
        {"papers_complete": Start(FRIDAY)},
        calendar_as_known(holidays),
    )

    assert deadline is not None
    assert deadline.due_on == due_on


def test_a_clock_that_has_not_started_gives_no_day(tmp_path: Path, holidays: tuple[HolidayRow, ...]) -> None:
    clocks, calendar = read(tmp_path, RIZHAO).clocks, calendar_as_known(holidays)
    owed = [("L1", "medical")]

    assert case_deadline(clocks, owed, 50_000_001, {"papers_complete": Start(FRIDAY)}, calendar) is None
    agreed = case_deadline(clocks, owed, 50_000_001, {"agreed": Start(FRIDAY)}, calendar)
    assert agreed is not None
    assert agreed.due_on == date(2019, 12, 2)
    assert case_deadline((), owed, 50_000_001, {"agreed": Start(FRIDAY)}, calendar) is None


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("minutes: 30", "minutes: 30, working_days: 1", "写了 minutes、working_days"),
        ("minutes: 30, ", "", "一个也没写"),
        ("until: surveyed", "until: surveied", "是不是 surveyed"),
        ("starts: confirmed", "starts: confirm", "是不是 confirmed"),
        ("name: death,", "name: death, liabilities: [L2],", "不认识责任 L2"),
        ("from_fen: 200_001", "from_fen: 200_000", "正好 2,000.00 元两档都管"),
        ("benefits: [death]", "benefts: [death]", "是不是 benefits"),
    ],
)
def test_faults_of_clocks(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    found = faults(tmp_path, RIZHAO.replace(right, wrong, 1))

    assert any(said in message for message in found), found


SEVERAL = """\
scheme: plain
title: 小方案
valid: {from: 2019-01-01, clause: C-1}
clauses:
  C-1: {text: 一条, text_en: one, assumed: 试验用, assumed_en: for a test}
liabilities:
  - {code: L1, cause: fire, name_zh: 火灾, trigger: 火灾, clause: C-1}
  - {code: L2, cause: flood, name_zh: 洪水, trigger: 洪水, clause: C-1}
benefits:
  - name: death
    name_zh: 死亡
    kind: death
    claimed_with: died
    when: {died: true}
    liabilities: [L1]
    amount: {fixed_fen: 300}
    payee: heirs
    clause: C-1
  - name: relief
    name_zh: 慰问
    kind: other
    claimed_with: died
    when: {died: true}
    liabilities: [L2]
    amount: {first: [{when: {age: {from: 18}}, fixed_fen: 200}, {fixed_fen: 400}]}
    payee: heirs
    clause: C-1
several_causes: {rule: RULE, clause: C-1}
clocks:
  - {name: fire, liabilities: [L1], bands: [{from_fen: 0, calendar_days: 3, clause: C-1}]}
  - {name: flood, liabilities: [L2], bands: [{from_fen: 0, calendar_days: 10, clause: C-1}]}
"""
THREE_DAYS, TEN_DAYS = MONDAY, date(2019, 12, 2)


@pytest.mark.parametrize("causes", ["fire, flood", "flood, fire"])
@pytest.mark.parametrize(
    ("rule", "facts", "due_on"),
    [
        ("highest", "died: true, age: 30", THREE_DAYS),
        ("highest", "died: true, age: 3", TEN_DAYS),
        ("add", "died: true, age: 30", TEN_DAYS),
        ("add", "died: false", TEN_DAYS),
    ],
)
def test_the_clock_is_that_of_the_cause_that_pays_whichever_is_named_first(
    tmp_path: Path, holidays: tuple[HolidayRow, ...], rule: str, facts: str, due_on: date, causes: str
) -> None:
    version = load_file(write(tmp_path, SEVERAL.replace("RULE", rule)))
    case = write(
        tmp_path,
        "- {case: 一, on: 2019-11-01, papers_complete_on: 2019-11-22, "
        f"facts: {{causes: [{causes}], {facts}}}}}\n",
        "cases.yaml",
    )

    (found,) = (assess(version, one, holidays) for one in load_cases(case))

    assert found.deadline is not None
    assert found.deadline.due_on == due_on
