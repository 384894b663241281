"""Reading sums (合计查询): parts of a kind, to be added up with `ROWS` and `FEN`."""

from django.db.models import Q, QuerySet, Sum

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.sums.models import Part
from yiyuan.kernel.scope import Scope

CLAIM, PROPOSAL, ORDER = Part.CLAIM, Part.PROPOSAL, Part.ORDER


def parts_of(kind: str, *, scope: Scope) -> QuerySet[Part]:
    """Return the parts that sums of a kind consist of: some for each county and state, however many rows."""
    return Part.objects.filter(within(scope), kind=kind)


def rows(where: Q | None = None) -> Sum:
    """Return the expression for how many rows some parts count, of those that match where asked."""
    return Sum("count", filter=where, default=0)


def fen(where: Q | None = None) -> Sum:
    """Return the expression for the fen of some parts, of those that match where asked."""
    return Sum("fen", filter=where, default=0)
