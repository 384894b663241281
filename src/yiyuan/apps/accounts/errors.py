"""Refusals about staff and offices (人员与单位), with stable codes; interfaces put them into words."""


class AccountRefusal(Exception):
    """Base of what is refused here; `code` is stable."""

    code = "account_refused"


class RoleMissing(AccountRefusal):
    """The actor is no administrator."""

    code = "role_missing"


class OutOfScope(AccountRefusal):
    """The office or the county lies outside what the actor administers."""

    code = "out_of_scope"


class NameTaken(AccountRefusal):
    """Another office or sign-in has this name."""

    code = "name_taken"


class OwnAdministration(AccountRefusal):
    """Nobody takes the administrator's role or the sign-in from themselves."""

    code = "own_administration"


class LastAdministrator(AccountRefusal):
    """The city would be left without an administrator who works for the whole of it."""

    code = "last_administrator"


class OfficeInUse(AccountRefusal):
    """People still work in this office."""

    code = "office_in_use"


class OfficeClosed(AccountRefusal):
    """The office is closed; nobody is sent there."""

    code = "office_closed"


class HasLeft(AccountRefusal):
    """This person has left; what was said needs somebody who is here."""

    code = "has_left"


class CodeChanged(AccountRefusal):
    """This county's code has been changed before, or the new one is itself an old code."""

    code = "code_changed"
