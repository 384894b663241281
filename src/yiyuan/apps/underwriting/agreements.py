"""Reading agreements and bonds (协议查询); all of it is the whole city's."""

from collections.abc import Sequence
from datetime import date

from yiyuan.apps.underwriting.models import Agreement, Bond, BondCall
from yiyuan.kernel.scope import Scope

PAGE = 50


def find_agreement(programme_from: date | None, *, scope: Scope) -> Agreement | None:
    """Return the agreement of a scheme year, None where there is none or the reader is not the city's."""
    if not scope.is_city or programme_from is None:
        return None
    found = Agreement.objects.filter(programme_from=programme_from).select_related("award", "in_force")
    return found.prefetch_related("insurers", "promises", "signatures", "reports").first()


def list_bonds(agreement: Agreement) -> Sequence[Bond]:
    """Return an agreement's bonds, the newest first."""
    return list(agreement.bonds.select_related("returned").order_by("-pk")[:PAGE])


def list_calls(agreement: Agreement) -> Sequence[BondCall]:
    """Return the calls on an agreement's bonds, the newest first."""
    return list(
        BondCall.objects.filter(bond__agreement=agreement).select_related("bond").order_by("-pk")[:PAGE]
    )
