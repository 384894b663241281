"""SQL text (查询语句): the few ways in which a value of ours becomes part of a DuckDB query.

In: names, texts, paths and dates. Out: SQL that means exactly them, whatever characters they carry.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from yiyuan.kernel.identity import mask_value


def name(identifier: str) -> str:
    """Return the identifier quoted: `group` is a word of SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return the text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def text_or_null(value: str | None) -> str:
    """Return the text as a literal, or NULL."""
    return "NULL" if value is None else text(value)


def day(value: date) -> str:
    """Return the day as a literal."""
    return f"DATE '{value.isoformat()}'"


def file(path: Path) -> str:
    """Return the path as a literal that names this one file, also where its name looks like a pattern."""
    plain = "".join(
        f"[{character}]" if character in "*?[" else character for character in str(path.absolute())
    )
    return text(plain)


def either(conditions: Iterable[str]) -> str:
    """Return the conditions joined by OR; none hold where there is none."""
    return " OR ".join(f"({condition})" for condition in conditions) or "FALSE"


def masked(value: str) -> str:
    """Return the expression's text with its first and last two characters only, as the kernel masks it."""
    assert mask_value("123456") == "12**56", "the masked form is the kernel's; this expression repeats it"
    return (
        f"CASE WHEN length({value}) > 4 THEN left({value}, 2) || repeat('*', length({value}) - 4)"
        f" || right({value}, 2) ELSE {value} END"
    )
