"""Refusals of the imports (数据导入), with stable codes; interfaces put them into words."""


class IntakeRefusal(Exception):
    """Base of what imports refuse; `code` is stable."""

    code = "intake_refused"


class RoleMissing(IntakeRefusal):
    """The actor is no clerk."""

    code = "role_missing"
