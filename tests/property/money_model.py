"""A small pure model of money promised (钱的模型): budgets, claims, orders, returns, where the money stands.

In: acts by name. Out: whether each is allowed, and the sums that follow from those that were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.year.model import BEFORE_PAYMENT, MOVES

# From where each act takes a claim's money, and where to.
PATHS: Mapping[str, tuple[str, str]] = {
    "reserve": ("free", "payable"),
    "unreserve": ("payable", "free"),
    "send": ("payable", "in_flight"),
    "pay": ("in_flight", "paid"),
    "return": ("in_flight", "returned"),
    "come_back": ("paid", "returned"),
    "send_again": ("returned", "in_flight"),
    "take_back": ("returned", "payable"),
    "recover": ("paid", "receivable"),
    "repay": ("receivable", "free"),
}
RESERVED, PAID = ("payable", "in_flight", "returned"), ("paid", "receivable")
LIVING = ("sent", "paid")
SAID = ("assess", "approve", "decline", "appeal", "return_for_assessment", "close", "withdraw")


@dataclass
class Claim:
    """A claim: whose, how much in fen, its state, where its money stands, its orders in turn."""

    county: str
    fen: int
    state: str = "lodged"
    money: str = "free"
    orders: list[str] = field(default_factory=list)
    late: set[int] = field(default_factory=set)  # orders reported paid on which the bank says returned
    unheard: list[str] = field(default_factory=list)
    is_repaid: bool = False

    @property
    def lives(self) -> bool:
        """Tell whether an order is on its way or has arrived."""
        return any(one in LIVING for one in self.orders)

    @property
    def last(self) -> int:
        """Return the place of the last order, -1 where there is none."""
        return len(self.orders) - 1


@dataclass
class MoneyModel:
    """What is given in all, and the claims; a blank county is the city, which is all of them."""

    given_fen: dict[str, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    def taken(self, county: str, places: tuple[str, ...] = (*RESERVED, *PAID)) -> int:
        """Return the fen of a county's claims in some places."""
        return sum(one.fen for one in self.claims if one.money in places and county in ("", one.county))

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

    def may(self, claim: Claim, name: str) -> bool:
        """Tell whether an act on a claim is allowed now."""
        if name in SAID:
            is_said = (claim.state, name) in MOVES
            return is_said and (name != "approve" or self._fits(claim))
        return {
            "give_up": claim.state in BEFORE_PAYMENT and not claim.lives,
            "send": claim.state == "approved" and not claim.lives and "returned" not in claim.unheard,
            "recover": "paid" in claim.orders and not claim.is_repaid,
            "repay": claim.money == "receivable",
            "match": claim.last in claim.late and claim.money == "paid",
        }[name]

    def act(self, claim: Claim, name: str) -> None:
        """Do what is allowed."""
        if name in SAID:
            claim.state = MOVES[claim.state, name]
        if name == "approve":
            self._move(claim, "reserve")
        elif name == "give_up":
            claim.state = "withdrawn"
            self._move(claim, "take_back", "unreserve")
        elif name == "send":
            claim.orders.append("sent")
            self._move(claim, "send", "send_again")
        elif name == "match":
            claim.orders[claim.last] = "returned"
            claim.late.discard(claim.last)
            claim.unheard.append("returned")
            self._move(claim, "come_back")
        elif name in ("recover", "repay"):
            claim.is_repaid |= name == "repay"
            self._move(claim, name)

    def answer(self, claim: Claim, order: int, answer: str) -> str:
        """Take what the bank says of an order, paid or returned; return what becomes of the line."""
        state = claim.orders[order]
        if state == "sent":
            claim.orders[order] = answer
            claim.unheard.append(answer)
            self._move(claim, "pay" if answer == "paid" else "return")
            return "posted"
        if state == answer:
            return "answered_before"
        if answer == "returned":
            claim.late.add(order)
        return "answered_otherwise"

    def hear(self) -> None:
        """Let the claims hear what the bank has said, in turn."""
        for claim in self.claims:
            for said in claim.unheard:
                if said == "paid":
                    claim.state = "paid"
                elif claim.state in ("paid", "closed") and not claim.lives:
                    claim.state = "approved"
            claim.unheard.clear()

    def _fits(self, claim: Claim) -> bool:
        return all(self.left(of) >= claim.fen for of in ("", claim.county) if of in self.given_fen)

    def _move(self, claim: Claim, *names: str) -> None:
        """Move the money by those of the acts, in turn, that start where it stands."""
        for start, end in (PATHS[name] for name in names):
            if claim.money == start:
                claim.money = end
