"""Refusals of running totals (累计限额), with stable codes."""


class LimitRefusal(Exception):
    """Base of what is refused; `code` is stable."""

    code = "limit_refused"


class LimitSpent(LimitRefusal):
    """Less is left of a limit than is to be taken; `limit` names it, `left_fen` is what is left."""

    code = "limit_spent"

    def __init__(self, limit: str, left_fen: int) -> None:
        super().__init__(f"{limit}: {left_fen}")
        self.limit = limit
        self.left_fen = left_fen


class AccidentUndecided(Exception):
    """A fact of the accident is missing, or the scheme leaves a question open; the text says which."""
