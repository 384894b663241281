"""The scheme once more, by hand (方案的另一份算法): what a stay comes to, written from the published rules.

In: a stay, the periods that count, and three yes-or-no facts. Out: outcome, reason, benefit in fen, group.
Nothing here calls the product, so that both can be wrong only in different ways.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# In the order of the scheme: the first that holds on the day of admission names the claim.
GROUPS = ("registered_poor", "subsistence_allowance", "destitute_support", "urban_needy_worker", "orphan")
FIRST_DAY, END = date(2019, 1, 1), date(2020, 1, 1)
LISTED = "N18.0"  # end-stage renal disease
NOT_LISTED = "J06.9"
NEEDS_PROOF = "A15.0"  # the code alone cannot tell
CHILDREN_ONLY = "C91.0"  # leukaemia of children up to 14: asks for the day of birth
HALF_UNTIL_FEN, FLAT_FEN = 100_000, 80_000


@dataclass(frozen=True)
class Outcome:
    """What a stay comes to; the benefit in fen."""

    outcome: str
    reason: str
    benefit_fen: int


@dataclass(frozen=True)
class Span:
    """A group over time, half-open; an empty end still holds."""

    group: str
    from_on: date
    to_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day < self.to_on)


@dataclass(frozen=True)
class Bill:
    """What the rule asks of a stay; everybody in these worlds is grown up."""

    diagnosis: str
    residual_fen: int
    admitted_on: date
    is_birth_known: bool = True


def first_group(spans: Iterable[Span], day: date) -> str:
    """Return the group that counts on a day, empty where none does."""
    held = {span.group for span in spans if span.holds_on(day)}
    return next((group for group in GROUPS if group in held), "")


def outcome_of(
    bill: Bill, spans: Iterable[Span], *, is_reversed: bool, is_claimed: bool, is_proof_seen: bool = False
) -> Outcome:
    """Return the first of the published reasons that applies."""
    if is_reversed:
        return _refused("reversed")
    early = _outside(bill, spans) or _not_listed(bill, is_proof_seen=is_proof_seen)
    if early is not None:
        return early
    if bill.residual_fen == 0:
        return _refused("nothing_left_to_pay")
    if is_claimed:
        return _refused("already_claimed")
    return Outcome("entitled", "entitled", benefit_of(bill.residual_fen))


def _outside(bill: Bill, spans: Iterable[Span]) -> Outcome | None:
    if not FIRST_DAY <= bill.admitted_on < END:
        return _refused("outside_period")
    if not first_group(spans, bill.admitted_on):
        return _refused("no_group_on_date")
    return None


def _not_listed(bill: Bill, *, is_proof_seen: bool) -> Outcome | None:
    if bill.diagnosis == CHILDREN_ONLY and not bill.is_birth_known:
        return Outcome("undetermined", "missing_fact", 0)
    if bill.diagnosis in (NOT_LISTED, CHILDREN_ONLY):
        return _refused("disease_not_listed")
    if bill.diagnosis == NEEDS_PROOF and not is_proof_seen:
        return Outcome("undetermined", "needs_proof", 0)
    return None


def benefit_of(residual_fen: int) -> int:
    """Return half of it, half a fen up, below 1,000.00 yuan; 800.00 yuan from there."""
    return FLAT_FEN if residual_fen >= HALF_UNTIL_FEN else (residual_fen + 1) // 2


def _refused(reason: str) -> Outcome:
    return Outcome("not_entitled", reason, 0)
