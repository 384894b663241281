"""Refusals of the registry (参保登记), with stable codes; interfaces put them into words."""


class RegistryRefusal(Exception):
    """Base of what the registry refuses; `code` is stable."""

    code = "registry_refused"


class RoleMissing(RegistryRefusal):
    """The actor handles no claims."""

    code = "role_missing"


class NoPhone(RegistryRefusal):
    """The text is neither a mobile number nor a landline with its area code."""

    code = "no_phone"
