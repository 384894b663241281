"""Cleaning in SQL: every form a date or an amount may take, and parity with the checks of one number."""

import random
from datetime import date

import duckdb
import pytest

from yiyuan.exchange import cleaning
from yiyuan.kernel import identity


def evaluate(expression: str, values: list[str | None]) -> list[object]:
    """Return the expression over `x` for each value, in order."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (n INTEGER, x VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [[n, value] for n, value in enumerate(values)])
        return [row[0] for row in connection.execute(f"SELECT {expression} FROM t ORDER BY n").fetchall()]


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-01",
        "2019/1/1",
        "2019.01",
        "2019.1",
        "201901",
        "20190101",
        "2019年1月1日",
        "2019年1月",
        "43466",
        "43466.75",
        "2019-01-01 08:30:00",
        "2019-01-01T08:30:00",
        "2019/1/1 8:30",
        "20190101083000",
        "20190101 08:30:00",
        "2019年1月1日8时30分",
        "２０１９－０１－０１",
        " 2019-01-01 ",
        "2019 年 1 月 1 日",
        "'2019-01-01",
        "2019-01-01 08:30:00.000",
        "2019．1．1",
        "2019年01月01号",
        "2019-01",
        "2019/01",
    ],
)
def test_every_form_of_a_date_is_read(text: str) -> None:
    assert evaluate(cleaning.day("x"), [text]) == [date(2019, 1, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-30",
        "2019-13-01",
        "2019-00-10",
        "20190230",
        "201913",
        "0000-00-00",
        "19-01-01",
        "01/02/2019",
        "不详",
        "—",
        "1.2.3",
        "2019",
        "2019-01-01-01",
        "99999",
        "#VALUE!",
        "2019-1-1abc",
    ],
)
def test_what_names_no_day_is_not_read(text: str) -> None:
    assert evaluate(cleaning.day("x"), [text]) == [None]


def test_a_year_alone_and_other_orders_only_where_asked_for() -> None:
    assert (
        evaluate(cleaning.day("x", year_alone=True), ["2014", "2014年", "2014年度"]) == [date(2014, 1, 1)] * 3
    )
    assert evaluate(cleaning.day("x", order="dmy"), ["1/2/2019", "31.12.2018 00:00"]) == [
        date(2019, 2, 1),
        date(2018, 12, 31),
    ]
    assert evaluate(cleaning.day("x", order="mdy"), ["1/2/2019", "31/12/2018"]) == [date(2019, 1, 2), None]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.30", 1230),
        ("0", 0),
        ("-5.00", -500),
        ("14,822.64", 1482264),
        ("1,234,567", 123456700),
        (" 5.5 ", 550),
        ("５．５", 550),
        ("7.", 700),
        (".5", 50),
        ("1000000000.00", 10**11),
        ("-0.00", 0),
        ("'12", 1200),
        ("0.07", 7),
        ("999999999.99", 99999999999),
    ],
)
def test_an_amount_is_read_to_the_fen(text: str, fen: int) -> None:
    assert evaluate(cleaning.fen("x"), [text]) == [fen]


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3",
        "—",
        "NaN",
        "1,23.4",
        "12.345",
        "12.300",
        "1e3",
        "1000000000.01",
        "abc",
        "-",
        "",
        " ",
        "12元",
        "--5",
        "1,2345",
        "inf",
        "1_000",
    ],
)
def test_what_is_no_amount_is_not_read(text: str) -> None:
    assert evaluate(cleaning.fen("x"), [text]) == [None]


def test_the_fault_of_a_number_is_the_same_in_sql_and_alone() -> None:
    draw = random.Random(20191120)
    numbers = [_number(draw) for _ in range(4000)]
    expression = cleaning.id_fault("x", f"({cleaning.id_digits('x')})")

    found = evaluate(expression, [number or None for number in numbers])

    alone = [identity.id_number_fault(number) for number in numbers]
    assert found == [fault.value if fault else None for fault in alone]
    assert {None, "length", "birth_date", "check_digit"} <= set(found)


def test_cleaning_a_number_is_the_same_in_sql_and_alone() -> None:
    texts = [
        " 411721 19410708 9822 ",
        "'411721194107089822",
        "４１１７２１１９４１０７０８９８２ｘ",
        "41172119410708982x",
        '="411"',
        "\u3000\t",
        "4117\n21",
    ]

    found = evaluate(cleaning.id_number("x"), list(texts))

    assert found == [identity.clean_id_number(text) or None for text in texts]


def test_masking_is_the_same_in_sql_and_alone() -> None:
    texts = ["411721194107089822", "NaN", "1.2.3", "", "张三丰说的话"]

    assert evaluate(cleaning.masked("x"), list(texts)) == [identity.mask_value(text) for text in texts]


def _number(draw: random.Random) -> str:
    year = draw.choice([1900, 1941, 2000, 2019, 0, 9999])
    birth = f"{year:04d}{draw.randrange(0, 14):02d}{draw.randrange(0, 33):02d}"
    number = "411721" + birth + f"{draw.randrange(1000):03d}"
    check = identity.check_character(number) if draw.random() < 0.8 else draw.choice("0123456789XY")
    whole = number + check
    if draw.random() < 0.2:
        place = draw.randrange(18)
        whole = whole[:place] + draw.choice("A一X0") + whole[place + 1 :]
    return whole[: draw.choice([18, 18, 18, 18, 18, 17, 15])]
