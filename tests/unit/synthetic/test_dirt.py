"""The dirt: a planted fault is one, and a planted oddity reads the same once cleaned."""

from datetime import date
from random import Random

import pytest

from yiyuan.kernel.identity import clean_id_number, id_number_fault
from yiyuan.synthetic.dirt import serial, soil_date, soil_id, write_date, yuan, yuan_with_commas
from yiyuan.synthetic.people import IdMint


def _ids() -> list[str]:
    mint, random = IdMint(), Random(3)
    days = [date.fromordinal(date(1930, 1, 1).toordinal() + random.randrange(32_000)) for _ in range(20_000)]
    return [mint.issue("411724", day, is_female=bool(random.getrandbits(1))) for day in days]


def test_issued_ids_are_valid_and_unlike_each_other() -> None:
    ids = _ids()

    assert len(set(ids)) == len(ids)
    assert all(id_number_fault(person_id) is None for person_id in ids)


def test_a_planted_fault_is_the_first_an_importer_finds() -> None:
    random = Random(4)
    soiled = [(person_id, soil_id(random, person_id)) for person_id in _ids()]

    assert {written.fault for _, written in soiled} == {
        None, "missing", "length", "birth_date", "check_digit",
    }  # fmt: skip
    for person_id, written in soiled:
        cleaned = clean_id_number(written.text)
        assert id_number_fault(cleaned) == written.fault
        assert written.fault is not None or cleaned == person_id


def test_a_birthday_with_more_people_than_numbers_is_refused() -> None:
    mint = IdMint()
    for _ in range(500):
        mint.issue("411724", date(1970, 1, 1), is_female=True)

    with pytest.raises(ValueError, match="birthday"):
        mint.issue("411724", date(1970, 1, 1), is_female=True)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", "2019-03-01"), ("slash", "2019/3/1"), ("compact", "20190301"), ("chinese", "2019年3月1日"),
        ("serial", "43525"), ("with_time", "2019-03-01 00:00:00"), ("month", "2019.03"),
        ("month_compact", "201903"),
    ],
)  # fmt: skip
def test_dates_are_written_in_every_form(form: str, text: str) -> None:
    assert write_date(form, date(2019, 3, 1)) == text


def test_a_day_within_a_month_is_never_written_as_the_month() -> None:
    assert write_date("month", date(2019, 3, 2)) == "2019-03-02"


def test_no_date_is_an_empty_cell_and_a_serial_counts_as_spreadsheets_do() -> None:
    assert soil_date(Random(1), "iso", None) == ""
    assert serial(date(1900, 3, 1)) == 61


@pytest.mark.parametrize(
    ("fen", "plain", "commas"),
    [(0, "0.00", "0.00"), (5, "0.05", "0.05"), (-123_456_789, "-1234567.89", "-1,234,567.89")],
)
def test_fen_become_yuan(fen: int, plain: str, commas: str) -> None:
    assert yuan(fen) == plain
    assert yuan_with_commas(fen) == commas
