"""Whether a claim was filed in time, by which clause, and what follows."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.rules.plain import faults, read
from yiyuan.kernel.workdays import HolidayRow, calendar_as_known
from yiyuan.rules.contract_terms import Filing
from yiyuan.rules.filing import check_filing, last_day_to_file


@pytest.mark.parametrize(
    ("unit", "within", "from_on", "last_on"),
    [
        ("days", 30, date(2019, 1, 31), date(2019, 3, 2)),
        ("months", 1, date(2019, 1, 31), date(2019, 2, 28)),
        ("months", 13, date(2018, 12, 15), date(2020, 1, 15)),
        ("years", 2, date(2016, 2, 29), date(2018, 2, 28)),
        ("years", 4, date(2016, 2, 29), date(2020, 2, 29)),
    ],
)
def test_the_last_day_has_the_number_of_the_first(
    unit: str, within: int, from_on: date, last_on: date
) -> None:
    assert last_day_to_file(Filing(unit, within, "on", "question", (), "C-1"), from_on) == last_on


def test_late_is_a_question_for_a_person_and_the_clause_is_named(tmp_path: Path) -> None:
    text = "filing: [{within_years: 2, from: on, clause: C-1}]\n"
    terms = read(tmp_path, text).filing

    in_time = check_filing(terms, "L1", date(2021, 7, 10), {"on": date(2019, 7, 10)})
    late = check_filing(terms, "L1", date(2021, 7, 11), {"on": date(2019, 7, 10)})

    assert in_time is not None
    assert late is not None
    assert (in_time.is_late, in_time.last_on, in_time.clause) == (False, date(2021, 7, 10), "C-1")
    assert (late.is_late, late.late) == (True, "question")


def test_a_liability_may_have_a_term_of_its_own_and_others_none(tmp_path: Path) -> None:
    text = "filing: [{within_days: 30, from: died_on, late: refuse, liabilities: [L1], clause: C-1}]\n"
    terms = read(tmp_path, text).filing

    answer = check_filing(terms, "L1", date(2019, 9, 1), {"died_on": date(2019, 7, 10)})

    assert answer is not None
    assert (answer.is_late, answer.late) == (True, "refuse")
    assert check_filing(terms, "L2", date(2019, 9, 1), {"died_on": date(2019, 7, 10)}) is None


def test_a_missing_date_is_named_and_decides_nothing(tmp_path: Path) -> None:
    terms = read(tmp_path, "filing: [{within_days: 30, from: died_on, clause: C-1}]\n").filing

    without_death = check_filing(terms, "L1", date(2019, 9, 1), {})
    without_filing = check_filing(terms, "L1", None, {"died_on": date(2019, 7, 10)})

    assert without_death is not None
    assert without_filing is not None
    assert (without_death.is_late, without_death.missing) == (None, "died_on")
    assert (without_filing.is_late, without_filing.missing) == (None, "filed_on")


def test_a_last_day_off_moves_to_the_next_working_day(
    tmp_path: Path, holidays: tuple[HolidayRow, ...]
) -> None:
    terms = read(tmp_path, "filing: [{within_days: 1, from: on, clause: C-1}]\n").filing
    saturday, monday = date(2019, 11, 23), date(2019, 11, 25)

    answer = check_filing(terms, "L1", monday, {"on": date(2019, 11, 22)}, calendar_as_known(holidays))

    assert answer is not None
    assert (answer.is_late, answer.last_on) == (False, monday)
    plain = check_filing(terms, "L1", monday, {"on": date(2019, 11, 22)})
    assert plain is not None
    assert (plain.is_late, plain.last_on) == (True, saturday)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{from: on, clause: C-1}", "应写 within_days、within_months、within_years 其中一个"),
        ("{within_days: 1, within_years: 1, from: on, clause: C-1}", "其中一个"),
        ("{within_days: 1, from: on, late: refused, clause: C-1}", "是不是 refuse"),
        ("{within_days: 1, from: on}", "没有写依据的条款"),
        ("{within_days: 1, from: died, clause: C-1}", "died 不是日期"),
        ("{within_days: 1, from: dyed_on, clause: C-1}", "没有申明事实 dyed_on，是不是 died_on"),
        ("{within_days: 1, from: on, liabilities: [L2], clause: C-1}", "不认识责任 L2"),
    ],
)
def test_faults_of_filing(tmp_path: Path, text: str, said: str) -> None:
    found = faults(tmp_path, f"filing: [{text}]\n")

    assert any(said in message for message in found), found
