"""Refusals of the registry (参保登记), with stable codes; interfaces put them into words."""


class RegistryRefusal(Exception):
    """Base of what the registry refuses; `code` is stable."""

    code = "registry_refused"


class RoleMissing(RegistryRefusal):
    """The actor may not write this."""

    code = "role_missing"


class ReasonMissing(RegistryRefusal):
    """A decision without what it rests on."""

    code = "reason_missing"


class StayKnown(RegistryRefusal):
    """This stay is on record already; the text is its settlement number."""

    code = "stay_known"


class NameDecided(RegistryRefusal):
    """Somebody has decided between these names before."""

    code = "name_decided"


class DivisionUnknown(RegistryRefusal):
    """No county has this code."""

    code = "division_unknown"


class NoPhone(RegistryRefusal):
    """The text is neither a mobile number nor a landline with its area code."""

    code = "no_phone"
