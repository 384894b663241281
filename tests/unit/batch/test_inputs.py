"""Inputs: what a file says is what the engine sees, row by row, whatever form the file has."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from yiyuan.batch.canonical import CLAIMED, HARDSHIP, SETTLEMENTS, Table
from yiyuan.batch.inputs import InputError, Source, file_sha256, open_source

HEADER = "person_id,group,valid_from,valid_to"
COLUMNS = frozenset(HEADER.split(","))


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _open(engine: duckdb.DuckDBPyConnection, path: Path, table: Table = HARDSHIP) -> Source:
    required = COLUMNS if table is HARDSHIP else frozenset({"setl_id"})
    return open_source(engine, table, str(path), "", required, path.parent / "rewritten.parquet")


def _rows(engine: duckdb.DuckDBPyConnection, source: Source) -> list[dict[str, Any]]:
    names = [row[0] for row in engine.execute(f"DESCRIBE {source.scan}").fetchall()]
    rows = engine.execute(f"SELECT * FROM ({source.scan}) ORDER BY row_no").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _ids(engine: duckdb.DuckDBPyConnection, source: Source) -> list[tuple[int, str | None]]:
    column = source.table.columns[0].name
    return [(row["row_no"], row[column]) for row in _rows(engine, source)]


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\na,orphan,2019-01-01,\nb,orphan,2019-01-02,2019-02-01\n",
        f"{HEADER}\r\na,orphan,2019-01-01,\r\nb,orphan,2019-01-02,2019-02-01\r\n",
        f"\ufeff{HEADER}\na,orphan,2019-01-01,\nb,orphan,2019-01-02,2019-02-01",
        f"{HEADER}\ra,orphan,2019-01-01,\rb,orphan,2019-01-02,2019-02-01\r",
        f'{HEADER}\r\n"a","orphan","2019-01-01",""\n\n"b",orphan,2019-01-02,2019-02-01\r\n',
        (
            'valid_to,note,person_id,group, valid_from \n,"1,\n2",a,orphan,2019-01-01\n'
            "2019-02-01,,b,orphan,2019-01-02\n"
        ),
        f"{HEADER}\n\na,orphan, 2019-01-01 ,  \n\n\nb,orphan,2019-01-02,2019-02-01\n\n",
    ],
    ids=[
        "plain",
        "crlf",
        "mark, no last line end",
        "cr",
        "mixed line ends",
        "other order",
        "empty lines and blanks",
    ],
)
def test_a_csv_file_is_read_whatever_its_dress(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    source = _open(engine, _write(tmp_path / "名册 '[1]*?.csv", text))

    assert source.rows == 2
    assert [[row[name] for name in HEADER.split(",")] for row in _rows(engine, source)] == [
        ["a", "orphan", date(2019, 1, 1), None],
        ["b", "orphan", date(2019, 1, 2), date(2019, 2, 1)],
    ]
    assert [row["row_no"] for row in _rows(engine, source)] == [1, 2]


def test_rows_keep_their_numbers_in_a_file_read_by_several_threads(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    engine.execute("SET threads = 4")
    lines = [f'{number},"or\n""phan, {"x" * (number % 97)}",2019-01-01,' for number in range(1, 200_001)]
    source = _open(engine, _write(tmp_path / "long.csv", "\n".join([HEADER, *lines])))

    wrong = engine.execute(f"SELECT count(*) FROM ({source.scan}) WHERE row_no <> CAST(person_id AS BIGINT)")

    assert wrong.fetchall() == [(0,)]
    assert source.rows == 200_000


def test_a_single_column_tells_an_empty_cell_from_an_empty_line(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    source = _open(engine, _write(tmp_path / "claimed.csv", 'setl_id\nS1\n\n""\nS2\n\n'), CLAIMED)

    assert _ids(engine, source) == [(1, "S1"), (2, ""), (3, "S2")]


def test_texts_that_look_like_something_else_stay_texts(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    ids = ["NULL", "NA", "007", "true", "#1", "\\N", " x ", "1e5", "2019-01-01"]
    source = _open(engine, _write(tmp_path / "claimed.csv", "\n".join(["setl_id", *ids])), CLAIMED)

    assert [text for _, text in _ids(engine, source)] == ids


def test_a_file_with_a_header_alone_has_no_rows(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert _open(engine, _write(tmp_path / "h.csv", HEADER)).rows == 0


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("80000", 80000),
        ("+7", 7),
        ("-0", 0),
        (" 12 ", 12),
        ("", None),
        ("  ", None),
        *((text, text) for text in ("1.0", "1,000", "1e5", "--1", "0x1F", "１２", "1 2", "NaN", "9" * 30)),
    ],
)
def test_an_integer_is_digits_with_a_sign_at_most(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, cell: str, value: int | str | None
) -> None:
    path = _write(tmp_path / "s.csv", f'setl_id,inscp_scp_amt_fen\nS1,"{cell}"\n')

    row = _rows(engine, _open(engine, path, SETTLEMENTS))[0]

    unread = row.get("inscp_scp_amt_fen__text")
    assert (row["inscp_scp_amt_fen"], unread) == ((None, value) if isinstance(value, str) else (value, None))


@pytest.mark.parametrize(
    "cell",
    [
        "2019-02-30",
        "2019/01/01",
        "2019-1-1",
        "20190101",
        "2019-01-01 00:00:00",
        "0000-01-01",
        "epoch",
        "infinity",
    ],
)
def test_a_day_is_iso_8601_in_full(engine: duckdb.DuckDBPyConnection, tmp_path: Path, cell: str) -> None:
    row = _rows(engine, _open(engine, _write(tmp_path / "h.csv", f"{HEADER}\na,orphan,{cell},\n")))[0]

    assert (row["valid_from"], row["valid_from__text"]) == (None, cell)


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (arrow.array([1, None], arrow.int32()), [1, None]),
        (arrow.array([1, 2], arrow.uint64()), [1, 2]),
        (arrow.array([1.0, None]), [1, None]),
        (arrow.array([Decimal("5.00"), Decimal("7.00")]), [5, 7]),
        (arrow.array(["+5", "7"]), [5, 7]),
        (arrow.nulls(2), [None, None]),
        (arrow.array([None, None], arrow.string()), [None, None]),
        (arrow.array([b"5", b"7"]), [5, 7]),
    ],
)
def test_whole_numbers_are_read_from_any_parquet_type(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, array: arrow.Array, values: list[int | None]
) -> None:
    parquet.write_table(arrow.table({"setl_id": ["a", "b"], "oth_pay_fen": array}), tmp_path / "s.parquet")

    source = _open(engine, tmp_path / "s.parquet", SETTLEMENTS)

    assert [row["oth_pay_fen"] for row in _rows(engine, source)] == values
    assert not source.unread


def test_codes_written_as_numbers_are_read_as_codes(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    codes = {"sex": arrow.array([1.0, None]), "county_code": arrow.array([411702, 411729], arrow.int64())}
    parquet.write_table(arrow.table({"setl_id": ["a", "b"], **codes}), tmp_path / "s.parquet")

    rows = _rows(engine, _open(engine, tmp_path / "s.parquet", SETTLEMENTS))

    assert [(row["sex"], row["county_code"]) for row in rows] == [("1", "411702"), (None, "411729")]


def test_a_fraction_of_a_fen_is_kept_as_text(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    parquet.write_table(arrow.table({"setl_id": ["a"], "oth_pay_fen": [0.5]}), tmp_path / "s.parquet")

    row = _rows(engine, _open(engine, tmp_path / "s.parquet", SETTLEMENTS))[0]

    assert (row["oth_pay_fen"], row["oth_pay_fen__text"]) == (None, "0.5")


def test_days_are_read_from_parquet_dates_times_and_texts(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = {
        "admitted_on": arrow.array([date(2019, 1, 2)]),
        "discharged_on": arrow.array([datetime(2019, 1, 2, 23, 59)]),
        "settled_on": arrow.array(["2019-01-02"]),
        "birth_on": arrow.nulls(1, arrow.int32()),
    }
    parquet.write_table(arrow.table({"setl_id": ["a"], **days}), tmp_path / "s.parquet")

    row = _rows(engine, _open(engine, tmp_path / "s.parquet", SETTLEMENTS))[0]

    assert [row[day] for day in days] == [date(2019, 1, 2)] * 3 + [None]


def test_parquet_is_known_by_its_content_and_read_where_it_lies(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = tmp_path / "year=2019"
    folder.mkdir()
    parquet.write_table(arrow.table({"setl_id": ["a"], "year": [1]}), folder / "claimed.dat")

    source = _open(engine, folder / "claimed.dat", CLAIMED)

    assert _ids(engine, source) == [(1, "a")]
    assert not (folder / "rewritten.parquet").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "表头"),
        (b"person_id,group,valid_from\na,orphan,2019-01-01\n", "valid_to"),
        (f"{HEADER},person_id\na,orphan,2019-01-01,,b\n".encode(), "两次"),
        (f"{HEADER}\na,orphan,2019-01-01\n".encode(), "第 2 行"),
        (f"{HEADER}\na,orphan,2019-01-01,,,x\n".encode(), "第 2 行"),
        (f"{HEADER}\n李,orphan,2019-01-01,\n".encode("gb18030"), "UTF-8"),
        (b"PAR1 and then nothing", "Parquet"),
    ],
    ids=[
        "empty",
        "column absent",
        "column twice",
        "cell absent",
        "cell too many",
        "gb18030",
        "broken parquet",
    ],
)
def test_a_file_that_cannot_be_used_says_so(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "f.csv").write_bytes(content)

    with pytest.raises(InputError, match=told) as refusal:
        _open(engine, tmp_path / "f.csv")

    assert "f.csv" in str(refusal.value)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(InputError, match="nowhere"):
        file_sha256("nowhere.csv")
