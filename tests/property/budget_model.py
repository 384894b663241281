"""A small pure model of money promised (预算模型): a budget, claims, and where each claim's money stands.

In: acts by name. Out: whether each is allowed, and the sums that follow from those that were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# From where each act takes a claim's money, and where to.
PATHS: Mapping[str, tuple[str, str]] = {
    "reserve": ("free", "payable"),
    "unreserve": ("payable", "free"),
    "send": ("payable", "in_flight"),
    "pay": ("in_flight", "paid"),
    "return": ("in_flight", "returned"),
    "send_again": ("returned", "in_flight"),
    "take_back": ("returned", "payable"),
    "recover": ("paid", "receivable"),
    "repay": ("receivable", "free"),
    "waive": ("receivable", "paid"),
}
RESERVED, PAID = ("payable", "in_flight", "returned"), ("paid", "receivable")


@dataclass
class BudgetModel:
    """What is given in all, and of each claim how much it is, whose, and where it stands."""

    given_fen: dict[str, int] = field(default_factory=dict)
    claims: dict[int, tuple[str, int, str]] = field(default_factory=dict)

    def taken(self, county: str, places: tuple[str, ...] = (*RESERVED, *PAID)) -> int:
        """Return the fen of a county's claims in some places; blank is the city, which is all of them."""
        return sum(fen for of, fen, at in self.claims.values() if at in places and county in ("", of))

    def left(self, county: str) -> int:
        """Return what can still be reserved."""
        return self.given_fen[county] - self.taken(county)

    def give(self, county: str, amount_fen: int) -> bool:
        """Give, or take back; False where less would be given than is taken."""
        given_fen = self.given_fen.get(county, 0) + amount_fen
        if given_fen < max(0, self.taken(county)):
            return False
        self.given_fen[county] = given_fen
        return True

    def act(self, claim: int, name: str) -> bool:
        """Move a claim's money; False where it does not stand there, or a budget has less left."""
        county, fen, at = self.claims[claim]
        start, end = PATHS[name]
        if at != start:
            return False
        if name == "reserve" and any(self.left(of) < fen for of in ("", county) if of in self.given_fen):
            return False
        self.claims[claim] = (county, fen, end)
        return True
