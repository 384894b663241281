"""What goes to the bank (发给银行的一批): orders by their numbers, and the day they were released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order as the bank needs it; the amount in fen."""

    order_no: str
    holder_name: str
    account_no: str
    bank_name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A batch by its number, with the day on which it was released."""

    batch: int
    made_on: date
    lines: Sequence[OrderLine]

    @property
    def total_fen(self) -> int:
        """Return the sum of the orders in fen."""
        return sum(line.amount_fen for line in self.lines)
