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
    """Opening a closed month again needs a reason."""

    code = "reason_missing"


class RoleMissing(LedgerRefusal):
    """The act belongs to the city's finance officer."""

    code = "role_missing"


class SameHands(LedgerRefusal):
    """Who has closed a month does not open it again."""

    code = "same_hands"
