"""Refusals of screening (筛查), with stable codes."""


class ScreeningRefusal(Exception):
    """Base of what screening refuses; `code` is stable."""

    code = "screening_refused"


class NothingToScreen(ScreeningRefusal):
    """There is no hardship register or no settlement yet."""

    code = "nothing_to_screen"


class SettlesNothing(ScreeningRefusal):
    """The scheme has no medical benefit that is decided settlement by settlement."""

    code = "settles_nothing"


class RoleMissing(ScreeningRefusal):
    """The actor may not run or decide this."""

    code = "role_missing"


class ReasonMissing(ScreeningRefusal):
    """A declined proposal needs its reason."""

    code = "reason_missing"


class ProposalDecided(ScreeningRefusal):
    """Somebody has decided this proposal already."""

    code = "proposal_decided"


class OutOfScope(ScreeningRefusal):
    """This reaches over the whole city, and the actor works for a part of it."""

    code = "out_of_scope"
