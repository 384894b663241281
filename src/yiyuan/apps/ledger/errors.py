"""Refusals of the ledger (会计分录), with stable codes."""


class LedgerRefusal(Exception):
    """Base of what the ledger refuses; `code` is stable."""

    code = "ledger_refused"


class NothingToReverse(LedgerRefusal):
    """The claim has no such entry, or it has been reversed already."""

    code = "nothing_to_reverse"


class PeriodClosed(LedgerRefusal):
    """The month in which the entry occurred is closed; a correction occurs in the open one."""

    code = "period_closed"


class PeriodNotOver(LedgerRefusal):
    """The month has not ended, so that it cannot be closed."""

    code = "period_not_over"


class PeriodOutOfOrder(LedgerRefusal):
    """The month is closed already, or is not the last one closed where it shall be opened again."""

    code = "period_out_of_order"


class ReasonMissing(LedgerRefusal):
    """Opening a closed month again, or changing a budget, needs a reason."""

    code = "reason_missing"


class RoleMissing(LedgerRefusal):
    """The act belongs to the city's finance officer, a budget also to its civil affairs officer."""

    code = "role_missing"


class SameHands(LedgerRefusal):
    """Two people are needed: who has closed a month does not open it, who has proposed does not agree."""

    code = "same_hands"


class BudgetSpent(LedgerRefusal):
    """A budget has less left than is to be reserved; `county_code` is blank where it is the whole city's."""

    code = "budget_spent"

    def __init__(self, county_code: str, left_fen: int, asked_fen: int) -> None:
        super().__init__(f"{county_code}: {left_fen} < {asked_fen}")
        self.county_code, self.left_fen, self.asked_fen = county_code, left_fen, asked_fen


class BudgetTaken(LedgerRefusal):
    """A budget is not cut below what is reserved and paid."""

    code = "budget_taken"


class ChangeDecided(LedgerRefusal):
    """The proposal was agreed to or refused before."""

    code = "budget_change_decided"
