"""Refusals of putting a scheme in force (方案生效), with stable codes."""


class SchemeRefusal(Exception):
    """Base of what is refused; `code` is stable."""

    code = "scheme_refused"


class RoleMissing(SchemeRefusal):
    """Only an approver or the administrator of the whole city puts a scheme in force."""

    code = "role_missing"


class HasFaults(SchemeRefusal):
    """The check found faults; the text lists them."""

    code = "scheme_has_faults"


class NotAccepted(SchemeRefusal):
    """Something assumed, or resting on press alone, was not accepted; the text names it."""

    code = "scheme_not_accepted"


class SameHands(SchemeRefusal):
    """Who proposed it cannot approve it."""

    code = "same_hands"


class AlreadyInForce(SchemeRefusal):
    """A version from this day is in force, and stays as it is."""

    code = "scheme_in_force"


class NotProposed(SchemeRefusal):
    """Nobody has proposed this version, or its file has changed since."""

    code = "scheme_not_proposed"
