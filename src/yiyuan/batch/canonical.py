"""Canonical tables (标准表): the three inputs of a screening and what stands in their columns.

In: nothing. Out: each table's columns in the order in which a row is checked. The forms themselves are a
contract with other programs; `docs/rules/screening.md` restates them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a cell holds: any text, a day, or a whole number (of fen)."""

    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `needed` means that an empty cell refuses the row."""

    name: str
    kind: Kind
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table; rows after the first with an equal `key` are duplicates, if it has a key."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None


PAYER_COLUMNS = (
    "hifp_pay_fen",
    "cvlserv_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "hifob_pay_fen",
    "maf_pay_fen",
    "oth_pay_fen",
)

HARDSHIP = Table(
    "hardship",
    (
        Column("person_id", Kind.TEXT, needed=True),
        Column("group", Kind.TEXT, needed=True),
        Column("valid_from", Kind.DATE, needed=True),
        Column("valid_to", Kind.DATE),
    ),
)

SETTLEMENTS = Table(
    "settlements",
    (
        Column("setl_id", Kind.TEXT, needed=True),
        Column("person_id", Kind.TEXT, needed=True),
        Column("county_code", Kind.TEXT),
        Column("birth_on", Kind.DATE),
        Column("sex", Kind.TEXT),
        Column("admitted_on", Kind.DATE),
        Column("discharged_on", Kind.DATE),
        Column("settled_on", Kind.DATE),
        Column("medfee_sumamt_fen", Kind.INTEGER),
        Column("inscp_scp_amt_fen", Kind.INTEGER),
        *(Column(name, Kind.INTEGER) for name in PAYER_COLUMNS),
        Column("diagnosis_code", Kind.TEXT),
        Column("reverses_setl_id", Kind.TEXT),
    ),
    key="setl_id",
)

CLAIMED = Table("claimed", (Column("setl_id", Kind.TEXT, needed=True),), key="setl_id")
