"""Which scheme version a claim stands under (适用的版本): that of its decision, by the day of admission."""

from yiyuan.apps.adjudication.queries import get_version_of
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.rules.terms import SchemeVersion


def terms_of(number: str) -> SchemeVersion:
    """Return the terms under which a claim was decided; they hold for it however late it is handled."""
    versions = list_terms()
    if len(versions) == 1:
        return versions[0]
    decided_under = get_version_of(Claim.objects.values_list("decision_id", flat=True).get(number=number))
    return next(one for one in versions if one.valid.from_on == decided_under)
