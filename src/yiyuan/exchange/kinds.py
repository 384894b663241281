"""What a kind of file is (文件种类): which fields it needs, which columns come out, which rows are refused
and why.

In: what is known of one sheet. Out: SQL over its raw cells (`r_<field>`, text or null): cleaned columns,
then checks in the order in which the first that applies refuses the row. One module a kind builds these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from yiyuan.exchange.cleaning import id_fault, squeeze

ID_FAULTS = ("missing", "length", "birth_date", "check_digit")


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet before its rows are read; `found` are the fields that have a column."""

    file: str
    sheet: str
    title: str
    found: frozenset[str]
    group: str | None = None
    county: str | None = None
    counties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_order: str = "ymd"
    valid_from: date | None = None
    source: str | None = None
    cards: bool = False
    """The column that identifies a person holds disability card numbers."""
    header_of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A row is refused for `reason` where `when` holds; `cell` is the field to show, `detail` a text for the
    clerk.
    """

    reason: str
    cell: str
    when: str
    detail: str = "NULL"


@dataclass(frozen=True)
class Rules:
    """SQL for one sheet: each stage stands on those before it; `late` checks come after duplicates."""

    stages: tuple[Mapping[str, str], ...]
    checks: tuple[Check, ...]
    late: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of department file."""

    name: str
    label: str
    needs: tuple[tuple[str, ...], ...]
    """Each entry: fields of which one must have a column."""
    keys: tuple[str, ...]
    """The fields that tell a row of data from a note."""
    canonical: tuple[str, ...]
    columns: Mapping[str, str]
    """Every column that comes out, canonical and wide, with its SQL type."""
    unique: tuple[str, ...]
    """Columns that a second row may not repeat."""
    rules: Callable[[SheetFacts], Rules]
    optional_notes: tuple[str, ...] = ()
    """Fields whose absence a clerk is told of: they count as 0, or a check is left out."""
    not_also: tuple[str, ...] = ()
    """Kinds this must not be: a file that has all they need was put into the wrong box."""


def id_checks(
    number: str, cell: str, length_is_right: str | None = None
) -> tuple[dict[str, str], tuple[Check, ...]]:
    """Return the column `id_fault` and its four checks; the stage before it has `number` and `id_digits`."""
    aux = {"id_fault": id_fault(number, "id_digits", length_is_right)}
    return aux, tuple(Check(reason, cell, f"id_fault = '{reason}'") for reason in ID_FAULTS)


def is_blank(raw: str) -> str:
    """Return a condition: the raw cell holds nothing but blanks."""
    return f"({raw} IS NULL OR {squeeze(raw)} IS NULL)"


def is_filled(raw: str) -> str:
    """Return a condition: the raw cell holds more than blanks."""
    return f"({raw} IS NOT NULL AND {squeeze(raw)} IS NOT NULL)"
