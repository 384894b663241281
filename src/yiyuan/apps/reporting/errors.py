"""Refusals of statements (结算单), with stable codes; interfaces put them into words."""


class StatementRefusal(Exception):
    """Base of what is refused; `code` is stable, the text says what it is about."""

    code = "statement_refused"


class RoleMissing(StatementRefusal):
    """The actor is neither civil-affairs nor finance officer of the city."""

    code = "role_missing"


class SameHands(StatementRefusal):
    """Whoever has drawn a statement up does not issue it."""

    code = "same_hands"


class MonthNotOver(StatementRefusal):
    """The month has not ended, or lies outside every scheme year."""

    code = "month_not_over"


class ReasonMissing(StatementRefusal):
    """A statement that takes the place of an issued one says why."""

    code = "reason_missing"


class FiguresChanged(StatementRefusal):
    """The ledger says something else now than when the statement was drawn up: it is drawn up anew."""

    code = "figures_changed"


class NoAgreement(StatementRefusal):
    """No agreement of the year is in force: there is no insurer to settle with."""

    code = "no_agreement"
