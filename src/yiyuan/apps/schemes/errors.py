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


class DraftUnreadable(SchemeRefusal):
    """What was uploaded is no draft of a scheme, or too large; the text says what was found."""

    code = "draft_unreadable"


class NothingInForce(SchemeRefusal):
    """Until a version is in force, every file of the directory counts: a draft put there would decide."""

    code = "scheme_nothing_in_force"


class SchemeNotWritable(SchemeRefusal):
    """The folder of the city's scheme cannot be written to by the site."""

    code = "scheme_not_writable"
