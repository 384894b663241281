"""Refusals of the ledger (会计分录), with stable codes."""


class LedgerRefusal(Exception):
    """Base of what the ledger refuses; `code` is stable."""

    code = "ledger_refused"


class NothingToReverse(LedgerRefusal):
    """The claim has no such entry, or it has been reversed already."""

    code = "nothing_to_reverse"
